/** linux/netdevice.h: the queue has dropped the packet. What is above a device gets it as a result beside 0 and negative errnos. */
export const NET_XMIT_DROP = 1;

/** What stands between the protocols and a device (struct Qdisc). */
export interface QueueDiscipline {
  /** Sockets are to space out what they send, as sch_fq would (SK_PACING_FQ). */
  readonly paces: boolean;
  /** Packets that it lets in, whatever else it does with them. */
  readonly limit: number;
}

/** Whether the queue before the device has no room for a packet; packets leave at once here, so only a queue without any has none. */
export const dropsAll = (queue: QueueDiscipline | null): boolean => queue !== null && queue.limit === 0;

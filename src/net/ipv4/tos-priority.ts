/** TC_PRIO_* of linux/pkt_sched.h by the TOS bits "minimise delay" and "maximise throughput" (tc-prio(8)); ECN and the others do not count. */
const PRIORITIES = Uint8Array.of(0, 2, 6, 4);

/** The priority that a TOS asks for. Linux: rt_tos2priority() */
export const priorityOfTos = (tos: number): number => PRIORITIES[(tos >> 3) & 3]!;

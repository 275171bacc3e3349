import type { PacketBuffer } from './packet-buffer.js';

/** A wire that leads out of the stack (a host TAP, a sink, a test): what a NIC sends and receives by. */
export interface FramePort {
  /**
   * Takes a frame (Ethernet header at `skb.data`) and the ownership of its buffer; the port frees it when sent.
   * False: the wire is full, the buffer still the caller's.
   */
  send(skb: PacketBuffer): boolean;
  /** What the far end can leave undone: NETIF_F_* bits of device.ts. */
  readonly offloads: number;
  /** It takes packets whose payload lies elsewhere (PacketBuffer.payload). */
  readonly gathers?: boolean;
  /** What it leads to, for people: "tap0". */
  readonly bus?: string;
  /** What the far end may leave undone in frames that it hands over: checksums, and cutting TCP into segments. None until told. */
  setReceiveOffloads?(checksums: boolean, superPackets: boolean): void;
  /**
   * How frames are taken in: at most `budget` in one turn; not before `waitUs` have passed since the last turn, so that more come
   * together; `adaptive`: it waits only while there is much to take.
   */
  setModeration?(budget: number, waitUs: number, adaptive: boolean): void;
  /** The NIC's side of the wire, set when it is plugged in: frames that come in, and carrier. */
  receiver: FrameReceiver | null;
  close(): void;
}

export interface FrameReceiver {
  /** A frame came in: Ethernet header at `skb.data`; takes ownership. */
  frameReceived(skb: PacketBuffer): void;
  /** The turn is over; there may be more in the next. */
  batchEnded?(): void;
  carrierChanged(up: boolean): void;
}

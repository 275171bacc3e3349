import type { PacketBuffer } from '../../../core/packet-buffer.js';
import type { Conntrack } from '../conntrack.js';

/** A packet of a connection that a helper looks at. */
export interface HelpedPacket {
  readonly conntrack: Conntrack;
  readonly skb: PacketBuffer;
  /** The connection. */
  readonly id: number;
  /** 0 original, 1 reply. */
  readonly direction: number;
  /** IP_CT_* */
  readonly info: number;
  /** The transport's header, absolute. */
  readonly at: number;
}

/** What reads an application's protocol for the connections that it announces (struct nf_conntrack_helper). */
export interface ConntrackHelper {
  readonly name: string;
  /** The transport's protocol. */
  readonly protocol: number;
  /** Seconds that what it announces is waited for, and how many a connection may wait for at a time. */
  readonly timeout: number;
  readonly expects: number;
  /** False: the packet is dropped. */
  help(packet: HelpedPacket): boolean;
}

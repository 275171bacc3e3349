import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Ipvs } from './ipvs.js';
import type { IpvsPacket } from './packet.js';

/** From the client, or from the server (IP_VS_DIR_INPUT, IP_VS_DIR_OUTPUT). */
export const INPUT = 0;
export const OUTPUT = 1;

/** A transport protocol that IPVS balances (struct ip_vs_protocol): one file each, listed in protocols/registry.ts. */
export interface IpvsProtocol {
  readonly protocol: number;
  readonly name: string;
  /** Names of the states, by number. */
  readonly states: readonly string[];
  /** Milliseconds that a connection is kept in each state. */
  readonly timeoutsMs: readonly number[];
  /** Bytes of its header that must be there. */
  readonly headerBytes: number;
  /** Whether a connection may begin with this packet. */
  begins(ipvs: Ipvs, skb: PacketBuffer, packet: IpvsPacket): boolean;
  /** Whether it begins one although there is one of its name (is_new_conn()). */
  isNew(skb: PacketBuffer, packet: IpvsPacket): boolean;
  /** Whether the connection there is over for it (is_new_conn_expected()), `mode` being conn_reuse_mode. */
  isOver(ipvs: Ipvs, id: number, mode: number): boolean;
  /** A packet has passed: the connection's state and timeout. */
  advance(ipvs: Ipvs, id: number, direction: number, skb: PacketBuffer, packet: IpvsPacket): void;
  /** The state in which data flow. */
  readonly established: number;
  /** The states that backups are told of, of a change at once; null: there is but one, which is told of by the count of packets. */
  readonly syncedStates: readonly number[] | null;
}

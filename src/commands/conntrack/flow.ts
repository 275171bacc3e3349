import type { ConntrackAttributes, CtTuple } from '../../netlink/nfnl/ctnetlink.js';
import { formatIpv4, ipv4Bytes } from '../../wire/ipv4-address.js';
import { formatIpv6 } from '../../wire/ipv6-address.js';
import { stateProtocols } from './names.js';

/** A connection as a message tells of it. */
export interface FlowEntry {
  readonly family: number;
  readonly values: ConntrackAttributes;
  /** The socket that caused the event; 0: none. */
  readonly portId: number;
}

export const sourceOf = (tuple: CtTuple | undefined): Uint8Array | undefined =>
  tuple?.ip?.v6Src ?? (tuple?.ip?.v4Src === undefined ? undefined : ipv4Bytes(tuple.ip.v4Src));
export const destinationOf = (tuple: CtTuple | undefined): Uint8Array | undefined =>
  tuple?.ip?.v6Dst ?? (tuple?.ip?.v4Dst === undefined ? undefined : ipv4Bytes(tuple.ip.v4Dst));

export function formatAddress(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return '0.0.0.0';
  return bytes.length === 4 ? formatIpv4(((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0) : formatIpv6(bytes);
}

export const isSeen = (entry: FlowEntry): boolean => ((entry.values.status ?? 0) & (1 << 1)) !== 0;
export const isAssured = (entry: FlowEntry): boolean => ((entry.values.status ?? 0) & (1 << 2)) !== 0;
export const isOffloaded = (entry: FlowEntry): boolean => ((entry.values.status ?? 0) & (1 << 14)) !== 0;
export const protocolOf = (entry: FlowEntry): number => entry.values.tupleOrig?.proto?.num ?? 0;

/** Its state in its protocol; undefined where that has none. */
export const stateOf = ({ values: { protoinfo } }: FlowEntry): number | undefined =>
  protoinfo?.tcp?.state ?? protoinfo?.sctp?.state ?? protoinfo?.dccp?.state;

/** The state's name. */
export function stateName(entry: FlowEntry): string | undefined {
  const state = stateOf(entry);
  return state === undefined ? undefined : (stateProtocols.get(protocolOf(entry))?.states[state] ?? 'UNKNOWN');
}

import { hash4 } from '../../base/hash.js';
import type { Flow } from '../core/flow.js';
import { type HeaderFields, LABEL_AS_GIVEN, LABEL_BY_NAMESPACE } from '../core/internet.js';
import type { Ipv6Settings } from './settings.js';

export const FLOWLABEL_MASK = 0xf_ffff;
/** Traffic class and flow label (IPV6_FLOWINFO_MASK). */
export const FLOWINFO_MASK = 0xfff_ffff;
/** Marks labels that nobody asked for, where flowlabel_state_ranges keeps the others apart. */
export const FLOWLABEL_STATELESS = 0x8_0000;

// net.ipv6.auto_flowlabels
const OFF = 0;
const OPT_IN = 2;
const FORCED = 3;

// net.ipv6.flowlabel_reflect
export const REFLECT_ESTABLISHED = 1;
export const REFLECT_RESET = 2;
export const REFLECT_ECHO_REPLY = 4;

/**
 * The label that a packet of this host carries: that which its sender chose, else one made of the flow (RFC 6437), where the socket and
 * auto_flowlabels want it. `seed`: nobody outside can tell the labels in advance. Linux: ip6_make_flowlabel()
 */
export function makeFlowLabel(settings: Ipv6Settings, seed: number, flow: Flow, header: HeaderFields): number {
  const mode = settings.autoFlowlabels;
  const wanted = header.autoFlowLabel;
  if (header.flowLabel !== 0 || wanted === LABEL_AS_GIVEN || mode === OFF) return header.flowLabel;
  if (mode !== FORCED && !(wanted === LABEL_BY_NAMESPACE ? mode !== OPT_IN : wanted !== 0)) return 0;
  const hash = header.flowHash !== 0 ? header.flowHash : flowHash(seed, flow);
  // The upper bits of the hash choose queues and ways: the label takes others first.
  const label = ((hash << 16) | (hash >>> 16)) & FLOWLABEL_MASK;
  return settings.flowlabelStateRanges !== 0 ? label | FLOWLABEL_STATELESS : label;
}

/** Linux: skb_get_hash_flowi6() */
function flowHash(seed: number, { source6, destination6, protocol, sourcePort, destinationPort }: Flow): number {
  const from = hash4(seed, source6[0]!, source6[1]!, source6[2]!, source6[3]!);
  const to = hash4(from, destination6[0]!, destination6[1]!, destination6[2]!, destination6[3]!);
  return hash4(to, protocol, sourcePort, destinationPort, 0);
}

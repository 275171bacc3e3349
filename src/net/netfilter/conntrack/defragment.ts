import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import { unfragmentablePart } from '../../../wire/ipv6-extensions.js';
import type { NetDevice } from '../../core/device.js';
import { NF_ACCEPT, NF_STOLEN } from '../../core/hooks.js';
import { IP_CT_UNTRACKED } from './layout.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Conntrack } from './conntrack.js';

// Fragments wait here until all have come; the last goes on as the whole. Linux: ipv4_conntrack_defrag(), ipv6_defrag()

export function defragment4(conntrack: Conntrack, skb: PacketBuffer): number {
  const { namespace } = conntrack;
  if (skb.conntrackInfo === IP_CT_UNTRACKED) return NF_ACCEPT;
  if ((ip.fragment(skb.view, skb.networkHeader) & (ip.MF | ip.OFFSET_MASK)) === 0) return NF_ACCEPT;
  const { pool } = namespace.stack;
  const whole = namespace.ipv4.reassembly.add(pool.clone(skb));
  if (whole === null) {
    pool.release(skb);
    return NF_STOLEN;
  }
  whole.dst = null;
  pool.adopt(skb, whole);
  return NF_ACCEPT;
}

export function defragment6(conntrack: Conntrack, skb: PacketBuffer, device: NetDevice): number {
  const { namespace } = conntrack;
  if (skb.conntrackInfo === IP_CT_UNTRACKED) return NF_ACCEPT;
  const [length, numberAt] = unfragmentablePart(skb.view, skb.networkHeader, skb.tail);
  if (skb.view.getUint8(skb.networkHeader + numberAt) !== ip6.NEXTHDR_FRAGMENT) return NF_ACCEPT;
  const { pool } = namespace.stack;
  const clone = pool.clone(skb);
  const outer = clone.data;
  clone.data = clone.networkHeader + length;
  clone.cb2 = numberAt;
  clone.cb3 = length;
  const whole = namespace.ipv6.reassembly.add(clone, device);
  if (whole === null) {
    pool.release(skb);
    return NF_STOLEN;
  }
  whole.data = whole === clone ? outer : whole.networkHeader;
  pool.adopt(skb, whole);
  return NF_ACCEPT;
}

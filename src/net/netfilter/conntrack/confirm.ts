import { NFPROTO_IPV4 } from '../../../netlink/nfnl/nfnetlink.js';
import * as ip from '../../../wire/ipv4.js';
import { skipHeaders } from '../../../wire/ipv6-extensions.js';
import { NF_ACCEPT, NF_DROP } from '../../core/hooks.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Conntrack } from './conntrack.js';
import {
  directionOf,
  HELPER,
  IP_CT_RELATED,
  IP_CT_RELATED_REPLY,
  IPCT_NEW,
  IPCT_RELATED,
  IPS_CONFIRMED,
  IPS_SEQ_ADJUST,
  MASTER,
  PROTOCOL,
  ZONE,
} from './layout.js';
import { adjustSegment } from './sequence-adjust.js';
import { IPPROTO_TCP, Tuple } from './tuple.js';

const mine = new Tuple();
const theirs = new Tuple();

/** A packet that began a connection has passed all rules: it is there for others now. Linux: nf_conntrack_confirm() */
export function confirm(conntrack: Conntrack, skb: PacketBuffer): number {
  const id = skb.conntrack;
  const { table } = conntrack;
  if ((table.get(id, HELPER) & 0xff) !== 0 || (table.status(id) & IPS_SEQ_ADJUST) !== 0) {
    if (!help(conntrack, skb, id)) return NF_DROP;
  }
  if ((table.status(id) & IPS_CONFIRMED) === 0) {
    if (!conntrack.confirm(id)) return resolve(conntrack, skb, id);
    conntrack.event(id, table.get(id, MASTER) !== 0 || skb.conntrackInfo === IP_CT_RELATED ? IPCT_RELATED : IPCT_NEW);
  }
  conntrack.deliverEvents(id);
  return NF_ACCEPT;
}

/** A helper looks at the packet; sequence numbers of data that became longer or shorter are put right. Linux: nf_confirm() */
function help(conntrack: Conntrack, skb: PacketBuffer, id: number): boolean {
  const { table } = conntrack;
  const info = skb.conntrackInfo;
  if (info === IP_CT_RELATED_REPLY) return true;
  const family = table.get(id, PROTOCOL) >>> 8;
  const at =
    family === NFPROTO_IPV4
      ? skb.networkHeader + ip.headerLength(skb.view, skb.networkHeader)
      : skipHeaders(skb.view, skb.networkHeader, skb.tail).offset;
  if (at < 0) return true;
  const direction = directionOf(info);
  const helper = conntrack.helpers.of(id);
  const protocol = table.get(id, PROTOCOL) & 0xff;
  if (helper !== null && helper.protocol === protocol && !helper.help({ conntrack, skb, id, direction, info, at })) {
    conntrack.stats.drop++;
    return false;
  }
  const adjusts = (table.status(id) & IPS_SEQ_ADJUST) !== 0 && info !== IP_CT_RELATED && protocol === IPPROTO_TCP;
  return !adjusts || adjustSegment(conntrack, id, direction, skb, at);
}

/** Another packet of the same beginning was sooner: its connection is taken. Linux: nf_ct_resolve_clash() */
function resolve(conntrack: Conntrack, skb: PacketBuffer, id: number): number {
  const { table, stats, namespace } = conntrack;
  table.readTuple(id, 0, mine);
  const found = table.find(namespace.id, table.get(id, ZONE), mine);
  stats.insertFailed++;
  if (found !== 0 && (found & 1) === 0) {
    table.readTuple(id, 1, mine);
    table.readTuple(found >> 1, 1, theirs);
    if (mine.equals(theirs)) {
      const info = skb.conntrackInfo;
      namespace.stack.pool.dropConntrack(skb);
      namespace.stack.pool.setConntrack(skb, found >> 1, info);
      stats.clashResolve++;
      return NF_ACCEPT;
    }
  }
  stats.drop++;
  return NF_DROP;
}

import { NF_ACCEPT, NF_DROP } from '../../core/hooks.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Conntrack } from './conntrack.js';
import { IP_CT_RELATED, IPCT_NEW, IPCT_RELATED, IPS_CONFIRMED, MASTER, ZONE } from './layout.js';
import { Tuple } from './tuple.js';

const mine = new Tuple();
const theirs = new Tuple();

/** A packet that began a connection has passed all rules: it is there for others now. Linux: nf_conntrack_confirm() */
export function confirm(conntrack: Conntrack, skb: PacketBuffer): number {
  const id = skb.conntrack;
  const { table } = conntrack;
  if ((table.status(id) & IPS_CONFIRMED) === 0) {
    if (!conntrack.confirm(id)) return resolve(conntrack, skb, id);
    conntrack.event(id, table.get(id, MASTER) !== 0 || skb.conntrackInfo === IP_CT_RELATED ? IPCT_RELATED : IPCT_NEW);
  }
  conntrack.deliverEvents(id);
  return NF_ACCEPT;
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

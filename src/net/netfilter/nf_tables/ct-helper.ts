import { EINVAL, ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { IPS_CONFIRMED, IPS_HELPER, PROTOCOL } from '../conntrack/layout.js';
import type { Conntrack } from '../conntrack/conntrack.js';
import { CtObject } from './ct-object.js';
import type { ExpressionContext } from './expression.js';
import type { ObjectBehaviour } from './object.js';
import type { PacketInfo } from './packet-info.js';
import { CONTINUE } from './verdict.js';

/** Helpers that Linux has as modules; those that read nothing here are kept and listed. */
const known = new Set(['ftp', 'tftp', 'sip', 'irc', 'pptp', 'amanda', 'snmp', 'netbios-ns', 'sane', 'h323', 'RAS', 'Q.931']);

/** ct helper: who looks at the connections that rules give to it. Linux: nft_ct_helper_obj_eval() */
class CtHelper extends CtObject {
  constructor(
    conntrack: Conntrack,
    values: Readonly<Record<string, unknown>>,
    /** In conntrack.helpers; 0: none here. */
    readonly number: number,
    readonly protocol: number,
    /** NFPROTO_*, or 0. */
    readonly family: number,
  ) {
    super(conntrack, values);
  }

  run({ skb, tables }: PacketInfo): number {
    const id = skb.conntrack;
    const { conntrack } = tables.namespace;
    const { table } = conntrack;
    if (id === 0 || this.number === 0 || (table.status(id) & (IPS_CONFIRMED | IPS_HELPER)) !== 0) return CONTINUE;
    const both = table.get(id, PROTOCOL);
    if ((both & 0xff) !== this.protocol) return CONTINUE;
    if ((this.family === NFPROTO_IPV4 || this.family === NFPROTO_IPV6) && both >>> 8 !== this.family) return CONTINUE;
    conntrack.helpers.assign(id, this.number);
    table.setStatus(id, IPS_HELPER);
    return CONTINUE;
  }
}

// Linux: nft_ct_helper_obj_init()
export function makeCtHelper(values: Readonly<Record<string, unknown>>, { table, namespace }: ExpressionContext): ObjectBehaviour {
  const { name, l4proto, l3proto } = values as { name?: string; l4proto?: number; l3proto?: number };
  if (name === undefined) return fail(EINVAL);
  if ((l4proto ?? 0) === 0) return fail(ENOENT);
  const family = l3proto ?? table.family;
  const other = (table.family === NFPROTO_IPV4 && family === NFPROTO_IPV6) || (table.family === NFPROTO_IPV6 && family === NFPROTO_IPV4);
  if (other) fail(EINVAL);
  if (!known.has(name)) fail(ENOENT);
  return new CtHelper(namespace.conntrack, { ...values, l3proto: family }, namespace.conntrack.helpers.numberOf(name), l4proto!, family);
}

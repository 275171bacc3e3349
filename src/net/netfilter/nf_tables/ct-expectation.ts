import { EAFNOSUPPORT, EINVAL, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type { Conntrack } from '../conntrack/conntrack.js';
import { Expectation } from '../conntrack/expectations.js';
import { directionOf, IPS_CONFIRMED } from '../conntrack/layout.js';
import { Tuple } from '../conntrack/tuple.js';
import { CtObject } from './ct-object.js';
import type { ExpressionContext } from './expression.js';
import type { ObjectBehaviour } from './object.js';
import type { PacketInfo } from './packet-info.js';
import { BREAK, CONTINUE } from './verdict.js';

interface Parameters {
  /** 0: that of the packet. */
  readonly l3proto: number;
  readonly l4proto: number;
  readonly dport: number;
  /** Milliseconds. */
  readonly timeout: number;
  /** How many a connection may wait for at a time. */
  readonly size: number;
}

const ALL_ONES = 0xffff_ffff;

/** ct expectation: a connection that begins announces another, from its far end to a port of the near one. Linux: nft_ct_expect_obj_eval() */
class CtExpectation extends CtObject {
  readonly #tuple = new Tuple();

  constructor(
    conntrack: Conntrack,
    readonly parameters: Parameters,
  ) {
    super(conntrack, { ...parameters });
  }

  run(packet: PacketInfo): number {
    const { skb, tables } = packet;
    const id = skb.conntrack;
    const { conntrack } = tables.namespace;
    if (id === 0 || (conntrack.table.status(id) & IPS_CONFIRMED) !== 0) return BREAK;
    const { nowUs } = conntrack.namespace.stack;
    const { size, l3proto, l4proto, dport, timeout } = this.parameters;
    const { table, expectations } = conntrack;
    expectations.expire();
    if (expectations.countOf(id) >= size) return BREAK;
    const tuple = this.#tuple;
    table.readTuple(id, 1 - directionOf(skb.conntrackInfo), tuple);
    const expectation = new Expectation();
    const expected = expectation.tuple;
    expected.family = l3proto === 0 || l3proto === NFPROTO_INET ? tuple.family : l3proto;
    expected.protocol = l4proto;
    for (let i = 0; i < 4; i++) {
      expected.source[i] = tuple.source[i]!;
      expected.destination[i] = tuple.destination[i]!;
      if (i === 0 || expected.family !== NFPROTO_IPV4) expectation.mask.source[i] = ALL_ONES;
    }
    expectation.mask.family = expected.family;
    expectation.mask.protocol = l4proto;
    expected.setPorts(0, dport);
    expectation.master = id;
    expectation.expiresUs = nowUs + timeout * 1000;
    return expectations.add(expectation, 0) === 0 ? CONTINUE : BREAK;
  }
}

export function makeCtExpectation(
  values: Readonly<Record<string, number | undefined>>,
  { table, namespace }: ExpressionContext,
): ObjectBehaviour {
  const { l4proto, dport, timeout, size } = values;
  if (l4proto === undefined || dport === undefined || timeout === undefined || size === undefined) return fail(EINVAL);
  const l3proto = values['l3proto'] ?? table.family;
  if (l3proto === NFPROTO_IPV4 || l3proto === NFPROTO_IPV6) {
    if (table.family !== l3proto && table.family !== NFPROTO_INET) return fail(EINVAL);
  } else if (l3proto !== NFPROTO_INET) return fail(EAFNOSUPPORT);
  if (!supported.has(l4proto)) return fail(EOPNOTSUPP);
  return new CtExpectation(namespace.conntrack, { l3proto, l4proto, dport, timeout, size });
}

/** TCP, UDP, UDP-Lite, DCCP, SCTP. */
const supported = new Set([6, 17, 136, 33, 132]);

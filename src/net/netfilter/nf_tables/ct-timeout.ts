import { EINVAL, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { attributes, be32 } from '../../../netlink/attributes.js';
import type { Deferred } from '../../../netlink/schema.js';
import { IPS_CONFIRMED, HELPER, PROTOCOL } from '../conntrack/layout.js';
import { protocolOf } from '../conntrack/registry.js';
import type { Conntrack } from '../conntrack/conntrack.js';
import type { TimeoutPolicy } from '../conntrack/timeout-policies.js';
import { CtObject } from './ct-object.js';
import type { ExpressionContext } from './expression.js';
import type { ObjectBehaviour } from './object.js';
import type { PacketInfo } from './packet-info.js';
import { CONTINUE } from './verdict.js';

/** CTA_TIMEOUT_*: a number of seconds for each state of the protocol, by the state's number. */
const STATES = 12;
const timeoutAttributes = attributes(
  'CTA_TIMEOUT',
  Object.fromEntries(Array.from({ length: STATES }, (_, state) => [`s${state + 1}`, be32(state + 1)])),
);

/** ct timeout: how long the connections that rules give to it are kept. Linux: nft_ct_timeout_obj_eval() */
class CtTimeout extends CtObject {
  /** Its number in conntrack.timeoutPolicies; 0: it is not there. */
  #number = 0;

  constructor(
    conntrack: Conntrack,
    values: Readonly<Record<string, unknown>>,
    readonly protocol: number,
    readonly policy: TimeoutPolicy,
  ) {
    super(conntrack, values);
  }

  override begin(): void {
    this.#number = this.conntrack.timeoutPolicies.add(this.policy);
    super.begin();
  }

  override end(): void {
    super.end();
    this.conntrack.timeoutPolicies.remove(this.#number);
    this.#number = 0;
  }

  run({ skb, tables }: PacketInfo): number {
    const id = skb.conntrack;
    const { conntrack } = tables.namespace;
    const { table } = conntrack;
    if (id === 0 || (table.status(id) & IPS_CONFIRMED) !== 0) return CONTINUE;
    const both = table.get(id, PROTOCOL);
    if ((both & 0xff) !== this.protocol) return CONTINUE;
    table.set(id, HELPER, (table.get(id, HELPER) & 0xffff) | (this.#number << 16));
    conntrack.refresh(id, this.policy[1] ?? protocolOf(both >>> 8, this.protocol).timeout(conntrack));
    return CONTINUE;
  }
}

// Linux: nft_ct_timeout_obj_init()
export function makeCtTimeout(values: Readonly<Record<string, unknown>>, { table, namespace }: ExpressionContext): ObjectBehaviour {
  const { l3proto, l4proto, data } = values as { l3proto?: number; l4proto?: number; data?: Deferred };
  if (l4proto === undefined || data === undefined) return fail(EINVAL);
  const family = l3proto ?? table.family;
  const tracked = protocolOf(family, l4proto);
  if (tracked.protocol !== l4proto) return fail(EOPNOTSUPP);
  const seconds = data.parse(timeoutAttributes) as Readonly<Record<string, number | undefined>>;
  const policy: (number | undefined)[] = [];
  for (let state = 1; state <= STATES; state++) policy[state] = seconds[`s${state}`];
  return new CtTimeout(namespace.conntrack, { ...values, l3proto: family }, l4proto, policy);
}

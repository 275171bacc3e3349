import { AF_INET, AF_INET6, AF_UNSPEC, RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from '../../../netlink/constants.js';
import { fatal } from '../../shared/failure.js';
import type { IpContext } from '../context.js';
import type { IpObject, Verb } from '../object.js';
import { rule } from '../rule/rule.js';

/** The rules of `ip rule` in the family of multicast routes. iproute2: do_multirule() */
async function inMulticastFamily(context: IpContext, run: () => number | Promise<number>): Promise<number> {
  const { options } = context;
  const asked = options.family;
  if (asked !== AF_UNSPEC && asked !== AF_INET && asked !== AF_INET6)
    throw fatal(`Multicast rules are only supported for IPv4/IPv6, was: ${asked}`);
  options.family = asked === AF_INET6 ? RTNL_FAMILY_IP6MR : RTNL_FAMILY_IPMR;
  try {
    return await run();
  } finally {
    options.family = asked;
  }
}

const verbs = rule.verbs
  .filter((verb): verb is Verb => 'run' in verb)
  .map((verb): Verb => ({ ...verb, run: (context, cursor, name) => inMulticastFamily(context, () => verb.run(context, cursor, name)) }));

/** `ip mrule`: which table of multicast routes is asked for which packets. */
export const multicastRules: IpObject = {
  ...rule,
  name: 'mrule',
  helpName: 'rule',
  summary: 'rules of multicast routing',
  description: [
    'As ip rule, for the tables of multicast routes: by which device a packet came in, or its mark, says which table is asked. Addresses cannot be selected by. At first there is one rule: for IPv4 it asks the table default, for IPv6 main.',
  ],
  verbs,
  withoutVerb: (context, cursor) => inMulticastFamily(context, () => rule.withoutVerb(context, cursor)),
  examples: [['ip mrule add iif eth0 table 100', 'multicasts that come in by eth0 are routed by table 100']],
};

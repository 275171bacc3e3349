import { EAFNOSUPPORT, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { AF_INET, AF_INET6, AF_UNSPEC, NETLINK_ROUTE, NLM_F_EXCL, NLM_F_MULTI } from '../../netlink/constants.js';
import { payloadStart } from '../../netlink/message.js';
import { RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE } from '../../netlink/rtnl/constants.js';
import { fibRuleHeader, ruleMessage } from '../../netlink/rtnl/rule.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { NetlinkRequest } from '../netlink-request.js';
import type { Dump } from '../netlink-protocol.js';
import { fibOf } from './ipv4.js';
import { addIpv4Rule, deleteIpv4Rule, describeIpv4Rule } from './rule/ipv4.js';
import { addIpv6Rule, deleteIpv6Rule, describeIpv6Rule } from './rule/ipv6.js';
import type { DescribedRule } from './rule/describe.js';
import { ipv4Mroutes, ipv6Mroutes, type MrouteFamily } from './mroute/family.js';
import { addMulticastRule, deleteMulticastRule, describeMulticastRule } from './rule/multicast.js';
import type { RtnetlinkModule } from './rtnetlink.js';

/** The rules of one family as rtnetlink asks for them. */
interface FamilyOfRules {
  readonly family: number;
  readonly group: number;
  add(request: NetlinkRequest, exclusive: boolean): void;
  delete(request: NetlinkRequest): void;
  all(namespace: Namespace): readonly DescribedRule[];
  watch(namespace: Namespace, tell: (type: 'new' | 'delete', rule: DescribedRule) => void): void;
}

const ipv4: FamilyOfRules = {
  family: AF_INET,
  group: RTNLGRP_IPV4_RULE,
  add: addIpv4Rule,
  delete: deleteIpv4Rule,
  all: (namespace) => fibOf(namespace).rules.list.map(describeIpv4Rule),
  watch: (namespace, tell) => fibOf(namespace).rules.events.subscribe(({ type, state }) => tell(type, describeIpv4Rule(state))),
};

const ipv6: FamilyOfRules = {
  family: AF_INET6,
  group: RTNLGRP_IPV6_RULE,
  add: addIpv6Rule,
  delete: deleteIpv6Rule,
  all: (namespace) => namespace.ipv6.fib.rules.list.map(describeIpv6Rule),
  watch: (namespace, tell) => namespace.ipv6.fib.rules.events.subscribe(({ type, state }) => tell(type, describeIpv6Rule(state))),
};

/** Of `ip mrule`: they are told with the routing rules. */
function multicast<A>(family: MrouteFamily<A>, group: number): FamilyOfRules {
  return {
    family: family.family,
    group,
    add: (request, exclusive) => addMulticastRule(family, request, exclusive),
    delete: (request) => deleteMulticastRule(family, request),
    all: (namespace) => family.tables(namespace).rules.list.map((state) => describeMulticastRule(family, state)),
    watch: (namespace, tell) =>
      family.tables(namespace).rules.events.subscribe(({ type, state }) => tell(type, describeMulticastRule(family, state))),
  };
}

/** In the order of a dump of all. */
const families: readonly FamilyOfRules[] = [
  ipv4,
  ipv6,
  multicast(ipv4Mroutes, RTNLGRP_IPV4_RULE),
  multicast(ipv6Mroutes, RTNLGRP_IPV6_RULE),
];

function familyOf(request: NetlinkRequest): FamilyOfRules {
  if (request.message.end - payloadStart(request.message) < fibRuleHeader.size) fail(EINVAL, 'Invalid msg length');
  const { family } = ruleMessage.readHeader(request.message);
  return families.find((other) => other.family === family) ?? fail(EAFNOSUPPORT, 'Rule family not supported');
}

// Linux: fib_nl_dumprule()
function dumpRules(request: NetlinkRequest): Dump {
  const { message } = request;
  const family = message.bytes[payloadStart(message)]!;
  if (request.strict) checkStrictly(request);
  const asked = families.filter((other) => family === AF_UNSPEC || other.family === family);
  if (asked.length === 0) fail(EAFNOSUPPORT);
  return {
    *messages(writer) {
      for (const { all } of asked)
        for (const { header, attributes } of all(request.namespace)) {
          ruleMessage.build(writer, RTM_NEWRULE, NLM_F_MULTI, message.sequence, request.socket.portId, header, attributes);
          yield;
        }
    },
  };
}

// Linux: fib_valid_dumprule_req()
function checkStrictly({ message }: NetlinkRequest): void {
  const bytes = message.end - payloadStart(message);
  if (bytes < fibRuleHeader.size) fail(EINVAL, 'Invalid header for fib rule dump request');
  const { family: _, ...rest } = ruleMessage.readHeader(message);
  if (Object.values(rest).some((value) => value !== 0)) fail(EINVAL, 'Invalid values in header for fib rule dump request');
  if (bytes > fibRuleHeader.size) fail(EINVAL, 'Invalid data after header in fib rule dump request');
}

/** Rules of policy routing: RTM_*RULE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE. */
export const ruleModule: RtnetlinkModule = {
  handlers: [
    {
      type: RTM_NEWRULE,
      family: AF_UNSPEC,
      handle: (request) => familyOf(request).add(request, (request.flags & NLM_F_EXCL) !== 0),
    },
    { type: RTM_DELRULE, family: AF_UNSPEC, handle: (request) => familyOf(request).delete(request) },
    { type: RTM_GETRULE, family: AF_UNSPEC, dump: dumpRules },
  ],
  watch(server, namespace) {
    for (const { group, watch } of families)
      watch(namespace, (type, { header, attributes }) => {
        const notification = { protocol: NETLINK_ROUTE, namespace, group, answersRequest: true };
        server.notify(notification, (writer, sequence, portId) => {
          ruleMessage.build(writer, type === 'new' ? RTM_NEWRULE : RTM_DELRULE, 0, sequence, portId, header, attributes);
        });
      });
  },
};

import fc from 'fast-check';
import {
  AF_BRIDGE,
  AF_INET,
  AF_INET6,
  NLM_F_ACK,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
} from '../../../../src/netlink/constants.js';
import { addressMessage } from '../../../../src/netlink/rtnl/address.js';
import {
  IFF_UP,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_DELNEXTHOP,
  RTM_DELROUTE,
  RTM_DELRULE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWNEXTHOP,
  RTM_NEWNSID,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from '../../../../src/netlink/rtnl/constants.js';
import { linkMessage } from '../../../../src/netlink/rtnl/link/link.js';
import { bondData } from '../../../../src/netlink/rtnl/link/bond.js';
import { ipvlanData } from '../../../../src/netlink/rtnl/link/ipvlan.js';
import { macvlanData } from '../../../../src/netlink/rtnl/link/macvlan.js';
import { vethData } from '../../../../src/netlink/rtnl/link/veth.js';
import { vlanData } from '../../../../src/netlink/rtnl/link/vlan.js';
import { vrfData } from '../../../../src/netlink/rtnl/link/vrf.js';
import { vxlanData } from '../../../../src/netlink/rtnl/link/vxlan.js';
import { neighbourMessage } from '../../../../src/netlink/rtnl/neighbour.js';
import { nexthopMessage } from '../../../../src/netlink/rtnl/nexthop.js';
import { nsidMessage } from '../../../../src/netlink/rtnl/nsid.js';
import { routeMessage } from '../../../../src/netlink/rtnl/route.js';
import { ruleMessage } from '../../../../src/netlink/rtnl/rule.js';
import { Deferred } from '../../../../src/netlink/schema.js';
import type { MessageWriter } from '../../../../src/netlink/writer.js';
import { build } from '../netlink-fixture.js';
import { INITIAL, OTHER } from './numbers.js';

// Requests about few names, indexes and addresses, so that they meet: most are valid, many are refused for what is there.

/** One request: a datagram of one message. */
export interface Operation {
  readonly text: string;
  /** May change several things of a link, of which some stay when one fails. */
  readonly partly?: boolean;
  readonly bytes: Uint8Array;
  /** Asked in the other namespace. */
  readonly elsewhere?: boolean;
}

export const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
export const index = fc.constantFrom(0, 1, 2, 3, 3, 4, 4, 5, 6, 9);
const bytes4 = (a: number, b: number, c: number, d: number) => Uint8Array.of(a, b, c, d);
const address4 = fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(1, 2, 3)).map(([net, host]) => bytes4(10, 0, net, host));
const address6 = fc
  .tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(1, 2, 3))
  .map(([net, host]) => Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, net, 0, 0, 0, 0, 0, 0, 0, host));
const prefix4 = fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(8, 16, 24, 24, 32, 33)).map(([net, length]) => ({
  length,
  bytes: length === 8 ? bytes4(11, 0, 0, 0) : length === 16 ? bytes4(10, 0, 0, 0) : bytes4(10, 0, net, 0),
}));
const prefix6 = fc
  .constantFrom(1, 2, 3)
  .map((net) => ({ length: 64, bytes: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, net, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) }));
const makeFlags = fc.constantFrom(
  NLM_F_CREATE | NLM_F_EXCL,
  NLM_F_CREATE | NLM_F_EXCL,
  NLM_F_CREATE | NLM_F_REPLACE,
  NLM_F_CREATE | NLM_F_APPEND,
  NLM_F_REPLACE,
  0,
);

type Schema = typeof linkMessage | typeof addressMessage | typeof routeMessage | typeof ruleMessage | typeof neighbourMessage;

export function operation(
  schema: Schema | typeof nexthopMessage | typeof nsidMessage,
  type: number,
  flags: number,
  header: object,
  attributes: object,
): Operation {
  const write = schema.build as (
    this: unknown,
    writer: MessageWriter,
    type: number,
    flags: number,
    sequence: number,
    portId: number,
    header: object,
    attributes: object,
  ) => void;
  return {
    text: `${schema.name} ${type} flags ${flags.toString(16)} ${JSON.stringify(header)} ${JSON.stringify(attributes)}`,
    bytes: build((writer) => write.call(schema, writer, type, flags | NLM_F_REQUEST | NLM_F_ACK, 1, 0, header, attributes)),
  };
}

export const newLink = fc
  .record({
    ifname: name,
    kind: fc.constantFrom('dummy', 'veth', 'bridge', 'vlan', 'vxlan', 'nothing'),
    peer: name,
    link: index,
    id: fc.constantFrom(1, 2, 5000),
    up: fc.boolean(),
    master: fc.option(index, { nil: undefined }),
    mtu: fc.constantFrom(undefined, undefined, 1400, 20, 70_000),
  })
  .map(({ ifname, kind, peer, link, id, up, master, mtu }) => {
    const data =
      kind === 'veth'
        ? Deferred.of(vethData, { peer: { header: {}, attributes: { ifname: peer } } })
        : kind === 'vlan'
          ? Deferred.of(vlanData, { id })
          : kind === 'vxlan'
            ? Deferred.of(vxlanData, { id })
            : undefined;
    return operation(linkMessage, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, up ? { flags: IFF_UP, change: IFF_UP } : {}, {
      ifname,
      link: kind === 'vlan' ? link : undefined,
      master,
      mtu,
      linkinfo: { kind, data },
    });
  });

const upperData = {
  bond: (mode: number) => Deferred.of(bondData, { mode }),
  vrf: (mode: number) => Deferred.of(vrfData, { table: 100 + mode }),
  macvlan: (mode: number) => Deferred.of(macvlanData, { mode: 1 << mode }),
  ipvlan: (mode: number) => Deferred.of(ipvlanData, { mode }),
  ifb: () => undefined,
} as const;

/** Devices above others and beside them. */
export const newUpper = fc
  .record({
    ifname: name,
    kind: fc.constantFrom<keyof typeof upperData>('bond', 'vrf', 'macvlan', 'ipvlan', 'ifb'),
    link: index,
    mode: fc.constantFrom(0, 1, 2, 3, 9),
    up: fc.boolean(),
    elsewhere: fc.constantFrom(false, false, false, true),
  })
  .map(({ ifname, kind, link, mode, up, elsewhere }) => ({
    ...operation(linkMessage, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, up ? { flags: IFF_UP, change: IFF_UP } : {}, {
      ifname,
      link: kind === 'macvlan' || kind === 'ipvlan' ? link : undefined,
      linkinfo: { kind, data: upperData[kind](mode) },
    }),
    elsewhere,
  }));

/** A link goes to the other namespace, or comes from there. */
export const moveLink = fc
  .record({ index, elsewhere: fc.boolean(), ifname: fc.option(name, { nil: undefined }) })
  .map(({ index: ifindex, elsewhere, ifname }) => ({
    ...operation(linkMessage, RTM_NEWLINK, 0, { index: ifindex }, { netNsFd: elsewhere ? INITIAL : OTHER, ifname }),
    elsewhere,
    partly: ifname !== undefined,
  }));

const nsidRequest = fc
  .record({ nsid: fc.constantFrom(-1, 0, 1, 7), fd: fc.constantFrom(INITIAL, OTHER, 99), elsewhere: fc.boolean() })
  .map(({ elsewhere, ...attributes }) => ({ ...operation(nsidMessage, RTM_NEWNSID, 0, {}, attributes), elsewhere }));

/** One change each: of several Linux keeps those before the one that fails (do_setlink()). */
export const setLink = fc
  .record({
    index,
    change: fc.constantFrom<'up' | 'down' | 'ifname' | 'master' | 'mtu' | 'address' | 'txqlen'>(
      'up',
      'up',
      'down',
      'ifname',
      'master',
      'mtu',
      'address',
      'txqlen',
    ),
    ifname: name,
    master: index,
    mtu: fc.constantFrom(1400, 20, 70_000),
    address: fc.constantFrom(Uint8Array.of(2, 0, 0, 0, 0, 1), Uint8Array.of(1, 0, 0, 0, 0, 1), Uint8Array.of(2)),
  })
  .map(({ index: ifindex, change, ...values }) =>
    change === 'up' || change === 'down'
      ? operation(linkMessage, RTM_NEWLINK, 0, { index: ifindex, flags: change === 'up' ? IFF_UP : 0, change: IFF_UP }, {})
      : operation(linkMessage, RTM_NEWLINK, 0, { index: ifindex }, { [change]: { ...values, txqlen: 5 }[change] }),
  );

export const deleteLink = index.map((ifindex) => operation(linkMessage, RTM_DELLINK, 0, { index: ifindex }, {}));

const addressRequest = fc
  .record({
    v6: fc.boolean(),
    four: address4,
    six: address6,
    index,
    prefixlen: fc.constantFrom(24, 24, 32, 33),
    remove: fc.boolean(),
    flags: makeFlags,
    valid: fc.constantFrom(undefined, 100, 0),
  })
  .map(({ v6, four, six, index: ifindex, prefixlen, remove, flags, valid }) =>
    operation(
      addressMessage,
      remove ? RTM_DELADDR : RTM_NEWADDR,
      remove ? 0 : flags,
      { family: v6 ? AF_INET6 : AF_INET, prefixlen: v6 ? 64 : prefixlen, index: ifindex },
      {
        local: v6 ? six : four,
        address: v6 ? six : four,
        cacheinfo: valid === undefined || remove ? undefined : { valid, prefered: valid, cstamp: 0, tstamp: 0 },
      },
    ),
  );

const routeRequest = fc
  .record({
    v6: fc.boolean(),
    four: prefix4,
    six: prefix6,
    via: fc.option(fc.tuple(address4, address6), { nil: undefined }),
    oif: fc.option(index, { nil: undefined }),
    table: fc.constantFrom(254, 254, 254, 100),
    type: fc.constantFrom(1, 1, 1, 6, 7, 12),
    priority: fc.constantFrom(undefined, undefined, 10),
    tos: fc.constantFrom(0, 0, 0, 8, 3),
    nhId: fc.constantFrom(undefined, undefined, undefined, 1, 2),
    legs: fc.option(fc.array(fc.tuple(address4, index), { minLength: 1, maxLength: 3 }), { nil: undefined }),
    remove: fc.constantFrom(false, false, true),
    flags: makeFlags,
  })
  .map(({ v6, four, six, via, oif, table, type, priority, tos, nhId, legs, remove, flags }) =>
    operation(
      routeMessage,
      remove ? RTM_DELROUTE : RTM_NEWROUTE,
      remove ? 0 : flags,
      {
        family: v6 ? AF_INET6 : AF_INET,
        dstLen: v6 ? six.length : four.length,
        table,
        type,
        tos: v6 ? 0 : tos,
        protocol: 4,
        scope: v6 || via !== undefined || legs !== undefined ? 0 : 253,
      },
      {
        dst: v6 ? six.bytes : four.bytes,
        gateway: via === undefined ? undefined : via[v6 ? 1 : 0],
        oif,
        priority,
        nhId,
        multipath:
          legs === undefined || v6
            ? undefined
            : legs.map(([gateway, ifindex]) => ({ flags: 0, hops: 1, ifindex, attributes: { gateway } })),
      },
    ),
  );

const ruleRequest = fc
  .record({
    v6: fc.boolean(),
    priority: fc.constantFrom(undefined, 10, 20, 32_766),
    table: fc.constantFrom(100, 254),
    mark: fc.constantFrom(undefined, 1),
    remove: fc.boolean(),
    flags: makeFlags,
  })
  .map(({ v6, priority, table, mark, remove, flags }) =>
    operation(
      ruleMessage,
      remove ? RTM_DELRULE : RTM_NEWRULE,
      remove ? 0 : flags,
      { family: v6 ? AF_INET6 : AF_INET, table, action: 1 },
      { priority, fwmark: mark },
    ),
  );

const neighbourRequest = fc
  .record({
    v6: fc.boolean(),
    four: address4,
    six: address6,
    index,
    state: fc.constantFrom(0x80, 0x80, 0x04, 0x02, 0x40, 0),
    lladdr: fc.constantFrom(undefined, Uint8Array.of(2, 0, 0, 0, 0, 9), Uint8Array.of(2)),
    remove: fc.boolean(),
    flags: makeFlags,
  })
  .map(({ v6, four, six, index: ifindex, state, lladdr, remove, flags }) =>
    operation(
      neighbourMessage,
      remove ? RTM_DELNEIGH : RTM_NEWNEIGH,
      remove ? 0 : flags,
      { family: v6 ? AF_INET6 : AF_INET, ifindex, state: remove ? 0 : state },
      { dst: v6 ? six : four, lladdr },
    ),
  );

const fdbRequest = fc
  .record({ index, vlan: fc.constantFrom(undefined, 1, 5), remove: fc.boolean(), flags: makeFlags, self: fc.boolean() })
  .map(({ index: ifindex, vlan, remove, flags, self }) =>
    operation(
      neighbourMessage,
      remove ? RTM_DELNEIGH : RTM_NEWNEIGH,
      remove ? 0 : flags,
      { family: AF_BRIDGE, ifindex, state: 0x80, flags: self ? 2 : 4 },
      { lladdr: Uint8Array.of(2, 0, 0, 0, 0, 7), vlan },
    ),
  );

const nexthopRequest = fc
  .record({
    id: fc.constantFrom(1, 2, 3),
    oif: fc.option(index, { nil: undefined }),
    gateway: fc.option(address4, { nil: undefined }),
    group: fc.option(fc.array(fc.record({ id: fc.constantFrom(1, 2, 3), weight: fc.constantFrom(1, 2) }), { minLength: 1, maxLength: 2 }), {
      nil: undefined,
    }),
    blackhole: fc.boolean(),
    remove: fc.constantFrom(false, false, true),
    flags: makeFlags,
  })
  .map(({ id, oif, gateway, group, blackhole, remove, flags }) =>
    operation(
      nexthopMessage,
      remove ? RTM_DELNEXTHOP : RTM_NEWNEXTHOP,
      remove ? 0 : flags,
      { family: group === undefined && !remove ? AF_INET : 0, protocol: 4 },
      remove ? { id } : { id, oif, gateway, group, blackhole },
    ),
  );

export const operations = fc.oneof(
  { weight: 4, arbitrary: newLink },
  { weight: 2, arbitrary: newUpper },
  { weight: 1, arbitrary: moveLink },
  { weight: 1, arbitrary: nsidRequest },
  { weight: 4, arbitrary: setLink },
  { weight: 1, arbitrary: deleteLink },
  { weight: 4, arbitrary: addressRequest },
  { weight: 5, arbitrary: routeRequest },
  { weight: 1, arbitrary: ruleRequest },
  { weight: 2, arbitrary: neighbourRequest },
  { weight: 1, arbitrary: fdbRequest },
  { weight: 2, arbitrary: nexthopRequest },
);

/** A request some of whose bytes behind the length, type and sequence are others, or which ends early. */
export const mutated = fc
  .record({
    from: operations,
    changes: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    cut: fc.option(fc.nat(40), { nil: undefined }),
  })
  .map(({ from, changes, cut }) => {
    const bytes = from.bytes.slice();
    for (const [at, value] of changes) if (bytes.length > 16) bytes[16 + (at % (bytes.length - 16))] = value;
    if (cut !== undefined) new DataView(bytes.buffer).setUint32(0, Math.max(17, bytes.length - cut), true);
    return { text: `${from.text} mutated ${JSON.stringify(changes)} cut ${cut}`, bytes, partly: from.text.startsWith('link') };
  });

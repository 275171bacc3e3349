import { EADDRNOTAVAIL, EEXIST, EHOSTUNREACH, EINVAL, ENETUNREACH, ENOENT, EOPNOTSUPP, ESRCH } from '../../../src/base/errno.js';
import { ipv4ConfSysctls } from '../../../src/control/sysctl/ipv4-conf.js';
import { sysctlGroups } from '../../../src/control/sysctl/registry.js';
import { SysctlTree } from '../../../src/control/sysctl/sysctl.js';
import {
  AF_INET,
  AF_UNSPEC,
  NETLINK_GET_STRICT_CHK,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from '../../../src/netlink/constants.js';
import { addressMessage } from '../../../src/netlink/rtnl/address.js';
import {
  IFF_UP,
  INFINITY_LIFE_TIME,
  NETCONFA_IFINDEX_ALL,
  NETCONFA_IFINDEX_DEFAULT,
  NTF_PROXY,
  NUD_PERMANENT,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RTM_DELADDR,
  RTM_DELNEIGH,
  RTM_DELROUTE,
  RTM_F_FIB_MATCH,
  RTM_F_LOOKUP_TABLE,
  RTM_GETADDR,
  RTM_GETNEIGH,
  RTM_GETNETCONF,
  RTM_GETROUTE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWNETCONF,
  RTM_NEWROUTE,
  RTN_LOCAL,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_NETCONF,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
  RTPROT_BOOT,
} from '../../../src/netlink/rtnl/constants.js';
import { linkMessage } from '../../../src/netlink/rtnl/link/link.js';
import { neighbourMessage } from '../../../src/netlink/rtnl/neighbour.js';
import { netconfMessage } from '../../../src/netlink/rtnl/netconf.js';
import { type RouteAttributes, type RouteHeader, routeMessage } from '../../../src/netlink/rtnl/route.js';
import { formatIpv4, ipv4Bytes, parseIpv4, readIpv4 } from '../../../src/wire/ipv4-address.js';
import { type Client, rtnlServer } from './rtnl-fixture.js';

const CREATE = NLM_F_CREATE | NLM_F_EXCL;
const ip4 = (text: string) => ipv4Bytes(parseIpv4(text) ?? 0);
const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : formatIpv4(readIpv4(bytes)));
const mac = (last: number) => Uint8Array.of(2, 0, 0, 0, 0, last);

/** d0, index 2, up, with 10.0.0.1/24. */
function setup() {
  const made = rtnlServer();
  const ip = made.open();
  ip.request(linkMessage, RTM_NEWLINK, { flags: IFF_UP, change: IFF_UP }, { ifname: 'd0', linkinfo: { kind: 'dummy' } }, CREATE);
  addAddress(ip, '10.0.0.1', 24);
  return { ...made, ip };
}

const addAddress = (ip: Client, local: string, prefixlen: number, index = 2) =>
  ip.request(addressMessage, RTM_NEWADDR, { family: AF_INET, prefixlen, index }, { local: ip4(local), address: ip4(local) }, CREATE);

const route = (values: Partial<RouteHeader>): Partial<RouteHeader> => ({
  family: AF_INET,
  table: 254,
  protocol: RTPROT_BOOT,
  type: RTN_UNICAST,
  ...values,
});
const addRoute = (ip: Client, dst: string, dstLen: number, attributes: RouteAttributes, header: Partial<RouteHeader> = {}) =>
  ip.request(routeMessage, RTM_NEWROUTE, route({ dstLen, ...header }), { dst: ip4(dst), ...attributes }, CREATE);
const shown = ({ header, attributes }: { header: RouteHeader; attributes: RouteAttributes }) =>
  `${text(attributes.dst) ?? 'default'}/${header.dstLen} table ${attributes.table} via ${text(attributes.gateway) ?? '-'} dev ${attributes.oif ?? '-'}`;
const routes = (ip: Client, attributes: RouteAttributes = {}) =>
  ip.dump(routeMessage, RTM_GETROUTE, { family: AF_INET }, attributes).map(shown);

describe('addresses', () => {
  test('are shown with what inet_fill_ifaddr() says, to a dump of all families too', () => {
    const { ip } = setup();
    const [address] = ip.dump(addressMessage, RTM_GETADDR, { family: AF_UNSPEC });
    expect(address!.header).toMatchObject({ family: AF_INET, prefixlen: 24, index: 2, flags: 0x80 });
    expect(text(address!.attributes.local)).toBe('10.0.0.1');
    expect(address!.attributes).toMatchObject({ label: 'd0', flags: 0x80 });
    expect(address!.attributes.cacheinfo).toMatchObject({ valid: INFINITY_LIFE_TIME, prefered: INFINITY_LIFE_TIME });
  });

  test('errors are those of devinet.c', () => {
    const { ip } = setup();
    const header = { family: AF_INET, prefixlen: 24, index: 2 };
    const attributes = { local: ip4('10.0.0.1'), address: ip4('10.0.0.1') };
    expect(ip.refusal(addressMessage, RTM_NEWADDR, header, attributes, CREATE)).toEqual({ errno: EEXIST });
    expect(ip.refusal(addressMessage, RTM_NEWADDR, { ...header, family: AF_UNSPEC }, attributes)).toEqual({ errno: EOPNOTSUPP });
    expect(ip.refusal(addressMessage, RTM_NEWADDR, { ...header, prefixlen: 33 }, attributes)).toEqual({ errno: EINVAL });
    expect(ip.refusal(addressMessage, RTM_DELADDR, header, { local: ip4('10.9.9.9') })).toEqual({ errno: EADDRNOTAVAIL });
  });

  test('a strict dump is filtered by device', () => {
    const { ip } = setup();
    ip.request(linkMessage, RTM_NEWLINK, { index: 1, flags: IFF_UP, change: IFF_UP }, {});
    expect(ip.dump(addressMessage, RTM_GETADDR, { family: AF_INET })).toHaveLength(2);
    ip.socket.setOption(NETLINK_GET_STRICT_CHK, 1);
    expect(ip.dump(addressMessage, RTM_GETADDR, { family: AF_INET, index: 2 })).toHaveLength(1);
    expect(() => ip.dump(addressMessage, RTM_GETADDR, { family: AF_INET, prefixlen: 3 })).toThrow('dump failed: -22');
  });
});

describe('routes', () => {
  test('come and go, and are dumped by table', () => {
    const { ip } = setup();
    addRoute(ip, '10.5.0.0', 16, { gateway: ip4('10.0.0.2') });
    addRoute(ip, '10.6.0.0', 16, { oif: 2, table: 1000 }, { scope: RT_SCOPE_LINK, table: 252 });
    ip.socket.setOption(NETLINK_GET_STRICT_CHK, 1);
    expect(routes(ip, { table: 254 })).toEqual(['10.0.0.0/24 table 254 via - dev 2', '10.5.0.0/16 table 254 via 10.0.0.2 dev 2']);
    expect(routes(ip, { table: 1000 })).toEqual(['10.6.0.0/16 table 1000 via - dev 2']);
    expect(() => routes(ip, { table: 77 })).toThrow(`dump failed: -${ENOENT}`);
    ip.request(routeMessage, RTM_DELROUTE, route({ dstLen: 16, scope: RT_SCOPE_NOWHERE, type: 0, protocol: 0 }), { dst: ip4('10.5.0.0') });
    expect(routes(ip, { table: 254 })).toEqual(['10.0.0.0/24 table 254 via - dev 2']);
  });

  test('metrics and several ways are kept', () => {
    const { ip } = setup();
    addRoute(ip, '10.7.0.0', 16, {
      metrics: { mtu: 1400, hoplimit: 300 },
      multipath: [
        { flags: 0, hops: 0, ifindex: 2, attributes: { gateway: ip4('10.0.0.2') } },
        { flags: 0, hops: 4, ifindex: 2, attributes: { gateway: ip4('10.0.0.3') } },
      ],
    });
    const found = ip.dump(routeMessage, RTM_GETROUTE, { family: AF_INET }).find(({ header }) => header.dstLen === 16);
    expect(found!.attributes.metrics).toEqual({ mtu: 1400, hoplimit: 255 });
    expect(found!.attributes.multipath!.map(({ hops, attributes }) => [hops, text(attributes.gateway)])).toEqual([
      [0, '10.0.0.2'],
      [4, '10.0.0.3'],
    ]);
    expect(found!.attributes.oif).toBeUndefined();
  });

  test('errors and texts are those of the fib', () => {
    const { ip } = setup();
    const refusal = (attributes: RouteAttributes, header: Partial<RouteHeader> = {}) =>
      ip.refusal(routeMessage, RTM_NEWROUTE, route({ dstLen: 16, ...header }), { dst: ip4('10.9.0.0'), ...attributes }, CREATE);
    expect(refusal({ gateway: ip4('10.99.0.1') })).toEqual({ errno: ENETUNREACH, text: 'Nexthop has invalid gateway' });
    expect(refusal({ oif: 2, prefsrc: ip4('10.0.0.77') }, { scope: RT_SCOPE_LINK })).toEqual({
      errno: EINVAL,
      text: 'Invalid prefsrc address',
    });
    expect(refusal({ dst: ip4('10.9.0.5'), oif: 2 }, { scope: RT_SCOPE_LINK })).toMatchObject({
      text: 'Invalid prefix for given prefix length',
    });
    expect(refusal({ oif: 2 }, { tos: 1 })).toMatchObject({ text: 'Invalid dsfield (tos): ECN bits must be 0' });
    expect(ip.refusal(routeMessage, RTM_DELROUTE, route({ dstLen: 16 }), { dst: ip4('10.9.0.0') })).toEqual({ errno: ESRCH });
  });

  test('a lookup answers as ip route get shows it', () => {
    const { ip } = setup();
    addRoute(ip, '10.5.0.0', 16, { gateway: ip4('10.0.0.2'), table: 254 });
    addRoute(ip, '10.8.0.0', 16, {}, { type: RTN_UNREACHABLE });
    const get = (dst: string, flags = RTM_F_LOOKUP_TABLE) =>
      ip.request(routeMessage, RTM_GETROUTE, { family: AF_INET, dstLen: 32, flags }, { dst: ip4(dst) })[0]!;
    const far = get('10.5.1.1');
    expect([text(far.attributes.dst), text(far.attributes.gateway), text(far.attributes.prefsrc), far.attributes.oif]).toEqual([
      '10.5.1.1',
      '10.0.0.2',
      '10.0.0.1',
      2,
    ]);
    expect(far.attributes).toMatchObject({ uid: 0, table: 254 });
    const own = get('10.0.0.1');
    expect(own.header).toMatchObject({ type: RTN_LOCAL, flags: 0x8000_0200 });
    // The table is named only where RTM_F_LOOKUP_TABLE asks for it; else it is said to be main.
    expect(own.attributes).toMatchObject({ oif: 1, table: 254 });
    const match = get('10.5.1.1', RTM_F_FIB_MATCH | RTM_F_LOOKUP_TABLE);
    expect(shown(match)).toBe('10.5.0.0/16 table 254 via 10.0.0.2 dev 2');
    expect(ip.refusal(routeMessage, RTM_GETROUTE, { family: AF_INET, dstLen: 32 }, { dst: ip4('10.8.0.1') })).toEqual({
      errno: EHOSTUNREACH,
    });
    expect(ip.refusal(routeMessage, RTM_GETROUTE, { family: AF_INET, dstLen: 32 }, { dst: ip4('8.8.8.8') })).toEqual({
      errno: ENETUNREACH,
    });
  });

  test('a table of many routes is dumped whole and in order', () => {
    const { ip } = setup();
    for (let i = 0; i < 600; i++) addRoute(ip, formatIpv4(0x1400_0000 + i * 256), 24, { gateway: ip4('10.0.0.2') });
    for (let i = 0; i < 5; i++) addRoute(ip, '20.0.255.0', 24, { gateway: ip4('10.0.0.2'), priority: i + 1 });
    const found = routes(ip).filter((line) => line.startsWith('20.'));
    expect(found).toHaveLength(605);
    expect(new Set(found).size).toBe(600);
  });
});

describe('neighbours', () => {
  const permanent = { family: AF_INET, ifindex: 2, state: NUD_PERMANENT };
  const neighbours = (ip: Client) =>
    ip.dump(neighbourMessage, RTM_GETNEIGH).map(({ header, attributes }) => [text(attributes.dst), attributes.lladdr?.[5], header.state]);

  test('are added, replaced, shown and deleted', () => {
    const { ip } = setup();
    ip.request(neighbourMessage, RTM_NEWNEIGH, permanent, { dst: ip4('10.0.0.2'), lladdr: mac(0x22) }, CREATE);
    expect(ip.refusal(neighbourMessage, RTM_NEWNEIGH, permanent, { dst: ip4('10.0.0.2'), lladdr: mac(0x23) }, CREATE)).toEqual({
      errno: EEXIST,
    });
    ip.request(neighbourMessage, RTM_NEWNEIGH, permanent, { dst: ip4('10.0.0.2'), lladdr: mac(0x23) }, NLM_F_CREATE | NLM_F_REPLACE);
    expect(neighbours(ip)).toEqual([['10.0.0.2', 0x23, NUD_PERMANENT]]);
    ip.request(neighbourMessage, RTM_DELNEIGH, { family: AF_INET, ifindex: 2 }, { dst: ip4('10.0.0.2') });
    expect(neighbours(ip)).toEqual([]);
  });

  test('errors and texts are those of neighbour.c', () => {
    const { ip } = setup();
    const refusal = (type: number, header: object, attributes: object, flags = CREATE) =>
      ip.refusal(neighbourMessage, type, { family: AF_INET, ...header }, attributes, flags);
    ip.request(linkMessage, RTM_NEWLINK, { flags: IFF_UP, change: IFF_UP }, { ifname: 'v0', linkinfo: { kind: 'veth' } }, CREATE);
    expect(refusal(RTM_NEWNEIGH, { ifindex: 4, state: NUD_PERMANENT }, { dst: ip4('10.0.0.2') })).toEqual({
      errno: EINVAL,
      text: 'No link layer address given',
    });
    expect(refusal(RTM_NEWNEIGH, { ifindex: 2 }, { dst: ip4('10.0.0.2'), lladdr: Uint8Array.of(1, 2) })).toEqual({
      errno: EINVAL,
      text: 'Invalid link address',
    });
    expect(refusal(RTM_NEWNEIGH, { ifindex: 2 }, {})).toMatchObject({ text: 'Network address not specified' });
    expect(refusal(RTM_NEWNEIGH, permanent, { dst: ip4('10.0.0.9'), lladdr: mac(9) }, NLM_F_REPLACE)).toEqual({ errno: ENOENT });
    expect(refusal(RTM_DELNEIGH, { ifindex: 2 }, { dst: ip4('10.0.0.9') }, 0)).toEqual({ errno: ENOENT });
    expect(refusal(RTM_GETNEIGH, { ifindex: 2 }, { dst: ip4('10.0.0.9') }, 0)).toEqual({
      errno: ENOENT,
      text: 'Neighbour entry not found',
    });
  });

  test('proxies are a list of their own', () => {
    const { ip } = setup();
    ip.request(neighbourMessage, RTM_NEWNEIGH, { ...permanent, flags: NTF_PROXY }, { dst: ip4('10.0.0.100') }, CREATE);
    expect(neighbours(ip)).toEqual([]);
    const [proxy] = ip.dump(neighbourMessage, RTM_GETNEIGH, { flags: NTF_PROXY });
    expect([text(proxy!.attributes.dst), proxy!.header.flags, proxy!.header.ifindex]).toEqual(['10.0.0.100', NTF_PROXY, 2]);
  });
});

test('ip monitor sees addresses, routes and neighbours in the order of Linux', () => {
  const { open, ip } = setup();
  const monitor = open();
  monitor.join(RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_NEIGH, RTNLGRP_IPV4_NETCONF);
  addAddress(ip, '10.1.0.1', 24);
  addRoute(ip, '10.5.0.0', 16, { gateway: ip4('10.0.0.2') });
  ip.request(
    neighbourMessage,
    RTM_NEWNEIGH,
    { family: AF_INET, ifindex: 2, state: NUD_PERMANENT },
    { dst: ip4('10.0.0.3'), lladdr: mac(3) },
    NLM_F_CREATE | NLM_F_APPEND,
  );
  const types = monitor.heard().map(({ type }) => type);
  expect(types).toEqual([RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWROUTE, RTM_NEWROUTE, RTM_NEWROUTE, RTM_NEWNEIGH]);
  ip.request(linkMessage, RTM_NEWLINK, {}, { ifname: 'd1', linkinfo: { kind: 'dummy' } }, CREATE);
  expect(monitor.heard().map(({ type }) => type)).toEqual([RTM_NEWNETCONF, RTM_NEWLINK]);
});

describe('settings of devices', () => {
  test('ip_forward makes a router of all devices, and netconf shows it', () => {
    const { ip, stack, open } = setup();
    const monitor = open();
    monitor.join(RTNLGRP_IPV4_NETCONF);
    const tree = new SysctlTree([ipv4ConfSysctls]);
    tree.write(stack.initial, 'net/ipv4/ip_forward', '1');
    for (const name of ['all', 'default', 'd0']) expect(tree.find(stack.initial, `net/ipv4/conf/${name}/forwarding`).read()).toBe('1');
    expect(tree.find(stack.initial, 'net/ipv4/conf/all/accept_redirects').read()).toBe('0');
    const heard = monitor.heard().map((message) => netconfMessage.parse(message).attributes);
    expect(heard.map(({ ifindex }) => ifindex)).toEqual([NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT, 1, 2]);
    const dumped = ip.dump(netconfMessage, RTM_GETNETCONF, { family: AF_INET });
    expect(dumped.map(({ attributes }) => [attributes.ifindex, attributes.forwarding])).toEqual([
      [1, 1],
      [2, 1],
      [-1, 1],
      [-2, 1],
    ]);
  });

  test('the tree has what every namespace of Linux has, with its defaults', () => {
    const { stack } = setup();
    const tree = new SysctlTree(sysctlGroups);
    const values = new Map(tree.list(stack.initial).map((sysctl) => [sysctl.path, sysctl.read()]));
    expect(values.get('net/ipv4/ip_default_ttl')).toBe('64');
    expect(values.get('net/ipv4/neigh/default/unres_qlen')).toBe('101');
    expect(values.get('net/ipv4/neigh/d0/proxy_delay')).toBe('80');
    expect(values.get('net/ipv4/neigh/default/gc_interval')).toBe('30');
    expect(values.get('net/ipv4/conf/all/accept_source_route')).toBe('0');
    expect(values.get('net/ipv4/route/redirect_silence')).toBe('5120');
    expect(values.get('net/ipv4/ip_local_port_range')).toBe('32768\t60999');
    expect(values.get('net/core/somaxconn')).toBe('4096');
  });

  test('a default is taken over by devices that have no address and no value of their own', () => {
    const { ip, stack } = setup();
    ip.request(linkMessage, RTM_NEWLINK, {}, { ifname: 'd1', linkinfo: { kind: 'dummy' } }, CREATE);
    const tree = new SysctlTree([ipv4ConfSysctls]);
    tree.write(stack.initial, 'net/ipv4/conf/default/rp_filter', '2');
    expect(tree.find(stack.initial, 'net/ipv4/conf/d0/rp_filter').read()).toBe('0');
    expect(tree.find(stack.initial, 'net/ipv4/conf/d1/rp_filter').read()).toBe('2');
  });
});

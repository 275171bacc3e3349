import { EEXIST, EINVAL, EMLINK, ENOBUFS, ENODEV, EOPNOTSUPP, EPERM, EXFULL } from '../../../src/base/errno.js';
import { NetError } from '../../../src/base/net-error.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../src/netlink/constants.js';
import {
  IFF_UP,
  RTM_DELLINK,
  RTM_DELLINKPROP,
  RTM_GETLINK,
  RTM_GETNSID,
  RTM_NEWLINK,
  RTM_NEWLINKPROP,
  RTM_NEWNSID,
  RTM_SETLINK,
  RTNLGRP_LINK,
  RTNLGRP_NSID,
} from '../../../src/netlink/rtnl/constants.js';
import { linkMessage } from '../../../src/netlink/rtnl/link/link.js';
import { greData } from '../../../src/netlink/rtnl/link/gre.js';
import { vlanData } from '../../../src/netlink/rtnl/link/vlan.js';
import { vxlanData } from '../../../src/netlink/rtnl/link/vxlan.js';
import { vethData } from '../../../src/netlink/rtnl/link/veth.js';
import { nsidMessage } from '../../../src/netlink/rtnl/nsid.js';
import { Deferred } from '../../../src/netlink/schema.js';
import { user } from './netlink-fixture.js';
import { type Client, rtnlServer } from './rtnl-fixture.js';

const CREATE = NLM_F_CREATE | NLM_F_EXCL;
const addDummy = (ip: Client, ifname: string) => ip.request(linkMessage, RTM_NEWLINK, {}, { ifname, linkinfo: { kind: 'dummy' } }, CREATE);
const addVeth = (ip: Client, a: string, b: string, netNsFd?: number) =>
  ip.request(
    linkMessage,
    RTM_NEWLINK,
    {},
    { ifname: a, linkinfo: { kind: 'veth', data: Deferred.of(vethData, { peer: { header: {}, attributes: { ifname: b, netNsFd } } }) } },
    CREATE,
  );
const names = (ip: Client) => ip.dump(linkMessage, RTM_GETLINK).map(({ attributes }) => attributes.ifname);
const show = (ip: Client, ifname: string) => ip.request(linkMessage, RTM_GETLINK, {}, { ifname })[0]!;

test('a fresh namespace has lo alone, with what rtnl_fill_ifinfo() says of it', () => {
  const ip = rtnlServer().open();
  const [lo] = ip.dump(linkMessage, RTM_GETLINK);
  expect(names(ip)).toEqual(['lo']);
  expect(lo!.header).toMatchObject({ index: 1, type: 772, flags: 0x8 });
  expect(lo!.attributes).toMatchObject({ mtu: 65536, qdisc: 'noop', operstate: 2, txqlen: 1000, group: 0, xdp: { attached: 0 } });
  expect(lo!.attributes.linkinfo).toBeUndefined();
  expect(lo!.attributes.stats64).toMatchObject({ rxPackets: 0, txBytes: 0 });
});

test('links are made, shown with their kind, changed and deleted', () => {
  const ip = rtnlServer().open();
  addDummy(ip, 'd0');
  expect(show(ip, 'd0').attributes).toMatchObject({ ifname: 'd0', mtu: 1500, linkinfo: { kind: 'dummy' }, qdisc: 'noop' });
  ip.request(linkMessage, RTM_NEWLINK, { index: 2, flags: IFF_UP, change: IFF_UP }, { mtu: 1400 });
  expect(show(ip, 'd0')).toMatchObject({
    header: { flags: 0x1 | 0x2 | 0x40 | 0x80 | 0x10000 },
    attributes: { mtu: 1400, qdisc: 'noqueue' },
  });
  ip.request(linkMessage, RTM_DELLINK, {}, { ifname: 'd0' });
  expect(names(ip)).toEqual(['lo']);
});

test('the name is completed from the kind where none is given', () => {
  const ip = rtnlServer().open();
  ip.request(linkMessage, RTM_NEWLINK, {}, { linkinfo: { kind: 'dummy' } }, CREATE);
  expect(names(ip)).toEqual(['lo', 'dummy0']);
});

test('both ends of a veth pair point at each other, across namespaces by id', () => {
  const { server, open } = rtnlServer();
  const blue = server.names.create('blue');
  const ip = open();
  addVeth(ip, 'a', 'b');
  expect(show(ip, 'a').attributes.link).toBe(show(ip, 'b').header.index);
  addVeth(ip, 'c', 'd', blue.id);
  const inBlue = open('blue');
  expect(names(inBlue)).toEqual(['lo', 'd']);
  expect(show(ip, 'c').attributes).toMatchObject({ link: show(inBlue, 'd').header.index, linkNetnsid: 0 });
  expect(show(inBlue, 'd').attributes.linkNetnsid).toBe(0);
});

test('a device moves to another namespace by IFLA_NET_NS_FD, and RTM_DELLINK says where it went', () => {
  const { server, open } = rtnlServer();
  const blue = server.names.create('blue');
  const ip = open();
  addDummy(ip, 'd0');
  const monitor = open();
  monitor.join(RTNLGRP_LINK, RTNLGRP_NSID);
  ip.request(linkMessage, RTM_NEWLINK, { index: 2 }, { netNsFd: blue.id });
  expect(names(ip)).toEqual(['lo']);
  expect(names(open('blue'))).toEqual(['lo', 'd0']);
  const heard = monitor.heard();
  expect(heard.map(({ type }) => type)).toEqual([RTM_NEWNSID, RTM_DELLINK]);
  expect(linkMessage.parse(heard[1]!).attributes).toMatchObject({ newNetnsid: 0, newIfindex: 2 });
});

test('errors and their texts are those of rtnetlink', () => {
  const { open } = rtnlServer();
  const ip = open();
  addDummy(ip, 'd0');
  expect(ip.refusal(linkMessage, RTM_NEWLINK, {}, { ifname: 'd0', linkinfo: { kind: 'dummy' } }, CREATE)).toEqual({ errno: EEXIST });
  expect(ip.refusal(linkMessage, RTM_NEWLINK, {}, { ifname: 'x', linkinfo: { kind: 'nosuch' } }, CREATE)).toEqual({
    errno: EOPNOTSUPP,
    text: 'Unknown device type',
  });
  expect(ip.refusal(linkMessage, RTM_SETLINK, {}, { ifname: 'nosuch' })).toEqual({ errno: ENODEV });
  expect(ip.refusal(linkMessage, RTM_SETLINK, {}, {})).toEqual({ errno: EINVAL });
  expect(ip.refusal(linkMessage, RTM_DELLINK, { index: 1 }, {})).toEqual({ errno: EOPNOTSUPP });
  expect(ip.refusal(linkMessage, RTM_NEWLINK, { index: 2 }, { protoDown: 1 })).toEqual({
    errno: EOPNOTSUPP,
    text: 'Protodown not supported by device',
  });
  expect(ip.refusal(linkMessage, RTM_NEWLINK, { index: 2 }, { master: 77 })).toEqual({ errno: EINVAL });
  expect(ip.refusal(linkMessage, RTM_GETLINK, { index: 99 }, {})).toEqual({ errno: ENODEV });
  expect(ip.refusal(linkMessage, RTM_NEWLINK, { index: -1 }, {})).toEqual({ errno: EINVAL, text: "ifindex can't be negative" });
});

test('who has no CAP_NET_ADMIN reads and changes nothing', () => {
  const ip = rtnlServer().open(undefined, user);
  expect(names(ip)).toEqual(['lo']);
  expect(ip.refusal(linkMessage, RTM_NEWLINK, { index: 1, flags: IFF_UP, change: IFF_UP }, {})).toEqual({ errno: EPERM });
});

test('ip monitor sees what ip monitor link sees on Linux', () => {
  const { open } = rtnlServer();
  const ip = open();
  const monitor = open();
  monitor.join(RTNLGRP_LINK);
  addDummy(ip, 'd0');
  ip.request(linkMessage, RTM_NEWLINK, { index: 2, flags: IFF_UP, change: IFF_UP }, {});
  ip.request(linkMessage, RTM_NEWLINK, { index: 2 }, { mtu: 1400 });
  ip.request(linkMessage, RTM_NEWLINK, { index: 2, change: IFF_UP }, {});
  ip.request(linkMessage, RTM_DELLINK, { index: 2 }, {});
  const heard = monitor.heard().map((message) => ({ type: message.type, ...linkMessage.parse(message) }));
  expect(heard.map(({ type, header, attributes }) => [type, header.flags & IFF_UP, attributes.mtu, attributes.qdisc])).toEqual([
    [RTM_NEWLINK, 0, 1500, 'noop'],
    [RTM_NEWLINK, IFF_UP, 1500, 'noqueue'],
    [RTM_NEWLINK, IFF_UP, 1400, 'noqueue'],
    [RTM_NEWLINK, 0, 1400, 'noqueue'],
    [RTM_DELLINK, 0, 1400, 'noop'],
  ]);
});

test('alternative names find the device, and are shown', () => {
  const ip = rtnlServer().open();
  addDummy(ip, 'd0');
  ip.request(linkMessage, RTM_NEWLINKPROP, { index: 2 }, { propList: ['first', 'a-name-that-is-longer-than-fifteen'] }, CREATE);
  expect(show(ip, 'd0').attributes.propList).toEqual(['first', 'a-name-that-is-longer-than-fifteen']);
  expect(ip.request(linkMessage, RTM_GETLINK, {}, { altIfname: 'first' })[0]!.header.index).toBe(2);
  ip.request(linkMessage, RTM_DELLINKPROP, { index: 2 }, { propList: ['first'] });
  expect(ip.refusal(linkMessage, RTM_GETLINK, {}, { altIfname: 'first' })).toEqual({ errno: ENODEV });
});

test('dumps are filtered by kind', () => {
  const ip = rtnlServer().open();
  addDummy(ip, 'd0');
  addVeth(ip, 'a', 'b');
  const dummies = ip.dump(linkMessage, RTM_GETLINK, {}, { linkinfo: { kind: 'dummy' } });
  expect(dummies.map(({ attributes }) => attributes.ifname)).toEqual(['d0']);
});

test('a group is changed and deleted at once', () => {
  const ip = rtnlServer().open();
  addDummy(ip, 'd0');
  addDummy(ip, 'd1');
  for (const index of [2, 3]) ip.request(linkMessage, RTM_NEWLINK, { index }, { group: 7 });
  ip.request(linkMessage, RTM_NEWLINK, { flags: IFF_UP, change: IFF_UP }, { group: 7 });
  expect(show(ip, 'd1').header.flags & IFF_UP).toBe(IFF_UP);
  ip.request(linkMessage, RTM_DELLINK, {}, { group: 7 });
  expect(names(ip)).toEqual(['lo']);
});

test('namespace ids are given, asked for and unique', () => {
  const { server, open } = rtnlServer();
  const blue = server.names.create('blue');
  server.names.create('red');
  const ip = open();
  ip.request(nsidMessage, RTM_NEWNSID, {}, { nsid: 5, fd: blue.id });
  expect(ip.request(nsidMessage, RTM_GETNSID, {}, { fd: blue.id })[0]!.attributes).toEqual({ nsid: 5 });
  expect(ip.refusal(nsidMessage, RTM_NEWNSID, {}, { nsid: 6, fd: blue.id })).toMatchObject({
    errno: EEXIST,
    text: 'Peer netns already has a nsid assigned',
  });
  const red = server.names.resolve('red')!;
  expect(ip.refusal(nsidMessage, RTM_NEWNSID, {}, { nsid: 5, fd: red.id })).toMatchObject({ text: 'The specified nsid is already used' });
  expect(ip.request(nsidMessage, RTM_GETNSID, {}, { fd: red.id })[0]!.attributes).toEqual({ nsid: -1 });
  expect(ip.dump(nsidMessage, RTM_GETNSID).map(({ attributes }) => attributes.nsid)).toEqual([5]);
});

test('a link says its settings of IPv4 and IPv6, as arrays by their numbers', () => {
  const ip = rtnlServer().open();
  addDummy(ip, 'd0');
  const { afSpec } = show(ip, 'd0').attributes;
  expect([afSpec?.inet?.conf?.length, afSpec?.inet6?.conf?.length]).toEqual([33, 59]);
  // IPV4_DEVCONF_IGMPV2_UNSOLICITED_REPORT_INTERVAL is 27, and the array begins with 1; DEVCONF_MTU6 is 2.
  expect([afSpec?.inet?.conf?.[26], afSpec?.inet6?.conf?.[2]]).toEqual([10_000, 1500]);
});

test('who does not read is told once that it has missed something, and holds up nobody', () => {
  const { open } = rtnlServer();
  const ip = open();
  const slow = open();
  slow.join(RTNLGRP_LINK);
  for (let i = 0; i < 500; i++) {
    addDummy(ip, 'd0');
    ip.request(linkMessage, RTM_DELLINK, {}, { ifname: 'd0' });
  }
  expect(() => slow.socket.receive()).toThrow(new NetError(ENOBUFS));
  const first = slow.heard();
  expect(first.length).toBeGreaterThan(20);
  expect(first.length).toBeLessThan(212_992 / 1024);
  expect(first.slice(0, 2).map(({ type }) => type)).toEqual([RTM_NEWLINK, RTM_DELLINK]);
  addDummy(ip, 'd0');
  expect(slow.heard()).toHaveLength(1);
});

test('seven devices may stand upon one, and 1023 be ports of a bridge', () => {
  const ip = rtnlServer().open();
  const add = (ifname: string, kind: string, link?: number) => {
    const data = kind === 'vlan' ? Deferred.of(vlanData, { id: 1 }) : undefined;
    return ip.refusal(linkMessage, RTM_NEWLINK, {}, { ifname, link, linkinfo: { kind, data } }, CREATE);
  };
  const indexOf = (ifname: string) => show(ip, ifname).header.index;
  add('w0', 'dummy');
  for (let i = 1; i <= 7; i++) expect(add(`w${i}`, 'vlan', indexOf(`w${i - 1}`))).toBeNull();
  expect(add('w8', 'vlan', indexOf('w7'))).toMatchObject({ errno: EMLINK });
  expect(names(ip)).not.toContain('w8');
  add('br', 'bridge');
  const enslave = (ifname: string) => ip.refusal(linkMessage, RTM_SETLINK, { index: indexOf(ifname) }, { master: indexOf('br') });
  expect(enslave('w7')).toMatchObject({ errno: EMLINK });
  expect(show(ip, 'w7').attributes).toMatchObject({ allmulti: 0, promiscuity: 0 });
  for (let i = 1; i <= 1023; i++) {
    add(`d${i}`, 'dummy');
    expect(enslave(`d${i}`)).toBeNull();
  }
  add('d', 'dummy');
  expect(enslave('d')).toMatchObject({ errno: EXFULL });
  expect(show(ip, 'd').attributes).toMatchObject({ allmulti: 0 });
});

test('a tunnel that has moved says where its packets are', () => {
  const { server, open } = rtnlServer();
  const blue = server.names.create('blue');
  const ip = open();
  const add = (ifname: string, kind: string, data: Deferred, netNsFd?: number) =>
    ip.request(linkMessage, RTM_NEWLINK, {}, { ifname, netNsFd, linkinfo: { kind, data } }, CREATE);
  const remote = Deferred.of(greData, { remote: 0x0a00_0001, local: 0x0a00_0002 });
  add('gre1', 'gre', remote);
  add('vx1', 'vxlan', Deferred.of(vxlanData, { id: 1 }));
  expect(show(ip, 'gre1').attributes).toMatchObject({ link: 0 });
  expect(show(ip, 'vx1').attributes).not.toHaveProperty('link');
  for (const ifname of ['gre1', 'vx1']) ip.request(linkMessage, RTM_SETLINK, {}, { ifname, netNsFd: blue.id });
  add('gre2', 'gre', remote, blue.id);
  const there = open('blue');
  expect(show(there, 'gre1').attributes).toMatchObject({ link: 0, linkNetnsid: 0 });
  expect(show(there, 'vx1').attributes).toMatchObject({ link: show(there, 'vx1').header.index, linkNetnsid: 0 });
  // One that is made there has its packets there.
  expect(show(there, 'gre2').attributes).not.toHaveProperty('linkNetnsid');
});

import { EINVAL } from '../../../src/base/errno.js';
import { NetError } from '../../../src/base/net-error.js';
import { AF_INET, NLM_F_REQUEST } from '../../../src/netlink/constants.js';
import { ctrlMessage } from '../../../src/netlink/genl/genl.js';
import { parseMessages } from '../../../src/netlink/message.js';
import { RTM_NEWLINK, RTM_NEWROUTE } from '../../../src/netlink/rtnl/constants.js';
import { linkMessage, linkStats, linkStats64 } from '../../../src/netlink/rtnl/link/link.js';
import { vethData } from '../../../src/netlink/rtnl/link/veth.js';
import { routeMessage } from '../../../src/netlink/rtnl/route.js';
import { Deferred } from '../../../src/netlink/schema.js';
import { MessageWriter } from '../../../src/netlink/writer.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('the structs have the sizes of linux/if_link.h', () => {
  expect(linkStats.size).toBe(24 * 4);
  expect(linkStats64.size).toBe(25 * 8);
});

test('a veth request holds its peer as a link message inside IFLA_INFO_DATA', () => {
  const writer = new MessageWriter();
  linkMessage.build(
    writer,
    RTM_NEWLINK,
    NLM_F_REQUEST,
    7,
    0,
    {},
    {
      ifname: 'a',
      linkinfo: { kind: 'veth', data: Deferred.of(vethData, { peer: { header: { index: 9 }, attributes: { ifname: 'b' } } }) },
    },
  );
  const bytes = writer.take();
  // As `ip link add a type veth peer name b index 9` sends it, but for the zeros that iproute2 leaves behind names.
  expect(hex(bytes.slice(32))).toBe(
    '0600030061000000' + // IFLA_IFNAME "a"
      '3000120009000100766574680000000020000200' + // IFLA_LINKINFO { "veth", IFLA_INFO_DATA
      '1c00010000000000090000000000000000000000' + // { VETH_INFO_PEER: ifinfomsg, index 9
      '0600030062000000', // IFLA_IFNAME "b" } }
  );
  const { attributes } = linkMessage.parse(parseMessages(bytes)[0]!);
  expect(attributes.ifname).toBe('a');
  const { peer } = attributes.linkinfo!.data!.parse(vethData);
  expect(peer!.header.index).toBe(9);
  expect(peer!.attributes).toEqual({ ifname: 'b' });
});

test('a multipath route keeps its legs', () => {
  const writer = new MessageWriter();
  const multipath = [
    { flags: 0, hops: 0, ifindex: 2, attributes: { gateway: Uint8Array.of(10, 0, 0, 1) } },
    { flags: 4, hops: 9, ifindex: 3, attributes: {} },
  ];
  routeMessage.build(writer, RTM_NEWROUTE, NLM_F_REQUEST, 1, 0, { family: AF_INET }, { multipath, metrics: { mtu: 1400 } });
  expect(routeMessage.parse(parseMessages(writer.take())[0]!).attributes).toEqual({ multipath, metrics: { mtu: 1400 } });
});

test('a message shorter than its fixed header is refused as Linux does', () => {
  const writer = new MessageWriter();
  writer.begin(RTM_NEWLINK, NLM_F_REQUEST, 1, 0);
  writer.zeros(8);
  writer.end();
  expect(() => linkMessage.parse(parseMessages(writer.take())[0]!)).toThrow(new NetError(EINVAL, 'Invalid header length'));
});

test('the offset of an attribute counts from its nlmsghdr', () => {
  const writer = new MessageWriter();
  linkMessage.build(writer, RTM_NEWLINK, NLM_F_REQUEST, 1, 0, {}, { ifname: 'abc', mtu: 1500 });
  expect(linkMessage.offsetOf(parseMessages(writer.take())[0]!, 'mtu')).toBe(16 + 16 + 8);
});

test('lists of the generic netlink controller are numbered', () => {
  const writer = new MessageWriter();
  ctrlMessage.build(
    writer,
    16,
    0,
    1,
    0,
    { command: 1, version: 2 },
    {
      familyId: 20,
      ops: [
        { id: 1, flags: 2 },
        { id: 2, flags: 4 },
      ],
    },
  );
  const bytes = writer.take();
  expect(hex(bytes)).toContain('14000180');
  expect(hex(bytes)).toContain('14000280');
  expect(ctrlMessage.parse(parseMessages(bytes)[0]!).attributes.ops).toHaveLength(2);
});

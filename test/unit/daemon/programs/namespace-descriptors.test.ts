import { translateDescriptors } from '../../../../src/daemon/programs/namespace-descriptors.js';
import { NETLINK_ROUTE, NLM_F_REQUEST } from '../../../../src/netlink/constants.js';
import { MessageWriter } from '../../../../src/netlink/writer.js';
import { linkMessage } from '../../../../src/netlink/rtnl/link/link.js';
import { RTM_NEWLINK } from '../../../../src/netlink/rtnl/constants.js';
import { parseMessages } from '../../../../src/netlink/message.js';

const idOf = (fd: number) => (fd === 5 ? 42 : undefined);

function translated(netNsFd: number): number | undefined {
  const writer = new MessageWriter();
  writer.reset();
  linkMessage.build(writer, RTM_NEWLINK, NLM_F_REQUEST, 1, 0, {}, { ifname: 'x', netNsFd });
  const datagram = writer.take();
  translateDescriptors(NETLINK_ROUTE, datagram, idOf);
  return linkMessage.parse(parseMessages(datagram)[0]!).attributes.netNsFd;
}

describe("descriptors of namespaces in a program's messages", () => {
  test('become the ids that the servers know', () => {
    expect(translated(5)).toBe(42);
  });

  test('that stand for nothing become no id', () => {
    expect((translated(6) ?? 0) >>> 0).toBe(0xffff_ffff);
  });

  test('are left alone in messages that are cut off', () => {
    const bytes = Uint8Array.of(200, 0, 0, 0, 16, 0, 1, 0);
    expect(() => translateDescriptors(NETLINK_ROUTE, bytes, idOf)).not.toThrow();
  });
});

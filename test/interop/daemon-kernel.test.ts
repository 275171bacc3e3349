import { execFileSync } from 'node:child_process';
import { EINTR, ENOENT } from '../../src/base/errno.js';
import { kernelTransport } from '../../src/client/kernel.js';
import { openPackageSocket } from '../../src/client/kernel-fallback.js';
import type { NetlinkConnection } from '../../src/client/transport.js';
import { NETLINK_EXT_ACK, NETLINK_ROUTE, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_DONE } from '../../src/netlink/constants.js';
import { parseMessages } from '../../src/netlink/message.js';
import { MessageWriter } from '../../src/netlink/writer.js';
import { asRoot } from './daemon-support.js';

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFINFOMSG = 16;

/** How many links the kernel lists. */
async function countLinks(connection: NetlinkConnection): Promise<number> {
  await connection.setOption(NETLINK_EXT_ACK, 1);
  await connection.setReceiveBuffer(1 << 20);
  const writer = new MessageWriter();
  writer.begin(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 5, 0);
  writer.zeros(IFINFOMSG);
  writer.end();
  await connection.send(writer.take());
  for (let links = 0; ; ) {
    for (const message of parseMessages(await connection.receive())) {
      expect(message.portId).toBe(connection.portId);
      if (message.type === NLMSG_DONE) return links;
      if (message.type === RTM_NEWLINK) links++;
    }
  }
}

const realCount = (...words: readonly string[]) =>
  execFileSync('/usr/sbin/ip', [...words, '-o', 'link'], { encoding: 'utf8' })
    .trim()
    .split('\n').length;

test('by koffi: a dump of the real kernel, and a wait that is aborted', async () => {
  const connection = await (await kernelTransport()).open(NETLINK_ROUTE);
  expect(await countLinks(connection)).toBe(realCount());
  const abort = new AbortController();
  const waiting = connection.receive(abort.signal);
  setTimeout(() => abort.abort(), 20);
  await expect(waiting).rejects.toMatchObject({ errno: EINTR });
  connection.close();
});

test('by the netlink package: the same dump', async () => {
  const connection = await openPackageSocket(NETLINK_ROUTE);
  expect(await countLinks(connection)).toBe(realCount());
  connection.close();
});

asRoot('a namespace by name is that namespace, and this process stays where it is', async () => {
  const name = `hTK${process.pid}`;
  execFileSync('/usr/sbin/ip', ['netns', 'add', name]);
  try {
    const transport = await kernelTransport();
    const inside = await transport.open(NETLINK_ROUTE, { namespace: name });
    const outside = await transport.open(NETLINK_ROUTE);
    expect(await countLinks(inside)).toBe(realCount('-n', name));
    expect(await countLinks(outside)).toBe(realCount());
    inside.close();
    outside.close();
  } finally {
    execFileSync('/usr/sbin/ip', ['netns', 'del', name]);
  }
});

test('an unknown namespace is ENOENT, and so is a path instead of a name', async () => {
  const transport = await kernelTransport();
  for (const namespace of ['no-such-namespace', '../../proc/self/ns/net', ''])
    await expect(transport.open(NETLINK_ROUTE, { namespace })).rejects.toMatchObject({ errno: ENOENT });
});

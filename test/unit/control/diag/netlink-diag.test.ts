import { createInstance } from '../../../../src/library/index.js';
import { AF_NETLINK, NETLINK_GENERIC, NETLINK_NETFILTER, NETLINK_ROUTE, NETLINK_SOCK_DIAG } from '../../../../src/netlink/constants.js';
import {
  NDIAG_PROTO_ALL,
  NDIAG_SHOW_GROUPS,
  NDIAG_SHOW_MEMINFO,
  netlinkDiagMessage,
  netlinkDiagRequest,
} from '../../../../src/netlink/diag/netlink.js';
import { SOCK_DIAG_BY_FAMILY } from '../../../../src/netlink/diag/sock-diag.js';
import { NetlinkClient } from '../../../../src/client/netlink-client.js';
import { openDiag } from './diag-fixture.js';

test("the kernel's ends of netlink are listed, and clients' with their groups and what they wait for", async () => {
  const instance = await createInstance();
  const monitor = await NetlinkClient.open(instance.transport());
  await monitor.subscribe([1, 5, 33]);
  const diag = await openDiag(instance.transport());
  const listed = [];
  const header = { family: AF_NETLINK, protocol: NDIAG_PROTO_ALL, show: NDIAG_SHOW_GROUPS | NDIAG_SHOW_MEMINFO };
  for await (const message of diag.dump(netlinkDiagRequest, { type: SOCK_DIAG_BY_FAMILY, header })) {
    const { header: socket, attributes } = netlinkDiagMessage.parse(message);
    listed.push({ protocol: socket.protocol, portId: socket.portId, memory: attributes.meminfo?.rmemAlloc, groups: attributes.groups });
  }
  expect(listed).toEqual([
    { protocol: NETLINK_ROUTE, portId: 0, memory: 0, groups: undefined },
    { protocol: NETLINK_ROUTE, portId: monitor.portId, memory: 0, groups: Uint8Array.of(0x11, 0, 0, 0, 1, 0, 0, 0) },
    // What is asked and what is answered just now is charged to both ends.
    { protocol: NETLINK_SOCK_DIAG, portId: 0, memory: 768, groups: undefined },
    { protocol: NETLINK_SOCK_DIAG, portId: diag.portId, memory: 4352, groups: undefined },
    // Of SELinux, FIB lookups, the connector and uevents, which nobody here speaks; netfilter's comes with its module.
    ...[7, 10, 11, 15].map((protocol) => ({ protocol, portId: 0, memory: 0, groups: undefined })),
    { protocol: NETLINK_GENERIC, portId: 0, memory: 0, groups: undefined },
  ]);
  monitor.close();
  const netfilter = await NetlinkClient.open(instance.transport(), { protocol: NETLINK_NETFILTER });
  const again = new Set<number>();
  for await (const message of diag.dump(netlinkDiagRequest, { type: SOCK_DIAG_BY_FAMILY, header }))
    again.add(netlinkDiagMessage.parse(message).header.protocol);
  expect(again).toContain(NETLINK_NETFILTER);
  netfilter.close();
  diag.close();
  instance.close();
});

import fc from 'fast-check';
import { controller } from '../../../src/control/genl/controller.js';
import { genericNetlink } from '../../../src/control/genl/generic-netlink.js';
import { sysctlGroups } from '../../../src/control/sysctl/registry.js';
import { SysctlTree } from '../../../src/control/sysctl/sysctl.js';
import { tapstackFamily } from '../../../src/control/tapstack/family.js';
import { netnsCommands } from '../../../src/control/tapstack/netns.js';
import { sysctlCommands } from '../../../src/control/tapstack/sysctl.js';
import { NETLINK_GENERIC, NETLINK_GET_STRICT_CHK, NETLINK_ROUTE, NLM_F_REQUEST } from '../../../src/netlink/constants.js';
import { build, drain, root } from './netlink-fixture.js';
import { rtnlServer } from './rtnl-fixture.js';

const attribute = fc.record({ type: fc.integer({ min: 0, max: 65 }), nested: fc.boolean(), payload: fc.uint8Array({ maxLength: 40 }) });
const request = fc.record({
  type: fc.integer({ min: 16, max: 124 }),
  flags: fc.integer({ min: 0, max: 0xfff }),
  family: fc.constantFrom(0, 2, 7, 10),
  header: fc.uint8Array({ maxLength: 20 }),
  attributes: fc.array(attribute, { maxLength: 6 }),
  strict: fc.boolean(),
});

const datagramOf = ({ type, flags, family, header, attributes }: typeof request extends fc.Arbitrary<infer T> ? T : never) =>
  build((writer) => {
    writer.begin(type, flags | NLM_F_REQUEST, 1, 0);
    writer.u8(family);
    writer.raw(header);
    writer.pad();
    for (const { type: kind, nested, payload } of attributes) {
      const mark = nested ? writer.beginNest(kind) : writer.beginAttribute(kind);
      writer.raw(payload);
      writer.endAttribute(mark);
    }
    writer.end();
  });

test('rtnetlink answers any request, however it is made up', () => {
  const { server, settle } = rtnlServer();
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 10 }), (requests) => {
      const socket = server.open({ protocol: NETLINK_ROUTE, credentials: root });
      for (const made of requests) {
        socket.setOption(NETLINK_GET_STRICT_CHK, made.strict ? 1 : 0);
        socket.send(datagramOf(made));
        settle();
        drain(socket);
      }
      socket.close();
    }),
    { numRuns: 300 },
  );
});

test('generic netlink does too', () => {
  const { server } = rtnlServer();
  server.register(genericNetlink(server, [controller, tapstackFamily([netnsCommands, sysctlCommands(new SysctlTree(sysctlGroups))])]));
  const socket = server.open({ protocol: NETLINK_GENERIC, credentials: root });
  fc.assert(
    fc.property(request, fc.integer({ min: 15, max: 20 }), (made, type) => {
      socket.send(datagramOf({ ...made, type, header: made.header.slice(0, 3) }));
      drain(socket);
    }),
    { numRuns: 300 },
  );
});

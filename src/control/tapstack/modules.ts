import { EBUSY, ENOENT } from '../../base/errno.js';
import { findModule, loadModule, usersOf } from '../../base/kernel-modules.js';
import { fail } from '../../base/net-error.js';
import { NLM_F_MULTI } from '../../netlink/constants.js';
import { Command, TAPSTACK_VERSION, tapstackMessage } from '../../netlink/genl/tapstack.js';
import type { TapstackCommands } from './family.js';

/** MODULE_*: what init_module(2), delete_module(2) and /proc/modules are on a host. The stack has all it has; what is loaded shows. */
export const moduleCommands: TapstackCommands = () => [
  {
    command: Command.MODULE_LOAD,
    admin: true,
    handle(request) {
      const { name = '' } = tapstackMessage.parse(request.message).attributes;
      const module = findModule(name) ?? fail(ENOENT);
      loadModule(module.name, request.namespace.stack.modules);
    },
  },
  {
    command: Command.MODULE_UNLOAD,
    admin: true,
    handle(request) {
      const { name = '' } = tapstackMessage.parse(request.message).attributes;
      const { stack } = request.namespace;
      if (!stack.modules.has(name)) fail(ENOENT);
      if (usersOf(name, stack.modules).length > 0) fail(EBUSY);
      // A scheduler with services, or IPVS with any, is at work.
      for (const { ipvs } of stack.namespaces.values())
        for (const service of ipvs.services.all()) if (name === 'ip_vs' || name === `ip_vs_${service.scheduler?.name}`) fail(EBUSY);
      stack.modules.delete(name);
    },
  },
  {
    command: Command.MODULE_LIST,
    dump: (request) => ({
      *messages(writer) {
        const header = { command: Command.MODULE_LIST, version: TAPSTACK_VERSION };
        for (const name of [...request.namespace.stack.modules]) {
          tapstackMessage.build(writer, request.type, NLM_F_MULTI, request.message.sequence, request.socket.portId, header, { name });
          yield;
        }
      },
    }),
  },
];

import { EBUSY, ENOENT } from '../../base/errno.js';
import { findModule, loadModule, usersOf } from '../../base/kernel-modules.js';
import type { Stack } from '../../net/core/stack.js';
import { fail } from '../../base/net-error.js';
import { NLM_F_MULTI } from '../../netlink/constants.js';
import { Command, TAPSTACK_VERSION, tapstackMessage } from '../../netlink/genl/tapstack.js';
import type { TapstackCommands } from './family.js';

/** "ports=21,2121 other=1": by name; one without a value is empty. */
const parametersOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => {
        const at = word.indexOf('=');
        return at < 0 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
      }),
  );

/**
 * How often a module is in use: by modules that need it, and by what they do. IPVS counts each of its parts that is registered, each
 * service and sync daemon; a scheduler its services.
 */
function referencesOf(stack: Stack, name: string): number {
  const { modules } = stack;
  const all = [...stack.namespaces.values()].map(({ ipvs }) => ipvs);
  const services = all.flatMap((ipvs) => [...ipvs.services.all()]);
  let count = usersOf(name, modules).length;
  if (name === 'ip_vs') {
    for (const part of modules) if (part.startsWith('ip_vs_')) count += part === 'ip_vs_ftp' ? all.length : 1;
    count += services.length + all.reduce((sum, { sync }) => sum + sync.configs().length, 0);
  } else for (const { scheduler, engine } of services) if (name === `ip_vs_${scheduler?.name}` || name === `ip_vs_pe_${engine}`) count++;
  return count;
}

/** MODULE_*: what init_module(2), delete_module(2) and /proc/modules are on a host. The stack has all it has; what is loaded shows. */
export const moduleCommands: TapstackCommands = () => [
  {
    command: Command.MODULE_LOAD,
    admin: true,
    handle(request) {
      const { name = '', text = '' } = tapstackMessage.parse(request.message).attributes;
      const module = findModule(name) ?? fail(ENOENT);
      const { modules, moduleParameters } = request.namespace.stack;
      if (text !== '') moduleParameters.set(module.name, parametersOf(text));
      loadModule(module.name, modules);
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
      stack.moduleParameters.delete(name);
    },
  },
  {
    command: Command.MODULE_LIST,
    dump: (request) => ({
      *messages(writer) {
        const header = { command: Command.MODULE_LIST, version: TAPSTACK_VERSION };
        const { stack } = request.namespace;
        for (const name of [...stack.modules]) {
          const values = { name, references: referencesOf(stack, name) };
          tapstackMessage.build(writer, request.type, NLM_F_MULTI, request.message.sequence, request.socket.portId, header, values);
          yield;
        }
      },
    }),
  },
];

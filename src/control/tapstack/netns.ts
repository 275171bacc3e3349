import { EINVAL, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { NLM_F_MULTI } from '../../netlink/constants.js';
import { Command, TAPSTACK_VERSION, type TapstackAttributes, tapstackMessage } from '../../netlink/genl/tapstack.js';
import type { GenlCommand } from '../genl/generic-netlink.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import type { NetlinkRequest } from '../netlink-request.js';

const header = { command: Command.NETNS_GET, version: TAPSTACK_VERSION };

/** Namespaces by name: what the files in /run/netns are on a host. */
export function netnsCommands(server: NetlinkServer): readonly GenlCommand[] {
  const { names } = server;

  const describe = (request: NetlinkRequest, namespace: Namespace, name = names.nameOf(namespace)): TapstackAttributes => ({
    name,
    id: namespace.id,
    inode: namespace.inode,
    current: namespace === request.namespace,
    nsid: request.namespace.nsids.get(namespace),
  });

  return [
    {
      command: Command.NETNS_NEW,
      admin: true,
      handle(request) {
        const { name, id } = tapstackMessage.parse(request.message).attributes;
        if (name === undefined || name === '' || name === '.' || name === '..' || name.includes('/')) fail(EINVAL);
        let namespace: Namespace;
        if (id === undefined) namespace = names.create(name, request.namespace);
        else {
          // One that is there gets a name, or one more.
          namespace = names.resolve(id) ?? fail(ENOENT);
          names.attach(name, namespace);
        }
        request.answer(tapstackMessage, { ...header, command: Command.NETNS_NEW }, describe(request, namespace));
      },
    },
    {
      command: Command.NETNS_DEL,
      admin: true,
      handle(request) {
        const { name } = tapstackMessage.parse(request.message).attributes;
        names.remove(name ?? fail(EINVAL));
      },
    },
    {
      command: Command.NETNS_GET,
      handle(request) {
        const { name, id } = tapstackMessage.parse(request.message).attributes;
        const namespace = name !== undefined ? names.resolve(name) : id !== undefined ? names.resolve(id) : request.namespace;
        request.answer(tapstackMessage, header, describe(request, namespace ?? fail(ENOENT)));
      },
      dump: (request) => ({
        *messages(writer) {
          const { sequence } = request.message;
          // The newest first: the order in which a directory of /run shows its files.
          for (const [name, namespace] of [...names.entries()].reverse()) {
            const { portId } = request.socket;
            tapstackMessage.build(writer, request.type, NLM_F_MULTI, sequence, portId, header, describe(request, namespace, name));
            yield;
          }
        },
      }),
    },
  ];
}

import { EACCES, EINVAL } from '../../base/errno.js';
import { fail, NetError } from '../../base/net-error.js';
import { NLM_F_MULTI } from '../../netlink/constants.js';
import { Command, TAPSTACK_VERSION, type TapstackAttributes, tapstackMessage } from '../../netlink/genl/tapstack.js';
import { type Sysctl, type SysctlTree, sysctlKey, sysctlPath } from '../sysctl/sysctl.js';
import type { TapstackCommands } from './family.js';

const header = { command: Command.SYSCTL_GET, version: TAPSTACK_VERSION };

const describe = (sysctl: Sysctl): TapstackAttributes => ({
  key: sysctlKey(sysctl.path),
  value: sysctl.read(),
  writable: sysctl.write !== undefined,
});

/** As describe(); a file that cannot be read, or not now (a secret that was not set), is listed without its value. */
function listed(sysctl: Sysctl): TapstackAttributes {
  if (sysctl.writeOnly === true) return { key: sysctlKey(sysctl.path), writable: true };
  try {
    return describe(sysctl);
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    return { key: sysctlKey(sysctl.path), writable: sysctl.write !== undefined };
  }
}

/** SYSCTL_GET and SYSCTL_SET: /proc/sys/net of the socket's namespace. Keys are written as sysctl(8) takes them. */
export const sysctlCommands =
  (tree: SysctlTree): TapstackCommands =>
  () => [
    {
      command: Command.SYSCTL_GET,
      handle(request) {
        const { key } = tapstackMessage.parse(request.message).attributes;
        const sysctl = tree.find(request.namespace, sysctlPath(key ?? fail(EINVAL)));
        if (sysctl.writeOnly === true) fail(EACCES);
        request.answer(tapstackMessage, header, describe(sysctl));
      },
      dump: (request) => ({
        *messages(writer) {
          const { prefix = '' } = tapstackMessage.parse(request.message).attributes;
          const { sequence } = request.message;
          for (const sysctl of tree.list(request.namespace, sysctlPath(prefix).replace(/\/+$/, ''))) {
            tapstackMessage.build(writer, request.type, NLM_F_MULTI, sequence, request.socket.portId, header, listed(sysctl));
            yield;
          }
        },
      }),
    },
    {
      command: Command.SYSCTL_SET,
      admin: true,
      handle(request) {
        const { key, value } = tapstackMessage.parse(request.message).attributes;
        if (key === undefined || value === undefined) fail(EINVAL);
        tree.write(request.namespace, sysctlPath(key), value);
      },
    },
  ];

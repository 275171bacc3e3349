import { ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Command, TAPSTACK_VERSION, tapstackMessage } from '../../netlink/genl/tapstack.js';
import type { ProcNetFile } from '../procnet/procnet.js';
import type { TapstackCommands } from './family.js';

/** PROCNET_GET: /proc/net of the socket's namespace. */
export const procNetCommands =
  (files: readonly ProcNetFile[]): TapstackCommands =>
  () => [
    {
      command: Command.PROCNET_GET,
      handle(request) {
        const { path } = tapstackMessage.parse(request.message).attributes;
        const file = files.find((other) => other.path === path) ?? fail(ENOENT);
        const header = { command: Command.PROCNET_GET, version: TAPSTACK_VERSION };
        request.answer(tapstackMessage, header, { path: file.path, text: file.read(request.namespace) });
      },
    },
  ];

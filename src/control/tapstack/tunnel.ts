import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Command, TAPSTACK_VERSION, tapstackMessage } from '../../netlink/genl/tapstack.js';
import { tunnelIoctl } from '../tunnel-ioctl/registry.js';
import type { TapstackCommands } from './family.js';

/** TUNNEL: what the ioctls of linux/if_tunnel.h are on a host. */
export const tunnelCommands: TapstackCommands = () => [
  {
    command: Command.TUNNEL,
    handle(request) {
      const { name = '', type, data = new Uint8Array(0) } = tapstackMessage.parse(request.message).attributes;
      const answer = tunnelIoctl(request.namespace, name, type ?? fail(EINVAL), () => data, request.credentials.netAdmin);
      request.answer(tapstackMessage, { command: Command.TUNNEL, version: TAPSTACK_VERSION }, { data: answer ?? data });
    },
  },
];

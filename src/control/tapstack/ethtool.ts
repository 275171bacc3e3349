import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Command, TAPSTACK_VERSION, tapstackMessage } from '../../netlink/genl/tapstack.js';
import { ethtoolIoctl } from '../ethtool-ioctl/registry.js';
import type { TapstackCommands } from './family.js';

/** ETHTOOL: what ioctl(SIOCETHTOOL) is on a host. */
export const ethtoolCommands: TapstackCommands = () => [
  {
    command: Command.ETHTOOL,
    handle(request) {
      const { name = '', data } = tapstackMessage.parse(request.message).attributes;
      const answer = ethtoolIoctl(request.namespace, name, data ?? fail(EINVAL), request.credentials.netAdmin);
      request.answer(tapstackMessage, { command: Command.ETHTOOL, version: TAPSTACK_VERSION }, { data: answer });
    },
  },
];

import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { addProgramDevice, deleteProgramDevice, isProgramDevice } from '../../drivers/tun.js';
import { NLM_F_MULTI } from '../../netlink/constants.js';
import { Command, TAPSTACK_VERSION, tapstackMessage } from '../../netlink/genl/tapstack.js';
import { dumpOrder } from '../rtnl/link/get.js';
import type { TapstackCommands } from './family.js';

/** TUNTAP_*: what ioctls on /dev/net/tun and files below /sys/class/net are on a host. */
export const tuntapCommands: TapstackCommands = () => [
  {
    command: Command.TUNTAP_NEW,
    admin: true,
    handle(request) {
      const { name = '', tunFlags, user, group } = tapstackMessage.parse(request.message).attributes;
      addProgramDevice(request.namespace, name, { flags: tunFlags ?? fail(EINVAL), user, group });
    },
  },
  {
    command: Command.TUNTAP_DEL,
    admin: true,
    handle(request) {
      const { name = '', tunFlags } = tapstackMessage.parse(request.message).attributes;
      deleteProgramDevice(request.namespace, name, tunFlags ?? fail(EINVAL));
    },
  },
  {
    command: Command.TUNTAP_GET,
    dump: (request) => ({
      *messages(writer) {
        for (const device of dumpOrder(request.namespace)) {
          if (!isProgramDevice(device)) continue;
          const { flags, user, group } = device.settings;
          const header = { command: Command.TUNTAP_GET, version: TAPSTACK_VERSION };
          const { sequence } = request.message;
          tapstackMessage.build(writer, request.type, NLM_F_MULTI, sequence, request.socket.portId, header, {
            name: device.name,
            tunFlags: flags,
            user,
            group,
          });
          yield;
        }
      },
    }),
  },
];

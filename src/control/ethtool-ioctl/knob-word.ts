import { EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Value } from '../../netlink/genl/ethtool/ioctl.js';
import type { NetDevice } from '../../net/core/device.js';
import { tellSet } from './notify.js';
import type { IoctlCommand } from './request.js';

interface WordKnob {
  get(device: NetDevice): number;
  set?(device: NetDevice, value: number): void;
}

/** The two commands of a setting that is one word (struct ethtool_value), and what is told when it is set. EOPNOTSUPP: a device that has it not. */
export const wordCommands = (
  get: number,
  set: number,
  notification: number,
  knobOf: (device: NetDevice) => WordKnob | undefined,
): readonly IoctlCommand[] => [
  {
    command: get,
    reads: true,
    size: Value.size,
    handle: (request) => request.setU32(Value.value, knobOf(request.device)?.get(request.device) ?? fail(EOPNOTSUPP)),
  },
  {
    command: set,
    size: Value.size,
    handle(request) {
      const knob = knobOf(request.device);
      if (knob?.set === undefined) fail(EOPNOTSUPP);
      knob.set(request.device, request.u32(Value.value));
      tellSet(request.device, notification);
    },
  },
];

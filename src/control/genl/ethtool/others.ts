import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { bitsOf, wordBits } from '../../../netlink/genl/ethtool/bitset.js';
import { Answer, Request } from '../../../netlink/genl/ethtool/constants.js';
import {
  cableTestMessage,
  cableTestTdrMessage,
  eeeMessage,
  type EthtoolMessage,
  type EthtoolShape,
  fecMessage,
  moduleMessage,
  phcVclocksMessage,
  privflagsMessage,
  pseMessage,
  tsinfoMessage,
  tunnelInfoMessage,
} from '../../../netlink/genl/ethtool/messages.js';
import { timestampingNames } from '../../../netlink/genl/ethtool/strings.js';
import type { NetDevice } from '../../../net/core/device.js';
import type { GenlCommand } from '../generic-netlink.js';
import { updateBits, writeBits } from './bits.js';
import { deviceOf, type EthtoolObject, readRequest, unsupported } from './object.js';

export const privflags: EthtoolObject<typeof privflagsMessage.attributes.shape> = {
  schema: privflagsMessage,
  get: Request.PRIVFLAGS_GET,
  reply: Answer.PRIVFLAGS_GET_REPLY,
  describe(device, flags) {
    const knob = device.ethtool.privateFlags ?? unsupported();
    const all = bitsOf(knob.names.length, knob.names.keys());
    return { flags: writeBits(flags, knob.names.length, wordBits(knob.get(device)), all, knob.names) };
  },
  set: {
    command: Request.PRIVFLAGS_SET,
    notification: Answer.PRIVFLAGS_NTF,
    apply(device, { attributes, offsetOf }) {
      const knob = device.ethtool.privateFlags;
      if (knob?.set === undefined) return unsupported();
      const wire = attributes.flags ?? fail(EINVAL);
      const before = knob.get(device);
      const after = updateBits(wordBits(before), wire, knob.names.length, knob.names, offsetOf('flags'))[0] ?? 0;
      if (after === before >>> 0) return false;
      knob.set(device, after);
      return true;
    },
  },
};

// SOF_TIMESTAMPING_*
const TX_SOFTWARE = 1 << 1;
const RX_SOFTWARE = 1 << 3;
const SOFTWARE = 1 << 4;

/** The stamps that a device gives; there are no hardware clocks. Linux: __ethtool_get_ts_info() */
export const stampsOf = (device: NetDevice) => RX_SOFTWARE | SOFTWARE | (device.ethtool.stampsSent === true ? TX_SOFTWARE : 0);

export const tsinfo: EthtoolObject<typeof tsinfoMessage.attributes.shape> = {
  schema: tsinfoMessage,
  get: Request.TSINFO_GET,
  reply: Answer.TSINFO_GET_REPLY,
  describe: (device, flags) => ({
    timestamping: writeBits(flags, timestampingNames.length, wordBits(stampsOf(device)), null, timestampingNames),
  }),
};

/** What needs a PHY, a plug-in module or offloaded tunnels, which no device here has: told of, and refused, as Linux does. */
const refusing = <S extends EthtoolShape>(
  schema: EthtoolMessage<S>,
  get: number,
  reply: number,
  text?: string,
  set?: { readonly command: number; readonly key?: keyof S & string; readonly text?: string },
): EthtoolObject<S> => ({
  schema,
  get,
  reply,
  describe: () => unsupported(text),
  ...(set === undefined
    ? {}
    : {
        set: {
          command: set.command,
          apply: (_device, { offsetOf }) => unsupported(set.text, set.key === undefined ? undefined : offsetOf(set.key)),
        },
      }),
});

export const eee = refusing(eeeMessage, Request.EEE_GET, Answer.EEE_GET_REPLY, undefined, { command: Request.EEE_SET });
export const fec = refusing(fecMessage, Request.FEC_GET, Answer.FEC_GET_REPLY, undefined, { command: Request.FEC_SET });
export const tunnelInfo = refusing(
  tunnelInfoMessage,
  Request.TUNNEL_INFO_GET,
  Answer.TUNNEL_INFO_GET_REPLY,
  'device does not report tunnel offload info',
);
export const pse = refusing(pseMessage, Request.PSE_GET, Answer.PSE_GET_REPLY, 'No PHY is attached', {
  command: Request.PSE_SET,
  text: 'No PHY is attached',
});

export const moduleObject: EthtoolObject<typeof moduleMessage.attributes.shape> = {
  schema: moduleMessage,
  get: Request.MODULE_GET,
  reply: Answer.MODULE_GET_REPLY,
  // Linux: module_get_power_mode(): a device without a module says nothing, and that is no error.
  describe: () => ({}),
  set: {
    command: Request.MODULE_SET,
    notification: Answer.MODULE_NTF,
    apply(_device, { attributes, offsetOf }) {
      if (attributes.powerModePolicy === undefined) return false;
      return unsupported('Setting power mode policy is not supported by this device', offsetOf('powerModePolicy'));
    },
  },
};

export const phcVclocks: EthtoolObject<typeof phcVclocksMessage.attributes.shape> = {
  schema: phcVclocksMessage,
  get: Request.PHC_VCLOCKS_GET,
  reply: Answer.PHC_VCLOCKS_GET_REPLY,
  describe: () => ({ count: 0 }),
};

/** The cable tests need a PHY as well. */
const cableTest = <S extends EthtoolShape>(schema: EthtoolMessage<S>, command: number): GenlCommand => ({
  command,
  admin: true,
  handle(request) {
    const read = readRequest(request, schema);
    if (deviceOf(read) === null) fail(EINVAL, 'neither ifindex nor name specified', read.offsetOf('header'));
    unsupported();
  },
});
export const cableTests: readonly GenlCommand[] = [
  cableTest(cableTestMessage, Request.CABLE_TEST_ACT),
  cableTest(cableTestTdrMessage, Request.CABLE_TEST_TDR_ACT),
];

import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { Answer, ETHTOOL_FLAG_STATS, Request } from '../../../netlink/genl/ethtool/constants.js';
import { channelsMessage, coalesceMessage, pauseMessage, ringsMessage } from '../../../netlink/genl/ethtool/messages.js';
import type { ChannelCounts, CoalesceKey, CoalesceValues, RingParameters } from '../../../net/core/ethtool-ops.js';
import { checkedChannels } from '../../../net/ethtool/channels.js';
import { type EthtoolObject, unsupported } from './object.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const ringKeys = ['rx', 'rxMini', 'rxJumbo', 'tx'] as const;
/** What only newer drivers set, and its name in the refusal. */
const ringExtras = [
  ['rxBufferLength', 'rx buf len'],
  ['cqeSize', 'cqe size'],
  ['txPush', 'tx push'],
] as const;

export const rings: EthtoolObject<typeof ringsMessage.attributes.shape> = {
  schema: ringsMessage,
  get: Request.RINGS_GET,
  reply: Answer.RINGS_GET_REPLY,
  describe(device) {
    const { rxMax, rxMiniMax, rxJumboMax, txMax, rx, rxMini, rxJumbo, tx } = device.ethtool.rings?.get(device) ?? unsupported();
    return {
      ...(rxMax === 0 ? {} : { rxMax, rx }),
      ...(rxMiniMax === 0 ? {} : { rxMiniMax, rxMini }),
      ...(rxJumboMax === 0 ? {} : { rxJumboMax, rxJumbo }),
      ...(txMax === 0 ? {} : { txMax, tx }),
      txPush: 0,
    };
  },
  set: {
    command: Request.RINGS_SET,
    notification: Answer.RINGS_NTF,
    // Linux: ethnl_set_rings()
    apply(device, { attributes, offsetOf }) {
      const knob = device.ethtool.rings;
      if (knob?.set === undefined) return unsupported();
      for (const [key, name] of ringExtras)
        if (attributes[key] !== undefined) return unsupported(`setting ${name} not supported`, offsetOf(key));
      const before = knob.get(device);
      const after: RingParameters = { ...before };
      for (const key of ringKeys) after[key] = attributes[key] ?? before[key];
      if (ringKeys.every((key) => after[key] === before[key])) return false;
      for (const key of ringKeys) if (after[key] > after[`${key}Max`]) fail(EINVAL, 'requested ring size exceeds maximum', offsetOf(key));
      knob.set(device, after);
      return true;
    },
  },
};

const channelKeys = ['rx', 'tx', 'other', 'combined'] as const;

export const channels: EthtoolObject<typeof channelsMessage.attributes.shape> = {
  schema: channelsMessage,
  get: Request.CHANNELS_GET,
  reply: Answer.CHANNELS_GET_REPLY,
  describe(device) {
    const counts = device.ethtool.channels?.get(device) ?? unsupported();
    const described: Record<string, number> = {};
    for (const key of channelKeys) {
      if (counts[`${key}Max`] === 0) continue;
      described[`${key}Max`] = counts[`${key}Max`];
      described[key] = counts[key];
    }
    return described;
  },
  set: {
    command: Request.CHANNELS_SET,
    notification: Answer.CHANNELS_NTF,
    // Linux: ethnl_set_channels()
    apply(device, { attributes, offsetOf }) {
      const knob = device.ethtool.channels;
      if (knob?.set === undefined) return unsupported();
      const before = knob.get(device);
      const after: ChannelCounts = { ...before };
      for (const key of channelKeys) after[key] = attributes[key] ?? before[key];
      if (channelKeys.every((key) => after[key] === before[key])) return false;
      for (const key of channelKeys)
        if (after[key] > after[`${key}Max`]) fail(EINVAL, 'requested channel count exceeds maximum', offsetOf(key));
      const missing = after.combined !== 0 ? null : after.rx === 0 ? 'rx' : after.tx === 0 ? 'tx' : null;
      if (missing !== null) {
        const at = after.combined === before.combined ? missing : 'combined';
        fail(EINVAL, 'requested channel counts would result in no RX or TX channel being configured', offsetOf(at));
      }
      checkedChannels(device, after);
      knob.set(device, after);
      return true;
    },
  },
};

const coalesceKeys = Object.keys(coalesceMessage.attributes.shape).filter((key): key is CoalesceKey => key !== 'header');

export const coalesce: EthtoolObject<typeof coalesceMessage.attributes.shape> = {
  schema: coalesceMessage,
  get: Request.COALESCE_GET,
  reply: Answer.COALESCE_GET_REPLY,
  // Linux: coalesce_fill_reply(): what is neither supported nor set is left out.
  describe(device) {
    const knob = device.ethtool.coalesce ?? unsupported();
    const values = knob.get(device);
    return Object.fromEntries(
      coalesceKeys.filter((key) => (values[key] ?? 0) !== 0 || knob.supported.includes(key)).map((key) => [key, values[key] ?? 0]),
    );
  },
  set: {
    command: Request.COALESCE_SET,
    notification: Answer.COALESCE_NTF,
    // Linux: ethnl_set_coalesce()
    apply(device, { attributes, offsetOf }) {
      const knob = device.ethtool.coalesce;
      if (knob?.set === undefined) return unsupported();
      const asked = coalesceKeys.filter((key) => attributes[key] !== undefined);
      const odd = asked.find((key) => !knob.supported.includes(key));
      if (odd !== undefined) fail(EINVAL, 'cannot modify an unsupported parameter', offsetOf(odd));
      const before = knob.get(device);
      const after: Writable<CoalesceValues> = { ...before };
      for (const key of asked) after[key] = attributes[key]!;
      if (asked.every((key) => after[key] === (before[key] ?? 0))) return false;
      knob.set(device, after);
      return true;
    },
  },
};

export const pause: EthtoolObject<typeof pauseMessage.attributes.shape> = {
  schema: pauseMessage,
  get: Request.PAUSE_GET,
  reply: Answer.PAUSE_GET_REPLY,
  describe(device, flags) {
    const { autoneg, rx, tx } = device.ethtool.pause?.get(device) ?? unsupported();
    const statistics = (flags & ETHTOOL_FLAG_STATS) === 0 ? undefined : device.ethtool.pauseStatistics?.(device);
    return { autoneg: Number(autoneg), rx: Number(rx), tx: Number(tx), ...(statistics === undefined ? {} : { statistics }) };
  },
  set: {
    command: Request.PAUSE_SET,
    notification: Answer.PAUSE_NTF,
    apply(device, { attributes }) {
      const knob = device.ethtool.pause;
      if (knob?.set === undefined) return unsupported();
      const before = knob.get(device);
      const pick = (wish: number | undefined, now: boolean) => (wish === undefined ? now : wish !== 0);
      const after = {
        autoneg: pick(attributes.autoneg, before.autoneg),
        rx: pick(attributes.rx, before.rx),
        tx: pick(attributes.tx, before.tx),
      };
      if (after.autoneg === before.autoneg && after.rx === before.rx && after.tx === before.tx) return false;
      knob.set(device, after);
      return true;
    },
  },
};

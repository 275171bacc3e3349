import { Answer, Request } from '../../netlink/genl/ethtool/constants.js';
import { type CoalesceAttributes, coalesceMessage } from '../../netlink/genl/ethtool/messages.js';
import { onOff, type Parameter, u32 } from './parameters.js';
import { setting, showing, type Shown } from './run.js';
import type { SubCommand } from './subcommand.js';

/** Words of -C in the order of the usage, and the attributes that they are. */
const parameters: readonly (readonly [name: string, key: keyof CoalesceAttributes & string, switched?: boolean])[] = [
  ['adaptive-rx', 'adaptiveRx', true],
  ['adaptive-tx', 'adaptiveTx', true],
  ['rx-usecs', 'rxUsecs'],
  ['rx-frames', 'rxMaxFrames'],
  ['rx-usecs-irq', 'rxUsecsIrq'],
  ['rx-frames-irq', 'rxMaxFramesIrq'],
  ['tx-usecs', 'txUsecs'],
  ['tx-frames', 'txMaxFrames'],
  ['tx-usecs-irq', 'txUsecsIrq'],
  ['tx-frames-irq', 'txMaxFramesIrq'],
  ['stats-block-usecs', 'statsBlockUsecs'],
  ['pkt-rate-low', 'pktRateLow'],
  ['rx-usecs-low', 'rxUsecsLow'],
  ['rx-frames-low', 'rxMaxFramesLow'],
  ['tx-usecs-low', 'txUsecsLow'],
  ['tx-frames-low', 'txMaxFramesLow'],
  ['pkt-rate-high', 'pktRateHigh'],
  ['rx-usecs-high', 'rxUsecsHigh'],
  ['rx-frames-high', 'rxMaxFramesHigh'],
  ['tx-usecs-high', 'txUsecsHigh'],
  ['tx-frames-high', 'txMaxFramesHigh'],
  ['sample-interval', 'rateSampleInterval'],
  ['cqe-mode-rx', 'cqeModeRx', true],
  ['cqe-mode-tx', 'cqeModeTx', true],
];

export const coalesceParameters: readonly Parameter[] = parameters.map(([name, key, switched]) => ({
  name,
  key,
  read: switched === true ? onOff : u32,
}));

const state = (number: number | undefined) => (number === undefined ? 'n/a' : number === 0 ? 'off' : 'on');

/** The lines behind the title; `n/a` for what is not told. */
export function coalesceLines(v: CoalesceAttributes): string {
  const line = (name: string, value: number | undefined) => `${name}: ${value ?? 'n/a'}\n`;
  return [
    `Adaptive RX: ${state(v.adaptiveRx)}  TX: ${state(v.adaptiveTx)}\n`,
    line('stats-block-usecs', v.statsBlockUsecs),
    line('sample-interval', v.rateSampleInterval),
    line('pkt-rate-low', v.pktRateLow),
    line('pkt-rate-high', v.pktRateHigh),
    '\n',
    line('rx-usecs', v.rxUsecs),
    line('rx-frames', v.rxMaxFrames),
    line('rx-usecs-irq', v.rxUsecsIrq),
    line('rx-frames-irq', v.rxMaxFramesIrq),
    '\n',
    line('tx-usecs', v.txUsecs),
    line('tx-frames', v.txMaxFrames),
    line('tx-usecs-irq', v.txUsecsIrq),
    line('tx-frames-irq', v.txMaxFramesIrq),
    '\n',
    line('rx-usecs-low', v.rxUsecsLow),
    line('rx-frame-low', v.rxMaxFramesLow),
    line('tx-usecs-low', v.txUsecsLow),
    line('tx-frame-low', v.txMaxFramesLow),
    '\n',
    line('rx-usecs-high', v.rxUsecsHigh),
    line('rx-frame-high', v.rxMaxFramesHigh),
    line('tx-usecs-high', v.txUsecsHigh),
    line('tx-frame-high', v.txMaxFramesHigh),
    '\n',
  ].join('');
}

export const coalesceShown: Shown<typeof coalesceMessage.attributes.shape> = {
  schema: coalesceMessage,
  get: Request.COALESCE_GET,
  notification: Answer.COALESCE_NTF,
  show(context, { device, values }, silent) {
    context.print(`${silent ? '\n' : ''}Coalesce parameters for ${device}:\n${coalesceLines(values)}`);
    context.print(`CQE mode RX: ${state(values.cqeModeRx)}  TX: ${state(values.cqeModeTx)}\n\n`);
  },
};

export const showCoalesce: SubCommand = {
  options: ['-c', '--show-coalesce'],
  summary: 'Show coalesce options',
  netlink: showing(coalesceShown),
};

export const setCoalesce: SubCommand = {
  options: ['-C', '--coalesce'],
  summary: 'Set coalesce options',
  parameters: parameters.map(([name, , switched]) => `\t\t[${name} ${switched === true ? 'on|off' : 'N'}]\n`).join(''),
  netlink: setting(coalesceMessage, Request.COALESCE_SET, '-C', coalesceParameters, 1),
};

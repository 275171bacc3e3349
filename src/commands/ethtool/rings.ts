import { Answer, Request } from '../../netlink/genl/ethtool/constants.js';
import { ringsMessage } from '../../netlink/genl/ethtool/messages.js';
import { onOff, u32 } from './parameters.js';
import { setting, showing, type Shown } from './run.js';
import type { SubCommand } from './subcommand.js';

const value = (number: number | undefined) => number ?? 'n/a';
const state = (number: number | undefined) => (number === undefined || number === 0 ? 'n/a' : number === 1 ? 'off' : 'on');

export const ringsShown: Shown<typeof ringsMessage.attributes.shape> = {
  schema: ringsMessage,
  get: Request.RINGS_GET,
  notification: Answer.RINGS_NTF,
  show(context, { device, values: v }, silent) {
    context.print(`${silent ? '\n' : ''}Ring parameters for ${device}:
Pre-set maximums:
RX:\t\t${value(v.rxMax)}
RX Mini:\t${value(v.rxMiniMax)}
RX Jumbo:\t${value(v.rxJumboMax)}
TX:\t\t${value(v.txMax)}
Current hardware settings:
RX:\t\t${value(v.rx)}
RX Mini:\t${value(v.rxMini)}
RX Jumbo:\t${value(v.rxJumbo)}
TX:\t\t${value(v.tx)}
RX Buf Len:\t\t${value(v.rxBufferLength)}
CQE Size:\t\t${value(v.cqeSize)}
TX Push:\t${v.txPush === undefined ? 'n/a' : v.txPush === 0 ? 'off' : 'on'}
TCP data split:\t${state(v.tcpDataSplit)}
`);
  },
};

export const showRings: SubCommand = {
  options: ['-g', '--show-ring'],
  summary: 'Query RX/TX ring parameters',
  netlink: showing(ringsShown),
};

export const setRings: SubCommand = {
  options: ['-G', '--set-ring'],
  summary: 'Set RX/TX ring parameters',
  parameters: `\t\t[ rx N ]
\t\t[ rx-mini N ]
\t\t[ rx-jumbo N ]
\t\t[ tx N ]
\t\t[ rx-buf-len N]
             [ cqe-size N]
\t\t[ tx-push on|off]
`,
  netlink: setting(
    ringsMessage,
    Request.RINGS_SET,
    '-G',
    [
      { name: 'rx', key: 'rx', read: u32 },
      { name: 'rx-mini', key: 'rxMini', read: u32 },
      { name: 'rx-jumbo', key: 'rxJumbo', read: u32 },
      { name: 'tx', key: 'tx', read: u32 },
      { name: 'rx-buf-len', key: 'rxBufferLength', read: u32 },
      { name: 'cqe-size', key: 'cqeSize', read: u32 },
      { name: 'tx-push', key: 'txPush', read: onOff },
    ],
    81,
  ),
};

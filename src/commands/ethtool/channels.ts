import { Answer, Request } from '../../netlink/genl/ethtool/constants.js';
import { channelsMessage } from '../../netlink/genl/ethtool/messages.js';
import { u32 } from './parameters.js';
import { setting, showing, type Shown } from './run.js';
import type { SubCommand } from './subcommand.js';

const value = (number: number | undefined) => number ?? 'n/a';

export const channelsShown: Shown<typeof channelsMessage.attributes.shape> = {
  schema: channelsMessage,
  get: Request.CHANNELS_GET,
  notification: Answer.CHANNELS_NTF,
  show(context, { device, values: v }, silent) {
    context.print(`${silent ? '\n' : ''}Channel parameters for ${device}:
Pre-set maximums:
RX:\t\t${value(v.rxMax)}
TX:\t\t${value(v.txMax)}
Other:\t\t${value(v.otherMax)}
Combined:\t${value(v.combinedMax)}
Current hardware settings:
RX:\t\t${value(v.rx)}
TX:\t\t${value(v.tx)}
Other:\t\t${value(v.other)}
Combined:\t${value(v.combined)}
`);
  },
};

export const showChannels: SubCommand = { options: ['-l', '--show-channels'], summary: 'Query Channels', netlink: showing(channelsShown) };

export const setChannels: SubCommand = {
  options: ['-L', '--set-channels'],
  summary: 'Set Channels',
  parameters: `               [ rx N ]
               [ tx N ]
               [ other N ]
               [ combined N ]
`,
  netlink: setting(
    channelsMessage,
    Request.CHANNELS_SET,
    '-L',
    ['rx', 'tx', 'other', 'combined'].map((name) => ({ name, key: name, read: u32 })),
    1,
  ),
};

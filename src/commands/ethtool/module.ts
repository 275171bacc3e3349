import { Answer, Request } from '../../netlink/genl/ethtool/constants.js';
import { moduleMessage } from '../../netlink/genl/ethtool/messages.js';
import { lookup } from './parameters.js';
import { setting, showing, type Shown } from './run.js';
import type { SubCommand } from './subcommand.js';

const policies: Readonly<Record<number, string>> = { 1: 'high', 2: 'auto' };
const modes: Readonly<Record<number, string>> = { 1: 'low', 2: 'high' };

/** Transceiver modules. */
export const moduleShown: Shown<typeof moduleMessage.attributes.shape> = {
  schema: moduleMessage,
  get: Request.MODULE_GET,
  notification: Answer.MODULE_NTF,
  show(context, { device, values: { powerModePolicy, powerMode } }, silent) {
    context.print(`${silent ? '\n' : ''}Module parameters for ${device}:\n`);
    if (powerModePolicy !== undefined) context.print(`power-mode-policy ${policies[powerModePolicy] ?? 'unknown'}\n`);
    if (powerMode !== undefined) context.print(`power-mode ${modes[powerMode] ?? 'unknown'}\n`);
  },
};

export const showModule: SubCommand = {
  options: ['--show-module'],
  summary: 'Show transceiver module settings',
  netlink: showing(moduleShown),
};

export const setModule: SubCommand = {
  options: ['--set-module'],
  summary: 'Set transceiver module settings',
  parameters: '\t\t[ power-mode-policy high|auto ]\n',
  netlink: setting(
    moduleMessage,
    Request.MODULE_SET,
    '--set-module',
    [{ name: 'power-mode-policy', key: 'powerModePolicy', read: lookup({ high: 1, auto: 2 }) }],
    83,
    true,
  ),
};

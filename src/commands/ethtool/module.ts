import { Answer, Request } from '../../netlink/genl/ethtool/constants.js';
import { moduleEepromMessage, moduleMessage } from '../../netlink/genl/ethtool/messages.js';
import { hexLines } from './dumps.js';
import { lookup } from './parameters.js';
import { readPairs } from './ioctl-words.js';
import { orStatus, setting, showing, type Shown } from './run.js';
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

/** -m: the bytes of a module's memory. */
export const moduleEeprom: SubCommand = {
  options: ['-m', '--dump-module-eeprom', '--module-info'],
  summary: 'Query/Decode Module EEPROM information and optical diagnostics if available',
  parameters: `\t\t[ raw on|off ]
\t\t[ hex on|off ]
\t\t[ offset N ]
\t\t[ length N ]
\t\t[ page N ]
\t\t[ bank N ]
\t\t[ i2c N ]
`,
  async netlink(context) {
    const kinds = {
      raw: 'on-off',
      hex: 'on-off',
      offset: 'number',
      length: 'number',
      page: 'number',
      bank: 'number',
      i2c: 'number',
    } as const;
    const words = readPairs(context.words, kinds);
    const offset = Number(words['offset'] ?? 0);
    const attributes = {
      offset,
      length: Number(words['length'] ?? 128),
      page: Number(words['page'] ?? 0),
      bank: Number(words['bank'] ?? 0),
      i2cAddress: Number(words['i2c'] ?? 0x50),
    };
    return orStatus(1, async () => {
      const netlink = await context.netlink();
      for (const { values } of await netlink.get(moduleEepromMessage, Request.MODULE_EEPROM_GET, { attributes })) {
        if (values.data === undefined) continue;
        if (words['raw'] === 1) {
          await context.flush();
          await context.io.stdout.write(values.data);
        } else context.print(hexLines(values.data, offset));
      }
      return 0;
    });
  },
};

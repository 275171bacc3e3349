import { Request } from '../../netlink/genl/ethtool/constants.js';
import { cableTestMessage, cableTestTdrMessage } from '../../netlink/genl/ethtool/messages.js';
import { lookup, readOne, u32 } from './parameters.js';
import { orStatus, noWords } from './run.js';
import type { SubCommand } from './subcommand.js';

/** --cable-test: needs a PHY that can. */
export const cableTest: SubCommand = {
  options: ['--cable-test'],
  summary: 'Perform a cable test',
  async netlink(context) {
    noWords(context);
    return orStatus(1, async () => {
      await (await context.netlink()).set(cableTestMessage, Request.CABLE_TEST_ACT, {});
      context.print(`Cable test started for device ${context.device}.\n`);
      return 0;
    });
  },
};

/** --cable-test-tdr */
export const cableTestTdr: SubCommand = {
  options: ['--cable-test-tdr'],
  summary: 'Print cable test time domain reflectrometery data',
  parameters: '\t\t[ first N ]\n\t\t[ last N ]\n\t\t[ step N ]\n\t\t[ pair N ]\n',
  async netlink(context) {
    const cfg = readOne('--cable-test-tdr', context.words, [
      { name: 'first', key: 'first', read: u32 },
      { name: 'last', key: 'last', read: u32 },
      { name: 'step', key: 'step', read: u32 },
      { name: 'pair', key: 'pair', read: lookup({ '0': 0, '1': 1, '2': 2, '3': 3, a: 0, b: 1, c: 2, d: 3 }) },
    ]);
    return orStatus(1, async () => {
      const attributes = context.words.length === 0 ? {} : { cfg };
      await (await context.netlink()).set(cableTestTdrMessage, Request.CABLE_TEST_TDR_ACT, attributes);
      context.print(`Cable test TDR started for device ${context.device}.\n`);
      return 0;
    });
  },
};

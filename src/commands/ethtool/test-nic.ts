import { NetError } from '../../base/net-error.js';
import { StringSet } from '../../netlink/genl/ethtool/constants.js';
import {
  ETH_TEST_FL_EXTERNAL_LB,
  ETH_TEST_FL_EXTERNAL_LB_DONE,
  ETH_TEST_FL_FAILED,
  ETH_TEST_FL_OFFLINE,
  Ioctl,
  Test,
  Value,
} from '../../netlink/genl/ethtool/ioctl.js';
import { integer, struct, viewOf } from './ioctl-words.js';
import { stringSet } from './string-sets.js';
import { badArguments, type SubCommand } from './subcommand.js';

const kinds: Readonly<Record<string, number>> = {
  online: 0,
  offline: ETH_TEST_FL_OFFLINE,
  external_lb: ETH_TEST_FL_OFFLINE | ETH_TEST_FL_EXTERNAL_LB,
};

/** -t. Linux ethtool: do_test() */
export const testNic: SubCommand = {
  options: ['-t', '--test'],
  summary: 'Execute adapter self test',
  parameters: '               [ online | offline | external_lb ]\n',
  async ioctl(context) {
    const [kind = 'offline', more] = context.words;
    const flags = kinds[kind];
    if (flags === undefined || more !== undefined) return badArguments();
    const names = await stringSet(context, StringSet.TEST);
    if (names instanceof NetError) {
      await context.perror('Cannot get strings', names);
      return 74;
    }
    const request = struct(Test.size + names.length * 8, Ioctl.TEST);
    request.view.setUint32(Test.flags, flags, true);
    request.view.setUint32(Test.count, names.length, true);
    const answer = await context.ioctl(request.bytes);
    if (answer instanceof NetError) {
      await context.perror('Cannot test', answer);
      return 74;
    }
    const view = viewOf(answer);
    const result = view.getUint32(Test.flags, true);
    const failed = (result & ETH_TEST_FL_FAILED) !== 0;
    context.print(`The test result is ${failed ? 'FAIL' : 'PASS'}\n`);
    if ((flags & ETH_TEST_FL_EXTERNAL_LB) !== 0)
      context.print(`External loopback test was ${(result & ETH_TEST_FL_EXTERNAL_LB_DONE) !== 0 ? '' : 'not '}executed\n`);
    if (names.length > 0) context.print('The test extra info:\n');
    for (const [i, name] of names.entries()) context.print(`${name}\t ${view.getBigUint64(Test.data + i * 8, true)}\n`);
    context.print('\n');
    return failed ? 2 : 0;
  },
};

/** -p: the device blinks for so long; without a time until the command is ended. */
export const identify: SubCommand = {
  options: ['-p', '--identify'],
  summary: 'Show visible port identification (e.g. blinking)',
  parameters: '               [ TIME-IN-SECONDS ]\n',
  async ioctl(context) {
    const [word, more] = context.words;
    if (more !== undefined) badArguments();
    const seconds = word === undefined ? 0 : integer(word);
    const request = struct(Value.size, Ioctl.PHYS_ID);
    request.view.setUint32(Value.value, seconds, true);
    const answer = await context.ioctl(request.bytes);
    if (answer instanceof NetError) {
      await context.perror('Cannot identify NIC', answer);
      return 255;
    }
    // A kernel has blinked meanwhile; the stack's devices have lamps only in their counters.
    if ((await context.transport()).target === 'stack')
      await context.io.sleepUs(seconds === 0 ? Number.MAX_SAFE_INTEGER : seconds * 1e6, context.io.signal);
    return 0;
  },
};

/** -r */
export const negotiate: SubCommand = {
  options: ['-r', '--negotiate'],
  summary: 'Restart N-WAY negotiation',
  async ioctl(context) {
    if (context.words.length > 0) badArguments();
    const answer = await context.ioctl(struct(Value.size, Ioctl.NWAY_RST).bytes);
    if (!(answer instanceof NetError)) return 0;
    await context.perror('Cannot restart autonegotiation', answer);
    return 255;
  },
};

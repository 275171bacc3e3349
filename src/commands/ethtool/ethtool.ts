import { NetError } from '../../base/net-error.js';
import type { Command, CommandEnvironment, CommandIo } from '../../client/command.js';
import { CommandFailure } from '../shared/failure.js';
import { EthtoolContext, type EthtoolFlags } from './context.js';
import { integer } from './ioctl-words.js';
import { monitor, monitorTarget } from './monitor.js';
import { findSubCommand, subCommands } from './registry.js';
import { BadArguments, badArguments, type SubCommand } from './subcommand.js';
import { ETHTOOL_VERSION_TEXT, usage } from './usage.js';

/** ALTIFNAMSIZ and IFNAMSIZ: names that netlink and ioctl take are shorter. */
const NETLINK_NAME = 128;
const IOCTL_NAME = 16;

interface Line {
  readonly flags: EthtoolFlags;
  readonly rest: readonly string[];
}

/** The flags in front. */
function readFlags(argv: readonly string[]): Line {
  const flags: EthtoolFlags = { debug: 0, json: false, statistics: false };
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--debug') flags.debug = integer(argv[++at] ?? badArguments());
    else if (word === '--json') flags.json = true;
    else if (word === '-I' || word === '--include-statistics') flags.statistics = true;
    else break;
  }
  return { flags, rest: argv.slice(at) };
}

/** Runs a sub-command by netlink, or by ioctl where it has no other way. Linux ethtool: netlink_run_handler() */
export async function runSubCommand(subCommand: SubCommand, context: EthtoolContext): Promise<number> {
  const { netlink, ioctl, speaksNetlink } = subCommand;
  const byNetlink = netlink !== undefined && (speaksNetlink?.(context.words) ?? true);
  if (byNetlink) {
    if (context.device.length >= NETLINK_NAME) throw new CommandFailure(1, `device name longer than ${NETLINK_NAME - 1} not supported\n`);
    return netlink.call(subCommand, context);
  }
  const reason = 'ethtool netlink support for subcommand missing';
  if (context.device === '*') throw new CommandFailure(1, `${reason}, wildcard dump not supported\n`);
  if (context.device.length >= IOCTL_NAME)
    throw new CommandFailure(1, `${reason}, device name longer than ${IOCTL_NAME - 1} not supported\n`);
  // There is no JSON of what comes by ioctl.
  if (context.flags.json || ioctl === undefined) return badArguments();
  return ioctl.call(subCommand, context);
}

async function run(argv: readonly string[], io: CommandIo, env: CommandEnvironment): Promise<number> {
  const { flags, rest } = readFlags(argv);
  const [option, ...words] = rest;
  if (option === undefined) return badArguments();
  if (option === '--monitor') {
    const { watched, device } = monitorTarget(words);
    return withContext(new EthtoolContext(io, env, flags, device, []), (context) => monitor(context, watched));
  }
  if (option === '-h' || option === '--help' || option === '--version') {
    if (flags.json) badArguments();
    await io.stdout.write(option === '--version' ? `${ETHTOOL_VERSION_TEXT}\n` : usage());
    return 0;
  }
  const named = findSubCommand(option);
  if (named === undefined && option.startsWith('-')) return badArguments();
  const subCommand = named ?? subCommands[0]!;
  if (flags.json && subCommand.json !== true) return badArguments();
  const device = named === undefined ? option : (words[0] ?? badArguments());
  const behind = named === undefined ? words : words.slice(1);
  return withContext(new EthtoolContext(io, env, flags, device, behind), (context) => runSubCommand(subCommand, context));
}

async function withContext(context: EthtoolContext, work: (context: EthtoolContext) => Promise<number>): Promise<number> {
  try {
    return await work(context);
  } finally {
    await context.flush();
    context.close();
  }
}

/** `ethtool`, as version 6.1 of it. */
export const ethtool: Command = async (argv, io, env) => {
  try {
    return await run(argv, io, env);
  } catch (error) {
    if (error instanceof BadArguments) {
      await io.stderr.write('ethtool: bad command line argument(s)\nFor more information run ethtool -h\n');
      return 1;
    }
    if (error instanceof CommandFailure) {
      await io.stderr.write(error.text);
      return error.status;
    }
    if (!(error instanceof NetError)) throw error;
    if (io.signal.aborted) return 130;
    await io.stderr.write(`ethtool: ${error.message}\n`);
    return 1;
  }
};

import { NetError } from '../../base/net-error.js';
import type { Command } from '../../client/command.js';
import { CommandFailure, failure } from '../shared/failure.js';
import { readOptions } from '../shared/getopt.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';
import { NetstatContext } from './context.js';
import { showGroups } from './groups.js';
import { showInterfaces } from './interfaces.js';
import { netstatOptions, newOptions, type Family, type NetstatOptions, type Table } from './options.js';
import { showRoutes } from './routes.js';
import { showInternet } from './sockets.js';
import { showStatistics } from './statistics.js';
import { showUnixSockets } from './unix.js';
import { NETSTAT_FAMILIES, NETSTAT_USAGE, NETSTAT_VERSION } from './usage.js';

const USAGE_STATUS = 3;
const SECOND_US = 1_000_000;

const absent = (what: string) => `netstat: no support for \`${what}' on this system.\n`;

/** Families of sockets that Linux 6.1 has no files of. */
const WITHOUT: readonly (readonly [family: Family, name: string])[] = [
  ['ipx', 'AF IPX'],
  ['ax25', 'AF AX25'],
  ['x25', 'AF X25'],
  ['netrom', 'AF NETROM'],
  ['rose', 'AF ROSE'],
];

/** Sockets of the kinds and families that are asked for; without any, of all. */
async function showSockets(context: NetstatContext): Promise<number> {
  const { options, io } = context;
  const { kinds, families, verbose } = options;
  const any = kinds.size === 0 && families.size === 0;
  const inet = families.has('inet') || (!families.has('inet6') && (any || kinds.size > 0));
  const inet6 = families.has('inet6') || (!families.has('inet') && (any || kinds.size > 0));
  let status = 0;
  if (inet || inet6) {
    if (kinds.has('sctp') || (any && verbose)) await io.stderr.write(absent('AF INET (sctp)'));
    if (kinds.has('sctp')) status = 1;
    await showInternet(context, inet, inet6);
  }
  if (families.has('unix') || any) await showUnixSockets(context);
  for (const [family, name] of WITHOUT) {
    if (!families.has(family) && !(any && verbose)) continue;
    await io.stderr.write(absent(name));
    if (families.has(family)) status = 1;
  }
  return status;
}

const shown: Readonly<Partial<Record<Table, (context: NetstatContext) => Promise<number>>>> = {
  route: showRoutes,
  interfaces: showInterfaces,
  statistics: showStatistics,
};

async function showOnce(context: NetstatContext): Promise<number> {
  const { tables, kinds, families } = context.options;
  for (const [table, show] of Object.entries(shown)) {
    if (!tables.has(table as Table)) continue;
    return show(context);
  }
  if (tables.has('groups')) {
    if (kinds.size > 0 || families.size > 0) await showSockets(context);
    await showGroups(context);
    return 0;
  }
  return showSockets(context);
}

/** What can be said before anything is looked at. Throws CommandFailure. */
function check({ tables }: NetstatOptions): void {
  if (tables.has('context')) throw failure('SELinux is not enabled on this machine.');
  const exclusive = ['route', 'interfaces', 'statistics', 'masquerade'] as const;
  if (exclusive.filter((name) => tables.has(name)).length > 1) throw new CommandFailure(USAGE_STATUS, NETSTAT_USAGE + NETSTAT_FAMILIES);
  if (tables.has('masquerade')) throw new CommandFailure(1, absent('ip_masquerade'));
}

/** `netstat`: sockets, routes, devices, groups and counters, as net-tools shows them. */
export const netstat: Command = async (argv, io, env) => {
  let context: NetstatContext | null = null;
  try {
    const options = newOptions();
    // Further words are passed over, as the real one does.
    readOptions(netstatOptions, argv, options, (text) => {
      throw new CommandFailure(USAGE_STATUS, `netstat: ${text}\n${NETSTAT_USAGE}${NETSTAT_FAMILIES}`);
    });
    if (options.help) {
      await io.stdout.write(NETSTAT_USAGE);
      await io.stderr.write(NETSTAT_FAMILIES);
      return 0;
    }
    if (options.version) {
      await io.stdout.write(`${NETSTAT_VERSION}${TAPSTACK_VERSION_TEXT}\n`);
      return 0;
    }
    check(options);
    context = await NetstatContext.open(io, env, options);
    for (;;) {
      if (options.programs) await context.loadHolders();
      const status = await showOnce(context);
      if (!options.continuous || io.signal.aborted) return status;
      await io.sleepUs(SECOND_US, io.signal);
      if (io.signal.aborted) return status;
    }
  } catch (error) {
    const failed = error instanceof NetError ? failure(`netstat: ${error.message}`) : error;
    if (!(failed instanceof CommandFailure)) throw failed;
    await io.stderr.write(failed.text);
    return failed.status;
  } finally {
    context?.close();
  }
};

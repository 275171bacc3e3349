import { ENOENT } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { Command, CommandEnvironment, CommandIo } from '../../client/command.js';
import { type ProcFiles, procFiles } from '../shared/proc-files.js';
import { CommandFailure, failure, fatal } from '../shared/failure.js';
import { readOptions } from '../shared/getopt.js';
import { globMatches } from '../shared/glob.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';
import { type Counter, readCounters } from './counters.js';
import { type NstatOptions, newOptions, nstatOptions } from './options.js';
import { NSTAT_USAGE } from './usage.js';

const VERSION_TEXT = `nstat utility, iproute2-6.1.0, ${TAPSTACK_VERSION_TEXT}`;

/** Where what was shown last is kept: NSTAT_HISTORY, else a file of this user and instance. */
function historyPath(io: CommandIo, { variables }: CommandEnvironment, target: 'stack' | 'kernel'): string {
  const named = variables['NSTAT_HISTORY'];
  if (named !== undefined && named !== '') return named;
  if (target === 'kernel') return `/tmp/.nstat.u${io.processes.uid}`;
  const instance = variables['TAPSTACK_INSTANCE'] ?? 'default';
  const namespace = variables['TAPSTACK_NETNS'];
  return `/tmp/.nstat.tapstack.${instance}${namespace === undefined ? '' : `.${namespace}`}.u${io.processes.uid}`;
}

/** Lines "NAME VALUE RATE" behind a title; a file that is not there is an empty history. */
async function readHistory(io: CommandIo, path: string): Promise<Map<string, number>> {
  const values = new Map<string, number>();
  try {
    for (const line of new TextDecoder().decode(await io.files.read(path)).split('\n')) {
      const [name = '', value = ''] = line.trim().split(/\s+/);
      if (name !== '' && !name.startsWith('#')) values.set(name, Number(value));
    }
  } catch (error) {
    if (!(error instanceof NetError) || error.errno !== ENOENT) throw error;
  }
  return values;
}

const line = ({ name, value }: Counter) => `${name.padEnd(32)}${String(value).padEnd(16)}${'0.0'.padStart(6)}\n`;

/** What is shown: counters that a pattern fits (all, without one), and unless -z those that are not zero. */
function chosen(counters: readonly Counter[], patterns: readonly string[], zeros: boolean): readonly Counter[] {
  return counters.filter(
    ({ name, value }) => (zeros || value !== 0) && (patterns.length === 0 || patterns.some((pattern) => globMatches(pattern, name))),
  );
}

function jsonText(counters: readonly Counter[], pretty: boolean): string {
  const kernel = Object.fromEntries(counters.map(({ name, value }) => [name, value]));
  return `${pretty ? JSON.stringify({ kernel }, null, 4) : JSON.stringify({ kernel })}\n`;
}

async function run(
  io: CommandIo,
  env: CommandEnvironment,
  options: NstatOptions,
  patterns: readonly string[],
  files: ProcFiles,
): Promise<number> {
  const path = historyPath(io, env, files.target);
  if (options.reset) await io.files.write(path, new Uint8Array(0));
  const counters = await readCounters(files);
  const history = options.absolute ? new Map<string, number>() : await readHistory(io, path);
  // A counter below what it was has begun anew: the history is of another time.
  const increments = counters.map(({ name, value }) => {
    const before = history.get(name) ?? 0;
    return { name, value: value >= before ? value - before : value };
  });
  if (!options.quiet) {
    const shown = chosen(increments, patterns, options.zeros);
    await io.stdout.write(options.json ? jsonText(shown, options.pretty) : `#kernel\n${shown.map(line).join('')}`);
  }
  if (!options.keep) await io.files.write(path, new TextEncoder().encode(`#kernel\n${counters.map(line).join('')}`));
  return 0;
}

/** `nstat`: how far the counters of the stack have gone since it was last called, as iproute2's. */
export const nstat: Command = async (argv, io, env) => {
  let files: ProcFiles | null = null;
  try {
    const options = newOptions();
    const patterns = readOptions(nstatOptions, argv, options, (text) => {
      throw fatal(`nstat: ${text}\n${NSTAT_USAGE}`);
    });
    if (options.help) throw fatal(NSTAT_USAGE);
    if (options.version) {
      await io.stdout.write(`${VERSION_TEXT}\n`);
      return 0;
    }
    if (options.scanSeconds > 0) throw failure('nstat: scanning in the background is not there: call nstat as often as wanted', 1);
    files = await procFiles(io, env);
    return await run(io, env, options, patterns, files);
  } catch (error) {
    const failed = error instanceof NetError ? failure(`nstat: ${error.message}`) : error;
    if (!(failed instanceof CommandFailure)) throw failed;
    await io.stderr.write(failed.text);
    return failed.status;
  } finally {
    files?.close();
  }
};

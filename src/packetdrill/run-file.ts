import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ENOENT } from '../base/errno.js';
import { fail, NetError } from '../base/net-error.js';
import type { HostLoop } from '../instance/time.js';
import { findCommand } from '../library/commands.js';
import { ArgumentError } from './calls/arguments.js';
import { Machine } from './calls/machine.js';
import { type ConfigOption, ConfigError, configure, formatAddress } from './config.js';
import { parseOptions, parseScript } from './language/parse-script.js';
import { ScriptError } from './language/script-error.js';
import { Runner, type RunnerOutput } from './runner.js';
import { Shell } from './shell/shell.js';
import { ShellFiles } from './shell/shell-files.js';
import { World } from './world.js';

const host: HostLoop = { nextTurn: () => nextTurn(), setTimer: () => () => undefined };

/** Runs a script file; null when all is as it says, else one readable text. `options` are the command line's: a script's own are stronger. */
export async function runFile(path: string, options: readonly ConfigOption[], output: RunnerOutput): Promise<string | null> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return `${path}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'No such file or directory' : (error as Error).message}`;
  }
  return runText(path, text, options, output);
}

/** As runFile(), with the text of the file. Commands run in the file's folder. */
export async function runText(path: string, text: string, options: readonly ConfigOption[], output: RunnerOutput): Promise<string | null> {
  try {
    const own = parseOptions(path, text).map(({ name, value, line }) => ({ name, value, where: `${path}:${line}` }));
    const config = configure([...options, ...own]);
    const script = parseScript(path, text, config.definitions);
    if (config.dryRun) return null;
    const folder = resolve(dirname(path));
    const world = new World(config, host, findCommand);
    try {
      await world.configure(config);
      const files = new ShellFiles(folder, world.namespace, world.sysctls);
      const shell = new Shell({
        files,
        time: world.instance.time,
        command: findCommand,
        transport: () => world.instance.transport(),
        variables: environment(path, formatAddress(config.local), formatAddress(config.remote)),
        sleep: (us) => world.moveTo(world.nowUs + us),
        link: (name) => (name === world.link.name ? world.link : null),
      });
      for (const init of config.initScripts) {
        const { status, stderr } = await world.shell(() => shell.run(init));
        if (status !== 0) throw new ConfigError(`error executing init script "${init}": ${stderr.trim()}`);
      }
      const machine = new Machine(config, world, (name) => (files.exists(name) ? files.readBytes(name) : fail(ENOENT)));
      await new Runner(script, config, world, machine, shell, output).run();
    } finally {
      world.close();
    }
    return null;
  } catch (error) {
    if (error instanceof ScriptError) return error.message;
    if (error instanceof ConfigError || error instanceof ArgumentError || error instanceof NetError) return `${path}: ${error.message}`;
    throw error;
  }
}

/** What a script's commands find in their environment. */
const environment = (path: string, local: string, remote: string): Record<string, string> => ({
  PPID: String(process.pid),
  PACKETDRILL_PID: String(process.pid),
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  PWD: resolve(dirname(path)),
  SCRIPT: basename(path),
  LOCAL_IP: local,
  REMOTE_IP: remote,
});

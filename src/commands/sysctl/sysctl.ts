import { EACCES, EINVAL, EIO, EISDIR, ENOENT, ENOTDIR, EPERM, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { type Command, type CommandEnvironment, type CommandIo, readAll } from '../../client/command.js';
import { globMatches } from '../shared/glob.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';
import { parseSysctlOptions, type SysctlFlags } from './options.js';
import { type Setting, settingsOf, systemFiles } from './settings.js';
import { keyOf, NoSuchSetting, pathOf, type SysctlStore, sysctlStore } from './store.js';
import { SYSCTL_USAGE } from './usage.js';

const TRY_HELP = "sysctl: no variables specified\nTry `sysctl --help' for more information.\n";

/** `sysctl`: reads and writes settings of the stack, as procps' does. */
export const sysctl: Command = async (argv, io, env) => {
  const { flags, words, complaint } = parseSysctlOptions(argv);
  if (complaint !== undefined) {
    await io.stderr.write(`${complaint}\n`);
    await io.stdout.write(SYSCTL_USAGE);
    return 0;
  }
  if (argv.length === 0) {
    await io.stderr.write(SYSCTL_USAGE);
    return 1;
  }
  if (flags.help) {
    await io.stdout.write(SYSCTL_USAGE);
    return 0;
  }
  if (flags.version) {
    await io.stdout.write(`sysctl from procps-ng 4.0.2, ${TAPSTACK_VERSION_TEXT}\n`);
    return 0;
  }
  let store: SysctlStore | null = null;
  try {
    store = await sysctlStore(io, env);
    return await new Run(io, env, flags, store).run(words);
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    await io.stderr.write(`${error.message}\n`);
    return 1;
  } finally {
    store?.close();
  }
};

/** Older names of settings that have another by now: left out of lists unless asked for. */
const DEPRECATED = /(^|\/)(base_reachable_time|retrans_time)$/;
const GLOB = /[*?[]/;

class Run {
  readonly #io: CommandIo;
  readonly #env: CommandEnvironment;
  readonly #flags: SysctlFlags;
  readonly #store: SysctlStore;
  readonly #pattern: RegExp | null;

  constructor(io: CommandIo, env: CommandEnvironment, flags: SysctlFlags, store: SysctlStore) {
    this.#io = io;
    this.#env = env;
    this.#flags = flags;
    this.#store = store;
    this.#pattern = flags.pattern === undefined ? null : compiled(flags.pattern);
  }

  async run(words: readonly string[]): Promise<number> {
    const flags = this.#flags;
    if (flags.all) return this.#showBelow('', true);
    if (flags.system) return this.#system();
    if (flags.load) return this.#load(words.length > 0 ? words : ['/etc/sysctl.conf']);
    if (words.length === 0) {
      await this.#io.stderr.write(TRY_HELP);
      return 1;
    }
    let status = 0;
    const settings: Setting[] = [];
    for (const word of words) {
      if (flags.write || word.includes('=')) {
        const parsed = settingsOf('command line', word, 0, (line) => this.#matches(line));
        await this.#complain(parsed.complaints);
        if (parsed.settings.length === 0) status = 1;
        settings.push(...parsed.settings);
      } else status += await this.#show(await this.#pathOf(word));
    }
    return status + (await this.#setAll(settings, false));
  }

  async #complain(lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.#io.stderr.write(`${line}\n`);
  }

  #matches(text: string): boolean {
    return this.#pattern === null || this.#pattern.test(text);
  }

  async #pathOf(key: string): Promise<string> {
    for (const repeated of key.matchAll(/(?=([./])\1)/g))
      await this.#complain([`sysctl: separators should not be repeated: ${key.slice(repeated.index)}`]);
    return pathOf(key);
  }

  /** One setting, or all in a folder. */
  async #show(path: string): Promise<number> {
    try {
      if (this.#matches(keyOf(path))) await this.#print(path, await this.#store.read(path));
      return 0;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      if (error.errno === EISDIR) return this.#showBelow(path.replace(/\/+$/, ''), false);
      return this.#readFailed(path, error);
    }
  }

  async #showBelow(folder: string, all: boolean): Promise<number> {
    let status = 0;
    for (const { path, value } of await this.#store.list(folder)) {
      if (!this.#matches(keyOf(path)) || (!this.#flags.deprecated && DEPRECATED.test(path))) continue;
      try {
        await this.#print(path, value ?? (await this.#readListed(path)));
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        status |= await this.#readFailed(path, error);
      }
    }
    return all ? 0 : status;
  }

  /** A secret that was not set has a name all the same. */
  async #readListed(path: string): Promise<string> {
    try {
      return await this.#store.read(path);
    } catch (error) {
      if (error instanceof NetError && error.errno === EIO && this.#flags.names) return '';
      throw error;
    }
  }

  async #readFailed(path: string, error: NetError): Promise<number> {
    switch (error.errno) {
      case ENOENT:
      case ENOTDIR:
        if (this.#flags.ignore) return 0;
        await this.#complain([`sysctl: cannot stat /proc/sys/${path}: ${strerror(error.errno)}`]);
        return 1;
      // May only be written (net.ipv4.route.flush): nothing to show.
      case EACCES:
        return 0;
      // Not set yet (stable_secret).
      case EIO:
        return 1;
      case EPERM:
        await this.#complain([`sysctl: permission denied on key '${keyOf(path)}'`]);
        return 1;
      default:
        await this.#complain([`sysctl: reading key "${keyOf(path)}": ${strerror(error.errno)}`]);
        return 1;
    }
  }

  async #print(path: string, value: string): Promise<void> {
    const { stdout } = this.#io;
    const { names, values, binary } = this.#flags;
    if (names) return void (await stdout.write(`${keyOf(path)}\n`));
    if (binary) return void (await stdout.write(value));
    for (const line of value.split('\n')) await stdout.write(values ? `${line}\n` : `${keyOf(path)} = ${line}\n`);
  }

  /** What was set, as it was written: -N shows the value, too. */
  async #printSet(path: string, value: string): Promise<void> {
    const { names, values, binary, quiet } = this.#flags;
    if (quiet) return;
    if (binary) await this.#io.stdout.write(value);
    else await this.#io.stdout.write(names || values ? `${value}\n` : `${keyOf(path)} = ${value}\n`);
  }

  /** In their order. Files have patterns (net.ipv4.conf.*.rp_filter), which reach what no line names. */
  async #setAll(settings: readonly Setting[], patterns: boolean): Promise<number> {
    let status = 0;
    const paths: string[] = [];
    for (const { key } of settings) paths.push(await this.#pathOf(key));
    const named = new Set(paths);
    for (const [index, { value, ignored }] of settings.entries()) {
      if (value === null) continue;
      const path = paths[index]!;
      if (!patterns || !GLOB.test(path)) status |= await this.#set(path, value, ignored);
      else for (const found of await this.#fitting(path)) if (!named.has(found)) status |= await this.#set(found, value, ignored);
    }
    return status;
  }

  async #fitting(pattern: string): Promise<readonly string[]> {
    const fixed = pattern.slice(0, pattern.search(GLOB)).replace(/\/?[^/]*$/, '');
    const depth = pattern.split('/').length;
    const fits = ({ path }: { readonly path: string }) => path.split('/').length === depth && globMatches(pattern, path);
    try {
      return (await this.#store.list(fixed)).filter(fits).map(({ path }) => path);
    } catch (error) {
      if (error instanceof NetError) return [];
      throw error;
    }
  }

  async #set(path: string, value: string, ignored: boolean): Promise<number> {
    if (path === '') {
      if (value === '') return 1;
      await this.#complain(['sysctl: Path is not under /proc/sys/: /proc/sys/']);
      return ignored ? 0 : 1;
    }
    try {
      if (this.#flags.dryRun) await this.#store.read(path);
      else await this.#store.write(path, value);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return this.#writeFailed(path, error, ignored);
    }
    await this.#printSet(path, value);
    return 0;
  }

  async #writeFailed(path: string, error: NetError, ignored: boolean): Promise<number> {
    const key = keyOf(path);
    if (error instanceof NoSuchSetting) {
      if (this.#flags.ignore) return 0;
      await this.#complain([`sysctl: cannot stat /proc/sys/${path}: ${strerror(error.errno)}`]);
      return ignored ? 0 : 1;
    }
    switch (error.errno) {
      case EACCES:
        // A file that may only be read: procps looks at its mode, prints what errno was before, and does not mind.
        if (this.#store.readOnly(error)) {
          await this.#complain([`sysctl: setting key "${key}": ${strerror(EINVAL)}`]);
          return 0;
        }
        await this.#complain([`sysctl: permission denied on key "${key}"${ignored ? ', ignoring' : ''}`]);
        return ignored ? 0 : 1;
      case EPERM:
        await this.#complain([`sysctl: permission denied on key "${key}"${ignored ? ', ignoring' : ''}`]);
        return ignored ? 0 : 1;
      default:
        await this.#complain([`sysctl: setting key "${key}": ${strerror(error.errno)}`]);
        return ignored ? 0 : 1;
    }
  }

  /** Files of KEY = VALUE lines; all are read before the first setting is written. */
  async #load(files: readonly string[]): Promise<number> {
    let status = 0;
    const settings: Setting[] = [];
    for (const file of files) {
      const text = await this.#fileText(file);
      if (text === null) status = 1;
      else settings.push(...(await this.#parsed(file, text)));
    }
    return status | (await this.#setAll(settings, true));
  }

  /** The settings of a file. Lines that are none are told of, and count for nothing. */
  async #parsed(file: string, text: string): Promise<readonly Setting[]> {
    const { settings, complaints } = settingsOf(file, text, 1, (line) => this.#matches(line));
    await this.#complain(complaints);
    return settings;
  }

  async #fileText(file: string): Promise<string | null> {
    if (file === '-') return readAll(this.#io.stdin);
    try {
      return new TextDecoder().decode(await this.#io.files.read(this.#own(file)));
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      await this.#complain([`sysctl: cannot open "${file}": ${strerror(error.errno)}`]);
      return null;
    }
  }

  /** Files of /etc that the instance has its own of. */
  #own(file: string): string {
    const etc = this.#env.variables['TAPSTACK_ETC'];
    const own = file === '/etc/sysctl.conf' || file === '/etc/sysctl.d' || file.startsWith('/etc/sysctl.d/');
    return own && etc !== undefined && etc !== '' ? `${etc}${file.slice('/etc'.length)}` : file;
  }

  /** As -p -e of all files of the system. */
  async #system(): Promise<number> {
    this.#flags.ignore = true;
    const settings: Setting[] = [];
    const list = async (folder: string) => {
      try {
        return await this.#io.files.list(this.#own(folder));
      } catch (error) {
        if (error instanceof NetError) return [];
        throw error;
      }
    };
    for (const file of await systemFiles(list)) {
      const text = await this.#quietText(file);
      if (text === null) continue;
      if (!this.#flags.quiet) await this.#io.stdout.write(`* Applying ${file} ...\n`);
      settings.push(...(await this.#parsed(file, text)));
    }
    return this.#setAll(settings, true);
  }

  async #quietText(file: string): Promise<string | null> {
    try {
      return new TextDecoder().decode(await this.#io.files.read(this.#own(file)));
    } catch (error) {
      if (error instanceof NetError) return null;
      throw error;
    }
  }
}

/** A pattern that is no regular expression fits nothing. */
function compiled(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    return /(?!)/;
  }
}

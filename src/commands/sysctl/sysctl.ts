import { EACCES, EIO, EISDIR, ENOENT, EPERM, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { type Command, type CommandEnvironment, type CommandIo, readAll } from '../../client/command.js';
import { globMatches } from '../shared/glob.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';
import { parseSysctlOptions, type SysctlFlags } from './options.js';
import { settingsOf, type Setting, systemFiles } from './settings.js';
import { keyOf, pathOf, type SysctlStore, sysctlStore } from './store.js';
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
    this.#pattern = flags.pattern === undefined ? null : new RegExp(flags.pattern);
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
    for (const word of words) {
      if (flags.write || word.includes('=')) {
        const { settings, complaints } = settingsOf('command line', word, 0);
        await this.#complain(complaints);
        if (settings.length === 0) status |= 1;
        for (const setting of settings) status |= await this.#set(setting);
      } else status += await this.#show(pathOf(word));
    }
    return status;
  }

  async #complain(lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.#io.stderr.write(`${line}\n`);
  }

  #matches(path: string): boolean {
    return this.#pattern === null || this.#pattern.test(keyOf(path));
  }

  /** One setting, or all in a folder. */
  async #show(path: string): Promise<number> {
    try {
      if (this.#matches(path)) await this.#print(path, await this.#store.read(path));
      return 0;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      if (error.errno === EISDIR) return this.#showBelow(path.replace(/\/+$/, ''), false);
      return this.#readFailed(path, error);
    }
  }

  async #showBelow(folder: string, all: boolean): Promise<number> {
    let status = 0;
    for (const path of await this.#store.list(folder)) {
      if (!this.#matches(path)) continue;
      try {
        await this.#print(path, this.#flags.names ? '' : await this.#store.read(path));
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        status |= await this.#readFailed(path, error);
      }
    }
    return all ? 0 : status;
  }

  async #readFailed(path: string, error: NetError): Promise<number> {
    switch (error.errno) {
      case ENOENT:
        if (this.#flags.ignore) return 0;
        await this.#complain([`sysctl: cannot stat /proc/sys/${path}: ${strerror(ENOENT)}`]);
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

  async #set({ key, value, ignored }: Setting): Promise<number> {
    const path = pathOf(key);
    if (/[*?[]/.test(path)) return this.#setMany(path, value, ignored);
    if (!this.#matches(path)) return 0;
    if (path === '') return 1;
    try {
      if (this.#flags.dryRun) await this.#store.read(path);
      else await this.#store.write(path, value);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return this.#writeFailed(path, error, ignored);
    }
    if (!this.#flags.quiet) await this.#print(path, value);
    return 0;
  }

  /** net.ipv4.conf.*.rp_filter: every setting that the pattern fits. */
  async #setMany(pattern: string, value: string, ignored: boolean): Promise<number> {
    let status = 0;
    const fixed = pattern.slice(0, pattern.search(/[*?[]/)).replace(/\/?[^/]*$/, '');
    for (const path of await this.#store.list(fixed)) {
      if (globMatches(pattern, path) && path.split('/').length === pattern.split('/').length)
        status |= await this.#set({ key: path, value, ignored });
    }
    return status;
  }

  async #writeFailed(path: string, error: NetError, ignored: boolean): Promise<number> {
    if (error.errno === ENOENT) {
      if (this.#flags.ignore) return 0;
      await this.#complain([`sysctl: cannot stat /proc/sys/${path}: ${strerror(ENOENT)}`]);
      return ignored ? 0 : 1;
    }
    const reason =
      error.errno === EACCES || error.errno === EPERM
        ? `sysctl: permission denied on key "${keyOf(path)}"`
        : `sysctl: setting key "${keyOf(path)}"`;
    const text = error.errno === EACCES || error.errno === EPERM ? reason : `${reason}: ${strerror(error.errno)}`;
    await this.#complain([ignored ? `${text}, ignoring` : text]);
    return ignored ? 0 : 1;
  }

  /** Files of KEY = VALUE lines; all are read before the first setting is written. */
  async #load(files: readonly string[]): Promise<number> {
    let status = 0;
    const settings: Setting[] = [];
    for (const file of files) {
      const text = await this.#fileText(file);
      if (text === null) {
        status = 1;
        continue;
      }
      const parsed = settingsOf(file, text, 1);
      await this.#complain(parsed.complaints);
      if (parsed.complaints.length > 0) status = 1;
      settings.push(...parsed.settings);
    }
    for (const setting of settings) status |= await this.#set(setting);
    return status;
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
    const own = file === '/etc/sysctl.conf' || file.startsWith('/etc/sysctl.d/');
    return own && etc !== undefined && etc !== '' ? `${etc}${file.slice('/etc'.length)}` : file;
  }

  async #system(): Promise<number> {
    let status = 0;
    const list = async (folder: string) => {
      try {
        return await this.#io.files.list(this.#own(`${folder}/`).replace(/\/$/, ''));
      } catch (error) {
        if (error instanceof NetError) return [];
        throw error;
      }
    };
    for (const file of await systemFiles(list)) {
      const text = await this.#quietText(file);
      if (text === null) continue;
      await this.#io.stdout.write(`* Applying ${file} ...\n`);
      const parsed = settingsOf(file, text, 1);
      await this.#complain(parsed.complaints);
      if (parsed.complaints.length > 0) status = 1;
      for (const setting of parsed.settings) status |= await this.#set(setting);
    }
    return status;
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

import { NetError } from '../../base/net-error.js';
import { type Command, type CommandEnvironment, type CommandIo, readAll } from '../../client/command.js';
import { globMatches } from '../shared/glob.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';
import type { Command as NftCommand } from './command.js';
import type { OutputStyle } from './datatypes/datatype.js';
import { fail, type NftError } from './errors.js';
import { parseJsonCommands } from './json/commands.js';
import { complaintText, InputSource, type Location, nowhere } from './location.js';
import { Names } from './names.js';
import { type NftFlags, parseOptions, usageText } from './options.js';
import { parseCommands } from './parser/commands.js';
import { setIncludeResolver } from './parser/include.js';
import { Parser } from './parser/parser.js';
import { Kernel } from './ruleset/kernel.js';
import { Session } from './session.js';
import { strerror } from '../../base/errno.js';

const VERSION = 'nftables v1.0.6 (Lester Gooch #5)';
const decoder = new TextDecoder();
const DEFAULT_INCLUDE_PATH = '/etc';
const MAX_INCLUDE_DEPTH = 16;

/** `nft`: packet filtering rules of the stack, or with TAPSTACK_TARGET=kernel of the host. */
export const nft: Command = async (argv, io, env) => {
  const flags = parseOptions(argv);
  if (flags.complaint !== undefined) {
    if (flags.picture !== undefined) await io.stdout.write(flags.picture);
    await io.stderr.write(flags.complaint);
    return 1;
  }
  if (flags.letters.has('h')) {
    await io.stdout.write(usageText());
    return 0;
  }
  if (flags.letters.has('v') || flags.letters.has('V')) {
    await io.stdout.write(`${VERSION}\n`);
    if (flags.letters.has('V'))
      await io.stdout.write(`  cli:\t\teditline\n  json:\t\tyes\n  minigmp:\tno\n  libxtables:\tyes\n  ${TAPSTACK_VERSION_TEXT}\n`);
    return 0;
  }
  if (flags.defines.length > 0 && flags.file === undefined) {
    await io.stderr.write('Error: -D/--define can only be used with -f/--filename\n');
    return 1;
  }
  let text: string;
  let name = '';
  if (flags.file !== undefined) {
    name = flags.file === '-' ? '/dev/stdin' : flags.file;
    try {
      text = flags.file === '-' ? await readAll(io.stdin) : decoder.decode(await io.files.read(flags.file));
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      await io.stderr.write(`${complaintText({ text: `Could not open file "${flags.file}": ${strerror(error.errno)}`, at: nowhere })}\n`);
      return 1;
    }
  } else if (flags.letters.has('i')) return interactive(io, env, flags);
  else if (flags.words.length > 0) text = flags.words.join(' ');
  else {
    await io.stderr.write(`nft: no command specified\n`);
    return 1;
  }
  const run = new Run(io, env, flags);
  // With -o a file is checked as it is first, and only then carried out. nftables: nft_run_optimized_file()
  if (flags.file !== undefined && flags.letters.has('o')) {
    const status = await run.input(text, name, true);
    if (status !== 0) return status;
  }
  return run.input(text, name);
};

/** Lines one by one, until quit. */
async function interactive(io: CommandIo, env: CommandEnvironment, flags: NftFlags): Promise<number> {
  let status = 0;
  let pending = '';
  const run = new Run(io, env, flags);
  for await (const chunk of io.stdin.chunks()) {
    pending += decoder.decode(chunk, { stream: true });
    for (let end = pending.indexOf('\n'); end !== -1; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end).trim();
      pending = pending.slice(end + 1);
      if (line === 'quit') return status;
      if (line !== '') status = await run.input(line, '');
    }
  }
  return status;
}

/** A file that has to be read before parsing can go on. */
class WantedFiles extends Error {
  readonly pattern: string;
  constructor(pattern: string) {
    super(pattern);
    this.pattern = pattern;
  }
}

class Run {
  readonly #io: CommandIo;
  readonly #env: CommandEnvironment;
  readonly #flags: NftFlags;
  /** Included files by the pattern that named them: path and text, in order. */
  readonly #files = new Map<string, readonly { path: string; text: string }[] | NetError>();

  constructor(io: CommandIo, env: CommandEnvironment, flags: NftFlags) {
    this.#io = io;
    this.#env = env;
    this.#flags = flags;
  }

  /** `check`: nothing is to change, whatever the options say. */
  async input(text: string, name: string, check = this.#flags.letters.has('c')): Promise<number> {
    try {
      const names = await Names.load(this.#io, this.#env);
      const json = this.#flags.letters.has('j') ? parseJsonCommands(text, name) : null;
      const { commands, errors } = json ?? (await this.#parse(text, name, names));
      if (commands.length === 0) {
        await this.#io.stderr.write(errors.map((error) => complaintText(error.complaint)).join(''));
        return errors.length > 0 ? 1 : 0;
      }
      const kernel = await Kernel.open(await this.#env.transport(), this.#io.signal);
      try {
        const session = new Session(this.#io, this.#env, kernel, names, {
          check,
          echo: this.#flags.letters.has('e'),
          json: this.#flags.letters.has('j'),
          debug: this.#flags.debug,
          style: styleOf(this.#flags, names),
        });
        return (await session.run(commands, errors)) ? 0 : 1;
      } finally {
        kernel.close();
      }
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      await this.#io.stderr.write(`netlink: Error: cache initialization failed: ${strerror(error.errno)}\n`);
      return 1;
    }
  }

  async #parse(text: string, name: string, names: Names): Promise<{ commands: readonly NftCommand[]; errors: readonly NftError[] }> {
    for (;;) {
      try {
        // A command line ends as a line of a file does.
        const p = new Parser(new InputSource(name, name === '' ? `${text}\n` : text));
        for (const define of this.#flags.defines) {
          const [variable, value] = define.split(/=(.*)/s);
          const inner = new Parser(new InputSource('', value ?? ''));
          p.scope.define(variable!, inner.isSign('{') ? inner.setExpression() : inner.rightExpression());
        }
        const resolver = (parser: Parser, pattern: string, at: Location) => this.#include(parser, pattern, at);
        setIncludeResolver(p, resolver);
        return parseCommands(p, resolver, names);
      } catch (error) {
        if (!(error instanceof WantedFiles)) throw error;
        this.#files.set(error.pattern, await this.#readFiles(error.pattern));
      }
    }
  }

  #include(parser: Parser, pattern: string, at: Location): void {
    const found = this.#files.get(pattern);
    if (found === undefined) throw new WantedFiles(pattern);
    if (parser.depth >= MAX_INCLUDE_DEPTH) fail(`Include nested too deeply, max ${MAX_INCLUDE_DEPTH} levels`, at);
    if (found instanceof NetError) fail(`File not found: ${pattern}`, at);
    else for (const { path, text } of [...found].reverse()) parser.push(new InputSource(path, text, at));
  }

  /** As glob(3) finds them, in the folders of -I where the path is not from here. */
  async #readFiles(pattern: string): Promise<readonly { path: string; text: string }[] | NetError> {
    const here = pattern.startsWith('/') || pattern.startsWith('./') || pattern.startsWith('../');
    const folders = here
      ? ['']
      : [...this.#flags.includePaths, ...(this.#flags.includePaths.length === 0 ? [DEFAULT_INCLUDE_PATH] : [])].map(
          (folder) => `${folder.replace(/\/$/, '')}/`,
        );
    let missing = new NetError(2);
    for (const folder of folders) {
      const path = `${folder}${pattern}`;
      if (/[*?[]/.test(pattern)) {
        const matched = await this.#glob(path);
        const files: { path: string; text: string }[] = [];
        for (const file of matched) files.push({ path: file, text: decoder.decode(await this.#io.files.read(file)) });
        if (files.length > 0 || folder === folders.at(-1)) return files;
        continue;
      }
      try {
        return [{ path, text: decoder.decode(await this.#io.files.read(path)) }];
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        missing = error;
      }
    }
    return missing;
  }

  async #glob(path: string): Promise<string[]> {
    const cut = path.lastIndexOf('/');
    const folder = path.slice(0, cut + 1);
    const last = path.slice(cut + 1);
    try {
      const entries = await this.#io.files.list(folder === '' ? '.' : folder);
      return entries
        .filter((entry) => (last.startsWith('.') || !entry.startsWith('.')) && globMatches(last, entry))
        .sort()
        .map((entry) => `${folder}${entry}`);
    } catch (error) {
      if (error instanceof NetError) return [];
      throw error;
    }
  }
}

function styleOf(flags: NftFlags, names: Names): OutputStyle {
  const numeric = flags.letters.has('n');
  return {
    numericProtocol: numeric || flags.letters.has('p'),
    numericPriority: numeric || flags.letters.has('y'),
    numericSymbol: numeric,
    numericTime: numeric || flags.letters.has('T'),
    services: flags.letters.has('S'),
    reverseDns: flags.letters.has('N'),
    guid: flags.letters.has('u'),
    handle: flags.letters.has('a'),
    stateless: flags.letters.has('s'),
    terse: flags.letters.has('t'),
    names,
  };
}

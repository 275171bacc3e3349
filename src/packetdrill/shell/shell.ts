import { EINVAL } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { Command, CommandIo } from '../../client/command.js';
import type { Transport } from '../../client/transport.js';
import { Collector, inputOf } from '../../instance/shell/pipe.js';
import type { InstanceTime } from '../../instance/time.js';
import { evaluateArithmetic } from './arithmetic.js';
import type { ScriptLink } from '../link.js';
import type { Node, Redirect, Word } from './ast.js';
import { parseShell } from './parse.js';
import type { ShellFiles } from './shell-files.js';
import { hostFilter, type UtilityContext, utilities } from './utilities.js';

const DEPTH_LIMIT = 64;
/** Turns of loops that a script may take: one without end is told. */
const LOOP_LIMIT = 1_000_000;

export interface ShellOptions {
  readonly files: ShellFiles;
  readonly time: InstanceTime;
  readonly variables: Readonly<Record<string, string>>;
  command(name: string): Promise<Command | undefined>;
  transport(): Transport;
  /** `sleep`: lets time go on. */
  sleep(us: number): void;
  /** The device of the script, by its name; null: it has no such. */
  link(name: string): ScriptLink | null;
}

export interface ShellResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Streams {
  readonly stdin: string;
  out(text: string): void;
  err(text: string): void;
}

/** Ends a function or the whole script. */
class Leave extends Error {
  readonly status: number;
  readonly kind: 'exit' | 'return' | 'break' | 'continue';

  constructor(kind: Leave['kind'], status: number) {
    super(kind);
    this.kind = kind;
    this.status = status;
  }
}

/**
 * A shell inside the runner, so that a helper script of twenty `sysctl` lines takes a millisecond: the language of POSIX shells with
 * what scripts use of bash; our own commands; utilities that read and write the stack's /proc; the host's filters for text.
 * No other program of the host runs, as it would act on the host.
 */
export class Shell {
  readonly #options: ShellOptions;
  readonly #variables: Map<string, string>;
  readonly #functions = new Map<string, Node>();
  #arguments: readonly string[] = [];
  #status = 0;
  #depth = 0;
  #turns = 0;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#variables = new Map(Object.entries(options.variables));
  }

  /** Runs a text as `sh -c` would. Names set in it end with it. */
  async run(text: string): Promise<ShellResult> {
    let stdout = '';
    let stderr = '';
    const streams: Streams = {
      stdin: '',
      out: (part) => {
        stdout += part;
      },
      err: (part) => {
        stderr += part;
      },
    };
    const { cwd } = this.#options.files;
    try {
      this.#status = 0;
      await this.#script(text, streams);
    } catch (error) {
      if (error instanceof Leave) this.#status = error.status;
      else if (error instanceof NetError) {
        stderr += `sh: ${error.message}\n`;
        this.#status = 2;
      } else throw error;
    }
    this.#options.files.cwd = cwd;
    return { status: this.#status, stdout, stderr };
  }

  async #script(text: string, streams: Streams): Promise<void> {
    const node = parseShell(text);
    if (node !== null) await this.#node(node, streams);
  }

  async #node(node: Node, streams: Streams): Promise<void> {
    switch (node.kind) {
      case 'simple':
        return this.#simple(node, streams);
      case 'list':
        await this.#node(node.first, streams);
        for (const { operator, node: next } of node.rest) {
          if (operator === '&&' && this.#status !== 0) continue;
          if (operator === '||' && this.#status === 0) continue;
          await this.#node(next, streams);
        }
        return;
      case 'pipeline':
        await this.#pipeline(node.parts, streams);
        if (node.negated) this.#status = this.#status === 0 ? 1 : 0;
        return;
      case 'group':
        return this.#group(node, streams);
      case 'if':
        await this.#node(node.test, streams);
        if (this.#status === 0) return this.#node(node.then, streams);
        this.#status = 0;
        if (node.otherwise !== null) await this.#node(node.otherwise, streams);
        return;
      case 'while':
        return this.#loop(async () => {
          await this.#node(node.test, streams);
          if ((this.#status === 0) === node.until) return false;
          await this.#node(node.body, streams);
          return true;
        });
      case 'for': {
        const words = node.words === null ? [...this.#arguments] : await this.#fields(node.words, streams);
        return this.#loop(async () => {
          const word = words.shift();
          if (word === undefined) return false;
          this.#variables.set(node.name, word);
          await this.#node(node.body, streams);
          return true;
        });
      }
      case 'case': {
        const word = await this.#text(node.word, streams);
        for (const { patterns, body } of node.branches) {
          for (const pattern of patterns) {
            if (!matchesPattern(await this.#text(pattern, streams), word)) continue;
            if (body !== null) await this.#node(body, streams);
            return;
          }
        }
        return;
      }
      default:
        this.#functions.set(node.name, node.body);
        this.#status = 0;
    }
  }

  async #loop(turn: () => Promise<boolean>): Promise<void> {
    for (;;) {
      if (++this.#turns > LOOP_LIMIT) throw new NetError(EINVAL, 'a loop does not end');
      try {
        if (!(await turn())) break;
      } catch (error) {
        if (!(error instanceof Leave)) throw error;
        if (error.kind === 'break') break;
        if (error.kind !== 'continue') throw error;
      }
    }
    this.#status = 0;
  }

  async #group(node: Node & { kind: 'group' }, streams: Streams): Promise<void> {
    const redirected = await this.#redirect(node.redirects, streams);
    if (redirected === null) return;
    const { cwd } = this.#options.files;
    const before = node.subshell ? new Map(this.#variables) : null;
    try {
      await this.#node(node.body, redirected.streams);
    } catch (error) {
      if (!(error instanceof Leave) || !node.subshell || error.kind !== 'exit') throw error;
      this.#status = error.status;
    }
    if (before !== null) {
      this.#options.files.cwd = cwd;
      this.#variables.clear();
      for (const [name, value] of before) this.#variables.set(name, value);
    }
    redirected.flush();
  }

  async #pipeline(parts: readonly Node[], streams: Streams): Promise<void> {
    let { stdin } = streams;
    for (const [index, part] of parts.entries()) {
      if (index === parts.length - 1) return this.#node(part, { ...streams, stdin });
      let text = '';
      await this.#node(part, {
        stdin,
        out: (more) => {
          text += more;
        },
        err: streams.err,
      });
      stdin = text;
    }
  }

  async #simple(node: Node & { kind: 'simple' }, streams: Streams): Promise<void> {
    const words = await this.#fields(node.words, streams);
    const assigned: [string, string][] = [];
    for (const { name, value } of node.assignments) assigned.push([name, await this.#text(value, streams)]);
    const before = assigned.map(([name]): [string, string | undefined] => [name, this.#variables.get(name)]);
    for (const [name, value] of assigned) this.#variables.set(name, value);
    if (words.length === 0) {
      this.#status = 0;
      const redirected = await this.#redirect(node.redirects, streams);
      redirected?.flush();
      return;
    }
    const redirected = await this.#redirect(node.redirects, streams);
    if (redirected !== null) {
      await this.#execute(words, redirected.streams);
      redirected.flush();
    }
    for (const [name, value] of before) {
      if (value === undefined) this.#variables.delete(name);
      else this.#variables.set(name, value);
    }
  }

  /** The streams with redirections; null: a file could not be opened. */
  async #redirect(redirects: readonly Redirect[], streams: Streams): Promise<{ readonly streams: Streams; flush(): void } | null> {
    let result = streams;
    const files: { readonly path: string; readonly append: boolean; text: string }[] = [];
    for (const { descriptor, operator, target } of redirects) {
      const word = await this.#text(target, streams);
      try {
        if (operator === '<') result = { ...result, stdin: this.#options.files.readText(word) };
        else if (operator === '<<<') result = { ...result, stdin: `${word}\n` };
        else if (operator === '<<') result = { ...result, stdin: word };
        else if (operator === '>&') {
          if (descriptor === 2 && word === '1') result = { ...result, err: result.out };
          else if (descriptor === 1 && word === '2') result = { ...result, out: result.err };
        } else {
          const file = { path: word, append: operator === '>>', text: '' };
          files.push(file);
          const into = (text: string) => {
            file.text += text;
          };
          if (operator === '&>') result = { ...result, out: into, err: into };
          else result = descriptor === 2 ? { ...result, err: into } : { ...result, out: into };
        }
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        streams.err(`sh: ${word}: ${error.message}\n`);
        this.#status = 1;
        return null;
      }
    }
    return {
      streams: result,
      flush: () => {
        for (const { path, append, text } of files) {
          try {
            this.#options.files.writeText(path, text, append);
          } catch (error) {
            if (!(error instanceof NetError)) throw error;
            streams.err(`sh: ${path}: ${error.message}\n`);
            this.#status = 1;
          }
        }
      },
    };
  }

  // -- commands ----------------------------------------------------------------------------------------------------------------

  async #execute(words: readonly string[], streams: Streams): Promise<void> {
    const [name = '', ...args] = words;
    const definition = this.#functions.get(name);
    if (definition !== undefined) return this.#inside(args, 'return', () => this.#node(definition, streams));
    if (await this.#special(name, args, streams)) return;
    const plain = name.slice(name.lastIndexOf('/') + 1);
    const command = await this.#options.command(plain);
    if (command !== undefined) {
      this.#status = await this.#own(command, args, streams);
      return;
    }
    const context = this.#context(streams);
    const utility = utilities.get(plain);
    if (utility !== undefined) {
      this.#status = utility(args, context);
      return;
    }
    if (name.includes('/') && this.#options.files.exists(name)) return this.#file(name, args, streams);
    const filtered = hostFilter(plain, args, context);
    if (filtered === null) streams.err(`sh: ${name}: command not found\n`);
    this.#status = filtered ?? 127;
  }

  /** What changes the shell itself, or runs another command. False: it is no such word. */
  async #special(name: string, args: readonly string[], streams: Streams): Promise<boolean> {
    const status = Number(args[0] ?? this.#status);
    switch (name) {
      case 'exit':
      case 'return':
        throw new Leave(name, status);
      case 'break':
      case 'continue':
        throw new Leave(name, 0);
      case 'export':
      case 'local':
      case 'readonly':
      case 'declare':
        for (const arg of args) {
          const at = arg.indexOf('=');
          if (at > 0) this.#variables.set(arg.slice(0, at), arg.slice(at + 1));
        }
        this.#status = 0;
        return true;
      case 'unset':
        for (const arg of args) this.#variables.delete(arg);
        this.#status = 0;
        return true;
      case 'shift':
        this.#arguments = this.#arguments.slice(Number(args[0] ?? 1));
        this.#status = 0;
        return true;
      case 'cd':
        this.#options.files.cwd = (await import('node:path')).resolve(this.#options.files.cwd, args[0] ?? '/');
        this.#status = 0;
        return true;
      case 'eval':
        await this.#script(args.join(' '), streams);
        return true;
      case '.':
      case 'source':
        await this.#source(args[0] ?? '', args.slice(1), streams);
        return true;
      case 'sleep':
        this.#options.sleep(args.reduce((sum, arg) => sum + seconds(arg), 0) * 1e6);
        this.#status = 0;
        return true;
      case 'sh':
      case 'bash':
      case 'python3':
      case 'python':
        await this.#interpreter(args, streams);
        return true;
      case 'timeout':
        await this.#execute(args.slice(1), streams);
        return true;
      case 'sudo':
      case 'nice':
      case 'exec':
      case 'command':
        if (args[0] === '-v') {
          const known = utilities.has(args[1] ?? '') || (await this.#options.command(args[1] ?? '')) !== undefined;
          this.#status = known ? 0 : 1;
        } else await this.#execute(args, streams);
        return true;
      default:
        return false;
    }
  }

  async #interpreter(args: readonly string[], streams: Streams): Promise<void> {
    const words = args.filter((arg) => !/^-[eux]+$/.test(arg));
    if (words[0] === '-c') return this.#inside(words.slice(2), 'exit', () => this.#script(words[1] ?? '', streams));
    return this.#file(words[0] ?? '', words.slice(1), streams);
  }

  /** A program of its own: its names and its end are its own. */
  async #file(path: string, args: readonly string[], streams: Streams): Promise<void> {
    const utility = utilities.get(path.slice(path.lastIndexOf('/') + 1));
    if (utility !== undefined) {
      this.#status = utility(args, this.#context(streams));
      return;
    }
    const text = this.#options.files.readText(path);
    if (/^#!.*python/.test(text)) {
      streams.err(`sh: ${path}: Python programs are not run, but for set_sysctls.py\n`);
      this.#status = 126;
      return;
    }
    const before = new Map(this.#variables);
    await this.#inside(args, 'exit', async () => {
      this.#variables.set('0', path);
      await this.#script(text, streams);
    });
    this.#variables.clear();
    for (const [name, value] of before) this.#variables.set(name, value);
  }

  async #source(path: string, args: readonly string[], streams: Streams): Promise<void> {
    const text = this.#options.files.readText(path);
    await this.#inside(args.length > 0 ? args : this.#arguments, 'return', () => this.#script(text, streams));
  }

  async #inside(args: readonly string[], ends: Leave['kind'], body: () => Promise<void>): Promise<void> {
    if (++this.#depth > DEPTH_LIMIT) throw new NetError(EINVAL, 'scripts call each other too deeply');
    const before = this.#arguments;
    this.#arguments = args;
    try {
      await body();
    } catch (error) {
      if (!(error instanceof Leave) || error.kind !== ends) throw error;
      this.#status = error.status;
    } finally {
      this.#arguments = before;
      this.#depth--;
    }
  }

  async #own(command: Command, args: readonly string[], streams: Streams): Promise<number> {
    const stdout = new Collector();
    const stderr = new Collector();
    const { time, files } = this.#options;
    const variables = Object.fromEntries(this.#variables);
    const io: CommandIo = {
      stdin: inputOf(new TextEncoder().encode(streams.stdin)),
      stdout,
      stderr,
      files,
      processes: { uid: 0, spawn: () => Promise.reject(new NetError(EINVAL, 'no program can be started here')) },
      signal: new AbortController().signal,
      onSignal: () => () => undefined,
      sleepUs: (us, signal) => time.sleepUs(us, signal),
      nowUs: () => time.clock.wallUs(),
    };
    const status = await time.awaiting(command(args, io, { variables, transport: () => Promise.resolve(this.#options.transport()) }));
    streams.out(stdout.text);
    streams.err(stderr.text);
    return status;
  }

  #context(streams: Streams): UtilityContext {
    return {
      files: this.#options.files,
      stdin: streams.stdin,
      out: streams.out,
      err: streams.err,
      variable: (name) => this.#variables.get(name) ?? '',
      setVariable: (name, value) => void this.#variables.set(name, value),
      link: (name) => this.#options.link(name),
    };
  }

  // -- words -------------------------------------------------------------------------------------------------------------------

  /** Words with everything replaced; what is replaced outside of quotes is parted at blanks. */
  async #fields(words: readonly Word[], streams: Streams): Promise<string[]> {
    const fields: string[] = [];
    for (const word of words) {
      let current: string | null = null;
      for (const part of word) {
        if (part.kind === 'text') {
          current = (current ?? '') + part.text;
          continue;
        }
        if (part.kind === 'variable' && part.name === '@') {
          const values = this.#arguments;
          values.forEach((value, i) => {
            current = (current ?? '') + value;
            if (i < values.length - 1) {
              fields.push(current);
              current = null;
            }
          });
          continue;
        }
        const value = await this.#part(part, streams);
        if (part.quoted) {
          current = (current ?? '') + value;
          continue;
        }
        const pieces = value.split(/[ \t\n]+/);
        pieces.forEach((piece, i) => {
          if (i > 0 && current !== null) {
            fields.push(current);
            current = null;
          }
          if (piece !== '') current = (current ?? '') + piece;
        });
      }
      if (current !== null) fields.push(current);
    }
    return fields;
  }

  async #text(word: Word, streams: Streams): Promise<string> {
    let text = '';
    for (const part of word) text += part.kind === 'text' ? part.text : await this.#part(part, streams);
    return text;
  }

  async #part(part: Word[number], streams: Streams): Promise<string> {
    if (part.kind === 'text') return part.text;
    if (part.kind === 'arithmetic') {
      const text = await this.#text(parseQuoted(part.text), streams);
      return String(evaluateArithmetic(text, (name) => this.#lookup(name) ?? ''));
    }
    if (part.kind === 'substitution') {
      let output = '';
      await this.#script(part.script, {
        ...streams,
        out: (text) => {
          output += text;
        },
      });
      return output.replace(/\n+$/, '');
    }
    return this.#variable(part, streams);
  }

  async #variable(part: Word[number] & { kind: 'variable' }, streams: Streams): Promise<string> {
    const value = this.#lookup(part.name);
    const { operator } = part;
    if (operator === '') return value ?? '';
    if (operator === 'length') return String((value ?? '').length);
    const word = part.word === null ? '' : await this.#text(part.word, streams);
    const missing = value === undefined || (operator.startsWith(':') && value === '');
    if (operator.endsWith('-')) return missing ? word : value;
    if (operator.endsWith('+')) return missing ? '' : word;
    if (operator.endsWith('=')) {
      if (missing) this.#variables.set(part.name, word);
      return missing ? word : value;
    }
    if (operator.endsWith('?')) {
      if (missing) throw new NetError(EINVAL, `${part.name}: ${word || 'parameter not set'}`);
      return value;
    }
    return strip(value ?? '', operator, word);
  }

  #lookup(name: string): string | undefined {
    if (/^\d+$/.test(name) && name !== '0') return this.#arguments[Number(name) - 1];
    if (name === '#') return String(this.#arguments.length);
    if (name === '@' || name === '*') return this.#arguments.join(' ');
    if (name === '?') return String(this.#status);
    if (name === '$') return this.#variables.get('PPID');
    return this.#variables.get(name);
  }
}

function parseQuoted(text: string): Word {
  const node = text.includes('$') ? parseShell(`: "${text}"`) : null;
  return node !== null && node.kind === 'simple' ? (node.words[1] ?? []) : [{ kind: 'text', text, quoted: true }];
}

const seconds = (text: string): number => Number.parseFloat(text) * ({ s: 1, m: 60, h: 3600 }[text.at(-1) ?? ''] ?? 1);

/** A pattern of the shell as a regular expression. */
const patternSource = (pattern: string): string =>
  pattern
    .replace(/[\\^$.+(){}|]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');

const matchesPattern = (pattern: string, word: string): boolean => new RegExp(`^(?:${patternSource(pattern)})$`, 's').test(word);

/** ${name#pattern} and its kind. */
function strip(value: string, operator: string, pattern: string): string {
  const greedy = operator.length === 2;
  const lengths = Array.from({ length: value.length + 1 }, (_, i) => (greedy ? value.length - i : i));
  for (const length of lengths) {
    const part = operator.startsWith('#') ? value.slice(0, length) : value.slice(value.length - length);
    if (matchesPattern(pattern, part)) return operator.startsWith('#') ? value.slice(length) : value.slice(0, value.length - length);
  }
  return value;
}

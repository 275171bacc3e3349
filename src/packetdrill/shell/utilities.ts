import { spawnSync } from 'node:child_process';
import { NetError } from '../../base/net-error.js';
import type { ScriptLink } from '../link.js';
import { evaluateArithmetic } from './arithmetic.js';
import type { ShellFiles } from './shell-files.js';

/** What a utility sees of the shell that runs it. */
export interface UtilityContext {
  readonly files: ShellFiles;
  readonly stdin: string;
  out(text: string): void;
  err(text: string): void;
  variable(name: string): string;
  setVariable(name: string, value: string): void;
  /** The device of the script, by its name; null: it has no such. */
  link(name: string): ScriptLink | null;
}

/** A utility that changes nothing outside of the shell; its exit status. */
export type Utility = (args: readonly string[], context: UtilityContext) => number;

/** Filters of the host that only turn text into text. */
const FILTERS = new Set([
  'awk',
  'sed',
  'cut',
  'tr',
  'head',
  'tail',
  'sort',
  'uniq',
  'wc',
  'paste',
  'rev',
  'seq',
  'expr',
  'basename',
  'dirname',
  'bc',
  'xxd',
  'od',
]);

const quiet: Utility = () => 0;

const cat: Utility = (args, context) => {
  let status = 0;
  if (args.length === 0) context.out(context.stdin);
  for (const path of args.filter((arg) => arg !== '-n')) status |= reading(context, 'cat', path, (text) => context.out(text));
  return status;
};

function reading(context: UtilityContext, name: string, path: string, use: (text: string) => void): number {
  try {
    use(path === '-' ? context.stdin : context.files.readText(path));
    return 0;
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    context.err(`${name}: ${path}: ${error.message}\n`);
    return 1;
  }
}

const echo: Utility = (args, context) => {
  let newline = true;
  let escapes = false;
  let from = 0;
  for (; /^-[neE]+$/.test(args[from] ?? ''); from++) {
    if (args[from]!.includes('n')) newline = false;
    if (args[from]!.includes('e')) escapes = true;
  }
  const text = args.slice(from).join(' ');
  context.out((escapes ? unescaped(text) : text) + (newline ? '\n' : ''));
  return 0;
};

const unescaped = (text: string): string =>
  text.replace(/\\(n|t|r|\\|0[0-7]{1,3}|x[0-9a-fA-F]{1,2})/g, (_whole, code: string) => {
    if (code === 'n') return '\n';
    if (code === 't') return '\t';
    if (code === 'r') return '\r';
    if (code === '\\') return '\\';
    return String.fromCharCode(code.startsWith('x') ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8));
  });

const printf: Utility = ([pattern = '', ...args], context) => {
  let next = 0;
  do {
    context.out(
      unescaped(pattern).replace(/%(-?\d*)(?:\.\d+)?([dsxiuc%])/g, (_whole, width: string, kind: string) => {
        if (kind === '%') return '%';
        const value = args[next++] ?? '';
        const shown = kind === 's' || kind === 'c' ? value : kind === 'x' ? Number(value).toString(16) : String(Math.trunc(Number(value)));
        return width.startsWith('-') ? shown.padEnd(Number(width.slice(1))) : shown.padStart(Number(width));
      }),
    );
  } while (next > 0 && next < args.length);
  return 0;
};

const grep: Utility = (args, context) => {
  const flags = new Set<string>();
  const patterns: string[] = [];
  const paths: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '-e') patterns.push(args[++i] ?? '');
    else if (/^-[a-zA-Z]+$/.test(arg)) for (const flag of arg.slice(1)) flags.add(flag);
    else if (patterns.length === 0) patterns.push(arg);
    else paths.push(arg);
  }
  const source = patterns.map((pattern) => expression(pattern, flags)).join('|');
  const wanted = new RegExp(flags.has('w') ? `\\b(?:${source})\\b` : source, flags.has('i') ? 'i' : '');
  let status = 0;
  let count = 0;
  const search = (path: string, text: string) => {
    for (const line of text.replace(/\n$/, '').split('\n')) {
      const found = wanted.exec(line);
      if ((found !== null) === flags.has('v')) continue;
      count++;
      if (flags.has('q') || flags.has('c')) continue;
      context.out(`${paths.length > 1 && !flags.has('h') ? `${path}:` : ''}${flags.has('o') && found !== null ? found[0] : line}\n`);
    }
  };
  if (paths.length === 0) search('-', context.stdin);
  else for (const path of paths) status |= reading(context, 'grep', path, (text) => search(path, text)) * 2;
  if (flags.has('c')) context.out(`${count}\n`);
  return count > 0 ? 0 : status || 1;
};

/** A pattern of grep as JavaScript has it: in basic ones the backslash makes an operator, in extended ones it takes it away. */
function expression(pattern: string, flags: ReadonlySet<string>): string {
  if (flags.has('F')) return pattern.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const classes = pattern.replace(
    /\[:(\w+):\]/g,
    (_whole, name: string) => ({ digit: '0-9', space: '\\s', alpha: 'A-Za-z', alnum: 'A-Za-z0-9' })[name] ?? '',
  );
  if (flags.has('E') || flags.has('P')) return classes;
  return classes.replace(
    /\\([+?|(){}])|([+?|(){}])/g,
    (_whole, operator: string | undefined, plain: string | undefined) => operator ?? `\\${plain}`,
  );
}

/** test(1), `[` and what is used of `[[`. */
const test: Utility = (args, context) => (holds(args, context) ? 0 : 1);

function holds(args: readonly string[], context: UtilityContext): boolean {
  const or = args.findIndex((arg) => arg === '-o' || arg === '||');
  if (or > 0) return holds(args.slice(0, or), context) || holds(args.slice(or + 1), context);
  const and = args.findIndex((arg) => arg === '-a' || arg === '&&');
  if (and > 0) return holds(args.slice(0, and), context) && holds(args.slice(and + 1), context);
  if (args[0] === '!') return !holds(args.slice(1), context);
  const [a = '', b = '', c = ''] = args;
  if (args.length === 1) return a !== '';
  if (args.length === 2) {
    if (a === '-z') return b === '';
    if (a === '-n') return b !== '';
    if (/^-[efrwxsd]$/.test(a)) return context.files.exists(b);
    return false;
  }
  const numbers: Readonly<Record<string, (x: number, y: number) => boolean>> = {
    '-eq': (x, y) => x === y,
    '-ne': (x, y) => x !== y,
    '-lt': (x, y) => x < y,
    '-le': (x, y) => x <= y,
    '-gt': (x, y) => x > y,
    '-ge': (x, y) => x >= y,
  };
  const compare = numbers[b];
  if (compare !== undefined) return compare(Number(a), Number(c));
  if (b === '=~') return new RegExp(c).test(a);
  return b === '!=' ? a !== c : (b === '=' || b === '==') && a === c;
}

const bracket =
  (close: string): Utility =>
  (args, context) => {
    if (args.at(-1) === close) return test(args.slice(0, -1), context);
    context.err(`[: missing "${close}"\n`);
    return 2;
  };

/**
 * `set_sysctls.py /proc/sys/...=VALUE ...`: sets files, and leaves a script that sets them back, whose name has the process id of
 * the runner.
 */
const setSysctls: Utility = (args, context) => {
  let restore = '#!/bin/sh\n';
  for (const arg of args) {
    const at = arg.indexOf('=');
    const path = arg.slice(0, at);
    try {
      const before = context.files.readText(path).trim();
      context.files.writeText(path, arg.slice(at + 1));
      restore += `echo "${before}" > ${path}\n`;
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      context.err(`set_sysctls.py: ${path}: ${error.message}\n`);
      return 1;
    }
  }
  context.files.writeText(`/tmp/sysctl_restore_${context.variable('PPID')}.sh`, restore);
  return 0;
};

/**
 * `tc qdisc ...`: the runner's device sends at once, whatever stands in front of it; kinds that hold nothing back are taken. A queue
 * without any room drops all, and `fq` has sockets space out what they send.
 */
const tc: Utility = (args, context) => {
  const words = args.filter((arg) => !arg.startsWith('-'));
  const kinds = new Set(['pfifo', 'bfifo', 'pfifo_fast', 'fq', 'fq_codel', 'noqueue', 'mq']);
  const changes = new Set(['add', 'replace', 'change', 'del', 'delete', 'show', 'list', 'ls']);
  const [object, verb] = words;
  if (object === 'qdisc' && (verb === undefined || changes.has(verb))) {
    if (verb === undefined || verb.startsWith('s') || verb.startsWith('l')) return 0;
    const device = words[words.indexOf('dev') + 1] ?? '';
    const kind = verb.startsWith('d') ? 'pfifo' : words.find((word) => kinds.has(word));
    if (kind !== undefined) {
      const limit = words.includes('limit') ? Number(words[words.indexOf('limit') + 1]) : 1000;
      const link = context.link(device);
      if (link !== null) link.queue = { paces: kind === 'fq', limit };
      return 0;
    }
  }
  context.err(`tc: "${args.join(' ')}" is not there\n`);
  return 1;
};

function says(context: UtilityContext, line: string): number {
  context.out(`${line}\n`);
  return 0;
}

function each(args: readonly string[], act: (path: string) => void): number {
  for (const path of args.filter((arg) => !arg.startsWith('-'))) act(path);
  return 0;
}

/** `dd if=/dev/zero of=FILE bs=N count=N` */
const dd: Utility = (args, context) => {
  const words = new Map(args.map((arg): [string, string] => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]));
  const number = (text: string) => Number.parseInt(text, 10) * ({ k: 1024, K: 1024, M: 1024 ** 2 }[text.at(-1) ?? ''] ?? 1);
  const bytes = number(words.get('bs') ?? '512') * number(words.get('count') ?? '1');
  if (words.get('if') !== '/dev/zero' || !(bytes >= 0 && bytes <= 1 << 26)) {
    context.err('dd: only some of /dev/zero is read\n');
    return 1;
  }
  context.files.writeText(words.get('of') ?? '/dev/null', '\0'.repeat(bytes));
  return 0;
};

const expressions: Utility = (args, context) => {
  const value = args.reduce((_last, arg) => evaluateArithmetic(arg, (name) => context.variable(name)), 0);
  return value === 0 ? 1 : 0;
};

export const utilities: ReadonlyMap<string, Utility> = new Map<string, Utility>([
  [':', quiet],
  ['true', quiet],
  ['false', () => 1],
  ['cat', cat],
  ['echo', echo],
  ['printf', printf],
  ['grep', grep],
  ['egrep', (args, context) => grep(['-E', ...args], context)],
  ['fgrep', (args, context) => grep(['-F', ...args], context)],
  ['test', test],
  ['[', bracket(']')],
  ['[[', bracket(']]')],
  ['let', expressions],
  ['set_sysctls.py', setSysctls],
  ['set_sysctls', setSysctls],
  ['dd', dd],
  ['tc', tc],
  ['modprobe', quiet],
  ['chmod', quiet],
  ['mkdir', quiet],
  ['ulimit', quiet],
  ['umask', quiet],
  ['set', quiet],
  ['trap', quiet],
  ['wait', quiet],
  ['sync', quiet],
  ['pwd', (_args, context) => says(context, context.files.cwd)],
  ['touch', (args, context) => each(args, (path) => context.files.writeText(path, '', true))],
  ['rm', (args, context) => each(args, (path) => context.files.remove(path))],
  ['uname', (args, context) => says(context, args.includes('-r') ? '6.1.0' : args.includes('-m') ? 'x86_64' : 'Linux')],
  ['id', (_args, context) => says(context, '0')],
  ['whoami', (_args, context) => says(context, 'root')],
]);

/** A filter of the host over text; null: it is none of those that may run. */
export function hostFilter(name: string, args: readonly string[], context: UtilityContext): number | null {
  if (!FILTERS.has(name)) return null;
  // Files of the stack have no name on the host: their text goes in by the standard input.
  const paths = args.filter((arg) => arg.startsWith('/proc/'));
  const input = paths.length === 0 ? context.stdin : paths.map((path) => context.files.readText(path)).join('');
  const words = args.filter((arg) => !arg.startsWith('/proc/'));
  const result = spawnSync(name, words, {
    input,
    encoding: 'utf8',
    timeout: 10_000,
    cwd: context.files.cwd,
    env: { PATH: '/usr/bin:/bin' },
  });
  if (result.error !== undefined) {
    context.err(`${name}: ${result.error.message}\n`);
    return 127;
  }
  context.out(result.stdout);
  context.err(result.stderr);
  return result.status ?? 128;
}

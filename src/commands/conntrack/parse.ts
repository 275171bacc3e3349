import { problem, usageProblem } from './fatal.js';
import { type ConntrackOption, conntrackOptions } from './options.js';
import { settle } from './values.js';
import { type ConntrackWords, noWords } from './words.js';

const byName = new Map<string, ConntrackOption>(conntrackOptions.flatMap((option) => option.names.map((name) => [name, option] as const)));

/** Reads a command line as getopt_long(3) does: long names may be shortened, letters stand together. */
export function parseWords(argv: readonly string[]): ConntrackWords {
  const words = noWords();
  const given: { option: ConntrackOption; word: string }[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (!word.startsWith('-') || word === '-') continue;
    let option: ConntrackOption | undefined;
    let value: string | undefined;
    if (word.startsWith('--')) {
      const [name = '', ...rest] = word.split('=');
      option = byName.get(name) ?? shortened(name);
      if (rest.length > 0) value = rest.join('=');
    } else {
      option = byName.get(word.slice(0, 2));
      if (word.length > 2) {
        if (option?.value === undefined) at = spread(words, option, word, at);
        else value = word.slice(2);
        if (option?.value === undefined && option !== undefined) continue;
      }
    }
    if (option === undefined) throw usageProblem(`unknown option \`${word}'`);
    if (option.value !== undefined && value === undefined) {
      const next = argv[at + 1];
      if (next !== undefined && (option.optional !== true || !next.startsWith('-'))) {
        value = next;
        at++;
      } else if (option.optional !== true) throw usageProblem(`option \`${word}' requires an argument`);
    }
    option.take(words, value ?? '');
    given.push({ option, word });
  }
  for (const { option, word } of given)
    if (option.protocols !== undefined && !option.protocols.includes(words.protocol ?? -1)) throw usageProblem(`unknown option \`${word}'`);
  for (const { option } of given) {
    const name = option.names.find((long) => long.startsWith('--'))!;
    if (illegal(words, name)) throw usageProblem(`Illegal option \`${name}' with this command`);
  }
  settle(words);
  refuseExpectation(words);
  return words;
}

/** Of single expectations the real tool knows what it lacks; with all it asks for, it is refused as well. */
function refuseExpectation({ command, table, originalSource, originalDestination, protocol }: ConntrackWords): void {
  if (table !== 'expect' || !'IADGU'.includes(command)) return;
  if (command === 'U') throw usageProblem("Can't do --update on expectations");
  const missing =
    originalSource === undefined ? 'src' : originalDestination === undefined ? 'dst' : protocol === undefined ? 'protonum' : undefined;
  if (missing !== undefined) throw usageProblem(`You need to supply the \`--${missing}' option for this command`);
  throw problem('Operation failed: invalid parameters');
}

/** Options that say nothing to a command. */
const unfit: Readonly<Record<string, readonly string[]>> = {
  L: ['--event-mask', '--timeout', '--buffer-size', '--label-add', '--label-del'],
  D: ['--event-mask', '--buffer-size', '--label-add', '--label-del'],
  E: ['--label-add', '--label-del'],
  I: ['--event-mask', '--buffer-size', '--family', '--any-nat', '--label'],
  A: ['--event-mask', '--buffer-size', '--family', '--any-nat', '--label'],
};
const always: ReadonlySet<string> = new Set(['--count', '--flush', '--output', '--family', '--buffer-size']);

function illegal({ command, table }: ConntrackWords, name: string): boolean {
  if (command === 'F' || command === 'C') return !always.has(name);
  if ((command === 'L' || command === 'E') && table === 'expect' && name === '--protonum') return true;
  if (command === 'L' && table === 'expect' && name === '--src') return true;
  if (table === 'expect' && name === '--label') return true;
  return unfit[command]?.includes(name) ?? false;
}

function shortened(name: string): ConntrackOption | undefined {
  const found = new Set([...byName].filter(([known]) => known.startsWith(name)).map(([, option]) => option));
  return found.size === 1 ? [...found][0] : undefined;
}

/** Letters one behind the other, none with an argument. */
function spread(words: ConntrackWords, first: ConntrackOption | undefined, word: string, at: number): number {
  if (first === undefined) throw usageProblem(`unknown option \`${word}'`);
  for (const letter of word.slice(1)) {
    const option = byName.get(`-${letter}`);
    if (option === undefined || (option.value !== undefined && option.optional !== true)) throw usageProblem(`unknown option \`${word}'`);
    option.take(words, '');
  }
  return at;
}

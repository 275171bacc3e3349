import { CommandFailure } from '../shared/failure.js';
import { type IpvsadmOption, ipvsadmOptions } from './options.js';
import type { Resolver } from './resolve.js';
import { timeout } from './take.js';
import { TRY_HELP } from './usage.js';
import { IpvsadmWords, refusal } from './words.js';

const byName = new Map<string, IpvsadmOption>(ipvsadmOptions.flatMap((option) => option.names.map((name) => [name, option] as const)));

const tryHelp = () => new CommandFailure(255, TRY_HELP);
/** What popt(3) finds wrong. */
const poptProblem = (word: string, text: string) => new CommandFailure(255, `${word}: ${text}\n`);

interface Found {
  readonly option: IpvsadmOption;
  readonly value: string | undefined;
  /** The word that it stood in. */
  readonly word: string;
}

/** Takes a command line apart as popt(3) does: long names whole, letters together, operands anywhere. */
function* popt(argv: readonly string[], operands: string[]): Iterable<Found> {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--') {
      operands.push(...argv.slice(at + 1));
      return;
    }
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const long = word.startsWith('--');
    const equals = long ? word.indexOf('=') : -1;
    const names = long ? [equals < 0 ? word : word.slice(0, equals)] : [...word.slice(1)].map((letter) => `-${letter}`);
    for (let i = 0; i < names.length; i++) {
      const option = byName.get(names[i]!);
      if (option === undefined) throw poptProblem(word, 'unknown option');
      let value: string | undefined;
      let culprit = word;
      if (option.value !== undefined) {
        const rest = long ? (equals < 0 ? undefined : word.slice(equals + 1)) : word.slice(i + 2);
        if (rest !== undefined && rest !== '') value = !long && rest.startsWith('=') ? rest.slice(1) : rest;
        else if (long && equals >= 0) value = '';
        else if (at + 1 < argv.length && (option.optional !== true || !argv[at + 1]!.startsWith('-'))) culprit = value = argv[++at]!;
        else if (option.optional !== true) throw poptProblem(word, 'missing argument');
        i = names.length;
      } else if (equals >= 0) throw poptProblem(word, 'option does not take an argument');
      yield { option, value, word: culprit };
    }
  }
}

/** What the words say; checked one by one, not yet against each other. */
export function parseWords(argv: readonly string[], resolver: Resolver): IpvsadmWords {
  const words = new IpvsadmWords();
  const operands: string[] = [];
  let first = true;
  const found = popt(argv, operands)[Symbol.iterator]();
  for (;;) {
    let next: IteratorResult<Found>;
    try {
      next = found.next();
    } catch (error) {
      // Who does not even begin with a command is shown the way.
      if (first && error instanceof CommandFailure) throw tryHelp();
      throw error;
    }
    if (next.done === true) break;
    const { option, value, word } = next.value;
    if (first) {
      first = false;
      if (option.command === undefined) throw tryHelp();
      words.command = option.command;
      if (option.command === 'help' || option.command === 'version') return words;
    } else if (option.command !== undefined) throw refusal(`invalid option \`${word}'`);
    option.take?.(words, value, resolver);
  }
  if (first) throw tryHelp();
  if (words.command === 'set') words.timeouts = takeTimeouts(operands);
  const [unexpected] = operands;
  if (unexpected !== undefined) throw refusal(`unexpected argument ${unexpected}`);
  return words;
}

/** Three operands of --set. */
function takeTimeouts(operands: string[]): readonly number[] {
  if (operands.length < 3) throw refusal('--set option requires 3 timeout values');
  return operands.splice(0, 3).map((value) => timeout(value, 0));
}

/**
 * Command lines in the manner of getopt(3), as glibc reads them: options may stand behind operands, `--` ends them. One table
 * feeds the parser, the usage text, man page and completions.
 */
export interface LetterOption<S> {
  /** Empty where there is a long name alone. */
  readonly letter: string;
  /** Names behind two dashes, as getopt_long(3) takes them: any start that is no other's will do. */
  readonly long?: readonly string[];
  /** Name of its argument, as the usage shows it: "count"; left out: it takes none. */
  readonly value?: string;
  /** What it means; several lines where the usage has several. */
  readonly text: readonly string[];
  /** Understood, but not in the usage. */
  readonly hidden?: boolean;
  /** Where completions find values: devices, namespaces, or these words. */
  readonly complete?: 'device' | 'namespace' | readonly string[];
  take(state: S, value: string): void;
}

/** The options of a table as man pages and completions show them; those that the usage leaves out are left out. */
export const letterReferences = (options: readonly Omit<LetterOption<never>, 'take'>[]) =>
  options
    .filter(({ hidden }) => hidden !== true)
    .map(({ letter, long = [], value, text }) => ({
      names: [...(letter === '' ? [] : [`-${letter}`]), ...long.map((name) => `--${name}`)],
      text: text.join(' '),
      ...(value === undefined ? {} : { value }),
    }));

/** What is wrong with a command line, in glibc's words. */
export type OptionProblem = (text: string) => never;

/** Takes the options in their order into `state`, and returns the operands. */
export function readOptions<S>(
  options: readonly LetterOption<S>[],
  argv: readonly string[],
  state: S,
  problem: OptionProblem,
): readonly string[] {
  const operands: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--') return [...operands, ...argv.slice(at + 1)];
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    if (word.startsWith('--') && options.some(({ long }) => long !== undefined)) {
      at += takeLong(options, word, argv[at + 1], state, problem);
      continue;
    }
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!;
      const option = options.find((candidate) => candidate.letter === letter);
      if (option === undefined) return problem(`invalid option -- '${letter}'`);
      if (option.value === undefined) {
        option.take(state, '');
        continue;
      }
      const rest = word.slice(i + 1);
      const value = rest !== '' ? rest : argv[++at];
      if (value === undefined) return problem(`option requires an argument -- '${letter}'`);
      option.take(state, value);
      break;
    }
  }
  return operands;
}

/** A long option; how many further words it took. */
function takeLong<S>(
  options: readonly LetterOption<S>[],
  word: string,
  next: string | undefined,
  state: S,
  problem: OptionProblem,
): number {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals < 0 ? undefined : equals);
  const { option, long } = findLong(options, word, name, problem);
  if (option.value === undefined) {
    if (equals >= 0) return problem(`option '--${long}' doesn't allow an argument`);
    option.take(state, '');
    return 0;
  }
  const value = equals >= 0 ? word.slice(equals + 1) : next;
  if (value === undefined) return problem(`option '--${long}' requires an argument`);
  option.take(state, value);
  return equals >= 0 ? 0 : 1;
}

function findLong<S>(options: readonly LetterOption<S>[], word: string, name: string, problem: OptionProblem) {
  const fitting: { readonly option: LetterOption<S>; readonly long: string }[] = [];
  for (const option of options) {
    for (const long of option.long ?? []) {
      if (long === name) return { option, long };
      if (long.startsWith(name)) fitting.push({ option, long });
    }
  }
  const [first] = fitting;
  if (first === undefined) return problem(`unrecognized option '${word.split('=')[0]}'`);
  if (fitting.some(({ option }) => option !== first.option))
    return problem(`option '${word}' is ambiguous; possibilities:${fitting.map(({ long }) => ` '--${long}'`).join('')}`);
  return first;
}

/** The lines of a usage text: "  -c <count>         stop after <count> replies". */
export function optionLines(options: readonly LetterOption<never>[], column = 21): string {
  let text = '';
  for (const option of options) {
    if (option.hidden === true) continue;
    const name = `  -${option.letter}${option.value === undefined ? '' : ` <${option.value}>`}`;
    text += `${name.padEnd(column)}${option.text.join(`\n${' '.repeat(column)}`)}\n`;
  }
  return text;
}

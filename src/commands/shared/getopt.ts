/**
 * Command lines in the manner of getopt(3), as glibc reads them: options may stand behind operands, `--` ends them. One table
 * feeds the parser, the usage text, man page and completions.
 */
export interface LetterOption<S> {
  readonly letter: string;
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

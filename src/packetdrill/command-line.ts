import { type ConfigOption, isOption, takesValue } from './config.js';

export interface CommandLine {
  readonly options: readonly ConfigOption[];
  readonly files: readonly string[];
}

/** Words as getopt_long() takes them: `--name=value`, `--name value`, `-D NAME=VALUE`, `-v`, `--`. A text: what is wrong. */
export function readCommandLine(argv: readonly string[]): CommandLine | string {
  const options: ConfigOption[] = [];
  const files: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--') {
      files.push(...argv.slice(i + 1));
      break;
    }
    if (word === '-v') options.push({ name: 'verbose', value: null, where: '' });
    else if (word.startsWith('-D')) {
      const value = word.length > 2 ? word.slice(2) : argv[++i];
      if (value === undefined) return 'option -D needs a value';
      options.push({ name: 'define', value, where: '' });
    } else if (word.startsWith('--')) {
      const at = word.indexOf('=');
      const name = at < 0 ? word.slice(2) : word.slice(2, at);
      if (!isOption(name)) return `unknown option: --${name}`;
      const value = at < 0 ? null : word.slice(at + 1);
      options.push({ name, value: value === null && takesValue(name) ? (argv[++i] ?? null) : value, where: '' });
    } else if (word.startsWith('-') && word.length > 1) return `unknown option: ${word}`;
    else files.push(word);
  }
  return files.length === 0 ? 'no script is named' : { options, files };
}

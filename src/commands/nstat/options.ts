import type { LetterOption } from '../shared/getopt.js';

export interface NstatOptions {
  absolute: boolean;
  zeros: boolean;
  quiet: boolean;
  keep: boolean;
  reset: boolean;
  json: boolean;
  pretty: boolean;
  daemon: boolean;
  help: boolean;
  version: boolean;
}

export const newOptions = (): NstatOptions => ({
  absolute: false,
  zeros: false,
  quiet: false,
  keep: false,
  reset: false,
  json: false,
  pretty: false,
  daemon: false,
  help: false,
  version: false,
});

const on = (letter: string, long: string, text: string, key: keyof NstatOptions, value?: string): LetterOption<NstatOptions> => ({
  letter,
  long: [long],
  text: [text],
  ...(value === undefined ? {} : { value }),
  take(options) {
    options[key] = true;
  },
});

/** One table for the parser, the man page and the completions. */
export const nstatOptions: readonly LetterOption<NstatOptions>[] = [
  on('h', 'help', 'print the usage', 'help'),
  on('a', 'ignore', 'values as they are, not since the last call', 'absolute'),
  on('d', 'scan', 'sample in the background; not there', 'daemon', 'SECS'),
  on('j', 'json', 'print JSON', 'json'),
  on('n', 'nooutput', 'show nothing, only remember', 'quiet'),
  on('p', 'pretty', 'with -j, lines and indents', 'pretty'),
  on('r', 'reset', 'forget what was remembered first', 'reset'),
  on('s', 'noupdate', 'remember nothing', 'keep'),
  on('t', 'interval', 'averages over that time; not there', 'daemon', 'SECS'),
  on('V', 'version', 'print the version', 'version'),
  on('z', 'zeros', 'show what is zero too', 'zeros'),
];

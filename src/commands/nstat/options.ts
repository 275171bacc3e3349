import { failure } from '../shared/failure.js';
import type { LetterOption } from '../shared/getopt.js';

/** The number that a text begins with; null: none. C: sscanf("%d") */
const leadingInteger = (text: string): number | null => {
  const digits = /^\s*[+-]?\d+/.exec(text)?.[0];
  return digits === undefined ? null : Number(digits);
};

export interface NstatOptions {
  absolute: boolean;
  zeros: boolean;
  quiet: boolean;
  keep: boolean;
  reset: boolean;
  json: boolean;
  pretty: boolean;
  /** Seconds between samples in the background; 0: none are taken. */
  scanSeconds: number;
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
  scanSeconds: 0,
  help: false,
  version: false,
});

type Switch = Exclude<keyof NstatOptions, 'scanSeconds'>;

const on = (letter: string, long: string, text: string, key: Switch): LetterOption<NstatOptions> => ({
  letter,
  long: [long],
  text: [text],
  take(options) {
    options[key] = true;
  },
});

/** One table for the parser, the man page and the completions. */
export const nstatOptions: readonly LetterOption<NstatOptions>[] = [
  on('h', 'help', 'print the usage', 'help'),
  on('a', 'ignore', 'values as they are, not since the last call', 'absolute'),
  {
    letter: 'd',
    long: ['scan'],
    text: ['sample in the background; not there, but for 0, which means not to'],
    value: 'SECS',
    take(options, text) {
      options.scanSeconds = leadingInteger(text) ?? 0;
    },
  },
  on('j', 'json', 'print JSON', 'json'),
  on('n', 'nooutput', 'show nothing, only remember', 'quiet'),
  on('p', 'pretty', 'with -j, lines and indents', 'pretty'),
  on('r', 'reset', 'forget what was remembered first', 'reset'),
  on('s', 'noupdate', 'remember nothing', 'keep'),
  {
    letter: 't',
    long: ['interval'],
    text: ['the time that averages are of, where samples are taken in the background'],
    value: 'SECS',
    take(_options, text) {
      if ((leadingInteger(text) ?? 0) <= 0) throw failure('nstat: invalid time constant divisor', 255);
    },
  },
  on('V', 'version', 'print the version', 'version'),
  on('z', 'zeros', 'show what is zero too', 'zeros'),
];

/** An option of sysctl(8): what it is called, what it means. */
export interface SysctlOption {
  readonly short?: string;
  readonly long?: string;
  /** Argument: always another word or the rest of this one; `optional` only behind "=" or as the next bare word. */
  readonly argument?: 'required' | 'optional';
  readonly value?: string;
  readonly key: keyof SysctlFlags;
  readonly text: string;
}

export interface SysctlFlags {
  all: boolean;
  deprecated: boolean;
  dryRun: boolean;
  binary: boolean;
  ignore: boolean;
  names: boolean;
  values: boolean;
  load: boolean;
  system: boolean;
  pattern: string | undefined;
  quiet: boolean;
  write: boolean;
  nothing: boolean;
  help: boolean;
  version: boolean;
}

/** One table for the parser, the man page and the completions. */
export const sysctlOptions: readonly SysctlOption[] = [
  { short: 'a', long: 'all', key: 'all', text: 'show all settings' },
  { short: 'A', key: 'all', text: 'as -a' },
  { short: 'X', key: 'all', text: 'as -a' },
  { long: 'deprecated', key: 'deprecated', text: 'settings by older names too: base_reachable_time, retrans_time' },
  { long: 'dry-run', key: 'dryRun', text: 'say what would be set without setting it' },
  { short: 'b', long: 'binary', key: 'binary', text: 'values without a newline behind them' },
  { short: 'e', long: 'ignore', key: 'ignore', text: 'say nothing of settings that are not there' },
  { short: 'N', long: 'names', key: 'names', text: 'names without values' },
  { short: 'n', long: 'values', key: 'values', text: 'values without names' },
  {
    short: 'p',
    long: 'load',
    argument: 'optional',
    value: 'FILE',
    key: 'load',
    text: 'set what the files say; /etc/sysctl.conf when none is named',
  },
  { short: 'f', argument: 'optional', value: 'FILE', key: 'load', text: 'as -p' },
  { long: 'system', key: 'system', text: 'set what all files of the system say: sysctl.d folders, then /etc/sysctl.conf' },
  {
    short: 'r',
    long: 'pattern',
    argument: 'required',
    value: 'EXPRESSION',
    key: 'pattern',
    text: 'only settings that the regular expression fits',
  },
  { short: 'q', long: 'quiet', key: 'quiet', text: 'do not show what was set' },
  { short: 'w', long: 'write', key: 'write', text: 'all words are settings: KEY=VALUE' },
  { short: 'o', key: 'nothing', text: 'does nothing' },
  { short: 'x', key: 'nothing', text: 'does nothing' },
  { short: 'd', key: 'help', text: 'as -h' },
  { short: 'h', long: 'help', key: 'help', text: 'print the usage' },
  { short: 'V', long: 'version', key: 'version', text: 'print the version' },
];

export interface ParsedOptions {
  readonly flags: SysctlFlags;
  readonly words: readonly string[];
  /** What getopt(3) complains of. */
  readonly complaint: string | undefined;
}

const none = (): SysctlFlags => ({
  all: false,
  deprecated: false,
  dryRun: false,
  binary: false,
  ignore: false,
  names: false,
  values: false,
  load: false,
  system: false,
  pattern: undefined,
  quiet: false,
  write: false,
  nothing: false,
  help: false,
  version: false,
});

/** As getopt_long(3): options anywhere, short ones together, long ones abbreviated. */
export function parseSysctlOptions(argv: readonly string[]): ParsedOptions {
  const flags = none();
  const words: string[] = [];
  const rest = [...argv];
  const apply = (option: SysctlOption, argument: string | undefined) => {
    if (option.key === 'pattern') flags.pattern = argument;
    else flags[option.key] = true;
    if (option.key === 'load' && argument !== undefined) words.push(argument);
  };
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      words.push(...rest);
      break;
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = word.slice(2, equals === -1 ? undefined : equals);
      const option = longOption(name);
      if (option === undefined) return { flags, words, complaint: `sysctl: unrecognized option '${word}'` };
      let argument = equals === -1 ? undefined : word.slice(equals + 1);
      if (option.argument === 'required' && argument === undefined) argument = rest.shift();
      if (option.argument === 'required' && argument === undefined)
        return { flags, words, complaint: `sysctl: option '--${option.long}' requires an argument` };
      apply(option, argument);
    } else if (word.startsWith('-') && word.length > 1) {
      for (let i = 1; i < word.length; i++) {
        const option = sysctlOptions.find(({ short }) => short === word![i]);
        if (option === undefined) return { flags, words, complaint: `sysctl: invalid option -- '${word[i]}'` };
        if (option.argument === undefined) {
          apply(option, undefined);
          continue;
        }
        const attached = word.slice(i + 1);
        const argument = attached !== '' ? attached : option.argument === 'required' ? rest.shift() : undefined;
        if (option.argument === 'required' && argument === undefined)
          return { flags, words, complaint: `sysctl: option requires an argument -- '${word[i]}'` };
        apply(option, argument);
        break;
      }
    } else words.push(word);
  }
  return { flags, words, complaint: undefined };
}

function longOption(name: string): SysctlOption | undefined {
  const exact = sysctlOptions.find(({ long }) => long === name);
  if (exact !== undefined) return exact;
  const fitting = sysctlOptions.filter(({ long }) => long?.startsWith(name));
  return fitting.length === 1 ? fitting[0] : undefined;
}

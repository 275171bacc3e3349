/** nft's options: letters and long names, as getopt_long(3) takes them. */
export interface NftOption {
  readonly letter: string;
  readonly long?: string;
  readonly value?: string;
  readonly text: string;
  readonly group: string;
}

const GENERAL = 'General';
const INPUT = 'Ruleset input handling';
const LISTING = 'Ruleset list formatting';
const OUTPUT = 'Command output formatting';

export const nftOptions: readonly NftOption[] = [
  { group: GENERAL, letter: 'h', long: 'help', text: 'Show this help' },
  { group: GENERAL, letter: 'v', long: 'version', text: 'Show version information' },
  { group: GENERAL, letter: 'V', text: 'Show extended version information' },
  { group: INPUT, letter: 'f', long: 'file', value: 'filename', text: 'Read input from <filename>' },
  { group: INPUT, letter: 'D', long: 'define', value: 'name=value', text: 'Define variable, e.g. --define foo=1.2.3.4' },
  { group: INPUT, letter: 'i', long: 'interactive', text: 'Read input from interactive CLI' },
  {
    group: INPUT,
    letter: 'I',
    long: 'includepath',
    value: 'directory',
    text: 'Add <directory> to the paths searched for include files. Default is: /etc',
  },
  { group: INPUT, letter: 'c', long: 'check', text: 'Check commands validity without actually applying the changes.' },
  { group: INPUT, letter: 'o', long: 'optimize', text: 'Optimize ruleset' },
  { group: LISTING, letter: 'a', long: 'handle', text: 'Output rule handle.' },
  { group: LISTING, letter: 's', long: 'stateless', text: 'Omit stateful information of ruleset.' },
  { group: LISTING, letter: 't', long: 'terse', text: 'Omit contents of sets.' },
  { group: LISTING, letter: 'S', long: 'service', text: 'Translate ports to service names as described in /etc/services.' },
  { group: LISTING, letter: 'N', long: 'reversedns', text: 'Translate IP addresses to names.' },
  { group: LISTING, letter: 'u', long: 'guid', text: 'Print UID/GID as defined in /etc/passwd and /etc/group.' },
  { group: LISTING, letter: 'n', long: 'numeric', text: 'Print fully numerical output.' },
  { group: LISTING, letter: 'y', long: 'numeric-priority', text: 'Print chain priority numerically.' },
  { group: LISTING, letter: 'p', long: 'numeric-protocol', text: 'Print layer 4 protocols numerically.' },
  { group: LISTING, letter: 'T', long: 'numeric-time', text: 'Print time values numerically.' },
  { group: OUTPUT, letter: 'e', long: 'echo', text: 'Echo what has been added, inserted or replaced.' },
  { group: OUTPUT, letter: 'j', long: 'json', text: 'Format output in JSON' },
  {
    group: OUTPUT,
    letter: 'd',
    long: 'debug',
    value: 'level [,level...]',
    text: 'Specify debugging level (scanner, parser, eval, netlink, mnl, proto-ctx, segtree, all)',
  },
];

export function usageText(): string {
  let text = 'Usage: nft [ options ] [ cmds... ]\n';
  let group = '';
  for (const option of nftOptions) {
    if (option.group !== group) {
      group = option.group;
      text += `\nOptions (${group.toLowerCase()}):\n`;
    }
    const names = `  -${option.letter}${option.long === undefined ? '' : `, --${option.long}`}${option.value === undefined ? '' : ` <${option.value}>`}`;
    text += `${names.padEnd(34)}${option.text}\n`;
  }
  return `${text}\n`;
}

const debugLevels = ['scanner', 'parser', 'eval', 'netlink', 'mnl', 'proto-ctx', 'segtree', 'all'];

export interface NftFlags {
  readonly letters: ReadonlySet<string>;
  readonly file: string | undefined;
  readonly defines: readonly string[];
  readonly includePaths: readonly string[];
  readonly debug: ReadonlySet<string>;
  readonly words: readonly string[];
  /** What is wrong with the command line, for stderr. */
  readonly complaint: string | undefined;
  /** What is said of it on stdout. */
  readonly picture?: string | undefined;
}

export function parseOptions(argv: readonly string[]): NftFlags {
  const letters = new Set<string>();
  const defines: string[] = [];
  const includePaths: string[] = [];
  const debug = new Set<string>();
  let file: string | undefined;
  let complaint: string | undefined;
  let at = 0;
  const take = (letter: string, value: string): void => {
    if (letter === 'f') file = value;
    else if (letter === 'D') defines.push(value);
    else if (letter === 'I') includePaths.push(value);
    else if (letter === 'd') {
      for (const level of value.split(',')) {
        if (debugLevels.includes(level)) debug.add(level);
        else complaint ??= `invalid debug parameter \`${level}'\n`;
      }
    } else letters.add(letter);
  };
  for (; at < argv.length && complaint === undefined; at++) {
    const word = argv[at]!;
    if (word === '--') {
      at++;
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    if (word.startsWith('--')) {
      const [name, value] = word.slice(2).split(/=(.*)/s);
      const option = nftOptions.find(({ long }) => long === name) ?? nftOptions.find(({ long }) => long?.startsWith(name!) === true);
      if (option === undefined) complaint = `nft: unrecognized option '${word}'\n`;
      else if (option.value === undefined) take(option.letter, '');
      else {
        const given = value ?? argv[++at];
        if (given === undefined) complaint = `nft: option '${word}' requires an argument\n`;
        else take(option.letter, given);
      }
      continue;
    }
    for (let i = 1; i < word.length; i++) {
      const option = nftOptions.find(({ letter }) => letter === word[i]);
      if (option === undefined) {
        complaint = `nft: invalid option -- '${word[i]}'\n`;
        break;
      }
      if (option.value === undefined) {
        take(option.letter, '');
        continue;
      }
      const given = word.slice(i + 1) !== '' ? word.slice(i + 1) : argv[++at];
      if (given === undefined) complaint = `nft: option requires an argument -- '${word[i]}'\n`;
      else take(option.letter, given);
      break;
    }
  }
  const wrong = complaint === undefined ? late(argv, at) : undefined;
  return {
    letters,
    file,
    defines,
    includePaths,
    debug,
    words: argv.slice(at),
    complaint: complaint ?? wrong?.complaint,
    picture: wrong?.picture,
  };
}

/** Options behind commands are an error with its own picture. */
function late(argv: readonly string[], at: number): { complaint: string; picture: string } | undefined {
  const found = argv.findIndex((word, index) => index > at && word.startsWith('-') && word.length > 1 && argv[index - 1] !== '-');
  if (found === -1) return undefined;
  let line = 'nft';
  let column = 0;
  argv.forEach((word, index) => {
    if (index === found) column = line.length + 1;
    line += ` ${word}`;
  });
  const first = 4;
  return {
    complaint: `Error: syntax error, options must be specified before commands\n${line} `,
    picture: `\n${' '.repeat(first - 1)}^${' '.repeat(column - first)}${'~'.repeat(argv[found]!.length)}\n`,
  };
}

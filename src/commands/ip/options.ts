import { AF_BRIDGE, AF_INET, AF_INET6, AF_MPLS, AF_PACKET, AF_UNSPEC } from '../../netlink/constants.js';
import type { ColorMode } from '../shared/color.js';
import { abbreviates, Cursor } from '../shared/cursor.js';
import { fatal, invalidArgument } from '../shared/failure.js';
import { familyByName } from '../shared/families.js';
import { parseUnsigned } from '../shared/numbers.js';
import { IP_USAGE } from './usage.js';

/** What stands before the object: `ip -j -s link`. */
export interface IpOptions {
  family: number;
  json: boolean;
  pretty: boolean;
  brief: boolean;
  oneline: boolean;
  color: ColorMode;
  /** How often -s was given. */
  stats: number;
  details: number;
  human: boolean;
  iec: boolean;
  resolve: boolean;
  numeric: boolean;
  timestamp: boolean;
  timestampShort: boolean;
  all: boolean;
  force: boolean;
  flushLoops: number;
  netns: string | undefined;
  batch: string | undefined;
  receiveBuffer: number;
  version: boolean;
}

const defaults = (): IpOptions => ({
  family: AF_UNSPEC,
  json: false,
  pretty: false,
  brief: false,
  oneline: false,
  color: 'never',
  stats: 0,
  details: 0,
  human: false,
  iec: false,
  resolve: false,
  numeric: false,
  timestamp: false,
  timestampShort: false,
  all: false,
  force: false,
  flushLoops: 10,
  netns: undefined,
  batch: undefined,
  receiveBuffer: 1 << 20,
  version: false,
});

interface GlobalOption {
  /** Spellings; each may be abbreviated unless `exact`. */
  readonly names: readonly string[];
  readonly exact?: boolean;
  readonly value?: string;
  readonly text: string;
  take(options: IpOptions, cursor: Cursor): void;
}

/** A value that must follow; its absence shows the usage. */
function operand(cursor: Cursor): string {
  if (cursor.done) throw fatal(IP_USAGE);
  return cursor.next();
}

const family = (name: string, number: number, like: string): GlobalOption => ({
  names: [name],
  exact: true,
  text: `as -family ${like}`,
  take: (o) => {
    o.family = number;
  },
});

/** Of two that an abbreviation fits, the first is meant: -f is -family, -b is -batch. */
export const globalOptions: readonly GlobalOption[] = [
  {
    names: ['-loops'],
    value: 'COUNT',
    text: 'how often a flush of addresses may be repeated before giving up; 0 stands for without end',
    take: (o, c) => {
      o.flushLoops = Number.parseInt(operand(c), 10) || 0;
    },
  },
  {
    names: ['-family'],
    value: 'FAMILY',
    text: 'the protocol family: inet, inet6, bridge, mpls or link',
    take: (o, c) => {
      const name = operand(c);
      if (name === 'help') throw fatal(IP_USAGE);
      const number = familyByName(name);
      if (number === null) throw invalidArgument('invalid protocol family', name);
      o.family = number;
    },
  },
  family('-4', AF_INET, 'inet'),
  family('-6', AF_INET6, 'inet6'),
  family('-0', AF_PACKET, 'link'),
  family('-M', AF_MPLS, 'mpls'),
  family('-B', AF_BRIDGE, 'bridge'),
  {
    names: ['-human', '-human-readable'],
    text: 'statistics with suffixes: 1.5k',
    take: (o) => {
      o.human = true;
    },
  },
  {
    names: ['-iec'],
    text: 'with -human: powers of 1024 (1.5ki)',
    take: (o) => {
      o.iec = true;
    },
  },
  {
    names: ['-stats', '-statistics'],
    text: 'more information; twice: still more',
    take: (o) => {
      o.stats++;
    },
  },
  {
    names: ['-details'],
    text: 'details of kinds, limits and types',
    take: (o) => {
      o.details++;
    },
  },
  {
    names: ['-resolve'],
    text: 'addresses as names, where the hosts file has one',
    take: (o) => {
      o.resolve = true;
    },
  },
  {
    names: ['-oneline'],
    text: 'each record on one line; a backslash stands where a line would end',
    take: (o) => {
      o.oneline = true;
    },
  },
  {
    names: ['-timestamp'],
    text: 'with monitor: the time of each event on a line before it',
    take: (o) => {
      o.timestamp = true;
    },
  },
  {
    names: ['-tshort'],
    text: 'as -timestamp, on the same line',
    take: (o) => {
      o.timestamp = true;
      o.timestampShort = true;
    },
  },
  {
    names: ['-Version'],
    text: 'print the version and exit',
    take: (o) => {
      o.version = true;
    },
  },
  {
    names: ['-force'],
    text: 'with -batch: go on after a command that failed',
    take: (o) => {
      o.force = true;
    },
  },
  {
    names: ['-batch'],
    value: 'FILE',
    text: 'read commands from a file, or from standard input for "-"',
    take: (o, c) => {
      o.batch = operand(c);
    },
  },
  {
    names: ['-brief'],
    text: 'a short table; for link, addr and neigh',
    take: (o) => {
      o.brief = true;
    },
  },
  {
    names: ['-json'],
    text: 'output as JSON',
    take: (o) => {
      o.json = true;
    },
  },
  {
    names: ['-pretty'],
    text: 'with -json: indented',
    take: (o) => {
      o.pretty = true;
    },
  },
  {
    names: ['-rcvbuf'],
    value: 'BYTES',
    text: "size of the netlink socket's receive buffer",
    take: (o, c) => {
      const text = operand(c);
      const bytes = parseUnsigned(text);
      if (bytes === null) throw fatal(`Invalid rcvbuf size '${text}'`);
      o.receiveBuffer = bytes;
    },
  },
  {
    names: ['-color'],
    value: '[=always|auto|never]',
    text: 'colours; always when no more is said',
    take: (o) => {
      o.color = 'always';
    },
  },
  {
    names: ['-help'],
    text: 'print the usage',
    take: () => {
      throw fatal(IP_USAGE);
    },
  },
  {
    names: ['-netns'],
    value: 'NAME',
    text: 'act in the network namespace NAME',
    take: (o, c) => {
      o.netns = c.next();
    },
  },
  {
    names: ['-Numeric'],
    text: 'numbers instead of the names of protocols, scopes, tables and types',
    take: (o) => {
      o.numeric = true;
    },
  },
  {
    names: ['-all'],
    text: 'with netns: all of them',
    take: (o) => {
      o.all = true;
    },
  },
];

/** `-c`, `-color`, `-color=auto`; undefined when the word is none of them. */
function colorMode(option: string): ColorMode | undefined {
  const equals = option.indexOf('=');
  if (!abbreviates(equals === -1 ? option : option.slice(0, equals), '-color')) return undefined;
  const mode = equals === -1 ? 'always' : option.slice(equals + 1);
  return mode === 'always' || mode === 'auto' || mode === 'never' ? mode : undefined;
}

/** Takes the global options off the front of a command line; what is left begins with the object. */
export function parseOptions(argv: readonly string[]): { options: IpOptions; cursor: Cursor } {
  const options = defaults();
  const cursor = new Cursor(argv);
  while (!cursor.done) {
    const word = cursor.peek();
    if (!word.startsWith('-')) break;
    cursor.skip();
    if (word === '--') break;
    const option = word.startsWith('--') ? word.slice(1) : word;
    const known = globalOptions.find(({ names, exact }) =>
      names.some((name) => (exact === true ? name === option : abbreviates(option, name))),
    );
    const mode = known === undefined || known.names[0] === '-color' ? colorMode(option) : undefined;
    if (mode !== undefined) options.color = mode;
    else if (known !== undefined && known.names[0] !== '-color') known.take(options, cursor);
    else throw fatal(`Option "${option}" is unknown, try "ip -help".`);
    if (options.version) break;
  }
  return { options, cursor };
}

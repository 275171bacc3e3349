import type { LetterOption } from '../shared/getopt.js';
import { failure } from '../shared/failure.js';

/** The table that is shown instead of sockets. */
export type Table = 'route' | 'interfaces' | 'groups' | 'statistics' | 'masquerade' | 'context';

/** Kinds of sockets that can be asked for by name. */
export type SocketKind = 'tcp' | 'udp' | 'udplite' | 'sctp' | 'raw' | 'unix' | 'x25' | 'ax25' | 'ipx' | 'netrom';

export type Family = 'inet' | 'inet6' | 'unix' | 'x25' | 'ax25' | 'ipx' | 'netrom' | 'ddp' | 'rose' | 'econet';

export interface NetstatOptions {
  readonly tables: Set<Table>;
  readonly kinds: Set<SocketKind>;
  readonly families: Set<Family>;
  all: boolean;
  listening: boolean;
  numericHosts: boolean;
  numericPorts: boolean;
  numericUsers: boolean;
  /** How often -e was given. */
  extended: number;
  programs: boolean;
  timers: boolean;
  wide: boolean;
  verbose: boolean;
  continuous: boolean;
  fib: boolean;
  cache: boolean;
  version: boolean;
  help: boolean;
}

export const newOptions = (): NetstatOptions => ({
  tables: new Set(),
  kinds: new Set(),
  families: new Set(),
  all: false,
  listening: false,
  numericHosts: false,
  numericPorts: false,
  numericUsers: false,
  extended: 0,
  programs: false,
  timers: false,
  wide: false,
  verbose: false,
  continuous: false,
  fib: false,
  cache: false,
  version: false,
  help: false,
});

type Option = LetterOption<NetstatOptions>;
type Switch = { [K in keyof NetstatOptions]: NetstatOptions[K] extends boolean ? K : never }[keyof NetstatOptions];

const on = (letter: string, long: string, text: string, ...keys: readonly Switch[]): Option => ({
  letter,
  long: [long],
  text: [text],
  take(options) {
    for (const key of keys) options[key] = true;
  },
});
const table = (letter: string, long: string, text: string, name: Table): Option => ({
  letter,
  long: [long],
  text: [text],
  take: ({ tables }) => void tables.add(name),
});
const kind = (letter: string, name: SocketKind, text: string): Option => ({
  letter,
  long: [name],
  text: [text],
  take: ({ kinds }) => void kinds.add(name),
});
const family = (letter: string, name: Family, text: string): Option => ({
  letter,
  long: [name],
  text: [text],
  take: ({ families }) => void families.add(name),
});

/** Words of -A, and what they mean. */
const FAMILIES: Readonly<Record<string, Family>> = {
  unix: 'unix',
  inet: 'inet',
  inet6: 'inet6',
  ip: 'inet',
  tcpip: 'inet',
  ax25: 'ax25',
  x25: 'x25',
  netrom: 'netrom',
  ipx: 'ipx',
  appletalk: 'ddp',
  ddp: 'ddp',
  rose: 'rose',
  econet: 'econet',
};

const named: Option = {
  letter: 'A',
  long: ['protocol'],
  value: 'FAMILY',
  text: ['sockets or routes of these families, with commas between them'],
  complete: ['inet', 'inet6', 'unix'],
  take(options, value) {
    for (const word of value.split(',')) {
      const found = FAMILIES[word];
      if (found === undefined) throw failure(`Unknown address family \`${word}'.`);
      options.families.add(found);
    }
  },
};

/** One table for the parser, the man page and the completions. */
export const netstatOptions: readonly Option[] = [
  table('r', 'route', 'the routing table', 'route'),
  table('i', 'interfaces', 'the devices with what they counted', 'interfaces'),
  table('g', 'groups', 'memberships in multicast groups', 'groups'),
  table('s', 'statistics', 'the counters of each protocol', 'statistics'),
  table('M', 'masquerade', 'masqueraded connections; Linux has no such table any more, conntrack(8) shows them', 'masquerade'),
  table('Z', 'context', 'SELinux contexts, where there are any', 'context'),
  on('v', 'verbose', 'say what is not there', 'verbose'),
  on('W', 'wide', 'do not cut addresses', 'wide'),
  on('n', 'numeric', 'numbers instead of names', 'numericHosts', 'numericPorts', 'numericUsers'),
  on('', 'numeric-hosts', 'addresses instead of names of hosts', 'numericHosts'),
  on('', 'numeric-ports', 'numbers instead of names of ports', 'numericPorts'),
  on('', 'numeric-users', 'numbers instead of names of users', 'numericUsers'),
  on('N', 'symbolic', 'names of hardware'),
  {
    letter: 'e',
    long: ['extend'],
    text: ['more columns; twice, all of them'],
    take(options) {
      options.extended++;
    },
  },
  on('p', 'programs', 'who holds each socket', 'programs'),
  on('o', 'timers', 'timers of sockets', 'timers'),
  on('c', 'continuous', 'again each second', 'continuous'),
  on('l', 'listening', 'sockets that listen', 'listening'),
  on('a', 'all', 'all sockets; without it and -l, those that are connected', 'all'),
  on('F', 'fib', 'with -r, the table that packets are routed by', 'fib'),
  on('C', 'cache', 'with -r, the cache, which Linux has no more', 'cache'),
  kind('t', 'tcp', 'sockets of TCP'),
  kind('u', 'udp', 'sockets of UDP'),
  kind('U', 'udplite', 'sockets of UDP-Lite'),
  kind('S', 'sctp', 'sockets of SCTP'),
  kind('w', 'raw', 'raw sockets'),
  { ...family('x', 'unix', 'Unix sockets'), long: ['unix'] },
  family('4', 'inet', 'IPv4 alone'),
  family('6', 'inet6', 'IPv6 alone'),
  named,
  family('', 'x25', 'sockets of X.25, which there are none of'),
  family('', 'ax25', 'sockets of AX.25, which there are none of'),
  family('', 'ipx', 'sockets of IPX, which there are none of'),
  family('', 'netrom', 'sockets of NET/ROM, which there are none of'),
  on('V', 'version', 'print the version', 'version'),
  on('h', 'help', 'print the usage', 'help'),
];

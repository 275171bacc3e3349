import { type LetterOption, optionLines, readOptions } from '../shared/getopt.js';
import { CommandFailure } from '../shared/failure.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';
import { die, integerArgument, secondsArgument } from './numbers.js';

const LONG_MAX = 0x7fff_ffff_ffff_ffffn;
const INT_MAX = 0x7fff_ffff;
/** As many sequence numbers as duplicates are told by. */
export const MAX_DUP_CHECK = 0x1_0000;
/** Milliseconds an ordinary user has to leave between packets. */
const MIN_USER_INTERVAL_MS = 2;

const VERSION_TEXT = `ping from iputils 20221126, ${TAPSTACK_VERSION_TEXT}
libcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes
`;

/** What a command line asks of ping. */
export class PingOptions {
  family: 0 | 4 | 6 = 0;
  audible = false;
  adaptive = false;
  /** IPv6; 0: the kernel's choice; -1: none is asked for. */
  flowLabel = -1;
  strictSource = false;
  /** 0: no end. */
  count = 0;
  connect = false;
  timestamps = false;
  debug = false;
  identifier = -1;
  flood = false;
  device = '';
  sourceText = '';
  intervalMs = 1000;
  intervalGiven = false;
  noLoop = false;
  preload = 1;
  mark = 0;
  /** IP_PMTUDISC_*; -1: as the system has it. */
  pmtuDiscovery = -1;
  numeric = false;
  outstanding = false;
  pattern: Uint8Array | null = null;
  quiet = false;
  tos = 0;
  dontRoute = false;
  dataBytes = 56;
  sendBuffer = 0;
  ttl = -1;
  userLatency = false;
  verbose = false;
  /** 0: none. */
  deadlineSeconds = 0;
  lingerMs = 10_000;
  broadcast = false;
  recordRoute = false;
  timestampOption: 'tsonly' | 'tsandaddr' | 'tsprespec' | null = null;
  /** What goes to stderr although it goes on. */
  warnings = '';
}

type Option = LetterOption<PingOptions>;
const on = (letter: string, text: string, take: (options: PingOptions) => void): Option => ({ letter, text: [text], take });

const general: readonly Option[] = [
  on('a', 'use audible ping', (o) => {
    o.audible = true;
  }),
  on('A', 'use adaptive ping', (o) => {
    o.adaptive = true;
  }),
  on('B', 'sticky source address', (o) => {
    o.strictSource = true;
  }),
  {
    letter: 'c',
    value: 'count',
    text: ['stop after <count> replies'],
    take: (o, value) => {
      o.count = integerArgument(value, 1, LONG_MAX);
    },
  },
  on('C', 'call connect() syscall on socket creation', (o) => {
    o.connect = true;
  }),
  on('D', 'print timestamps', (o) => {
    o.timestamps = true;
  }),
  on('d', 'use SO_DEBUG socket option', (o) => {
    o.debug = true;
  }),
  {
    letter: 'e',
    value: 'identifier',
    text: [
      'define identifier for ping session, default is random for',
      'SOCK_RAW and kernel defined for SOCK_DGRAM',
      'Imply using SOCK_RAW (for IPv4 only for identifier 0)',
    ],
    take: (o, value) => {
      o.identifier = integerArgument(value, 0, 0xffff);
    },
  },
  on('f', 'flood ping', (o) => {
    o.flood = true;
  }),
  {
    letter: 'h',
    text: ['print help and exit'],
    take: () => {
      throw new CommandFailure(2, USAGE);
    },
  },
  {
    letter: 'I',
    value: 'interface',
    text: ['either interface name or address'],
    complete: 'device',
    take: (o, value) => {
      if (/^[0-9.]+$/.test(value) || value.includes(':')) o.sourceText = value;
      else o.device = value;
    },
  },
  {
    letter: 'i',
    value: 'interval',
    text: ['seconds between sending each packet'],
    take: (o, value) => {
      const seconds = secondsArgument(value, 'bad timing interval');
      if (seconds.value > INT_MAX / 1000) throw die(`bad timing interval: ${value}`);
      o.warnings += seconds.warning;
      o.intervalMs = Math.max(0, Math.trunc(seconds.value * 1000));
      o.intervalGiven = true;
    },
  },
  on('L', 'suppress loopback of multicast packets', (o) => {
    o.noLoop = true;
  }),
  {
    letter: 'l',
    value: 'preload',
    text: ['send <preload> number of packages while waiting replies'],
    take: (o, value) => {
      o.preload = integerArgument(value, 1, MAX_DUP_CHECK);
    },
  },
  {
    letter: 'm',
    value: 'mark',
    text: ['tag the packets going out'],
    take: (o, value) => {
      o.mark = integerArgument(value, 0, 0xffff_ffff);
    },
  },
  {
    letter: 'M',
    value: 'pmtud opt',
    text: ['define mtu discovery, can be one of <do|dont|want>'],
    complete: ['do', 'dont', 'want'],
    take: (o, value) => {
      const known = { do: 2, dont: 0, want: 1 } as const;
      if (value !== 'do' && value !== 'dont' && value !== 'want') throw die(`invalid -M argument: ${value}`);
      o.pmtuDiscovery = known[value];
    },
  },
  on('n', 'no dns name resolution', (o) => {
    o.numeric = true;
  }),
  on('O', 'report outstanding replies', (o) => {
    o.outstanding = true;
  }),
  {
    letter: 'p',
    value: 'pattern',
    text: ['contents of padding byte'],
    take: (o, value) => {
      o.pattern = patternArgument(value);
    },
  },
  on('q', 'quiet output', (o) => {
    o.quiet = true;
  }),
  {
    letter: 'Q',
    value: 'tclass',
    text: ['use quality of service <tclass> bits'],
    take: (o, value) => {
      o.tos = tosArgument(value);
    },
  },
  {
    letter: 's',
    value: 'size',
    text: ['use <size> as number of data bytes to be sent'],
    take: (o, value) => {
      o.dataBytes = integerArgument(value, 0, INT_MAX);
    },
  },
  {
    letter: 'S',
    value: 'size',
    text: ['use <size> as SO_SNDBUF socket option value'],
    take: (o, value) => {
      o.sendBuffer = integerArgument(value, 1, INT_MAX);
    },
  },
  {
    letter: 't',
    value: 'ttl',
    text: ['define time to live'],
    take: (o, value) => {
      o.ttl = integerArgument(value, 0, 255);
    },
  },
  on('U', 'print user-to-user latency', (o) => {
    o.userLatency = true;
  }),
  on('v', 'verbose output', (o) => {
    o.verbose = true;
  }),
  {
    letter: 'V',
    text: ['print version and exit'],
    take: () => {
      throw new VersionWanted();
    },
  },
  {
    letter: 'w',
    value: 'deadline',
    text: ['reply wait <deadline> in seconds'],
    take: (o, value) => {
      o.deadlineSeconds = integerArgument(value, 0, INT_MAX);
    },
  },
  {
    letter: 'W',
    value: 'timeout',
    text: ['time to wait for response'],
    take: (o, value) => {
      const seconds = secondsArgument(value, 'bad linger time');
      if (seconds.value < 0 || seconds.value > INT_MAX / 1_000_000) throw die(`bad linger time: ${value}`);
      o.warnings += seconds.warning;
      o.lingerMs = Math.trunc(seconds.value * 1000);
    },
  },
  // Understood, but not in the usage.
  {
    letter: 'r',
    text: ['bypass routing, send to a host on an attached network'],
    hidden: true,
    take: (o) => {
      o.dontRoute = true;
    },
  },
];

const ipv4Options: readonly Option[] = [
  on('4', 'use IPv4', (o) => family(o, 4)),
  on('b', 'allow pinging broadcast', (o) => {
    o.broadcast = true;
  }),
  on('R', 'record route', (o) => {
    if (o.timestampOption !== null) throw die('only one of -T or -R may be used');
    o.recordRoute = true;
  }),
  {
    letter: 'T',
    value: 'timestamp',
    text: ['define timestamp, can be one of <tsonly|tsandaddr|tsprespec>'],
    complete: ['tsonly', 'tsandaddr', 'tsprespec'],
    take: (o, value) => {
      if (o.recordRoute) throw die('only one of -T or -R may be used');
      if (value !== 'tsonly' && value !== 'tsandaddr' && value !== 'tsprespec') throw die(`invalid timestamp type: ${value}`);
      o.timestampOption = value;
    },
  },
];

/** Decimal, or hexadecimal behind 0x. An IPv4 ping leaves it aside, as the real one does. */
function flowLabelArgument(text: string): number {
  const digits = /^0x/i.test(text) ? /^0x([0-9a-f]*)$/i.exec(text)?.[1] : /^[0-9]*$/.exec(text)?.[0];
  if (digits === undefined) throw die(`bad value for flowinfo: ${text}`);
  const value = Number.parseInt(digits, /^0x/i.test(text) ? 16 : 10) || 0;
  return value > 0xf_ffff ? fail(`flow value is greater than 20 bits: ${text}`) : value;
}

const fail = (text: string): never => {
  throw die(text);
};

const ipv6Options: readonly Option[] = [
  on('6', 'use IPv6', (o) => family(o, 6)),
  {
    letter: 'F',
    value: 'flowlabel',
    text: ['define flow label, default is random'],
    take: (o, value) => {
      o.flowLabel = flowLabelArgument(value);
    },
  },
  // Node information queries: an IPv4 ping leaves them aside, as the real one does.
  { letter: 'N', value: 'nodeinfo opt', text: ['use icmp6 node info query, try <help> as argument'], take: () => undefined },
];

export const pingOptionGroups = { general, ipv4: ipv4Options, ipv6: ipv6Options } as const;

export const USAGE = `
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
${optionLines(general)}
IPv4 options:
${optionLines(ipv4Options)}
IPv6 options:
${optionLines(ipv6Options)}
For more details see ping(8).
`;

/** -V: the version goes to stdout, whatever else the command line has. */
class VersionWanted extends Error {}

/** The options and the destinations of a command line, or the text that -V prints. Throws CommandFailure. */
export function parsePing(
  argv: readonly string[],
  uid: number,
): { options: PingOptions; operands: readonly string[] } | { version: string } {
  const options = new PingOptions();
  let operands: readonly string[];
  try {
    operands = readOptions([...general, ...ipv4Options, ...ipv6Options], argv, options, (text) => {
      throw new CommandFailure(2, `ping: ${text}\n${USAGE}`);
    });
  } catch (error) {
    if (error instanceof VersionWanted) return { version: VERSION_TEXT };
    throw error;
  }
  if (operands.length === 0) throw die('usage error: Destination address required', 1);
  if (options.flood && !options.intervalGiven) options.intervalMs = 0;
  if (uid !== 0 && options.intervalMs < MIN_USER_INTERVAL_MS && !options.flood)
    throw die(`cannot flood; minimal interval allowed for user is ${MIN_USER_INTERVAL_MS}ms`);
  if (uid !== 0 && options.flood) options.intervalMs = Math.max(options.intervalMs, MIN_USER_INTERVAL_MS);
  if (uid !== 0 && options.preload > 3) throw die(`cannot set preload to value greater than 3: ${options.preload}`);
  return { options, operands };
}

function family(options: PingOptions, version: 4 | 6): void {
  if (options.family !== 0) throw die('only one -4 or -6 option may be specified');
  options.family = version;
}

/** Up to sixteen bytes as hex digits; an odd last digit is a byte of its own. */
function patternArgument(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]*$/.test(text)) throw die(`patterns must be specified as hex digits: ${text}`);
  const bytes = text.match(/.{1,2}/g) ?? [];
  return Uint8Array.from(bytes.slice(0, 16), (digits) => Number.parseInt(digits, 16));
}

function tosArgument(text: string): number {
  const hexadecimal = /^0[xX]/.test(text);
  if (!(hexadecimal ? /^0[xX][0-9a-fA-F]+$/ : /^[+-]?[0-9]+$/).test(text)) throw die(`bad TOS value: ${text}`);
  const value = Number(text);
  if (value < 0 || value > 255) throw die(`the decimal value of TOS bits must be in range 0-255: ${value}`);
  return value;
}

// tcpdump's command line: getopt_long(3) with the letters and long names of 4.99.
import type { CommandFailure } from '../shared/failure.js';
import { failure } from '../shared/failure.js';
import { TAPSTACK_VERSION_TEXT } from '../shared/version.js';
import type { SecurityAssociation } from './esp-secrets.js';
import { linkTypeNumber } from './link-types.js';

export const MAXIMUM_SNAPSHOT = 262144;

export interface Settings {
  ascii: number;
  asDot: boolean;
  bufferBytes: number;
  count: number;
  countOnly: boolean;
  rotateBytes: number;
  dump: number;
  listDevices: boolean;
  linkLayer: number;
  foreign: boolean;
  filterFile: string;
  rotateSeconds: number;
  meshHeaders: boolean;
  device: string;
  monitorMode: boolean;
  timestampType: string;
  listTimestampTypes: boolean;
  keepChecksums: boolean;
  lineBuffered: boolean;
  listLinkTypes: boolean;
  numeric: number;
  shortHosts: boolean;
  optimise: boolean;
  promiscuous: boolean;
  quiet: number;
  direction: 'in' | 'out' | 'inout';
  readFile: string;
  snapshot: number;
  absoluteSequence: boolean;
  timestamps: number;
  /** MIB modules of -m. */
  modules: readonly string[];
  secret: string;
  /** -E as it was given; its associations are read before packets are. */
  espSecret: string;
  /** -Z: a user's name; '': none was given. */
  user: string;
  associations: readonly SecurityAssociation[];
  packetType: string;
  undecodedHandles: boolean;
  packetBuffered: boolean;
  verbose: number;
  fileList: string;
  writeFile: string;
  fileCount: number;
  hex: number;
  hexAndAscii: number;
  linkType: number;
  linkTypeName: string;
  afterRotation: string;
  numbered: boolean;
  nanoseconds: boolean;
  immediate: boolean;
  print: boolean;
}

export const defaults: Readonly<Settings> = {
  ascii: 0,
  asDot: false,
  bufferBytes: 0,
  count: -1,
  countOnly: false,
  rotateBytes: 0,
  dump: 0,
  listDevices: false,
  linkLayer: 0,
  foreign: false,
  filterFile: '',
  rotateSeconds: 0,
  meshHeaders: false,
  device: '',
  monitorMode: false,
  timestampType: '',
  listTimestampTypes: false,
  keepChecksums: false,
  lineBuffered: false,
  listLinkTypes: false,
  numeric: 0,
  shortHosts: false,
  optimise: true,
  promiscuous: true,
  quiet: 0,
  direction: 'inout',
  readFile: '',
  snapshot: 0,
  absoluteSequence: false,
  timestamps: 0,
  modules: [],
  secret: '',
  espSecret: '',
  user: '',
  associations: [],
  packetType: '',
  undecodedHandles: false,
  packetBuffered: false,
  verbose: 0,
  fileList: '',
  writeFile: '',
  fileCount: 0,
  hex: 0,
  hexAndAscii: 0,
  linkType: -1,
  linkTypeName: '',
  afterRotation: '',
  numbered: false,
  nanoseconds: false,
  immediate: false,
  print: false,
};

export const die = (text: string): CommandFailure => failure(`tcpdump: ${text}`);

export const VERSION = `tcpdump version 4.99.3\nlibpcap version 1.10.3 (with TPACKET_V3)\n${TAPSTACK_VERSION_TEXT}\n`;

export const USAGE = `${VERSION}Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
\t\t[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
\t\t[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
\t\t[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]
\t\t[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]
\t\t[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]
\t\t[ --time-stamp-precision precision ] [ --micro ] [ --nano ]
\t\t[ -z postrotate-command ] [ -Z user ] [ expression ]
`;

/** Thrown by -h and --version: nothing else is done. */
export class OnlyText extends Error {
  readonly text: string;

  constructor(text: string) {
    super('help or version was asked for');
    this.text = text;
  }
}

export interface OptionEntry {
  /** A letter, a long name, or both. */
  readonly letter?: string;
  readonly long?: string;
  readonly value?: string;
  readonly text: string;
  /** Where completions find values. */
  readonly complete?: 'device' | readonly string[];
  take(settings: Settings, value: string): void;
}

/** atoi(3) */
const integer = (value: string) => Number.parseInt(value, 10) || 0;

const packetTypes = [
  'aodv',
  'carp',
  'cnfp',
  'domain',
  'lmp',
  'pgm',
  'pgm_zmtp1',
  'ptp',
  'radius',
  'resp',
  'rpc',
  'rtcp',
  'rtp',
  'snmp',
  'someip',
  'tftp',
  'vat',
  'vxlan',
  'wb',
  'zmtp1',
] as const;

function fileBytes(value: string): number {
  if (!/^\s*[+-]?\d+$/.test(value) || Number(value) <= 0) throw die(`invalid file size ${value}`);
  if (BigInt(value.trim()) > 0x7fffffffffffffffn / 1000000n) throw die(`file size ${value} is too large`);
  return Number(value) * 1_000_000;
}

function snapshot(value: string): number {
  const match = /^\s*([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.exec(value);
  const text = match?.[2] ?? '';
  const number = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  if (match === null || (match[1] === '-' && number !== 0) || number > MAXIMUM_SNAPSHOT)
    throw die(`invalid snaplen ${value} (must be >= 0 and <= ${MAXIMUM_SNAPSHOT})`);
  return number;
}

function positive(value: string, what: string): number {
  const number = integer(value);
  if (number <= 0) throw die(`invalid ${what} ${value}`);
  return number;
}

function precision(value: string): boolean {
  if (value === 'micro') return false;
  if (value === 'nano') return true;
  throw die('unsupported time stamp precision');
}

const timestampTypes = ['host', 'host_lowprec', 'host_hiprec', 'host_hiprec_unsynced', 'adapter', 'adapter_unsynced'];

/** Every option: parser, man page and completions are made from it. */
export const options: readonly OptionEntry[] = [
  { letter: 'a', text: 'does nothing; once it resolved addresses', take: () => undefined },
  { letter: 'A', text: 'packets in ASCII, without the link-layer header; twice: with it', take: (s) => s.ascii++ },
  { letter: 'b', text: 'AS numbers of BGP in dots', take: (s) => (s.asDot = true) },
  {
    letter: 'B',
    long: 'buffer-size',
    value: 'KIB',
    text: 'size of the capture buffer',
    take: (s, value) => {
      s.bufferBytes = positive(value, 'packet buffer size') * 1024;
    },
  },
  { letter: 'c', value: 'COUNT', text: 'end after COUNT packets', take: (s, value) => (s.count = positive(value, 'packet count')) },
  { long: 'count', text: 'with -r: print how many packets there are instead of the packets', take: (s) => (s.countOnly = true) },
  {
    letter: 'C',
    value: 'MEGABYTES',
    text: 'with -w: begin another file when one has grown past this many million bytes',
    take: (s, value) => (s.rotateBytes = fileBytes(value)),
  },
  { letter: 'd', text: 'print the compiled filter and end; twice: as a fragment of C; three times: as numbers', take: (s) => s.dump++ },
  { letter: 'D', long: 'list-interfaces', text: 'list the devices that can be captured on', take: (s) => (s.listDevices = true) },
  { letter: 'e', text: 'show link-layer headers', take: (s) => s.linkLayer++ },
  {
    letter: 'E',
    value: 'SPI@ADDRESS ALGORITHM:SECRET',
    text: 'decrypt ESP: aes128, aes192, aes256 or 3des with -cbc or -hmac96 behind them; "file NAME" reads such lines',
    take: (s, value) => (s.espSecret = value),
  },
  { letter: 'f', text: 'IPv4 addresses outside of the network of the device as numbers', take: (s) => (s.foreign = true) },
  { letter: 'F', value: 'FILE', text: 'read the filter from FILE', take: (s, value) => (s.filterFile = value) },
  {
    letter: 'G',
    value: 'SECONDS',
    text: 'with -w: begin another file every SECONDS; its name may hold what strftime(3) knows',
    take: (s, value) => {
      s.rotateSeconds = integer(value);
      if (s.rotateSeconds < 0) throw die(`invalid number of seconds ${value}`);
    },
  },
  {
    letter: 'h',
    long: 'help',
    text: 'print the version and the usage',
    take: () => {
      throw new OnlyText(USAGE);
    },
  },
  { letter: 'H', text: 'look for 802.11s mesh headers', take: (s) => (s.meshHeaders = true) },
  {
    letter: 'i',
    long: 'interface',
    value: 'DEVICE',
    complete: 'device',
    text: 'capture on DEVICE, its number of -D, or "any"',
    take: (s, value) => (s.device = value),
  },
  { letter: 'I', long: 'monitor-mode', text: 'monitor mode, which no device here has: an error', take: (s) => (s.monitorMode = true) },
  {
    letter: 'j',
    long: 'time-stamp-type',
    value: 'TYPE',
    complete: timestampTypes,
    text: 'kind of time stamps; for another than host a warning, and host it is',
    take: (s, value) => {
      if (!timestampTypes.includes(value)) throw die(`invalid time stamp type ${value}`);
      s.timestampType = value;
    },
  },
  { letter: 'J', long: 'list-time-stamp-types', text: 'list the kinds of time stamps', take: (s) => (s.listTimestampTypes = true) },
  { long: 'micro', text: 'times in microseconds', take: (s) => (s.nanoseconds = false) },
  { long: 'nano', text: 'times in nanoseconds', take: (s) => (s.nanoseconds = true) },
  {
    long: 'time-stamp-precision',
    value: 'PRECISION',
    complete: ['micro', 'nano'],
    text: 'micro or nano',
    take: (s, value) => (s.nanoseconds = precision(value)),
  },
  { letter: 'K', long: 'dont-verify-checksums', text: 'do not verify checksums', take: (s) => (s.keepChecksums = true) },
  { letter: 'l', text: 'write each line at once', take: (s) => (s.lineBuffered = true) },
  { letter: 'L', long: 'list-data-link-types', text: 'list the link types of the device', take: (s) => (s.listLinkTypes = true) },
  { letter: 'm', value: 'MODULE', text: 'understood; there are no MIB modules', take: (s, value) => (s.modules = [...s.modules, value]) },
  {
    letter: 'M',
    value: 'SECRET',
    text: "verify TCP's MD5 signatures (RFC 2385) and those of OLSR, RSVP and others with SECRET",
    take: (s, value) => (s.secret = value),
  },
  { letter: 'n', text: 'addresses and ports as numbers', take: (s) => s.numeric++ },
  { letter: 'N', text: 'host names without their domain', take: (s) => (s.shortHosts = true) },
  { letter: '#', long: 'number', text: 'number the packets', take: (s) => (s.numbered = true) },
  { letter: 'O', long: 'no-optimize', text: 'do not optimise the filter', take: (s) => (s.optimise = false) },
  { letter: 'p', long: 'no-promiscuous-mode', text: 'do not make the device promiscuous', take: (s) => (s.promiscuous = false) },
  { long: 'print', text: 'with -w: print packets too', take: (s) => (s.print = true) },
  { letter: 'q', text: 'say less of protocols', take: (s) => s.quiet++ },
  {
    letter: 'Q',
    long: 'direction',
    value: 'DIRECTION',
    complete: ['in', 'out', 'inout'],
    text: 'in, out or inout: which packets',
    take: (s, value) => {
      const direction = value.toLowerCase();
      if (direction !== 'in' && direction !== 'out' && direction !== 'inout') throw die(`unknown capture direction \`${value}'`);
      s.direction = direction;
    },
  },
  {
    letter: 'r',
    value: 'FILE',
    text: 'read packets from FILE (pcap or pcapng; "-" is standard input)',
    take: (s, value) => (s.readFile = value),
  },
  {
    letter: 's',
    long: 'snapshot-length',
    value: 'BYTES',
    text: 'take this many bytes of each packet; 0: all',
    take: (s, value) => (s.snapshot = snapshot(value)),
  },
  {
    letter: 'S',
    long: 'absolute-tcp-sequence-numbers',
    text: "TCP's sequence numbers as they are",
    take: (s) => (s.absoluteSequence = true),
  },
  {
    letter: 't',
    text: 'no times; twice: seconds since 1970; three times: since the packet before; four times: with the date; five times: since the first packet',
    take: (s) => s.timestamps++,
  },
  {
    letter: 'T',
    value: 'TYPE',
    complete: packetTypes,
    text: 'take the payload for TYPE, whatever its ports say',
    take: (s, value) => {
      const type = value.toLowerCase();
      if (!packetTypes.some((known) => known === type)) throw die(`unknown packet type \`${value}'`);
      s.packetType = type;
    },
  },
  { letter: 'u', text: 'NFS handles as they are', take: (s) => (s.undecodedHandles = true) },
  { letter: 'U', long: 'packet-buffered', text: 'with -w: write each packet at once', take: (s) => (s.packetBuffered = true) },
  { letter: 'v', text: 'say more; twice and three times: yet more', take: (s) => s.verbose++ },
  {
    long: 'version',
    text: 'print the version',
    take: () => {
      throw new OnlyText(VERSION);
    },
  },
  { letter: 'V', value: 'FILE', text: 'read packets from the files that FILE lists', take: (s, value) => (s.fileList = value) },
  {
    letter: 'w',
    value: 'FILE',
    text: 'write packets to FILE ("-" is standard output) instead of printing them',
    take: (s, value) => (s.writeFile = value),
  },
  {
    letter: 'W',
    value: 'COUNT',
    text: 'with -C: a ring of COUNT files; with -G: end after COUNT files',
    take: (s, value) => (s.fileCount = positive(value, 'number of output files')),
  },
  { letter: 'x', text: 'packets in hex, without the link-layer header; twice: with it', take: (s) => s.hex++ },
  { letter: 'X', text: 'packets in hex and ASCII, without the link-layer header; twice: with it', take: (s) => s.hexAndAscii++ },
  {
    letter: 'y',
    long: 'linktype',
    value: 'TYPE',
    text: 'link type to capture with or to compile the filter for',
    take: (s, value) => {
      s.linkType = linkTypeNumber(value);
      s.linkTypeName = value;
      if (s.linkType < 0) throw die(`invalid data link type ${value}`);
    },
  },
  {
    letter: 'Y',
    long: 'debug-filter-parser',
    text: 'print the usage and fail, as without a debug build of libpcap',
    take: () => {
      throw failure(USAGE.trimEnd());
    },
  },
  {
    letter: 'z',
    value: 'COMMAND',
    text: 'with -C or -G: run COMMAND on each file that is done',
    take: (s, value) => (s.afterRotation = value),
  },
  {
    letter: 'Z',
    long: 'relinquish-privileges',
    value: 'USER',
    text: 'must be a user that is known; privileges are kept',
    take: (s, value) => (s.user = value),
  },
  { long: 'immediate-mode', text: 'hand packets over as they come', take: (s) => (s.immediate = true) },
];

const usageFailure = (text: string) => failure(`tcpdump: ${text}\n${USAGE.trimEnd()}`);

/** Settings and the words of the filter. Throws CommandFailure, or OnlyText. */
export function parseOptions(argv: readonly string[]): { settings: Settings; expression: readonly string[] } {
  const settings: Settings = { ...defaults };
  const expression: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (word === '--') {
      expression.push(...argv.slice(at + 1));
      break;
    }
    if (word.startsWith('--')) {
      const [name = '', ...rest] = word.slice(2).split('=');
      const option = longOption(name, word);
      const given = word.includes('=') ? rest.join('=') : undefined;
      if (option.value === undefined) {
        if (given !== undefined) throw usageFailure(`option '--${option.long}' doesn't allow an argument`);
        option.take(settings, '');
      } else {
        const value = given ?? argv[++at];
        if (value === undefined) throw usageFailure(`option '--${option.long}' requires an argument`);
        option.take(settings, value);
      }
    } else if (word.startsWith('-') && word !== '-') {
      for (let i = 1; i < word.length; i++) {
        const letter = word[i]!;
        const option = options.find((candidate) => candidate.letter === letter);
        if (option === undefined) throw usageFailure(`invalid option -- '${letter}'`);
        if (option.value === undefined) {
          option.take(settings, '');
          continue;
        }
        const value = i + 1 < word.length ? word.slice(i + 1) : argv[++at];
        if (value === undefined) throw usageFailure(`option requires an argument -- '${letter}'`);
        option.take(settings, value);
        break;
      }
    } else expression.push(word);
  }
  checkTogether(settings);
  return { settings, expression };
}

/** A long name, or as much of it as no other has. */
function longOption(name: string, word: string): OptionEntry {
  const exact = options.find(({ long }) => long === name);
  if (exact !== undefined) return exact;
  const candidates = options.filter(({ long }) => long?.startsWith(name));
  if (candidates.length === 0) throw usageFailure(`unrecognized option '${word}'`);
  if (candidates.length > 1)
    throw usageFailure(`option '${word}' is ambiguous; possibilities:${candidates.map(({ long }) => ` '--${long}'`).join('')}`);
  return candidates[0]!;
}

function checkTogether(settings: Settings): void {
  if (settings.listDevices) return;
  if (settings.timestamps > 5) throw die('only -t, -tt, -ttt, -tttt and -ttttt are supported');
  const fromFile = settings.readFile !== '' || settings.fileList !== '';
  if (settings.foreign && fromFile) throw die('-f can not be used with -V or -r');
  if (settings.readFile !== '' && settings.fileList !== '') throw die('-V and -r are mutually exclusive.');
}

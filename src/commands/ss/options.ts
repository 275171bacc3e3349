import { AF_INET, AF_INET6, AF_PACKET, AF_UNIX } from '../../netlink/constants.js';
import { type CommandFailure, fatal } from '../shared/failure.js';
import { type LetterOption, readOptions } from '../shared/getopt.js';
import { SS_ALL, SS_CLOSE, SS_LISTEN } from './states.js';
import { AF_TIPC, AF_VSOCK, AF_XDP, familyWords, queries, Selection } from './tables.js';
import { SS_USAGE } from './usage.js';

/** What the command line asks for. */
export class SsOptions {
  readonly selection = new Selection();
  /** States by -a and -l; 0: none were asked for. */
  states = 0;
  numeric = false;
  resolve = false;
  timers = false;
  details = 0;
  memory = false;
  processes = 0;
  threads = 0;
  tcpInfo = false;
  tipcInfo = false;
  tos = false;
  cgroup = false;
  inetSockopt = false;
  bpf = 0;
  events = false;
  summary = false;
  kill = false;
  header = true;
  oneline = false;
  version = false;
  netns: string | undefined;
  dumpFile: string | undefined;
  filterFile: string | undefined;
}

/** Prints the usage to standard error and ends. */
export const usage = (complaint = ''): CommandFailure => fatal(`${complaint}${SS_USAGE}`);
/** -h: the usage is what was asked for. */
export class HelpWanted extends Error {}

function takeQueries(options: SsOptions, list: string): void {
  for (const word of list.split(',')) {
    const without = word.startsWith('!');
    const name = without ? word.slice(1) : word;
    const kinds = Object.hasOwn(queries, name) ? queries[name] : undefined;
    if (kinds === undefined) throw usage(`ss: "${name}" is illegal socket table id\n`);
    for (const kind of kinds) {
      if (without) options.selection.removeKind(kind);
      else options.selection.addKind(kind);
    }
  }
}

function takeFamily(options: SsOptions, word: string): void {
  if (word === 'help') throw new HelpWanted();
  const family = Object.hasOwn(familyWords, word) ? familyWords[word] : undefined;
  if (family === undefined) throw usage(`ss: "${word}" is invalid family\n`);
  options.selection.addFamily(family);
}

function takeFilterFile(options: SsOptions, file: string): void {
  if (options.filterFile !== undefined) throw fatal('More than one filter file');
  options.filterFile = file;
}

const noSelinux = (): never => {
  throw fatal('ss: SELinux is not enabled.', 1);
};

type Take = (options: SsOptions, value: string) => void;

const option = (letter: string, long: readonly string[], text: string, take: Take, value?: string): LetterOption<SsOptions> => ({
  letter,
  long,
  text: [text],
  take,
  ...(value === undefined ? {} : { value }),
});

/** One table for the parser, the man page and the completions. */
export const ssOptions: readonly LetterOption<SsOptions>[] = [
  option('h', ['help'], 'print the usage', () => {
    throw new HelpWanted();
  }),
  option('V', ['version'], 'print the version', (o) => {
    o.version = true;
  }),
  option('H', ['no-header'], 'leave the line of titles out', (o) => {
    o.header = false;
  }),
  option('O', ['oneline'], 'one line a socket, whatever is shown of it', (o) => {
    o.oneline = true;
  }),
  option('n', ['numeric'], 'numbers instead of names of services', (o) => {
    o.numeric = true;
  }),
  option('r', ['resolve'], 'names of hosts, from the file hosts', (o) => {
    o.resolve = true;
  }),
  option('a', ['all'], 'sockets in all states', (o) => {
    o.states = SS_ALL;
  }),
  option('l', ['listening'], 'only those that listen', (o) => {
    o.states = (1 << SS_LISTEN) | (1 << SS_CLOSE);
  }),
  option('o', ['options'], 'the timer that runs, the time that is left, and how often it repeated', (o) => {
    o.timers = true;
  }),
  option('e', ['extended'], 'owner, inode, cookie, mark, and which directions are shut', (o) => {
    o.timers = true;
    o.details++;
  }),
  option('m', ['memory'], 'memory of queues and buffers', (o) => {
    o.memory = true;
  }),
  option('p', ['processes'], 'who holds the socket', (o) => {
    o.processes++;
  }),
  option('T', ['threads'], 'threads that hold the socket', (o) => {
    o.threads++;
  }),
  option('i', ['info'], 'what TCP knows of the connection: times, windows, counters', (o) => {
    o.tcpInfo = true;
  }),
  option('', ['tipcinfo'], 'details of TIPC sockets, of which there are none', (o) => {
    o.tipcInfo = true;
  }),
  option('', ['tos'], 'type of service, traffic class, and priority', (o) => {
    o.tos = true;
  }),
  option('', ['cgroup'], 'control group', (o) => {
    o.cgroup = true;
  }),
  option('', ['inet-sockopt'], 'options of sockets over IP', (o) => {
    o.inetSockopt = true;
  }),
  option('K', ['kill'], 'end the sockets that are shown, where the kernel can', (o) => {
    o.kill = true;
  }),
  option('s', ['summary'], 'only how many sockets of which kind there are', (o) => {
    o.summary = true;
  }),
  option('E', ['events'], 'go on and show sockets as they end', (o) => {
    o.events = true;
  }),
  option('Z', ['context'], 'SELinux contexts, where there is SELinux: not here', noSelinux),
  option('z', ['contexts'], 'the same of sockets', noSelinux),
  option(
    'N',
    ['net'],
    'look into that network namespace',
    (o, value) => {
      o.netns = value;
    },
    'NSNAME',
  ),
  option('b', ['bpf'], 'classic BPF filters of packet sockets', (o) => {
    o.timers = true;
    o.bpf++;
  }),
  option('4', ['ipv4'], 'sockets over IPv4, as -f inet', (o) => o.selection.addFamily(AF_INET)),
  option('6', ['ipv6'], 'sockets over IPv6, as -f inet6', (o) => o.selection.addFamily(AF_INET6)),
  option('0', ['packet'], 'packet sockets, as -f link', (o) => o.selection.addFamily(AF_PACKET)),
  option('t', ['tcp'], 'TCP', (o) => o.selection.addKind('tcp')),
  option('u', ['udp'], 'UDP', (o) => o.selection.addKind('udp')),
  option('d', ['dccp'], 'DCCP, of which there are none', (o) => o.selection.addKind('dccp')),
  option('w', ['raw'], 'raw sockets', (o) => o.selection.addKind('raw')),
  option('x', ['unix'], 'Unix sockets, as -f unix', (o) => o.selection.addFamily(AF_UNIX)),
  option('S', ['sctp'], 'SCTP, of which there are none', (o) => o.selection.addKind('sctp')),
  option('M', ['mptcp'], 'MPTCP, of which there are none', (o) => o.selection.addKind('mptcp')),
  option('', ['tipc'], 'TIPC, as -f tipc', (o) => o.selection.addFamily(AF_TIPC)),
  option('', ['vsock'], 'sockets to virtual machines, as -f vsock', (o) => o.selection.addFamily(AF_VSOCK)),
  option('', ['xdp'], 'XDP sockets, as -f xdp', (o) => o.selection.addFamily(AF_XDP)),
  option('f', ['family'], 'sockets of a family: inet, inet6, link, unix, netlink, vsock, tipc, xdp', takeFamily, 'FAMILY'),
  option('A', ['query', 'socket'], 'tables by their names, with commas between; ! before one takes it out', takeQueries, 'QUERY'),
  option(
    'D',
    ['diag'],
    'write the answers about TCP sockets to FILE as they come, and show nothing',
    (o, value) => {
      o.dumpFile = value;
    },
    'FILE',
  ),
  option('F', ['filter'], 'read the filter from FILE; - is standard input', takeFilterFile, 'FILE'),
  {
    ...option('v', [], 'as -V', (o) => {
      o.version = true;
    }),
    hidden: true,
  },
];

/** Options and, behind them, the words of the filter. */
export function parseOptions(argv: readonly string[]): { readonly options: SsOptions; readonly words: readonly string[] } {
  const options = new SsOptions();
  const words = readOptions(ssOptions, argv, options, (text) => {
    throw usage(`ss: ${text}\n`);
  });
  return { options, words };
}

import type { ConntrackWords } from './words.js';
import * as values from './values.js';

/** An option of conntrack: all have long names, some a letter. */
export interface ConntrackOption {
  readonly names: readonly string[];
  /** Its argument; left out: it takes none. */
  readonly value?: string;
  /** The transport protocols that it is an option of; left out: of all. */
  readonly protocols?: readonly number[];
  /** The argument may be left out. */
  readonly optional?: boolean;
  readonly text: string;
  take(words: ConntrackWords, value: string): void;
}

const PORTS: readonly number[] = [6, 17, 33, 132, 136];
const ICMP: readonly number[] = [1, 58];

const command = (letter: string, long: string, text: string): ConntrackOption => ({
  names: [`-${letter}`, `--${long}`],
  value: 'TABLE',
  optional: true,
  text,
  take: (words, value) => values.setCommand(words, letter, value),
});

/** One table for the parser, the manual page and the completions. */
export const conntrackOptions: readonly ConntrackOption[] = [
  command('L', 'dump', 'list connections, or expected ones'),
  command('G', 'get', 'show one connection'),
  command('D', 'delete', 'delete those that match, and show them'),
  command('I', 'create', 'make a connection'),
  command('A', 'add', 'make a connection, if it is not there'),
  command('U', 'update', 'change those that match'),
  command('E', 'event', 'tell of what happens, until ended'),
  command('F', 'flush', 'delete all'),
  command('C', 'count', 'how many there are'),
  { names: ['-S', '--stats'], text: 'what tracking has counted', take: (words) => values.setCommand(words, 'S', '') },
  { names: ['-V', '--version'], text: 'print the version', take: (words) => values.setCommand(words, 'V', '') },
  { names: ['-h', '--help'], text: 'print the usage', take: (words) => values.setCommand(words, 'h', '') },
  { names: ['-s', '--src', '--orig-src'], value: 'ADDR', text: 'source of the first packet', take: (w, v) => values.setAddress(w, 'originalSource', v) },
  { names: ['-d', '--dst', '--orig-dst'], value: 'ADDR', text: 'destination of the first packet', take: (w, v) => values.setAddress(w, 'originalDestination', v) },
  { names: ['-r', '--reply-src'], value: 'ADDR', text: 'source of the answers', take: (w, v) => values.setAddress(w, 'replySource', v) },
  { names: ['-q', '--reply-dst'], value: 'ADDR', text: 'destination of the answers', take: (w, v) => values.setAddress(w, 'replyDestination', v) },
  { names: ['-n', '--src-nat'], value: 'ADDR', optional: true, text: 'connections whose source is changed', take: (w, v) => values.setNat(w, 'source', v) },
  { names: ['-g', '--dst-nat'], value: 'ADDR', optional: true, text: 'connections whose destination is changed', take: (w, v) => values.setNat(w, 'destination', v) },
  { names: ['-j', '--any-nat'], value: 'ADDR', optional: true, text: 'connections of which one is changed', take: (w, v) => values.setNat(w, 'any', v) },
  { names: ['-p', '--protonum'], value: 'PROTO', text: 'transport protocol, by name or number', take: values.setProtocol },
  { names: ['-f', '--family'], value: 'FAMILY', text: 'ipv4 or ipv6', take: values.setFamily },
  { names: ['-t', '--timeout'], value: 'SECONDS', text: 'how long it is kept', take: (w, v) => { w.timeout = values.number(v, 'timeout'); } },
  { names: ['-u', '--status'], value: 'STATUS', text: 'ASSURED, SEEN_REPLY, FIXED_TIMEOUT, EXPECTED, OFFLOAD or UNSET, parted by commas', take: values.setStatus },
  { names: ['-m', '--mark'], value: 'MARK[/MASK]', text: 'the mark', take: values.setMark },
  { names: ['-c', '--secmark'], value: 'SECMARK', text: 'the mark of SELinux', take: (w, v) => { w.secmark = values.number(v, 'secmark'); } },
  { names: ['-w', '--zone'], value: 'ZONE', text: 'the zone', take: (w, v) => { w.zone = values.number(v, 'zone'); } },
  { names: ['--orig-zone'], value: 'ZONE', text: 'the zone of the first direction', take: (w, v) => { w.originalZone = values.number(v, 'zone'); } },
  { names: ['--reply-zone'], value: 'ZONE', text: 'the zone of the answers', take: (w, v) => { w.replyZone = values.number(v, 'zone'); } },
  { names: ['-e', '--event-mask'], value: 'EVENTS', text: 'NEW, UPDATES, DESTROY or ALL, parted by commas', take: values.setEvents },
  { names: ['-z', '--zero'], text: 'start counters again while they are listed', take: (w) => { w.zero = true; } },
  { names: ['-o', '--output'], value: 'TYPES', text: 'extended, timestamp, id, ktimestamp, labels, userspace, xml or save, parted by commas', take: values.setOutput },
  { names: ['-l', '--label'], value: 'LABELS', text: 'connections with all of these labels, by their names in /etc/xtables/connlabel.conf', take: (w, v) => { w.labelNames = v; } },
  { names: ['--label-add'], value: 'LABELS', text: 'labels to give to what -U or -I is about', take: (w, v) => { w.labelAddNames = v; } },
  { names: ['--label-del'], value: 'LABELS', optional: true, text: 'labels that -U takes away; without any, all', take: (w, v) => { w.labelDeleteNames = v; } },
  { names: ['-b', '--buffer-size'], value: 'BYTES', text: 'receive buffer of -E', take: (w, v) => { w.bufferSize = values.number(v, 'buffer-size'); } },
  { names: ['--sport', '--orig-port-src'], value: 'PORT', protocols: PORTS, text: 'source port', take: (w, v) => values.setPort(w, 'sourcePort', v) },
  { names: ['--dport', '--orig-port-dst'], value: 'PORT', protocols: PORTS, text: 'destination port', take: (w, v) => values.setPort(w, 'destinationPort', v) },
  { names: ['--reply-port-src'], value: 'PORT', protocols: PORTS, text: "source port of the answers", take: (w, v) => values.setPort(w, 'replySourcePort', v) },
  { names: ['--reply-port-dst'], value: 'PORT', protocols: PORTS, text: "destination port of the answers", take: (w, v) => values.setPort(w, 'replyDestinationPort', v) },
  { names: ['--icmp-type'], value: 'TYPE', protocols: ICMP, text: "ICMP's type", take: (w, v) => { w.icmpType = values.number(v, 'icmp-type'); } },
  { names: ['--icmp-code'], value: 'CODE', protocols: ICMP, text: "ICMP's code", take: (w, v) => { w.icmpCode = values.number(v, 'icmp-code'); } },
  { names: ['--icmp-id'], value: 'ID', protocols: ICMP, text: "ICMP's id", take: (w, v) => { w.icmpId = values.number(v, 'icmp-id'); } },
  { names: ['--state'], value: 'STATE', protocols: [6, 33, 132], text: "the state of TCP, SCTP or DCCP", take: (w, v) => { w.stateName = v; } },
  { names: ['--srckey', '--orig-key-src'], value: 'KEY', protocols: [47], text: "GRE's key of the first direction", take: (w, v) => { w.sourceKey = values.number(v, 'key'); } },
  { names: ['--dstkey', '--orig-key-dst'], value: 'KEY', protocols: [47], text: "GRE's other key of the first direction", take: (w, v) => { w.destinationKey = values.number(v, 'key'); } },
  { names: ['--reply-key-src'], value: 'KEY', protocols: [47], text: "GRE's key of the answers", take: (w, v) => { w.replySourceKey = values.number(v, 'key'); } },
  { names: ['--reply-key-dst'], value: 'KEY', protocols: [47], text: "GRE's other key of the answers", take: (w, v) => { w.replyDestinationKey = values.number(v, 'key'); } },
  { names: ['--orig-vtag'], value: 'TAG', protocols: [132], text: "SCTP's verification tag", take: (w, v) => { w.originalTag = values.number(v, 'vtag'); } },
  { names: ['--reply-vtag'], value: 'TAG', protocols: [132], text: "SCTP's verification tag of the answers", take: (w, v) => { w.replyTag = values.number(v, 'vtag'); } },
  { names: ['--role'], value: 'ROLE', protocols: [33], text: "DCCP's role: client or server", take: values.setRole },
  { names: ['--mask-src'], value: 'MASK', text: 'which bits of the source count', take: (w, v) => values.setMask(w, 'sourceMask', v) },
  { names: ['--mask-dst'], value: 'MASK', text: 'which bits of the destination count', take: (w, v) => values.setMask(w, 'destinationMask', v) },
]; // biome-ignore format: a table

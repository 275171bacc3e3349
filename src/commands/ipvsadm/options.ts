import type { IpvsadmCommand, IpvsadmWords } from './words.js';
import * as take from './take.js';
import type { Resolver } from './resolve.js';

/** A command or an option of ipvsadm, as popt(3) takes it. */
export interface IpvsadmOption {
  /** "-t" and "--tcp-service". */
  readonly names: readonly string[];
  /** Its argument; left out: it takes none. */
  readonly value?: string;
  readonly optional?: boolean;
  readonly text: string;
  /** It says what is to be done, and comes first. */
  readonly command?: IpvsadmCommand;
  take?(words: IpvsadmWords, value: string | undefined, resolver: Resolver): void;
}

const command = (names: readonly string[], what: IpvsadmCommand, text: string): IpvsadmOption => ({ names, command: what, text });

/** One table for the parser, the manual page and the completions. */
// biome-ignore format: a table
export const ipvsadmOptions: readonly IpvsadmOption[] = [
  command(['-A', '--add-service'], 'addService', 'add a virtual service'),
  command(['-E', '--edit-service'], 'editService', 'change a virtual service; what is not named becomes as usual'),
  command(['-D', '--delete-service'], 'deleteService', 'delete a virtual service with its servers'),
  command(['-C', '--clear'], 'flush', 'delete all services'),
  command(['-R', '--restore'], 'restore', 'read commands, as -S writes them, from standard input'),
  command(['-S', '--save'], 'save', 'write commands that make the table anew'),
  command(['-a', '--add-server'], 'addServer', 'add a real server to a service'),
  command(['-e', '--edit-server'], 'editServer', 'change a real server'),
  command(['-d', '--delete-server'], 'deleteServer', 'take a real server from a service; its connections go on as expire_nodest_conn has it'),
  command(['-L', '-l', '--list'], 'list', 'list services and servers, connections, timeouts or daemons'),
  command(['-Z', '--zero'], 'zero', 'start the counters of a service, or of all, again'),
  command(['--set'], 'set', 'set the timeouts of connections in seconds: TCP, TCP behind a FIN, UDP; 0 leaves one as it is'),
  { names: ['--start-daemon'], command: 'startDaemon', value: 'STATE', text: 'start the sync daemon: master or backup', take: (w, v) => take.state(w, v!, 'start-daemon parameter') },
  { names: ['--stop-daemon'], command: 'stopDaemon', value: 'STATE', text: 'stop it', take: (w, v) => take.state(w, v!, 'start_daemon') },
  command(['-h', '--help'], 'help', 'print the usage'),
  command(['-v', '--version'], 'version', 'print the version'),
  { names: ['-t', '--tcp-service'], value: 'HOST[:PORT]', text: 'a virtual service of TCP', take: (w, v, r) => take.service(w, v!, 6, r) },
  { names: ['-u', '--udp-service'], value: 'HOST[:PORT]', text: 'one of UDP', take: (w, v, r) => take.service(w, v!, 17, r) },
  { names: ['--sctp-service'], value: 'HOST[:PORT]', text: 'one of SCTP; it is kept and listed, its packets are not balanced yet', take: (w, v, r) => take.service(w, v!, 132, r) },
  { names: ['-f', '--fwmark-service'], value: 'MARK', text: 'all packets that a firewall has marked so', take: (w, v) => take.fwmark(w, v!) },
  { names: ['-6', '--ipv6'], text: 'a service by mark is for IPv6; behind -f', take: take.ipv6 },
  { names: ['-s', '--scheduler'], value: 'SCHEDULER', text: 'rr, wrr, lc, wlc (if left out), lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh or twos', take: (w, v) => { w.take('scheduler'); w.scheduler = v!; } },
  { names: ['-b', '--sched-flags'], value: 'FLAGS', text: 'flag-1, flag-2, flag-3, of sh and mh: sh-fallback, sh-port, mh-fallback, mh-port; parted by commas', take: (w, v) => { w.take('sched-flags'); w.schedulerFlags = v!; } },
  { names: ['-p', '--persistent'], value: 'SECONDS', optional: true, text: 'a client stays with its server so long; 360 if left out', take: (w, v) => take.persistent(w, v) },
  { names: ['-M', '--netmask'], value: 'MASK', text: 'clients of one net stay together: an address mask, of IPv6 how many bits', take: (w, v) => take.netmask(w, v!) },
  { names: ['--pe'], value: 'ENGINE', text: 'a persistence engine: sip, which is kept and listed', take: (w, v) => { w.take('pe'); w.engine = v!; } },
  { names: ['-o', '--ops'], text: 'each datagram of UDP is scheduled by itself', take: (w) => { w.take('ops'); w.onePacket = true; } },
  { names: ['-r', '--real-server'], value: 'HOST[:PORT]', text: 'a real server; without a port that of the service', take: (w, v, r) => take.server(w, v!, r) },
  { names: ['-g', '--gatewaying'], text: 'direct routing: packets go unchanged over the link to the server (if nothing is said)', take: (w) => take.method(w, 3) },
  { names: ['-i', '--ipip'], text: 'packets go through a tunnel to the server', take: (w) => take.method(w, 2) },
  { names: ['-m', '--masquerading'], text: 'packets get the address of the server, answers that of the service', take: (w) => take.method(w, 0) },
  { names: ['--tun-type'], value: 'TYPE', text: 'the tunnel: ipip, gue or gre', take: (w, v) => take.tunnelType(w, v!) },
  { names: ['--tun-port'], value: 'PORT', text: "gue's destination port", take: (w, v) => { w.take('tun-port'); w.tunnelPort = take.number(v!, 1, 65_535, 'illegal tunnel port specified'); } },
  { names: ['--tun-nocsum'], text: 'outer headers without checksum', take: (w) => { w.take('tun-nocsum'); } },
  { names: ['--tun-csum'], text: 'with a checksum', take: (w) => { w.take('tun-csum'); w.tunnelFlags |= 1; } },
  { names: ['--tun-remcsum'], text: 'with remote checksum offload', take: (w) => { w.take('tun-remcsum'); w.tunnelFlags |= 2; } },
  { names: ['-w', '--weight'], value: 'WEIGHT', text: 'how much the server takes, against others; 0: no new connections', take: (w, v) => { w.take('weight'); w.weight = take.number(v!, 0, 0x7fff_ffff, 'illegal weight specified'); } },
  { names: ['-x', '--u-threshold'], value: 'NUMBER', text: 'at so many connections the server takes no more', take: (w, v) => { w.take('u-threshold'); w.upper = take.number(v!, 0, 0x7fff_ffff, 'illegal u_threshold specified'); } },
  { names: ['-y', '--l-threshold'], value: 'NUMBER', text: 'until it has less than so many', take: (w, v) => { w.take('l-threshold'); w.lower = take.number(v!, 0, 0x7fff_ffff, 'illegal l_threshold specified'); } },
  { names: ['-c', '--connection'], text: 'list connections', take: (w) => w.take('connection') },
  { names: ['--timeout'], text: 'list the timeouts', take: (w) => w.take('timeout') },
  { names: ['--daemon'], text: 'list the sync daemons', take: (w) => w.take('daemon') },
  { names: ['--stats'], text: 'list counters; they are added up each two seconds', take: (w) => w.take('stats') },
  { names: ['--rate'], text: 'list rates', take: (w) => w.take('rate') },
  { names: ['-X', '--exact'], text: 'do not shorten large numbers', take: (w) => w.take('exact') },
  { names: ['--thresholds'], text: 'list thresholds', take: (w) => w.take('thresholds') },
  { names: ['--persistent-conn'], text: 'list persistent connections', take: (w) => w.take('persistent-conn') },
  { names: ['--tun-info'], text: 'list tunnels', take: (w) => w.take('tun-info') },
  { names: ['--nosort'], text: "in the table's order", take: (w) => w.take('nosort') },
  { names: ['--sort'], text: 'nothing: what is listed is sorted' },
  { names: ['-n', '--numeric'], text: 'addresses and ports as numbers', take: (w) => w.take('numeric') },
  { names: ['--syncid'], value: 'ID', text: 'which master and backups belong together, 0-255', take: (w, v) => { w.take('syncid'); w.syncId = take.number(v!, 0, 255, 'illegal syncid specified'); } },
  { names: ['--sync-maxlen'], value: 'BYTES', text: 'the longest message', take: (w, v) => { w.take('sync-maxlen'); w.syncMaxlen = take.number(v!, 1, 65_507, 'illegal sync-maxlen specified'); } },
  { names: ['--mcast-interface'], value: 'DEVICE', text: 'where the master tells, and the backup listens', take: (w, v) => { w.take('mcast-interface'); w.interface = v!.slice(0, 15); } },
  { names: ['--mcast-group'], value: 'ADDRESS', text: 'in which group; 224.0.0.81 if left out', take: (w, v) => take.group(w, v!) },
  { names: ['--mcast-port'], value: 'PORT', text: 'at which port; 8848 if left out', take: (w, v) => { w.take('mcast-port'); w.groupPort = take.number(v!, 1, 65_535, 'illegal mcast-port specified'); } },
  { names: ['--mcast-ttl'], value: 'TTL', text: 'how far; 1 if left out', take: (w, v) => { w.take('mcast-ttl'); w.groupTtl = take.number(v!, 1, 255, 'illegal mcast-ttl specified'); } },
];

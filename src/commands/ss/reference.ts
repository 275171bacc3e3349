import type { PlainReference } from '../reference.js';
import { letterReferences } from '../shared/getopt.js';
import { ssOptions } from './options.js';

export const ssReference: PlainReference = {
  name: 'ss',
  summary: 'look into sockets',
  synopsis: ['[ OPTIONS ] [ STATES ] [ FILTER ]'],
  description: [
    'Shows the sockets of a network namespace, one a line: their table, state, bytes (or, of datagrams, memory) that wait to be read and to be acknowledged, and both of their names. Of a socket that listens the two numbers are how many connections wait to be accepted, and how many may. Without options sockets of all tables are shown that are connected; tables and families may be named together.',
    'STATES are any number of "state STATE" and "exclude STATE", where STATE is established, syn-sent, syn-recv, fin-wait-1, fin-wait-2, time-wait, closed, close-wait, last-ack, listening, closing, or stands for several: all; connected, all but listening and closed ones; synchronized, of those all but syn-sent; bucket, time-wait and syn-recv; big, all others.',
    'FILTER is a condition: src or dst with HOST[:PORT], sport or dport with a comparison (=, !=, <, >, <=, >=, or eq, ne, lt, gt, le, ge) and a port, dev = DEVICE, fwmark = MARK[/MASK], cgroup = PATH, or autobound, which is true of ports that the stack chose. Conditions are joined by and (which may be left out), or, not and parentheses, all with spaces around them. A host is an address, perhaps with a prefix length, or a name; an IPv6 address before a port stands in brackets. Of Unix sockets src and dst take patterns; of packet sockets PROTOCOL:DEVICE; of netlink sockets PROTOCOL:PID.',
    'Most of a filter is judged by the kernel; what it cannot judge, by the command.',
  ],
  options: letterReferences(ssOptions),
  files: [
    ['/etc/services', 'names of ports'],
    ['/etc/hosts', 'names of hosts, with -r'],
  ],
  examples: [
    ['ss -tln', 'TCP sockets that listen'],
    ["ss -tan '( sport = :22 or dport = :22 )'", 'connections of SSH, in any state'],
    ['ss -tni dst 10.0.0.0/8', 'what TCP knows of connections to a network'],
    ['ss -tan state time-wait', 'connections that are over but not forgotten'],
    ['ss -K dst 10.0.0.7 dport = 80', 'end the connections to a server'],
  ],
};

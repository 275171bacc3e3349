import type { PlainReference } from '../reference.js';
import { ipvsadmOptions } from './options.js';

/** What manual pages and completions say of `ipvsadm`. */
export const ipvsadmReference: PlainReference = {
  name: 'ipvsadm',
  summary: 'administer virtual services of IPVS',
  synopsis: [
    '-A|-E SERVICE [ -s SCHEDULER ] [ -b FLAGS ] [ -p [ SECONDS ] ] [ -M MASK ] [ --pe ENGINE ] [ -o ]',
    '-D SERVICE',
    '-a|-e SERVICE -r SERVER [ -g|-i|-m ] [ -w WEIGHT ] [ -x NUMBER ] [ -y NUMBER ] [ TUNNEL ]',
    '-d SERVICE -r SERVER',
    '-L|-l [ SERVICE ] [ OPTIONS ]',
    '-Z [ SERVICE ]',
    '-S [ -n ]',
    '-R',
    '-C',
    '--set TCP TCPFIN UDP',
    '--start-daemon master|backup [ DAEMON OPTIONS ]',
    '--stop-daemon master|backup',
  ],
  description: [
    'A namespace with virtual services is a director: connections to the address and port of a service go on to one of its real servers. Which one takes a new connection the scheduler says; the connection stays there.',
    'SERVICE is -t, -u or --sctp-service with an address and a port, or -f with a mark of the firewall. SERVER is an address, with -m perhaps with another port than that of the service.',
    'With -m answers have to pass the director as well, with -g and -i servers answer clients by themselves and have the address of the service, too; with -g they are on a link of the director.',
    'The settings are net.ipv4.vs.*: sysctl(8). /proc/net/ip_vs, ip_vs_conn, ip_vs_conn_sync, ip_vs_stats and ip_vs_stats_percpu show the same.',
    'Counters are added up each two seconds, as on Linux: what --stats and --rate show is as old at most.',
  ],
  options: ipvsadmOptions.map(({ names, value, text }) => ({ names, text, ...(value === undefined ? {} : { value }) })),
  sections: [
    {
      title: 'SCHEDULERS',
      paragraphs: ['A server of weight 0 takes no new connections, but keeps those that it has; one at its upper threshold neither.'],
      terms: [
        ['rr', 'in turn'],
        ['wrr', 'in turn, as often as weights say'],
        ['lc, wlc', 'the one with the fewest connections; for its weight'],
        ['sed, nq', 'where a connection would wait least; an idle one first'],
        ['sh, mh', 'by the address of the client: a table, or Maglev hashing, by which few clients move when a server goes'],
        ['dh', 'by the destination'],
        ['lblc, lblcr', 'for caches: what goes to one address goes to one server, or to a set of them, while they are not overloaded'],
        ['fo, ovf', 'the heaviest that is there; until it has more connections than its weight'],
        ['twos', 'the less loaded of two chosen by chance; as Debian has no module for it, modprobe ip_vs_twos comes first'],
      ],
    },
  ],
  files: [
    ['/etc/hosts', 'names of addresses; an instance has its own of it'],
    ['/etc/services', 'names of ports'],
  ],
  examples: [
    ['ipvsadm -A -t 192.0.2.1:80 -s wlc', 'a service for the web'],
    ['ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.11:8080 -m -w 2', 'and a server, by translation'],
    ['ipvsadm -e -t 192.0.2.1:80 -r 10.0.0.11:8080 -m -w 0', 'it takes nobody new, before it is taken off'],
    ['ipvsadm -Ln --stats', 'what has passed'],
  ],
};

const plain = { options: [], examples: [] } as const;

export const ipvsadmSaveReference: PlainReference = {
  ...plain,
  name: 'ipvsadm-save',
  summary: 'write the table of virtual services',
  synopsis: ['[ -n ]'],
  description: ['Writes the table to standard output as commands that ipvsadm-restore(8) takes, as ipvsadm -S does.'],
  options: [{ names: ['-n'], text: 'addresses and ports as numbers' }],
};

export const ipvsadmRestoreReference: PlainReference = {
  ...plain,
  name: 'ipvsadm-restore',
  summary: 'read the table of virtual services',
  synopsis: [''],
  description: ['Deletes all services, then does what the commands on standard input say, as ipvsadm -R does.'],
};

import type { PlainReference } from '../reference.js';
import { letterReferences } from '../shared/getopt.js';
import { netstatOptions } from './options.js';

export const netstatReference: PlainReference = {
  name: 'netstat',
  summary: 'show sockets, routes, devices, multicast groups and counters of the network stack',
  synopsis: ['[ OPTIONS ] [ SOCKETS ]', '-r [ OPTIONS ]', '-i [ OPTIONS ]', '-g', '-s [ -t | -u | -w ] [ -6 ]'],
  description: [
    'Without -r, -i, -g or -s, shows sockets: of the protocols and families that are named, else of all; those that are connected, with -l those that listen, with -a both. ss(8) shows the same and more.',
    "It reads what the files of /proc/net say of the namespace that it is called in; TAPSTACK_TARGET=kernel shows the host's.",
  ],
  options: letterReferences(netstatOptions),
  files: [
    ['/etc/services', 'names of ports'],
    ['/etc/hosts', 'names of hosts'],
    ['/etc/passwd', 'names of users, with -e'],
  ],
  examples: [
    ['netstat -tlnp', 'TCP sockets that listen, and who holds them'],
    ['netstat -rn', 'the routing table'],
    ['netstat -s -t', 'what TCP has counted'],
  ],
};

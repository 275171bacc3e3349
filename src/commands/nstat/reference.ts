import type { PlainReference } from '../reference.js';
import { letterReferences } from '../shared/getopt.js';
import { nstatOptions } from './options.js';

export const nstatReference: PlainReference = {
  name: 'nstat',
  summary: 'show how far the counters of the network stack have gone',
  synopsis: ['[ OPTIONS ] [ PATTERN ... ]'],
  description: [
    'Shows the counters of IP, ICMP, TCP and UDP, those of IPv6 and the extended ones of Linux, each by how much it has gone up since nstat was last called. Counters that have not moved are left out. A PATTERN is a name with * and ? in it; with several a counter must fit one.',
    'What was seen last is kept in a file of the user, one for each instance and namespace: NSTAT_HISTORY names another.',
  ],
  options: letterReferences(nstatOptions),
  files: [['/tmp/.nstat.*', 'what was seen last']],
  examples: [
    ['nstat -n; curl http://10.0.0.2/; nstat', 'what one transfer counted'],
    ["nstat -az 'Tcp*'", 'all counters of TCP since the namespace was made'],
  ],
};

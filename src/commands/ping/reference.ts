import type { PlainReference } from '../reference.js';
import { pingOptionGroups } from './options.js';

/** What ping(8) and the completions say of it, out of the option table. */
export const pingReference: PlainReference = {
  name: 'ping',
  summary: 'send ICMP echo requests to a host of the stack',
  synopsis: ['[ OPTIONS ] DESTINATION'],
  description: [
    'Sends an echo request a second to DESTINATION, an address or a name of /etc/hosts, and tells of each reply and of each error that comes back. SIGINT ends it with the statistics; SIGQUIT shows them on the way.',
    'It takes a raw socket. Who may not have one gets a ping socket, if net.ipv4.ping_group_range lets him.',
    'Exit status: 0: replies came; 1: none did, or with -c and -w fewer than asked for; 2: anything else that went wrong.',
    '-N is understood, and does nothing.',
  ],
  options: [...pingOptionGroups.general, ...pingOptionGroups.ipv4, ...pingOptionGroups.ipv6].map(({ letter, value, text }) => ({
    names: [`-${letter}`],
    text: text.join(' '),
    ...(value === undefined ? {} : { value: value.toUpperCase() }),
  })),
  files: [['/etc/hosts', 'names of addresses; an instance has its own of it']],
  examples: [
    ['ping -c 3 10.0.0.1', 'three requests'],
    ['ping -M do -s 1472 10.0.0.1', 'does a packet of 1500 bytes reach it whole?'],
    ['ip netns exec left ping -f -c 1000 10.0.0.1', 'a thousand as fast as replies come, from a namespace'],
  ],
};

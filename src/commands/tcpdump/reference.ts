import type { PlainReference } from '../reference.js';
import { filterTerms } from './filter/reference.js';
import { options } from './options.js';

/** What tcpdump-lite(8) and the completions say of it, out of the option table. */
export const tcpdumpReference: PlainReference = {
  name: 'tcpdump-lite',
  summary: 'show packets of a file or of a device',
  synopsis: ['[ OPTIONS ] -r FILE [ EXPRESSION ]', '[ OPTIONS ] -i DEVICE [ EXPRESSION ]', '-d [ -y TYPE ] [ EXPRESSION ]'],
  description: [
    'Prints a line, or with -v several, for each packet that EXPRESSION is true for; with -w it writes the packets to a file instead. It is tcpdump 4.99 written anew: options, lines and errors are its, as far as a protocol is there. The command is also installed as tcpdump.',
    'With -r packets come from a file in the formats pcap or pcapng, of either byte order. Without it they come from DEVICE, one of the stack or, with TAPSTACK_TARGET=kernel, of the host.',
    'A packet that ends too early is shown up to there and [|PROTOCOL] behind it. A protocol that there is no printer for is shown as the one below it shows data. A link type that there is none for is shown in hex.',
    'SIGINT and SIGTERM end a capture: three counts follow. SIGUSR1 shows the counts on the way.',
    'Names of hosts, ports and Ethernet addresses come out of the files below, those of hosts also from the name servers of /etc/resolv.conf: live, and for files that are read inside of an instance or with TAPSTACK_TARGET=kernel. Each address is asked for once, within the time that resolv.conf(5) says; servers that were silent are left alone for a minute. -n asks nobody.',
    'Exit status: 0: done; 1: the command line, the file, the device or the expression is wrong, or packets could not be read to the end.',
  ],
  options: options.map(({ letter, long, value, text }) => ({
    names: [...(letter === undefined ? [] : [`-${letter}`]), ...(long === undefined ? [] : [`--${long}`])],
    text,
    ...(value === undefined ? {} : { value }),
  })),
  sections: [{ title: 'EXPRESSIONS', ...filterTerms }],
  files: [
    ['/etc/hosts', 'names of IP addresses'],
    ['/etc/resolv.conf', 'name servers, and how long and how often they are asked'],
    ['/etc/services', 'names of ports'],
    ['/etc/ethers', 'names of Ethernet addresses'],
    ['/etc/networks', 'names of networks, for net in expressions'],
  ],
  examples: [
    ['tcpdump-lite -nr FILE tcp port 80', 'HTTP, addresses as numbers'],
    ["tcpdump-lite -nvr FILE 'icmp[icmptype] != icmp-echo'", 'ICMP other than echo requests, in detail'],
    ["tcpdump-lite -r FILE -w OUT 'host 10.0.0.1 and not arp'", 'the packets of a host, to another file'],
    ["tcpdump-lite -d -y RAW 'tcp[tcpflags] & tcp-syn != 0'", 'the program that an expression becomes'],
  ],
};

import type { OptionReference, PlainReference } from '../reference.js';
import { subCommands } from './registry.js';

/** The words of a sub-command in one line, as its usage lists them. */
const wordsOf = (parameters: string) =>
  parameters
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');

const options: readonly OptionReference[] = [
  { names: ['--debug'], value: 'MASK', text: 'print what goes over netlink: 2 the messages, 4 and 8 the bytes sent and received' },
  { names: ['--json'], text: 'print JSON, where a sub-command knows it' },
  { names: ['-I', '--include-statistics'], text: 'ask for counters that belong to what is shown' },
  ...subCommands
    .filter((command) => command.options.length > 0)
    .map(({ options: names, summary, parameters = '' }) => ({
      names,
      value: parameters === '' ? 'DEVNAME' : `DEVNAME ${wordsOf(parameters)}`,
      text: summary.replace(/\s*\n\s*/g, ' '),
    })),
  { names: ['--monitor'], value: '[ --all | OPTION ] [ DEVNAME | * ]', text: 'show changes as they are told' },
  { names: ['-h', '--help'], text: 'print the usage' },
  { names: ['--version'], text: 'print the version' },
];

export const ethtoolReference: PlainReference = {
  name: 'ethtool',
  summary: 'show and change what network devices and their drivers can be tuned by',
  synopsis: ['[ FLAGS ] DEVNAME', '[ FLAGS ] OPTION DEVNAME [ WORDS ]', '--monitor [ OPTION ] [ DEVNAME | * ]', '-h | --version'],
  description: [
    "Without an option it shows a device's link: what it can be, what it is, whether it is there. The options show and change one thing each; * instead of a name asks about all devices that have it.",
    'What a kind of device offers is what it offers on Linux: a veth has channels and counters, a tap a speed that can be set, a dummy hardly anything, and the rest is refused with the words of Linux.',
    'Features (-k, -K) act: with tso off TCP cuts its segments itself, with gso off as well it sends them one by one; gro joins segments that come in, tx and rx are the checksums, txvlan and rxvlan the tags. A feature that needs another goes off with it, and comes back with it.',
    'A NIC of the stack (tapstack nic, driver tapstack-nic) has rings (-G), channels (-L), an indirection table (-X), rules (-N), coalescing (-C), pause and link settings. Rings bound how many frames wait, coalescing how many are taken together.',
    'A module in the cage of a NIC (tapstack --nic NAME,module=FILE) is told by -m as its standard has it: SFF-8472 of an SFP, SFF-8636 of a QSFP, CMIS of a QSFP-DD, OSFP or DSFP. hex and raw show its bytes; page, bank and i2c name those of one page, within which offset and length lie.',
    'With TAPSTACK_TARGET=kernel the devices are those of the host.',
  ],
  options,
  examples: [
    ['ethtool -K v0 tso off', 'TCP over v0 leaves in segments of the MTU'],
    ['ethtool -G eth0 rx 4096 tx 4096', 'longer rings for a NIC'],
    ['ethtool -C eth0 rx-usecs 100', 'frames are taken up to 100 microseconds late, together'],
    ['ethtool -S eth0', 'counters of the driver'],
    ['ethtool --monitor -k', 'changes of features as they happen'],
  ],
};

import { bridgeOptions } from './bridge/options.js';
import { loadGrammar } from './ip/object.js';
import { globalOptions } from './ip/options.js';
import { linkKind, linkKindNames } from './ip/link/kinds/index.js';
import type { LinkKindPart } from './ip/link/kinds/kind.js';
import { objects } from './ip/registry.js';
import { IP_USAGE } from './ip/usage.js';
import { ipvsadmReference, ipvsadmRestoreReference, ipvsadmSaveReference } from './ipvsadm/reference.js';
import { kmodReferences } from './kmod/reference.js';
import { nftReference } from './nft/reference.js';
import { pingReference } from './ping/reference.js';
import { ethtoolReference } from './ethtool/reference.js';
import { netstatReference } from './netstat/reference.js';
import { nstatReference } from './nstat/reference.js';
import { ssReference } from './ss/reference.js';
import type { ObjectGrammar, VerbGrammar } from './shared/keywords.js';
import { conntrackOptions } from './conntrack/options.js';
import { rtmonOptions } from './rtmon/words.js';
import { sysctlOptions } from './sysctl/options.js';
import { tcpdumpReference } from './tcpdump/reference.js';
import { tapstackdReference, tapstackReference } from './tapstack/reference.js';

/** An option as documentation shows it: its spellings and its argument. */
export interface OptionReference {
  readonly names: readonly string[];
  readonly value?: string;
  readonly text: string;
}

/** A command that has options alone. */
export interface PlainReference {
  readonly name: string;
  readonly summary: string;
  readonly synopsis: readonly string[];
  readonly description: readonly string[];
  readonly options: readonly OptionReference[];
  readonly sections?: readonly ReferenceSection[];
  readonly files?: readonly (readonly [path: string, text: string])[];
  readonly examples: readonly (readonly [command: string, text: string])[];
}

/** Something that a command has besides options: a language of its own. */
export interface ReferenceSection {
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly terms: readonly (readonly [term: string, text: string])[];
}

/** What `tapstack` has: options of its own and verbs, each with options and operands. */
export interface ProgramReference extends PlainReference {
  readonly verbs: readonly ProgramVerb[];
  readonly environment: readonly (readonly [name: string, text: string])[];
  readonly status: string;
}

export interface ProgramVerb {
  /** Its words: "up", "nic add". */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly operands: string;
  readonly operandTexts: readonly (readonly [operand: string, text: string])[];
  /** The rest of the line is a program and its words. */
  readonly runsProgram: boolean;
  readonly options: readonly OptionReference[];
}

/** `ip`: options, then an object, a verb and its words. */
export interface IpReference {
  readonly options: readonly OptionReference[];
  readonly objects: readonly ObjectGrammar[];
  /** Kinds of devices that have something to say of themselves. */
  readonly linkKinds: readonly LinkKindPart[];
  readonly usage: string;
}

/** The grammar tables of `ip`: what man pages and completions are generated from. */
export async function ipReference(): Promise<IpReference> {
  const loaded: ObjectGrammar[] = [];
  const seen = new Set<object>();
  for (const { load } of objects) {
    const object = await load();
    if (object.description.length > 0 && !seen.has(object)) loaded.push(await loadGrammar(object));
    seen.add(object);
  }
  return {
    options: globalOptions.map(({ names, value, text }) => ({ names, text, ...(value === undefined ? {} : { value }) })),
    objects: loaded,
    linkKinds: (await Promise.all(linkKindNames.map(linkKind))).flatMap((part) => (part?.summary === undefined ? [] : [part])),
    usage: IP_USAGE,
  };
}

const sysctlReference: PlainReference = {
  name: 'sysctl',
  summary: 'read and write settings of the network stack',
  synopsis: ['[ OPTIONS ] [ KEY[=VALUE] ... ]', '-p [ FILE ... ]', '-a'],
  description: [
    "A setting has a key, whose parts are separated by dots (net.ipv4.ip_forward) or by slashes. A part that holds a dot itself, a VLAN's name perhaps, is written with a slash: net.ipv4.conf.eth0/5.rp_filter.",
    'A key alone shows the setting, or all below it; KEY=VALUE sets it. Most settings each network namespace has of its own; tapstack-sysctl(7) says which, and which are kept without acting yet.',
    'A file has lines KEY = VALUE; # and ; begin comments. A minus sign before the key makes it no failure that it cannot be set. A key may be a pattern (net.ipv4.conf.*.rp_filter), which reaches all settings that no other line names; a minus sign and a key alone keep patterns off it. On the command line there are no patterns.',
    'The status is 0 when all was shown and set, else how many of the keys could not be shown, and one more when one could not be set.',
  ],
  options: sysctlOptions
    .filter(({ key }) => key !== 'nothing')
    .map(({ short, long, value, text }) => ({
      names: [...(short === undefined ? [] : [`-${short}`]), ...(long === undefined ? [] : [`--${long}`])],
      text,
      ...(value === undefined ? {} : { value }),
    })),
  files: [
    ['/etc/sysctl.conf', 'read by -p and, last, by --system; an instance has its own of it'],
    ['/etc/sysctl.d/*.conf', 'read by --system, with those of /run, /usr/local/lib, /usr/lib and /lib'],
  ],
  examples: [
    ['sysctl -w net.ipv4.ip_forward=1', 'forward packets'],
    ["sysctl -a -r 'conf.eth0'", 'all settings of a device'],
  ],
};

const bridgeReference: PlainReference = {
  name: 'bridge',
  summary: 'show and change ports, forwarding entries, VLANs and multicast groups of bridges',
  synopsis: [
    '[ OPTIONS ] { link | fdb | vlan | vni | mdb | monitor } { COMMAND | help }',
    'link set dev DEV [ cost COST ] [ priority PRIO ] [ state STATE ] [ FLAG { on | off } ... ]',
    'fdb { add | append | replace | del } LLADDR dev DEV [ self ] [ master ] [ local | static | dynamic ] [ vlan VID ]',
    'fdb flush dev DEV [ brport DEV ] [ vlan VID ] [ [no]permanent | [no]static | [no]dynamic | [no]sticky | [no]extern_learn | [no]added_by_user ... ]',
    'vlan { add | del } vid VID[-VID] dev DEV [ tunnel_info id TUNNEL_ID ] [ pvid ] [ untagged ] [ self ] [ master ]',
    'vlan set vid VID[-VID] dev DEV [ state STATE ] [ mcast_router MODE ]',
    'vlan global set vid VID[-VID] dev DEV [ SETTING VALUE ... ]',
    'vni { add | delete } vni VNI[-VNI][,...] [ { group | remote } IP_ADDRESS ] dev DEV',
    'mdb { add | del } dev DEV port PORT grp GROUP [ src SOURCE ] [ permanent | temp ] [ vid VID ]',
    'monitor [ file FILE | link | fdb | mdb | vlan | vni | all ]',
  ],
  description: [
    'A bridge forwards Ethernet frames between its ports, which are other devices: ip link set DEV master BRIDGE makes a port. This command shows the ports, what was learned at them (fdb), the VLANs that they are in, and the multicast groups that somebody behind them is a member of (mdb). bridge monitor tells of changes as they happen. bridge vni shows and changes which VNIs a vxlan device with vnifilter takes, where what goes to each is sent, and with -s what was carried in each.',
    'The help of each object lists its words: bridge link help, bridge fdb help, bridge vlan help, bridge mdb help, bridge vni help, bridge monitor help.',
  ],
  options: bridgeOptions.map(({ names, value, text }) => ({ names, text, ...(value === undefined ? {} : { value }) })),
  examples: [
    ['bridge link', 'the ports of all bridges'],
    ['bridge fdb show br br0', 'where addresses were seen'],
    ['bridge vlan add dev p1 vid 20 pvid untagged', 'what p1 receives without a tag is in VLAN 20'],
    ['bridge mdb add dev br0 port p1 grp 239.1.1.1 permanent', 'packets for the group leave by p1'],
    ['bridge vlan global set dev br0 vid 20 mcast_querier 1', 'in VLAN 20 the bridge asks who is a member of what'],
    ['bridge -t monitor all', 'what happens, each with its time'],
  ],
};

const rtmonReference: PlainReference = {
  name: 'rtmon',
  summary: 'write changes of devices, addresses and routes to a file',
  synopsis: ['[ OPTIONS ] file FILE [ all | [ link ] [ address ] [ route ] ]'],
  description: [
    'Writes to FILE what the devices are when it starts, and from then on each change behind the time when it came, until it is ended. ip monitor file FILE shows it, also later and elsewhere.',
    'Without objects, and with all, everything that netlink tells of is written.',
  ],
  options: rtmonOptions,
  examples: [
    ['rtmon file /var/log/rtmon.log', 'write everything'],
    ['ip monitor file /var/log/rtmon.log', 'show what was written'],
  ],
};

const conntrackReference: PlainReference = {
  name: 'conntrack',
  summary: 'list, change and watch tracked connections',
  synopsis: [
    '-L [ TABLE ] [ OPTIONS ] [ -z ]',
    '-G [ TABLE ] PARAMETERS',
    '-D [ TABLE ] PARAMETERS',
    '-I [ TABLE ] PARAMETERS -t SECONDS',
    '-U [ TABLE ] PARAMETERS',
    '-E [ TABLE ] [ OPTIONS ]',
    '-F [ TABLE ]',
    '-C [ TABLE ]',
    '-S',
    '-R FILE',
  ],
  description: [
    'Packets that belong together are a connection: those that both ends exchange with the same addresses and ports. Connections are tracked in a namespace while rules ask for them (ct state, NAT); this command shows them and changes them.',
    'TABLE is conntrack, expect, dying or unconfirmed; without it, conntrack. Parameters say which connections are meant; those of -I, what the new one is like.',
    '-R (--load-file), which stands first, carries out the commands -A, -I, -U, -D and -F of a file, or with - of the standard input: one a line, as -o save writes them, # before comments. With anything wrong in the file nothing of it is done.',
    'The settings are net.netfilter.nf_conntrack_*: sysctl(8).',
  ],
  options: conntrackOptions.map(({ names, value, text }) => ({ names, text, ...(value === undefined ? {} : { value }) })),
  examples: [
    ['conntrack -L -p tcp --dport 22', 'connections to port 22'],
    ['conntrack -L -o extended,id', 'all, with their families and numbers'],
    ['conntrack -E -e NEW', 'tell of each that begins'],
    ['conntrack -D -s 10.0.0.5', 'end all that 10.0.0.5 began'],
  ],
};

/** Commands that have options alone. */
export const plainReferences: readonly PlainReference[] = [
  bridgeReference,
  nftReference,
  conntrackReference,
  ipvsadmReference,
  ipvsadmSaveReference,
  ipvsadmRestoreReference,
  ...kmodReferences,
  ethtoolReference,
  rtmonReference,
  sysctlReference,
  pingReference,
  ssReference,
  netstatReference,
  nstatReference,
  tcpdumpReference,
  tapstackdReference,
];

/** Commands that have verbs, out of their commander programs. */
export const programReferences: readonly ProgramReference[] = [tapstackReference()];

export type { ObjectGrammar, VerbGrammar };

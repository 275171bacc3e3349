import type { BridgeEvent } from '../bridge/events.js';
import type { Ipv4 } from '../ipv4/ipv4.js';
import type { Ipv6 } from '../ipv6/ipv6.js';
import type { NexthopTable } from '../nexthop/table.js';
import type { Packets } from '../packet/packets.js';
import type { Ping } from '../raw/ping.js';
import type { Raw } from '../raw/raw.js';
import type { Raw6 } from '../raw/raw6.js';
import type { Conntrack } from '../netfilter/conntrack/conntrack.js';
import type { Ipvs } from '../netfilter/ipvs/ipvs.js';
import type { NfTables } from '../netfilter/nf_tables/nf-tables.js';
import type { Tcp } from '../tcp/tcp.js';
import type { Udp } from '../udp/udp.js';
import type { Unix } from '../unix/unix.js';
import type { NetDevice } from './device.js';
import type { DeviceEvent } from './device-event.js';
import { HookList, Hooks } from './hooks.js';
import type { NeighbourTable } from './neighbour.js';
import type { InetSocket } from './inet-socket.js';
import { Notifier } from './notifier.js';
import type { SocketTable } from './socket.js';
import type { Stack } from './stack.js';

/** A network namespace (struct net): its own devices, addresses, routes, neighbours, sockets and settings. */
export class Namespace {
  readonly stack: Stack;
  /** Small number, never used twice in a stack: what TAPSTACK_NETNS and IFLA_NET_NS_FD carry. */
  readonly id: number;
  /** The number in "net:[4026531840]". */
  readonly inode: number;
  readonly devicesByIndex = new Map<number, NetDevice>();
  /** Names and alternative names. */
  readonly devicesByName = new Map<string, NetDevice>();
  nextIfindex = 1;
  /** Goes up with every device that comes, goes or changes its name: a dump that sees it change is incomplete (dev_base_seq). */
  deviceGeneration = 0;
  loopback!: NetDevice;
  readonly deviceEvents = new Notifier<DeviceEvent>();
  /** Sees the netlink messages of its sockets (nlmon); none, as a rule. `toKernel`: a request, not what a socket gets. */
  netlinkTaps: readonly ((bytes: Uint8Array, protocol: number, toKernel: boolean) => void)[] = [];
  readonly bridgeEvents = new Notifier<BridgeEvent>();
  /** Ids of other namespaces as this one sees them (RTM_NEWNSID): peer to id. */
  readonly nsids = new Map<Namespace, number>();
  nexthops!: NexthopTable;
  /** What stands on ARP's hooks (NF_ARP_IN, NF_ARP_OUT), and on those of all its bridges. */
  readonly arpInput = new HookList();
  readonly arpOutput = new HookList();
  readonly bridgeHooks = new Hooks();
  conntrack!: Conntrack;
  nfTables!: NfTables;
  ipvs!: Ipvs;
  ipv4!: Ipv4;
  ipv6!: Ipv6;
  tcp!: Tcp;
  udp!: Udp;
  udpLite!: Udp;
  raw!: Raw;
  packets!: Packets;
  unix!: Unix;
  ping!: Ping;
  /** Absent where there is no IPv6. */
  raw6: Raw6 | undefined;
  /** Told of a TCP or UDP socket that is over, its names still in it; null when nobody listens (sock_diag_broadcast_destroy()). */
  onSocketDestroyed: ((socket: InetSocket) => void) | null = null;
  /** One a network protocol: arp, later ndisc. */
  readonly neighbourTables: NeighbourTable[] = [];
  readonly sockets: SocketTable;
  /** net.core.* that is per namespace. */
  readonly core = { somaxconn: 4096, txrehash: 1 };
  /** Processes and names that hold it; it is torn down when the last goes. */
  references = 0;
  dead = false;
  /** Who wanted it, while it is made. */
  creator: Namespace | null = null;

  constructor(stack: Stack, id: number, sockets: SocketTable) {
    this.stack = stack;
    this.id = id;
    this.inode = 4_026_531_840 + id;
    this.sockets = sockets;
    this.deviceEvents.subscribe((event) => {
      for (const upper of event.device.uppers) upper.lowerEvent(event);
    });
  }

  deviceByName(name: string): NetDevice | undefined {
    return this.devicesByName.get(name);
  }

  deviceByIndex(ifindex: number): NetDevice | undefined {
    return this.devicesByIndex.get(ifindex);
  }

  /** All devices in the order of their interface indexes, as dumps show them. */
  devices(): NetDevice[] {
    return [...this.devicesByIndex.values()].sort((a, b) => a.ifindex - b.ifindex);
  }
}

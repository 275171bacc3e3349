import type { Ipv4Device } from '../ipv4/device.js';
import type { Ipv6Device } from '../ipv6/device.js';
import { IFF_UP, IF_OPER_UNKNOWN, ARPHRD_ETHER } from '../../netlink/rtnl/constants.js';
import type { DeviceEvent } from './device-event.js';
import { DeviceStatistics } from './device-statistics.js';
import { type EthtoolOps, type FeatureState, noEthtoolOps } from './ethtool-ops.js';
import type { ForwardingDatabase } from './forwarding-database.js';
import type { HookList } from './hooks.js';
import type { L3Domain } from './l3mdev.js';
import type { LinkKind } from './link-kind.js';
import { MulticastList } from './multicast-list.js';
import type { Namespace } from './namespace.js';
import type { PacketBuffer } from './packet-buffer.js';
import type { QueueDiscipline } from './queue-discipline.js';
import type { Stack } from './stack.js';
import type { VlanGroup } from './vlan-group.js';

// addr_assign_type, linux/netdevice.h
export const NET_ADDR_PERM = 0;
export const NET_ADDR_RANDOM = 1;
export const NET_ADDR_STOLEN = 2;
export const NET_ADDR_SET = 3;

// What a device does by itself on the way out and in; bits of `features`.
/** Checksums: a packet may leave with CHECKSUM_PARTIAL. */
export const NETIF_F_HW_CSUM = 1 << 0;
export const NETIF_F_TSO = 1 << 1;
export const NETIF_F_TSO6 = 1 << 2;
export const NETIF_F_GSO_UDP_L4 = 1 << 3;
export const NETIF_F_RXCSUM = 1 << 4;
export const NETIF_F_GRO = 1 << 5;
export const NETIF_F_GSO = 1 << 6;
export const NETIF_F_SG = 1 << 7;
/** A VLAN tag may leave beside the frame (skb.vlanTci) instead of in it. */
export const NETIF_F_HW_VLAN_TX = 1 << 8;

/**
 * What takes a device's incoming packets before the protocols see them (bridge, bond, macvlan: rx_handler).
 * True: it has taken the packet over.
 */
export type RxHandler = (skb: PacketBuffer, device: NetDevice) => boolean;

/** Sees packets as they pass a device, in and out, without owning them (packet sockets, capture). */
export type PacketTap = (skb: PacketBuffer, device: NetDevice, outgoing: boolean) => void;

/** Linux: TSO_MAX_SIZE, 8 * GSO_MAX_SEGS: most bytes of what software devices pass on as one. */
export const TSO_MAX_SIZE = 524_280;

/**
 * A network device (struct net_device). A link kind extends it: it implements transmit(), and what it needs of the other
 * operations. State is changed by the functions of device-registry.ts, device-state.ts, which check, act and notify.
 */
export abstract class NetDevice {
  /** 0 until registered. */
  ifindex = 0;
  name: string;
  /** Null only before it is registered and after it is gone. */
  namespace!: Namespace;
  readonly stack: Stack;
  /** IFF_* as set (IFF_UP, PROMISC, ...); RUNNING, LOWER_UP and DORMANT are computed by deviceFlags(). */
  flags = 0;
  /** IFF_PROMISC and IFF_ALLMULTI as the user set them (gflags); `flags` has them whoever asked. */
  userFlags = 0;
  mtu = 1500;
  /** 0: no limit of its own (as dummy). */
  minMtu = 68;
  maxMtu = 1500;
  /** ARPHRD_* */
  type = ARPHRD_ETHER;
  address: Uint8Array = new Uint8Array(6);
  broadcast: Uint8Array = new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  permanentAddress: Uint8Array | null = null;
  /** Further addresses that the user had it receive (the lists of dev_uc_add_excl() and dev_mc_add_excl()). */
  extraAddresses: readonly Uint8Array[] = [];
  /**
   * Its driver says itself which further addresses it takes, whatever their VLAN (an ndo_fdb_add of its own); NLM_F_* of the request.
   * Throws NetError to refuse. Null: any, without a VLAN.
   */
  readonly checkFilterAddress: ((address: Uint8Array, nlFlags: number) => void) | null = null;
  /** It filters frames by those addresses (IFF_UNICAST_FLT); others receive all while they have some. */
  filtersUnicast = false;
  /** The user may have it listen to link-layer groups (ndo_set_rx_mode): Ethernet, but not what has no link layer of its own. */
  get hasMulticastList(): boolean {
    return this.type === ARPHRD_ETHER;
  }

  /** Link-layer groups that protocols and the user have it listen to (dev->mc). */
  readonly multicastList = new MulticastList();
  /** Tells apart the interface identifiers of devices that share a link-layer address (dev_id); 0: it shares none. */
  deviceId = 0;
  addressAssignType = NET_ADDR_PERM;
  /** Bytes of link header that it puts before a packet. */
  hardHeaderBytes = 14;
  txQueueLength = 1000;
  numTxQueues = 1;
  numRxQueues = 1;
  group = 0;
  alias = '';
  altNames: string[] = [];
  operState = IF_OPER_UNKNOWN;
  linkMode = 0;
  /** netif_carrier_ok(): the wire is there. */
  carrier = true;
  carrierUpCount = 0;
  carrierDownCount = 0;
  dormant = false;
  /** How many asked for promiscuity (a bridge, packet sockets); the user's own wish counts once. */
  promiscuity = 0;
  allMulticast = 0;
  protoDown = false;
  /** It is an ISATAP link: a sit device that knows its routers (IFF_ISATAP). */
  isatap = false;
  /** Statistics of layer 3 are asked of hardware (offload_xstats_l3); there is none that could give them. */
  l3Statistics = false;
  protoDownReason = 0;
  /** The bridge, bond or VRF that it is enslaved to. */
  master: NetDevice | null = null;
  /** The routing table of all that is enslaved to it (l3mdev: a VRF); 0: it has none. */
  l3Table = 0;
  /** What it does with the packets of that domain; null: it has none. */
  l3: L3Domain | null = null;
  /** The device below or the peer; null: there is none. */
  link: NetDevice | null = null;
  features = 0;
  /** What comes in lies in one piece of memory, not in pages: sockets are charged for it accordingly. */
  receivesLinear = false;
  /** All features by name, as ethtool has them; null until somebody asks: net/ethtool/features.ts. */
  featureState: FeatureState | null = null;
  /** What its driver says to ethtool. */
  ethtool: EthtoolOps = noEthtoolOps;
  gsoMaxSize = 65_536;
  gsoMaxSegments = 65_535;
  tsoMaxSize = 65_536;
  tsoMaxSegments = 65_535;
  groMaxSize = 65_536;
  /** Name of the queueing discipline that `ip link` shows: noop before it was up, noqueue, pfifo_fast, ... */
  qdiscName = 'noop';
  /** What stands before it; null: nothing, packets leave at once. */
  queue: QueueDiscipline | null = null;
  /** True for software devices without a queue (IFF_NO_QUEUE): up with noqueue. */
  noQueue = false;
  /** What ethtool would say of its speed, Mb/s; 0: not known. */
  speedMbps = 0;
  readonly statistics = new DeviceStatistics();
  /** The link kind that made it, null for the loopback and NICs. */
  kind: LinkKind | null = null;
  /** IPv4 state of the device (in_device); null: IPv4 has none on it. */
  ipv4: Ipv4Device | null = null;
  /** Its own table of link-layer addresses; null: it has none. */
  forwarding: ForwardingDatabase | null = null;
  /** IPv6 state of the device (inet6_dev); null: IPv6 has none on it. */
  ipv6: Ipv6Device | null = null;
  rxHandler: RxHandler | null = null;
  /** What it is to its master: a bridge port, a bond's slave; that master's own. */
  port: object | null = null;
  /** Devices stacked upon it - VLANs, macvlans, its master - which hear of what happens to it by lowerEvent(). */
  uppers: readonly NetDevice[] = [];
  /** Devices that it is stacked upon. */
  lowers: readonly NetDevice[] = [];
  /** VLAN devices on it by their ids; null: none. */
  vlans: VlanGroup | null = null;
  /** It takes no VLAN devices (NETIF_F_VLAN_CHALLENGED). */
  vlanChallenged = false;
  /** IFLA_PROTO_DOWN may be set: its carrier goes away with it. */
  changesProtoDown = false;
  taps: PacketTap[] = [];
  /** It sends super-packets whose payload lies elsewhere than their headers (NETIF_F_SG); see payloadLeftOut(). */
  gathers = false;
  /** What stands on its hooks of family netdev; null: nothing does. */
  ingressHooks: HookList | null = null;
  egressHooks: HookList | null = null;
  /** True from registration to unregistration. */
  registered = false;
  /** Made by the stack for itself, cannot be moved between namespaces (NETIF_F_NETNS_LOCAL). */
  netnsLocal = false;
  /** IFF_LIVE_ADDR_CHANGE: its address may change while it is up. */
  liveAddressChange = false;
  /** IFF_LIVE_RENAME_OK */
  liveRename = false;
  /** ndo_change_carrier is there: the user may take the carrier away (`ip link set carrier off`). */
  userCarrier = false;
  /** A change of carrier or dormancy waits for linkwatch (LW_WATCH). */
  linkWatchPending = false;

  constructor(stack: Stack, name: string) {
    this.stack = stack;
    this.name = name;
  }

  get up(): boolean {
    return (this.flags & IFF_UP) !== 0;
  }

  /** dev_get_iflink(), what IFLA_LINK says where it differs from `ifindex`: the device below or the peer, else its own; 0: gone. */
  get iflink(): number {
    return this.link?.ifindex ?? this.ifindex;
  }

  /** rtnl_link_ops.get_link_net: the namespace of what it is linked to, or of its outer packets; null: it is linked to nothing. */
  get linkNamespace(): Namespace | null {
    return this.link?.namespace ?? null;
  }

  /** ndo_open: called when it is set up; throws NetError to refuse. */
  open(): void {
    // Nothing, for most.
  }

  /** ndo_stop: called when it is set down. */
  stop(): void {
    // Nothing, for most.
  }

  /**
   * ndo_start_xmit: sends a frame, link header at `skb.data`; takes ownership. Counts what it sends.
   * Called by devQueueXmit() only, for a device that is up.
   */
  abstract transmit(skb: PacketBuffer): void;

  /**
   * dev_hard_header: puts the link header before `skb.data`. `destination` null: the device's broadcast address.
   * The default is Ethernet's, by src/net/ethernet.
   */
  abstract createHeader(skb: PacketBuffer, protocol: number, destination: Uint8Array | null, source: Uint8Array | null): void;

  /** Takes the link header off an incoming frame: sets macHeader, protocol, packetType and pulls (eth_type_trans). */
  abstract parseHeader(skb: PacketBuffer): void;

  /** ndo_set_mac_address; throws NetError (EADDRNOTAVAIL, EBUSY, EOPNOTSUPP) to refuse. */
  setAddress(address: Uint8Array): void {
    this.address = address;
  }

  /** ndo_change_mtu, limits already checked. */
  setMtu(mtu: number): void {
    this.mtu = mtu;
  }

  /** ndo_set_rx_mode: flags, promiscuity or the address lists changed. */
  rxModeChanged(): void {
    // Nothing, for most.
  }

  /** Something has happened to a device below it (the notifier of a stacked driver). */
  lowerEvent(_event: DeviceEvent): void {
    // Nothing, for most.
  }

  /** The features of a device below it are others now (NETDEV_FEAT_CHANGE). */
  lowerFeaturesChanged(_lower: NetDevice): void {
    // Most have features of their own.
  }

  /** Whether the wire of the VLAN `id` is there, where VLANs have one each (a bridge); null: it is that of the device itself. */
  vlanCarrier(_id: number): boolean | null {
    return null;
  }

  /** What vlanCarrier() of the device below says of some VLAN may be another now. */
  lowerVlansChanged(_lower: NetDevice): void {
    // Nothing, for all but VLANs.
  }

  /** ndo_get_stats64: brings `statistics` up to date, where they are the sum of others'. Whoever shows them calls it first. */
  refreshStatistics(): void {
    // Most count as it happens.
  }

  /** An IP address, of IPv4 or of IPv6, is about to come: throws NetError to refuse (inetaddr_validator_chain). */
  checkNewAddress(_ipv4: number | null, _ipv6: Uint32Array | null): void {
    // Any will do, for most.
  }

  /** rtnl_link_ops.dellink: it is about to be unregistered, and lets go of its peer. */
  leaving(): void {
    // Nothing, for most.
  }

  /** It was made and then refused before it was registered: lets go of what it took already. */
  abandoned(): void {
    // Nothing, for most.
  }

  /** ndo_uninit, after it left its namespace's tables: lets go of what it holds. */
  unregistered(): void {
    // Nothing, for most.
  }
}

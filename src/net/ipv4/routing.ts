import type { In6 } from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import type { Dst } from '../core/dst.js';
import type { Flow } from '../core/flow.js';
import type { Neighbour } from '../core/neighbour.js';
import type { PacketBuffer } from '../core/packet-buffer.js';

/** What the packet path reads of a route of IPv4 (struct rtable). `type` is RTN_*; `error` a positive errno. */
export interface Ipv4Route extends Dst {
  /** Next hop of IPv4, 0: none. Without any gateway the destination itself is on the link. */
  gateway: number;
  /** Next hop of IPv6, whom neighbour discovery finds; null: none. */
  gateway6: In6 | null;
  /** Interface that the route says, where that is not `device` (a local address of another device); 0: it is. */
  readonly oif: number;
  /** Broadcasts to a net that come in go on by it (bc_forwarding), and are not for this host. */
  readonly directed: boolean;
}

/** What sends a packet over the link: a neighbour. */
export type NextHop = Pick<Neighbour, 'output'>;

/** What the packet path asks of the routing tables, addresses and settings of devices of one namespace. */
export interface Ipv4Routing {
  /** ip_route_output_key(): fills in `flow.source` where it is 0 (and `flow.destination` where that is). Never null: failures have `error`. */
  output(flow: Flow): Ipv4Route;
  /**
   * ip_route_input(): where a packet that came in by `device` goes. Failures: ENETUNREACH, EHOSTUNREACH (also where forwarding
   * is off), EACCES (prohibit), EINVAL (a martian, a blackhole), EXDEV (reverse path filter).
   */
  input(skb: PacketBuffer, destination: number, source: number, tos: number, device: NetDevice): Ipv4Route;
  /** dst_check() */
  valid(dst: Dst): boolean;
  /** The neighbour that `dst` leads to for a packet to `destination`; made if need be. Null: none can be made. */
  neighbour(dst: Ipv4Route, destination: number): NextHop | null;
  /** inet_addr_type(): RTN_* of an address as seen from here. */
  addressType(address: number): number;
  /** The same in the routing domain of `device`: inet_addr_type_dev_table(). */
  addressTypeIn(device: NetDevice, address: number): number;
  /** ip_dev_find(): the device that has the address, or that a local route to it names; null: it is not ours. */
  deviceWith(address: number): NetDevice | null;
  /** Whether `device` has the address. */
  hasAddress(device: NetDevice, address: number): boolean;
  /** ipv4_mtu(): path MTU, the route's, or the device's. */
  mtu(dst: Ipv4Route): number;
  /** The TTL of the route's metric; 0: none. */
  hopLimit(dst: Ipv4Route): number;
  /** IN_DEV_TX_REDIRECTS(): send_redirects of conf.all or the device. */
  sendsRedirects(device: NetDevice): boolean;
  /** IN_DEV_SOURCE_ROUTE(): accept_source_route of conf.all and the device. */
  acceptsSourceRoute(device: NetDevice): boolean;
  /** mc_forwarding of conf.all. */
  setMulticastForwarding(routers: number): void;
  /** ip_rt_update_pmtu() */
  updatePathMtu(flow: Flow, mtu: number): void;
  /** __ip_do_redirect() */
  redirect(from: number, gateway: number, destination: number, tos: number, device: NetDevice): void;
}

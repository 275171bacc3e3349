import type { BridgeDevice } from '../bridge-device.js';
import type { BridgePort } from '../port.js';
import { type ContextTimers, MulticastContext, PortMulticastContext } from './context.js';
import { type DatabaseTimers, MulticastDatabase } from './database.js';
import { hostExpired, leaveAll, membershipExpired, sourceExpired } from './groups.js';
import { openContext, otherQuerierExpired, ownQueryExpired, portQueryExpired, startPort } from './querier.js';
import { disableRouter, enableRouter, hostIsRouter, portRouterExpired } from './routers.js';
import { retransmit } from './sources.js';
import { MulticastStatistics } from './statistics.js';

/** 224.0.0.106 and ff02::6a. */
const ALL_SNOOPERS4 = 0xe000_006a;
const ALL_SNOOPERS6 = Uint32Array.of(0xff02_0000, 0, 0, 0x6a);

const contextTimers: ContextTimers = {
  ownQuery: ownQueryExpired,
  otherQuerier: otherQuerierExpired,
  router: () => undefined,
  portQuery: portQueryExpired,
  portRouter: portRouterExpired,
};

/** Multicast snooping of one bridge: who is a member of what, who asks, where routers are (Linux's br_multicast.c). */
export class BridgeMulticast {
  readonly bridge: BridgeDevice;
  enabled = true;
  /** Groups at most; one more and snooping ends. */
  hashMax = 4096;
  /** IGMP queries come from an address of the bridge, otherwise from 0.0.0.0. */
  queryUsesAddress = false;
  statisticsEnabled = false;
  readonly statistics = new MulticastStatistics();
  /** An address for MLD queries was there when one was sent last. */
  hasIpv6Address = true;
  /** Each VLAN is snooped by itself. */
  vlanSnooping = false;
  readonly context: MulticastContext;
  readonly database: MulticastDatabase;
  readonly #vlans = new Map<number, MulticastContext>();
  #listening = false;

  constructor(bridge: BridgeDevice) {
    this.bridge = bridge;
    this.context = new MulticastContext(bridge, 0, contextTimers);
    const of = (vid: number) => this.contextOf(vid) ?? this.context;
    const timers: DatabaseTimers = {
      host: (entry) => hostExpired(bridge, entry),
      membership: (membership) => membershipExpired(of(membership.entry.key.vid), membership),
      retransmission: (membership) => retransmit(of(membership.entry.key.vid), membership),
      source: (source) => sourceExpired(of(source.membership.entry.key.vid), source),
    };
    this.database = new MulticastDatabase(bridge.stack.hashSeed, timers);
  }

  /** Who snoops what is in `vlan` (0: in none); null: nobody. */
  contextOf(vlan: number): MulticastContext | null {
    return this.vlanSnooping && vlan !== 0 ? (this.#vlans.get(vlan) ?? null) : this.context;
  }

  portContext(port: BridgePort, vlan: number): PortMulticastContext | null {
    return this.vlanSnooping && vlan !== 0 ? (port.multicastVlans.get(vlan) ?? null) : port.multicast;
  }

  /** Whether the context is in use, as the bridge's is until VLANs have their own. */
  isActive(context: MulticastContext): boolean {
    return context.vid === 0 ? !this.vlanSnooping : this.vlanSnooping && context.snooping;
  }

  /** The host routes multicast, and so wants all of it. */
  hostRoutes(vlan: number, six: boolean): boolean {
    const context = this.contextOf(vlan);
    return context !== null && hostIsRouter(context, six);
  }

  portsOf(context: MulticastContext): PortMulticastContext[] {
    const { ports } = this.bridge;
    if (context.vid === 0) return ports.map(({ multicast }) => multicast);
    return ports.flatMap((port) => port.multicastVlans.get(context.vid) ?? []);
  }

  newPortContext(port: BridgePort): PortMulticastContext {
    return new PortMulticastContext(port, this.context, contextTimers);
  }

  /** Settings of a VLAN that somebody is in. */
  vlanContext(vid: number): MulticastContext {
    let context = this.#vlans.get(vid);
    if (context === undefined) {
      context = new MulticastContext(this.bridge, vid, contextTimers);
      this.#vlans.set(vid, context);
    }
    return context;
  }

  /** A VLAN comes to a port (null: the bridge). */
  addVlan(port: BridgePort | null, vid: number): void {
    const known = this.#vlans.has(vid);
    const context = this.vlanContext(vid);
    if (!known && this.isActive(context) && this.bridge.up) openContext(context);
    if (port === null || port.multicastVlans.has(vid)) return;
    const own = new PortMulticastContext(port, context, contextTimers);
    port.multicastVlans.set(vid, own);
    if (this.isActive(context) && port.state !== 0) this.#enable(own);
  }

  /** A VLAN has gone from a port (null: the bridge); the last takes its settings with it. */
  deleteVlan(port: BridgePort | null, vid: number): void {
    const own = port?.multicastVlans.get(vid);
    if (own !== undefined) {
      if (this.vlanSnooping) this.#disable(own);
      this.#cancelPort(own);
      disableRouter(own);
      own.port.multicastVlans.delete(vid);
    }
    const { bridge } = this;
    if (bridge.vlanSet.has(vid) || bridge.ports.some((other) => other.vlans.has(vid))) return;
    const context = this.#vlans.get(vid);
    if (context === undefined) return;
    for (const timer of context.timers()) bridge.stack.timers.cancel(timer);
    this.#vlans.delete(vid);
  }

  /** The bridge goes up. Linux: br_multicast_open() */
  open(): void {
    this.#listen(this.enabled);
    for (const context of this.#contexts()) if (this.isActive(context)) openContext(context);
  }

  /** Linux: br_multicast_stop() */
  stop(): void {
    this.#listen(false);
    for (const context of this.#contexts()) this.#stopContext(context);
  }

  enablePort(port: BridgePort): void {
    for (const own of this.#contextsOf(port)) if (this.isActive(own.context)) this.#enable(own);
  }

  disablePort(port: BridgePort): void {
    for (const own of this.#contextsOf(port)) if (this.isActive(own.context)) this.#disable(own);
  }

  /** The port is taken out. Linux: br_multicast_del_port() */
  deletePort(port: BridgePort): void {
    leaveAll(this.bridge, port, true, null);
    for (const own of this.#contextsOf(port)) {
      this.#cancelPort(own);
      disableRouter(own);
    }
    port.multicastVlans.clear();
  }

  /** The bridge is gone: no timer of it is left. */
  destroy(): void {
    const { timers } = this.bridge.stack;
    this.stop();
    for (const entry of this.database.entries()) {
      timers.cancel(entry.timer);
      this.database.remove(entry);
    }
  }

  /** mcast_snooping. Linux: br_multicast_toggle() */
  toggle(on: boolean): void {
    if (this.enabled === on) return;
    this.enabled = on;
    if (!on) this.#listen(false);
    if (!on || !this.bridge.up) return;
    this.open();
    for (const port of this.bridge.ports) if (port.state !== 0) this.enablePort(port);
  }

  /** mcast_vlan_snooping. Linux: br_multicast_toggle_vlan_snooping() */
  toggleVlans(on: boolean): void {
    if (this.vlanSnooping === on) return;
    const up = this.bridge.ports.filter(({ state }) => state !== 0);
    for (const port of up) this.disablePort(port);
    for (const context of this.#contexts()) if (this.isActive(context)) this.#stopContext(context);
    this.vlanSnooping = on;
    if (this.bridge.up) this.open();
    for (const port of up) this.enablePort(port);
  }

  /** Snooping of one VLAN. Linux: br_multicast_toggle_global_vlan() */
  toggleVlan(vid: number, on: boolean): void {
    const context = this.vlanContext(vid);
    if (context.snooping === on) return;
    const ports = this.portsOf(context).filter(({ port }) => port.state !== 0);
    if (!on && this.vlanSnooping) {
      for (const own of ports) this.#disable(own);
      this.#stopContext(context);
    }
    context.snooping = on;
    if (!on || !this.vlanSnooping || !this.bridge.up) return;
    openContext(context);
    for (const own of ports) this.#enable(own);
  }

  /** A snooper is a member of the groups that routers announce themselves to (RFC 4286). Linux: br_multicast_join_snoopers() */
  #listen(on: boolean): void {
    if (this.#listening === on) return;
    this.#listening = on;
    const { ipv4, ipv6 } = this.bridge.namespace;
    if (on) {
      ipv4.multicast.join(this.bridge, ALL_SNOOPERS4);
      ipv6.multicast.join(this.bridge, ALL_SNOOPERS6);
    } else {
      ipv4.multicast.leave(this.bridge, ALL_SNOOPERS4);
      ipv6.multicast.leave(this.bridge, ALL_SNOOPERS6);
    }
  }

  #contexts(): MulticastContext[] {
    return [this.context, ...this.#vlans.values()];
  }

  #contextsOf(port: BridgePort): PortMulticastContext[] {
    return [port.multicast, ...port.multicastVlans.values()];
  }

  #stopContext(context: MulticastContext): void {
    for (const timer of context.timers()) this.bridge.stack.timers.cancel(timer);
  }

  #enable(own: PortMulticastContext): void {
    if (!this.enabled || !this.bridge.up) return;
    startPort(own);
    enableRouter(own);
  }

  #disable(own: PortMulticastContext): void {
    const { vid } = own.context;
    leaveAll(this.bridge, own.port, false, vid === 0 ? null : vid);
    this.#cancelPort(own);
    disableRouter(own);
  }

  #cancelPort(own: PortMulticastContext): void {
    const { timers } = this.bridge.stack;
    timers.cancel(own.ip4Query.timer);
    timers.cancel(own.ip6Query.timer);
  }
}

import { Timer } from '../../../base/timer-wheel.js';
import type { BridgeDevice } from '../bridge-device.js';
import type { BridgePort } from '../port.js';

// MDB_RTR_TYPE_*, linux/if_bridge.h
export const ROUTER_DISABLED = 0;
export const ROUTER_TEMP_QUERY = 1;
export const ROUTER_PERMANENT = 2;
export const ROUTER_TEMP = 3;

/** Queries of one's own: of the bridge to its host, or to one port (struct bridge_mcast_own_query). */
export class OwnQuery {
  startupSent = 0;
  readonly timer: Timer;

  constructor(fire: () => void) {
    this.timer = new Timer(fire);
  }
}

/** What is done when timers of a context expire. `six`: of MLD, otherwise of IGMP. */
export interface ContextTimers {
  ownQuery(context: MulticastContext, six: boolean): void;
  otherQuerier(context: MulticastContext, six: boolean): void;
  router(context: MulticastContext): void;
  portQuery(context: PortMulticastContext, six: boolean): void;
  portRouter(context: PortMulticastContext, six: boolean): void;
}

/** One of IGMP and MLD in a context. */
export class ProtocolState {
  readonly ownQuery: OwnQuery;
  /** Armed while another querier is there. */
  readonly otherQuerier: Timer;
  /** Until then nothing is known of who listens, and groups are flooded. */
  delayUntilUs = 0;
  /** Address of the querier; all zero: none. */
  readonly querier = new Uint32Array(4);
  /** The port that leads to it; null: the host, or none. */
  querierPort: BridgePort | null = null;
  /** Armed while a router speaks through the host. */
  readonly routerTimer: Timer;
  /** By port number, the highest first. */
  routers: readonly PortMulticastContext[] = [];

  constructor(context: MulticastContext, six: boolean, timers: ContextTimers) {
    this.ownQuery = new OwnQuery(() => timers.ownQuery(context, six));
    this.otherQuerier = new Timer(() => timers.otherQuerier(context, six));
    this.routerTimer = new Timer(() => timers.router(context));
  }
}

/** Snooping of a bridge, or of one VLAN of it (struct net_bridge_mcast). Times in clock ticks of 10 ms. */
export class MulticastContext {
  readonly bridge: BridgeDevice;
  /** 0: of the bridge as a whole. */
  readonly vid: number;
  /** Of a VLAN: whether it is snooped at all (`bridge vlan global set mcast_snooping`). */
  snooping = true;
  router = ROUTER_TEMP_QUERY;
  querier = false;
  igmpVersion = 2;
  mldVersion = 1;
  lastMemberCount = 2;
  startupQueryCount = 2;
  lastMemberInterval = 100;
  membershipInterval = 26_000;
  querierInterval = 25_500;
  queryInterval = 12_500;
  queryResponseInterval = 1000;
  startupQueryInterval = 3124;
  readonly ip4: ProtocolState;
  readonly ip6: ProtocolState;

  constructor(bridge: BridgeDevice, vid: number, timers: ContextTimers) {
    this.bridge = bridge;
    this.vid = vid;
    this.ip4 = new ProtocolState(this, false, timers);
    this.ip6 = new ProtocolState(this, true, timers);
  }

  state(six: boolean): ProtocolState {
    return six ? this.ip6 : this.ip4;
  }

  timers(): Timer[] {
    return [this.ip4, this.ip6].flatMap((state) => [state.ownQuery.timer, state.otherQuerier, state.routerTimer]);
  }

  /** Whether reports and queries of the protocol distinguish sources. Linux: br_multicast_should_handle_mode() */
  handlesSources(six: boolean): boolean {
    return six ? this.mldVersion === 2 : this.igmpVersion === 3;
  }
}

/** A port's part in the snooping of a bridge or of one VLAN (struct net_bridge_mcast_port). */
export class PortMulticastContext {
  readonly port: BridgePort;
  readonly context: MulticastContext;
  router = ROUTER_TEMP_QUERY;
  readonly ip4Query: OwnQuery;
  readonly ip6Query: OwnQuery;
  readonly ip4RouterTimer: Timer;
  readonly ip6RouterTimer: Timer;

  constructor(port: BridgePort, context: MulticastContext, timers: ContextTimers) {
    this.port = port;
    this.context = context;
    this.ip4Query = new OwnQuery(() => timers.portQuery(this, false));
    this.ip6Query = new OwnQuery(() => timers.portQuery(this, true));
    this.ip4RouterTimer = new Timer(() => timers.portRouter(this, false));
    this.ip6RouterTimer = new Timer(() => timers.portRouter(this, true));
  }

  query(six: boolean): OwnQuery {
    return six ? this.ip6Query : this.ip4Query;
  }

  routerTimer(six: boolean): Timer {
    return six ? this.ip6RouterTimer : this.ip4RouterTimer;
  }
}

/** Linux: br_multicast_ctx_should_use() */
export const inUse = (context: MulticastContext, port: PortMulticastContext | null): boolean =>
  context.bridge.up && (port === null || port.port.state !== 0);

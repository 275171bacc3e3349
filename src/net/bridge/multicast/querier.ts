import { ETH_P_IP } from '../../../wire/ethernet.js';
import { CENTISECOND_US } from '../units.js';
import { inUse, type MulticastContext, type OwnQuery, type PortMulticastContext, type ProtocolState } from './context.js';
import { afterTicks } from './groups.js';
import type { GroupKey } from './group-key.js';
import { markRouter } from './routers.js';
import { ALL_GROUPS4, ALL_GROUPS6, sendQuery } from './send-query.js';

// Who asks: this bridge, or another querier with a lower address (RFC 2236 3, RFC 2710 6).

export const isEnabled = (context: MulticastContext): boolean =>
  context.bridge.multicast.enabled && context.bridge.multicast.isActive(context);

/** General queries, first the quick ones of startup. Linux: br_multicast_send_query() */
function sendGeneral(context: MulticastContext, port: PortMulticastContext | null, own: OwnQuery, six: boolean): void {
  if (!inUse(context, port) || !isEnabled(context) || !context.querier) return;
  if (context.state(six).otherQuerier.armed) return;
  sendQuery(context, port, six ? ALL_GROUPS6 : ALL_GROUPS4);
  afterTicks(context, own.timer, own.startupSent < context.startupQueryCount ? context.startupQueryInterval : context.queryInterval);
}

export function ownQueryExpired(context: MulticastContext, six: boolean): void {
  const { ownQuery } = context.state(six);
  if (ownQuery.startupSent < context.startupQueryCount) ownQuery.startupSent++;
  context.state(six).querierPort = null;
  sendGeneral(context, null, ownQuery, six);
}

export function portQueryExpired(port: PortMulticastContext, six: boolean): void {
  if (port.port.state === 0) return;
  const own = port.query(six);
  if (own.startupSent < port.context.startupQueryCount) own.startupSent++;
  sendGeneral(port.context, port, own, six);
}

function start(context: MulticastContext, own: OwnQuery): void {
  own.startupSent = 0;
  if (context.bridge.multicast.enabled) afterTicks(context, own.timer, 0);
}

/** The context begins to ask. Linux: __br_multicast_open() */
export function openContext(context: MulticastContext): void {
  start(context, context.ip4.ownQuery);
  start(context, context.ip6.ownQuery);
}

/** Linux: __br_multicast_enable_port_ctx() */
export function startPort(port: PortMulticastContext): void {
  start(port.context, port.ip4Query);
  start(port.context, port.ip6Query);
}

/** The other querier is silent: this bridge asks from now on. Linux: br_multicast_querier_expired() */
export function otherQuerierExpired(context: MulticastContext, six: boolean): void {
  if (context.bridge.up && isEnabled(context)) startAll(context, six);
}

function startAll(context: MulticastContext, six: boolean): void {
  start(context, context.state(six).ownQuery);
  for (const port of context.bridge.multicast.portsOf(context)) if (port.port.state !== 0) start(context, port.query(six));
}

/** mcast_querier. Linux: br_multicast_set_querier() */
export function setQuerier(context: MulticastContext, on: boolean): void {
  if (context.querier === on) return;
  context.querier = on;
  if (!on) return;
  const untilUs = context.bridge.stack.nowUs + context.queryResponseInterval * CENTISECOND_US;
  for (const six of [false, true]) {
    const state = context.state(six);
    if (!state.otherQuerier.armed) state.delayUntilUs = untilUs;
    startAll(context, six);
  }
}

/** Whether somebody asks, so that who does not answer is no member. Linux: br_multicast_querier_exists() */
export function querierExists(context: MulticastContext, six: boolean): boolean {
  const state = context.state(six);
  const own = context.querier && (!six || context.bridge.multicast.hasIpv6Address);
  return context.bridge.stack.nowUs > state.delayUntilUs && (own || state.otherQuerier.armed);
}

/** A general query came from there, by `from`. Linux: br_multicast_query_received() */
export function generalQuery(
  context: MulticastContext,
  port: PortMulticastContext | null,
  six: boolean,
  from: Uint32Array,
  maxDelayUs: number,
): void {
  const state = context.state(six);
  if (!isBetter(state, from)) return;
  state.querier.set(from);
  state.querierPort = port?.port ?? null;
  const { timers, nowUs } = context.bridge.stack;
  if (!state.otherQuerier.armed) state.delayUntilUs = nowUs + maxDelayUs;
  timers.schedule(state.otherQuerier, nowUs + context.querierInterval * CENTISECOND_US);
  markRouter(context, port, six);
}

function isBetter(state: ProtocolState, from: Uint32Array): boolean {
  if (!state.ownQuery.timer.armed && !state.otherQuerier.armed) return true;
  if (state.querier.every((word) => word === 0)) return true;
  for (let i = 0; i < 4; i++) if (from[i] !== state.querier[i]) return from[i]! < state.querier[i]!;
  return true;
}

/** Somebody asks who is a member of one group: who does not answer soon is none. */
export function groupQuery(context: MulticastContext, key: GroupKey, maxDelayUs: number): void {
  const { bridge } = context;
  const entry = bridge.multicast.database.find(key);
  if (entry === null) return;
  const untilUs = bridge.stack.nowUs + maxDelayUs * context.lastMemberCount;
  const sooner = (timer: OwnQuery['timer']) => {
    if (timer.armed && timer.expiresUs > untilUs) bridge.stack.timers.schedule(timer, untilUs);
  };
  if (entry.hostJoined) sooner(entry.timer);
  const everyone = !context.handlesSources(key.protocol !== ETH_P_IP);
  for (const membership of entry.ports) if (everyone || membership.filterMode === 0) sooner(membership.timer);
}

import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { CENTISECOND_US } from '../units.js';
import {
  inUse,
  type MulticastContext,
  type PortMulticastContext,
  ROUTER_DISABLED,
  ROUTER_PERMANENT,
  ROUTER_TEMP,
  ROUTER_TEMP_QUERY,
} from './context.js';

// Ports that multicast routers are behind: all groups go there as well.

export const isRouterPort = (port: PortMulticastContext, six: boolean): boolean => port.context.state(six).routers.includes(port);

/** Linux: br_multicast_add_router() */
function add(port: PortMulticastContext, six: boolean): void {
  const state = port.context.state(six);
  if (state.routers.includes(port)) return;
  const known = isRouterPort(port, !six);
  state.routers = [...state.routers, port].sort((a, b) => b.port.number - a.port.number);
  if (!known) tell(port, 'routerNew');
}

function drop(port: PortMulticastContext, six: boolean): boolean {
  const state = port.context.state(six);
  const known = state.routers.includes(port);
  if (known) state.routers = state.routers.filter((other) => other !== port);
  return known;
}

function tell(port: PortMulticastContext, type: 'routerNew' | 'routerGone'): void {
  const { bridge, vid } = port.context;
  bridge.namespace.bridgeEvents.notify({ type, bridge, port: port.port, vid });
}

/** Takes it off both lists, and tells so where it is on none then. */
function forget(port: PortMulticastContext): void {
  const four = drop(port, false);
  const six = drop(port, true);
  if (four || six) tell(port, 'routerGone');
}

/** A query or hello of a router came from there (null: the host). Linux: br_multicast_mark_router() */
export function markRouter(context: MulticastContext, port: PortMulticastContext | null, six: boolean): void {
  if (!inUse(context, port)) return;
  const { timers, nowUs } = context.bridge.stack;
  const untilUs = nowUs + context.querierInterval * CENTISECOND_US;
  if (port === null) {
    if (context.router === ROUTER_TEMP_QUERY) timers.schedule(context.state(six).routerTimer, untilUs);
    return;
  }
  if (port.router === ROUTER_DISABLED || port.router === ROUTER_PERMANENT) return;
  add(port, six);
  timers.schedule(port.routerTimer(six), untilUs);
}

/** Linux: br_multicast_router_expired() */
export function portRouterExpired(port: PortMulticastContext, six: boolean): void {
  if (port.router === ROUTER_DISABLED || port.router === ROUTER_PERMANENT) return;
  if (drop(port, six) && !isRouterPort(port, !six)) tell(port, 'routerGone');
}

/** The port comes up: a permanent router is one from now on. */
export function enableRouter(port: PortMulticastContext): void {
  if (port.router !== ROUTER_PERMANENT) return;
  add(port, false);
  add(port, true);
}

export function disableRouter(port: PortMulticastContext): void {
  const { timers } = port.context.bridge.stack;
  timers.cancel(port.ip4RouterTimer);
  timers.cancel(port.ip6RouterTimer);
  forget(port);
}

/** mcast_router of a port. EINVAL. Linux: br_multicast_set_port_router() */
export function setPortRouter(port: PortMulticastContext, mode: number): void {
  const { context } = port;
  const { timers, nowUs } = context.bridge.stack;
  if (mode > ROUTER_TEMP) fail(EINVAL);
  if (port.router === mode) {
    if (mode !== ROUTER_TEMP) return;
    for (const six of [false, true]) timers.schedule(port.routerTimer(six), nowUs + context.querierInterval * CENTISECOND_US);
    return;
  }
  port.router = mode;
  switch (mode) {
    case ROUTER_DISABLED:
      disableRouter(port);
      break;
    case ROUTER_TEMP_QUERY:
      forget(port);
      break;
    case ROUTER_PERMANENT:
      timers.cancel(port.ip4RouterTimer);
      timers.cancel(port.ip6RouterTimer);
      enableRouter(port);
      break;
    case ROUTER_TEMP:
      markRouter(context, port, false);
      markRouter(context, port, true);
      break;
  }
}

/** mcast_router of the bridge itself. EINVAL. Linux: br_multicast_set_router() */
export function setRouter(context: MulticastContext, mode: number): void {
  if (mode > ROUTER_PERMANENT) fail(EINVAL);
  const { timers } = context.bridge.stack;
  if (mode !== ROUTER_TEMP_QUERY) {
    timers.cancel(context.ip4.routerTimer);
    timers.cancel(context.ip6.routerTimer);
  }
  context.router = mode;
}

/** Whether the host routes multicast, and so wants all of it. Linux: br_multicast_is_router() */
export const hostIsRouter = (context: MulticastContext, six: boolean): boolean =>
  context.router === ROUTER_PERMANENT || (context.router === ROUTER_TEMP_QUERY && context.state(six).routerTimer.armed);

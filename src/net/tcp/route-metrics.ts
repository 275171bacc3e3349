import {
  RTAX_ADVMSS,
  RTAX_CC_ALGO,
  RTAX_FEATURE_ECN,
  RTAX_FEATURES,
  RTAX_INITCWND,
  RTAX_INITRWND,
  RTAX_LOCK,
  RTAX_QUICKACK,
  RTAX_RTO_MIN,
  RTAX_WINDOW,
} from '../../netlink/rtnl/constants.js';
import type { Dst } from '../core/dst.js';
import type { InternetLayer } from '../core/internet.js';
import { congestionByName } from './congestion/registry.js';
import { INIT_CWND, RTO_MIN_US } from './constants.js';
import type { Tcb } from './tcb.js';

// What a route says to the connections that go by it (ip-route(8)). A connection without a route has the usual values.

const TCP_HEADER = 20;
const US_PER_MS = 1000;

const metric = (sk: Tcb, which: number): number => (sk.dst === null ? 0 : sk.dst.metric(which));
const isLocked = (sk: Tcb, which: number): boolean => (metric(sk, RTAX_LOCK) & (1 << which)) !== 0;

/** `advmss`, else what fits the way, but not less than min_adv_mss. Linux: dst_metric_advmss(), ipv4_default_advmss(), ip6_default_advmss() */
export function advertisedMssOf(layer: InternetLayer, dst: Dst | null, userMss: number): number {
  const headers = layer.headerBytes + TCP_HEADER;
  let mss = dst === null ? 0 : dst.metric(RTAX_ADVMSS);
  if (mss === 0) {
    const mtu = dst === null ? 576 : layer.pathMtu(dst);
    mss = Math.min(Math.max(mtu - headers, layer.minAdvertisedMss), 65_535 - headers);
  }
  return userMss !== 0 && userMss < mss ? userMss : mss;
}

/** `window`, where the user has set none: 0 is no limit. */
export const windowClampOf = (dst: Dst | null, userClamp: number): number =>
  userClamp !== 0 || dst === null ? userClamp : dst.metric(RTAX_WINDOW);

/** `initrwnd`: segments of the first window that is offered; 0: not said. */
export const initialReceiveWindowOf = (dst: Dst | null): number => (dst === null ? 0 : dst.metric(RTAX_INITRWND));

/** `initcwnd`. Linux: tcp_init_cwnd() */
export const initialCwnd = (sk: Tcb): number => Math.min(metric(sk, RTAX_INITCWND) || INIT_CWND, sk.cwndClamp);

/** `quickack`: no ACK waits. Linux: tcp_in_quickack_mode() */
export const asksForQuickAcks = (sk: Tcb): boolean => metric(sk, RTAX_QUICKACK) !== 0;

/** `rto_min`, microseconds; ip(8) locks it, without which it is not heeded. Linux: tcp_rto_min() */
export const rtoMinUs = (sk: Tcb): number => (isLocked(sk, RTAX_RTO_MIN) ? metric(sk, RTAX_RTO_MIN) * US_PER_MS : RTO_MIN_US);

/** `features ecn` */
export const asksForEcnByRoute = (dst: Dst | null): boolean => dst !== null && (dst.metric(RTAX_FEATURES) & RTAX_FEATURE_ECN) !== 0;

/** `congctl`, before the connection stands. Linux: tcp_ca_dst_init(), tcp_ca_openreq_child() */
export function takeRouteCongestion(sk: Tcb): void {
  const name = sk.dst === null ? '' : sk.dst.congestionControl;
  if (name !== '') sk.congestion = congestionByName(name) ?? sk.congestion;
}

/** `congctl lock`: the program may not have another. */
export const congestionLocked = (sk: Tcb): boolean => sk.dst !== null && sk.dst.congestionControl !== '' && isLocked(sk, RTAX_CC_ALGO);

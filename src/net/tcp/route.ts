import { AF_INET } from '../../netlink/constants.js';
import { RT_SCOPE_LINK } from '../../netlink/rtnl/constants.js';
import type { Dst } from '../core/dst.js';
import type { Flow } from '../core/flow.js';
import { MSS_DEFAULT, TIMESTAMPS_ALIGNED } from './constants.js';
import { advertisedMssOf } from './route-metrics.js';
import { MD5_BYTES } from './md5.js';
import { sackBytes } from './sack-blocks.js';
import type { Tcb } from './tcb.js';
import type { TcpTransport } from './transport.js';

/** The flow of `sk`'s packets: the namespace's own one, filled; valid until the next call into TCP. */
export function flowOf(sk: Tcb): Flow {
  const flow = sk.tcp.flow;
  sk.transport!.fillFlow(flow, sk.local.words, sk.remote.words, sk.local.port, sk.remote.port);
  flow.oif = sk.boundIfindex;
  flow.mark = sk.mark;
  flow.anySource = sk.transparent;
  flow.tos = sk.tos & 0x1c;
  flow.uid = sk.uid;
  flow.scope = scopeOf(sk, sk.transport!);
  return flow;
}

/** SO_DONTROUTE: peers on the link alone (RTO_ONLINK); of IPv4. */
export const scopeOf = ({ dontRoute }: Tcb, { layer }: TcpTransport): number => (dontRoute && layer.family === AF_INET ? RT_SCOPE_LINK : 0);

/** The way of `sk`'s packets, looked up anew if it is obsolete. 0, or the negative errno why there is none. */
export function ensureRoute(sk: Tcb): number {
  const layer = sk.transport!.layer;
  let dst: Dst | null = sk.dst;
  if (dst === null || !layer.valid(dst)) {
    dst = layer.route(flowOf(sk));
    if (dst.error !== 0) {
      sk.dst = null;
      return -dst.error;
    }
    sk.dst = dst;
  }
  return 0;
}

/** What we tell the peer to send at most: what fits the device's way here (Linux: tcp_advertise_mss()). */
export function advertisedMss(sk: Tcb): number {
  return advertisedMssOf(sk.transport!.layer, sk.dst, sk.userMss);
}

/** Recomputes the MSS in use for a path of `mtu` bytes (Linux: tcp_sync_mss()). */
export function syncMss(sk: Tcb, mtu: number): number {
  const header = sk.transport === null ? 20 : sk.transport.layer.headerBytes;
  let mss = Math.min(mtu - header - 20, sk.mssClamp);
  mss = Math.max(mss, sk.tcp.settings.minSndMss) - sk.optionBytes;
  // RFC 9293 3.8.6.2.1: a peer whose whole window is small would otherwise never get a full segment.
  if (sk.maxWindow > 0) {
    const most = sk.maxWindow > MSS_DEFAULT ? sk.maxWindow >> 1 : sk.maxWindow;
    if (mss > most) mss = Math.max(most, 68 - 20 - sk.optionBytes);
  }
  if (sk.mtuHigh > mtu) sk.mtuHigh = mtu;
  if (sk.mtuProbing) mss = Math.min(mss, sk.mtuLow - header - 20 - sk.optionBytes);
  sk.pmtu = mtu;
  sk.mssCache = mss;
  return mss;
}

/** The MSS of the next segment (Linux: tcp_current_mss()). */
export function currentMss(sk: Tcb): number {
  const dst = sk.dst;
  if (dst !== null) {
    const mtu = sk.transport!.layer.pathMtu(dst);
    if (mtu !== sk.pmtu) syncMss(sk, mtu);
  }
  // SACK blocks that have to go along take room from the data.
  return sk.mssCache - sackBytes(sk);
}

/** Timestamps were agreed on, or not: their bytes are lost to data. */
export function setTimestamps(sk: Tcb, agreed: boolean): void {
  sk.timestampsOk = agreed;
  sk.optionBytes = (agreed ? TIMESTAMPS_ALIGNED : 0) + (sk.md5Key === null ? 0 : MD5_BYTES);
}

import { takeFlowLabel } from './flow-label.js';
import * as wire from '../../wire/tcp.js';
import { AF_INET } from '../../netlink/constants.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { DropReason } from '../core/drop-reason.js';
import type { ConnectionKey } from './demux.js';
import { createChild } from './handshake.js';
import { offerWindow } from './listen.js';
import { md5KeyFor } from './md5.js';
import { TcpRequest } from './request.js';
import { seqAdd } from './sequence.js';
import { decodeTimestamp, mssOfCookie } from './cookie-code.js';
import type { Tcb } from './tcb.js';
import type { TcpTransport } from './transport.js';

/** After the last cookie was sent ACKs are looked at for this long (TCP_SYNCOOKIE_VALID). */
const VALID_US = 120_000_000;

/**
 * An ACK for which there is no handshake: if the listener sent cookies lately, it may bring one back, and with it all that the SYN said
 * (Bernstein; RFC 4987 3.6). True: the segment is used up (cookie_v4_check()).
 */
export function cookieSegment(listener: Tcb, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, endSeq: number): boolean {
  const tcp = listener.tcp;
  const { settings, stats, stack, options } = tcp;
  const v = skb.view;
  const flags = wire.flags(v, skb.data);
  if (settings.syncookies === 0 || (flags & (wire.ACK | wire.SYN | wire.RST)) !== wire.ACK) return false;
  if (stack.nowUs - listener.listenQueue!.lastOverflowUs > VALID_US) return false;
  const remoteIsn = seqAdd(wire.sequence(v, skb.data), -1);
  const isn = seqAdd(wire.acknowledgment(v, skb.data), -1);
  const mss = mssOfCookie(tcp, key, remoteIsn, isn, transport.layer.family === AF_INET);
  if (mss === 0) {
    stats.SyncookiesFailed++;
    return false;
  }
  stats.SyncookiesRecv++;
  const request = new TcpRequest(listener, transport, listener.family, tcp.upper.requestTimer);
  request.md5Key = md5KeyFor(listener.md5Keys, key.remote);
  request.timestamps = options.hasTimestamps;
  request.timestampOffset = request.timestamps && settings.timestamps === 1 ? tcp.timestampSecret.ofAddresses(key) : 0;
  // Options that the SYN offered ride in the low bits of the timestamp that comes back; without one there are none.
  if (request.timestamps && !decodeTimestamp(request, (options.timestampEcho - request.timestampOffset) | 0, settings)) return false;
  request.remoteIsn = remoteIsn;
  request.rcvNxt = seqAdd(remoteIsn, 1);
  request.isn = isn;
  request.peerMss = listener.userMss !== 0 ? Math.min(listener.userMss, mss) : mss;
  request.tsRecent = request.timestamps ? options.timestampValue : 0;
  request.mark = listener.mark === 0 && settings.fwmarkAccept !== 0 ? skb.mark : listener.mark;
  request.tos = listener.tos;
  request.ifindex = listener.boundIfindex !== 0 ? listener.boundIfindex : transport.linkOf(key, skb);
  takeFlowLabel(request, skb);
  request.peerWindow = wire.window(v, skb.data);
  request.retransmits = -1;
  if (!offerWindow(request, key) || listener.listenQueue!.full) {
    stats.ListenOverflows++;
    stats.ListenDrops++;
    stack.drop(skb, DropReason.SOCKET_BACKLOG);
    return true;
  }
  createChild(request, transport, skb, key, endSeq);
  return true;
}

import * as wire from '../../wire/tcp.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { setState } from './close.js';
import { TCP_SYN_RECV, TIMEOUT_INIT_US } from './constants.js';
import type { ConnectionKey } from './demux.js';
import { initTransfer } from './establish.js';
import {
  checkCookie,
  COOKIE_BYTES,
  keysOf,
  makeCookie,
  TFO_SERVER,
  TFO_SERVER_NO_COOKIE,
  TFO_SERVER_WITHOUT_OPTION,
} from './fastopen-cookie.js';
import { newChild } from './handshake.js';
import { receivedFin } from './input-data.js';
import { sendSynAck } from './listen.js';
import { armTimer } from './rearm.js';
import { queueInOrder } from './receive-queue.js';
import type { TcpRequest } from './request.js';
import { seqAdd } from './sequence.js';
import { TIMER_RETRANSMIT, type Tcb } from './tcb.js';
import type { TcpTransport } from './transport.js';

/**
 * Fast Open at the server (RFC 7413 4.2.2; tcp_try_fastopen()): a SYN with a good cookie makes the connection at once, its data can be
 * read and answered before the handshake is complete. `request` is told what cookie the SYN-ACK is to carry. True: the connection was
 * made, the SYN is used up.
 */
export function fastOpen(request: TcpRequest, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, endSeq: number): boolean {
  const { listener } = request;
  const { tcp } = transport;
  const { options, settings, stats } = tcp;
  const asked = options.fastOpenBytes;
  if (asked === 0) stats.TCPFastOpenCookieReqd++;
  const data = seqAdd(endSeq, -1) !== request.remoteIsn;
  if ((settings.fastopen & TFO_SERVER) === 0 || (!data && asked < 0) || !hasRoom(listener)) return false;
  const family = transport.layer.family;
  if ((settings.fastopen & TFO_SERVER_NO_COOKIE) !== 0 || listener.fastopenNoCookie) return open(request, transport, skb, key, endSeq);
  if (asked < 0) return false;
  const keys = keysOf(tcp, listener);
  const made = asked === 0 ? 0 : checkCookie(key, family, keys, options.fastOpenCookie, asked);
  if (made !== 1) {
    // Asked for, wrong, or of the former key: the SYN-ACK brings the right one.
    request.fastOpenCookie = makeCookie(key, family, keys[0]!).slice(0, COOKIE_BYTES);
    request.fastOpenExperimental = options.fastOpenExperimental;
  }
  if (asked > 0 && made === 0) stats.TCPFastOpenPassiveFail++;
  if (made === 0) return false;
  if (made === 2) stats.TCPFastOpenPassiveAltKey++;
  return open(request, transport, skb, key, endSeq);
}

/** Whether the listener takes part, and has not too many that are not complete (tcp_fastopen_queue_check()). */
function hasRoom(listener: Tcb): boolean {
  const { settings, stats } = listener.tcp;
  const queue = listener.listenQueue!;
  const most =
    (settings.fastopen & TFO_SERVER_WITHOUT_OPTION) !== 0 && listener.fastopenQueue === 0 ? queue.maxBacklog : listener.fastopenQueue;
  if (most === 0) return false;
  if (queue.fastOpens < most) return true;
  stats.TCPFastOpenListenOverflow++;
  return false;
}

function open(request: TcpRequest, transport: TcpTransport, skb: PacketBuffer, key: ConnectionKey, endSeq: number): boolean {
  const { listener } = request;
  const { tcp } = transport;
  const next = seqAdd(request.remoteIsn, 1);
  request.rcvNxt = endSeq;
  if (!sendSynAck(request, key)) return false;
  const child = newChild(request, transport, key);
  child.fastOpenRequest = request;
  listener.listenQueue!.fastOpens++;
  tcp.stats.TCPFastOpenPassive++;
  setState(child, TCP_SYN_RECV);
  initTransfer(child, false);
  child.segmentsIn++;
  armTimer(child, TIMER_RETRANSMIT, TIMEOUT_INIT_US);
  takeData(child, skb, next, endSeq);
  tcp.wake(listener);
  return true;
}

function takeData(child: Tcb, skb: PacketBuffer, seq: number, endSeq: number): void {
  const fin = wire.flags(skb.view, skb.data) & wire.FIN;
  skb.pull(wire.headerBytes(skb.view, skb.data));
  skb.dst = null;
  if (skb.conntrack !== 0) child.tcp.stack.pool.dropConntrack(skb);
  skb.cb0 = seq;
  skb.cb1 = endSeq;
  skb.cb2 = fin;
  if (endSeq !== seq) child.synDataAcked = true;
  if (skb.length > 0) child.dataSegmentsIn++;
  queueInOrder(child, skb);
  if (fin !== 0) receivedFin(child);
}

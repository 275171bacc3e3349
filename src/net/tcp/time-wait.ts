import { FLOWLABEL_MASK } from '../ipv6/flow-label.js';
import { Timer } from '../../base/timer-wheel.js';
import * as wire from '../../wire/tcp.js';
import { DropReason } from '../core/drop-reason.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { tooSoon } from './challenge.js';
import { TCP_FIN_WAIT2, TCP_TIME_WAIT, TIMEWAIT_US } from './constants.js';
import { type ConnectionKey, ENDPOINT_TIME_WAIT, type Endpoint } from './demux.js';
import type { PortHold } from './port-hold.js';
import type { Md5Key } from './md5.js';
import { releaseHold } from './ports.js';
import { currentWindow } from './receive-window.js';
import { reply, sendReply, sendReset } from './reply.js';
import { seqAdd, seqGt, seqLe, seqLt } from './sequence.js';
import type { Tcb } from './tcb.js';
import type { Tcp } from './tcp.js';
import { nowSeconds, pawsAccepts } from './timestamps.js';
import type { TcpTransport } from './transport.js';

/** What is left of a connection in TIME_WAIT, or of an orphan in FIN_WAIT2 (Linux: tcp_timewait_sock). */
export class TimeWait implements Endpoint {
  readonly kind = ENDPOINT_TIME_WAIT;
  slot = -1;
  readonly tcp: Tcp;
  readonly transport: TcpTransport;
  readonly hold: PortHold | null;
  /** TCP_TIME_WAIT, or TCP_FIN_WAIT2 as long as the peer's FIN is missing. */
  substate: number;
  readonly family: number;
  readonly uid: number;
  readonly mark: number;
  readonly transparent: boolean;
  readonly boundIfindex: number;
  readonly flowLabel: number;
  readonly txHash: number;
  rcvNxt: number;
  readonly sndNxt: number;
  readonly window: number;
  readonly windowScale: number;
  tsRecent: number;
  tsRecentStamp: number;
  readonly tsOffset: number;
  lastOutOfWindowUs: number;
  readonly md5Key: Md5Key | null;
  readonly timer: Timer;

  constructor(sk: Tcb, substate: number) {
    this.tcp = sk.tcp;
    this.transport = sk.transport!;
    this.hold = sk.hold;
    this.substate = substate;
    this.family = sk.family;
    this.uid = sk.uid;
    this.mark = sk.mark;
    this.transparent = sk.transparent;
    this.boundIfindex = sk.boundIfindex;
    this.flowLabel = sk.flowLabels === null ? 0 : sk.flowLabels.label & FLOWLABEL_MASK;
    this.txHash = sk.txHash;
    this.rcvNxt = sk.rcvNxt;
    this.sndNxt = sk.sndNxt;
    this.window = currentWindow(sk);
    this.windowScale = sk.rcvWscale;
    this.tsRecent = sk.timestampsOk ? sk.tsRecent : 0;
    this.tsRecentStamp = sk.timestampsOk ? sk.tsRecentStamp : 0;
    this.tsOffset = sk.tsOffset;
    this.lastOutOfWindowUs = sk.lastOutOfWindowUs;
    this.md5Key = sk.md5Key;
    this.timer = new Timer(() => this.end());
  }

  get port(): number {
    return this.hold === null ? 0 : this.hold.local.port;
  }

  schedule(delayUs: number): void {
    this.tcp.stack.timers.schedule(this.timer, this.tcp.stack.nowUs + delayUs);
  }

  /** It is over: by time, by a reset, or because a new connection takes its place. */
  end(): void {
    if (this.slot < 0) return;
    this.tcp.stack.timers.cancel(this.timer);
    this.tcp.endpoints.remove(this);
    this.tcp.timeWaits--;
    if (this.substate === TCP_TIME_WAIT) this.tcp.stats.TW++;
    releaseHold(this.tcp, this.hold);
  }
}

/**
 * Puts a TIME_WAIT entry where `sk` was in the table; the caller ends `sk`. False: there are too many, and the connection just ends.
 */
export function enterTimeWait(sk: Tcb, substate: number, timeoutUs: number): boolean {
  const tcp = sk.tcp;
  if (tcp.timeWaits >= tcp.settings.maxTwBuckets || sk.slot < 0) {
    tcp.stats.TCPTimeWaitOverflow++;
    return false;
  }
  const entry = new TimeWait(sk, substate);
  if (entry.hold !== null) {
    entry.hold.references++;
    entry.hold.timeWait = !entry.hold.listening;
  }
  tcp.endpoints.replace(sk, entry);
  tcp.timeWaits++;
  // RFC 6191's and Linux's floor: the peer has time to repeat its FIN.
  const floor = sk.rtoUs * 4 - sk.rtoUs / 2;
  entry.schedule(substate === TCP_TIME_WAIT ? TIMEWAIT_US : Math.max(timeoutUs, floor));
  return true;
}

/** What a segment for a TIME_WAIT entry comes to. */
export const TIME_WAIT_DONE = 0;
/** A SYN that may open a new connection in its place; `reusedIsn` is then the ISN to take. */
export const TIME_WAIT_NEW_SYN = 1;

/** RFC 9293 3.10.7.4 for TIME_WAIT, with RFC 6191 (timestamps) and RFC 1337. Takes ownership unless it answers NEW_SYN. */
export function timeWaitSegment(entry: TimeWait, skb: PacketBuffer, key: ConnectionKey, endSeq: number): number {
  const tcp = entry.tcp;
  const options = tcp.options;
  const v = skb.view;
  const flags = wire.flags(v, skb.data);
  const seq = wire.sequence(v, skb.data);
  const seconds = nowSeconds(tcp.stack.nowUs);
  let old = false;
  if (options.hasTimestamps && entry.tsRecentStamp !== 0)
    old = !pawsAccepts(entry.tsRecent, entry.tsRecentStamp, options.timestampValue, seconds, 0);
  if (entry.substate === TCP_FIN_WAIT2) {
    finWait2Segment(entry, skb, key, endSeq, old, seconds);
    return TIME_WAIT_DONE;
  }
  if (!old && seq === entry.rcvNxt && (seq === endSeq || (flags & wire.RST) !== 0)) {
    // RFC 1337: a reset may be an old duplicate; Linux lets it end TIME_WAIT unless told otherwise.
    if ((flags & wire.RST) !== 0) {
      if (tcp.settings.rfc1337 === 0) {
        entry.end();
        tcp.stack.consume(skb);
        return TIME_WAIT_DONE;
      }
    } else entry.schedule(TIMEWAIT_US);
    noteTimestamp(entry, seconds);
    tcp.stack.consume(skb);
    return TIME_WAIT_DONE;
  }
  const newer = seqGt(seq, entry.rcvNxt) || (options.hasTimestamps && seqLt(entry.tsRecent, options.timestampValue));
  if ((flags & (wire.SYN | wire.RST | wire.ACK)) === wire.SYN && !old && newer) return TIME_WAIT_NEW_SYN;
  if (old) tcp.stats.PAWSEstab++;
  if ((flags & wire.RST) === 0) {
    if (old || (flags & wire.ACK) !== 0) entry.schedule(TIMEWAIT_US);
    limitedAck(entry, key, 'TCPACKSkippedTimeWait');
  }
  tcp.stack.drop(skb, old ? DropReason.TCP_RFC7323_PAWS : DropReason.TCP_INVALID_SEQUENCE);
  return TIME_WAIT_DONE;
}

/** The ISN of a connection that follows one in TIME_WAIT: beyond anything that one sent. */
export function reusedIsn(entry: TimeWait): number {
  const isn = seqAdd(entry.sndNxt, 65_535 + 2);
  return isn === 0 ? 1 : isn;
}

/** The user is gone and our FIN acknowledged; only the peer's FIN is waited for. */
function finWait2Segment(entry: TimeWait, skb: PacketBuffer, key: ConnectionKey, endSeq: number, old: boolean, seconds: number): void {
  const tcp = entry.tcp;
  const v = skb.view;
  const flags = wire.flags(v, skb.data);
  const seq = wire.sequence(v, skb.data);
  const inWindow = seqLe(entry.rcvNxt, endSeq) && (seqLt(seq, seqAdd(entry.rcvNxt, entry.window)) || seq === entry.rcvNxt);
  if (old || !inWindow) {
    if ((flags & wire.RST) === 0) limitedAck(entry, key, 'TCPACKSkippedFinWait2');
    tcp.stack.drop(skb, DropReason.TCP_INVALID_SEQUENCE);
    return;
  }
  if ((flags & wire.RST) !== 0) {
    entry.end();
    tcp.stack.consume(skb);
    return;
  }
  const hasNews = seqGt(endSeq, entry.rcvNxt) && endSeq !== seq;
  if ((flags & wire.SYN) !== 0 && !seqLt(seq, entry.rcvNxt)) resetAndEnd(entry, skb, key);
  else if ((flags & wire.ACK) === 0 || !hasNews) tcp.stack.consume(skb);
  // RFC 9293 3.6.1: data that nobody can read is answered by a reset.
  else if ((flags & wire.FIN) === 0 || endSeq !== seqAdd(entry.rcvNxt, 1)) resetAndEnd(entry, skb, key);
  else {
    entry.substate = TCP_TIME_WAIT;
    entry.rcvNxt = endSeq;
    noteTimestamp(entry, seconds);
    entry.schedule(TIMEWAIT_US);
    sendTimeWaitAck(entry, key);
    tcp.stack.consume(skb);
  }
}

function resetAndEnd(entry: TimeWait, skb: PacketBuffer, key: ConnectionKey): void {
  sendReset(entry.transport, skb, key);
  entry.end();
  entry.tcp.stack.drop(skb, DropReason.TCP_RESET);
}

function noteTimestamp(entry: TimeWait, seconds: number): void {
  const options = entry.tcp.options;
  if (!options.hasTimestamps || entry.tsRecentStamp === 0) return;
  entry.tsRecent = options.timestampValue;
  entry.tsRecentStamp = seconds;
}

function limitedAck(entry: TimeWait, key: ConnectionKey, counter: 'TCPACKSkippedTimeWait' | 'TCPACKSkippedFinWait2'): void {
  if (tooSoon(entry.tcp, entry.lastOutOfWindowUs, counter)) return;
  entry.lastOutOfWindowUs = entry.tcp.stack.nowUs;
  sendTimeWaitAck(entry, key);
}

function sendTimeWaitAck(entry: TimeWait, key: ConnectionKey): void {
  const tcp = entry.tcp;
  reply.seq = entry.sndNxt;
  reply.ack = entry.rcvNxt;
  reply.flags = wire.ACK;
  reply.window = entry.window >> entry.windowScale;
  reply.timestamps = entry.tsRecentStamp !== 0;
  reply.timestampValue = (tcp.timestampNow + entry.tsOffset) | 0;
  reply.timestampEcho = entry.tsRecent;
  reply.oif = entry.boundIfindex;
  reply.mark = entry.mark;
  reply.anySource = entry.transparent;
  reply.tos = 0;
  reply.flowLabel = entry.flowLabel;
  reply.txHash = entry.txHash;
  reply.md5Key = entry.md5Key;
  sendReply(entry.transport, key);
}

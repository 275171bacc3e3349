import { ENOBUFS } from '../../base/errno.js';
import * as wire from '../../wire/tcp.js';
import { fastOpenOption, knownServer } from './fastopen-client.js';
import { ECN_SETUP } from './ecn.js';
import { MD5_BYTES, signSegment } from './md5.js';
import type { SynOptions } from './options.js';
import { advertisedMss, ensureRoute, flowOf } from './route.js';
import type { Tcb } from './tcb.js';
import { ackSent, finishHeader, sendSegment } from './transmit.js';

/** Fills in what this end offers; `reply`: only what the peer offered too (a SYN-ACK of a simultaneous open). */
function offer(sk: Tcb, options: SynOptions, reply: boolean): void {
  const settings = sk.tcp.settings;
  // Linux: tcp_advertise_mss() follows a path that has become narrower.
  sk.advMss = Math.min(sk.advMss, advertisedMss(sk));
  options.mss = sk.advMss;
  options.windowScale = (reply ? sk.wscaleOk : settings.windowScaling !== 0) ? sk.rcvWscale : -1;
  options.timestamps = reply ? sk.timestampsOk : settings.timestamps !== 0 && sk.md5Key === null;
  options.sackPermitted = reply ? sk.sackOk : settings.sack !== 0;
  options.timestampValue = (sk.tcp.timestampNow + sk.tsOffset) | 0;
  options.timestampEcho = reply ? sk.tsRecent : 0;
  // Only the first SYN has it.
  const fast = sk.synFastOpen && !reply && sk.retransmits === 0 && (sk.sent.head === null || sk.sent.head.state === 0);
  options.fastOpen = fast ? fastOpenOption(sk) : null;
  if (options.fastOpen !== null) sk.fastopenOption = true;
  options.fastOpenExperimental = fast && (knownServer(sk)?.experimental ?? false);
}

/**
 * Sends the SYN of `sk`, for the first time or again; `ack`: as SYN-ACK, where both ends opened at once; `data`: bytes of the send
 * queue that go along (Fast Open). 0 or a negative errno.
 */
export function sendSyn(sk: Tcb, ack: boolean, data = 0): number {
  const error = ensureRoute(sk);
  if (error !== 0) return error;
  const tcp = sk.tcp;
  const options = tcp.synOptions;
  offer(sk, options, ack);
  const signed = sk.md5Key === null ? 0 : MD5_BYTES;
  const headerBytes = wire.HEADER + signed + options.bytes;
  const skb = tcp.stack.pool.allocate(headerBytes + data);
  if (skb === null) return -ENOBUFS;
  const at = skb.put(headerBytes + data);
  let flags = ack ? wire.SYN | wire.ACK : wire.SYN;
  if (ack) flags |= sk.ecnOk ? wire.ECE : 0;
  else if (sk.ecnAsked) flags |= ECN_SETUP;
  // RFC 7323 2.2: the window of a SYN is never scaled.
  const window = Math.min(sk.rcvWnd, 0xffff);
  sk.rcvWup = sk.rcvNxt;
  wire.write(skb.view, at, sk.local.port, sk.remote.port, sk.sndUna, ack ? sk.rcvNxt : 0, headerBytes >> 2, flags, window, 0);
  options.write(skb.view, at + wire.HEADER + signed);
  if (data > 0) sk.queue.copyTo(sk.queue.headSeq, skb.bytes, at + headerBytes, data);
  if (sk.md5Key !== null) signSegment(sk.transport!, sk.md5Key, skb, at + wire.HEADER, sk.local.words, sk.remote.words);
  finishHeader(sk, skb);
  if (ack) ackSent(sk, 1);
  sk.segmentsOut++;
  return sendSegment(sk.transport!, skb, sk.dst!, flowOf(sk));
}

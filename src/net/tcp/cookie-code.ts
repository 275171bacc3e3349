import { AF_INET } from '../../netlink/constants.js';
import type { ConnectionKey } from './demux.js';
import type { TcpRequest } from './request.js';
import type { TcpSettings } from './settings.js';
import type { Tcp } from './tcp.js';

/**
 * What a SYN cookie says: an ISN = hash(addresses, ports) + the peer's ISN + minutes << 24 + (hash(..., minutes) + MSS index) mod 2^24,
 * as Linux makes it; and six bits of the timestamp for window scale, SACK and ECN.
 */

const MINUTE_US = 60_000_000;
const BITS = 24;
const MASK = (1 << BITS) - 1;
/** Minutes for which a cookie is good. */
const MAX_AGE = 2;

const MSS_IPV4 = [536, 1300, 1440, 1460];
const MSS_IPV6 = [1220, 1420, 1440, 8940];

const WSCALE_MASK = 0xf;
const SACK_BIT = 1 << 4;
const ECN_BIT = 1 << 5;
const OPTION_BITS = 6;

const minutes = (tcp: Tcp): number => Math.floor(tcp.stack.nowUs / MINUTE_US);

function cookieSequence(tcp: Tcp, key: ConnectionKey, request: TcpRequest): number {
  const table = request.transport.layer.family === AF_INET ? MSS_IPV4 : MSS_IPV6;
  let index = table.length - 1;
  while (index > 0 && request.peerMss < table[index]!) index--;
  request.peerMss = table[index]!;
  const count = minutes(tcp);
  const base = (tcp.cookieSecrets[0]!.ofConnection(key) + request.remoteIsn + (count << BITS)) | 0;
  return (base + ((tcp.cookieSecrets[1]!.ofConnectionAt(key, count) + index) & MASK)) | 0;
}

/** The ISN that is a cookie for the SYN of `request`; what does not fit into it is struck from there. */
export function cookieFor(request: TcpRequest, key: ConnectionKey): number {
  const { tcp } = request.listener;
  tcp.stats.SyncookiesSent++;
  request.listener.listenQueue!.lastOverflowUs = tcp.stack.nowUs;
  if (!request.timestamps) {
    request.sendWindowScale = -1;
    request.sackPermitted = false;
    request.ecnOk = false;
  }
  return cookieSequence(tcp, key, request);
}

/** The MSS in a cookie; 0: it is none, or too old. */
export function mssOfCookie(tcp: Tcp, key: ConnectionKey, remoteIsn: number, isn: number, ipv4: boolean): number {
  const cookie = (isn - tcp.cookieSecrets[0]!.ofConnection(key) - remoteIsn) | 0;
  const count = minutes(tcp);
  const age = (count - (cookie >>> BITS)) & 0xff;
  if (age >= MAX_AGE) return 0;
  const index = (cookie - tcp.cookieSecrets[1]!.ofConnectionAt(key, count - age)) & MASK;
  return (ipv4 ? MSS_IPV4 : MSS_IPV6)[index] ?? 0;
}

/** The timestamp of a SYN-ACK that carries a cookie: not later than now, what the SYN offered in its low bits. */
export function encodeTimestamp(now: number, request: TcpRequest): number {
  let bits = request.sendWindowScale >= 0 ? request.sendWindowScale : WSCALE_MASK;
  if (request.sackPermitted) bits |= SACK_BIT;
  if (request.ecnOk) bits |= ECN_BIT;
  const stamp = (now & ~((1 << OPTION_BITS) - 1)) | bits;
  return stamp > now ? (stamp - (1 << OPTION_BITS)) | 0 : stamp;
}

/** Reads it back into `request`. False: it says what is not allowed here, so it is none of ours. */
export function decodeTimestamp(request: TcpRequest, echo: number, settings: TcpSettings): boolean {
  if (settings.timestamps === 0) return false;
  request.sackPermitted = (echo & SACK_BIT) !== 0;
  if (request.sackPermitted && settings.sack === 0) return false;
  request.ecnOk = (echo & ECN_BIT) !== 0 && settings.ecn !== 0;
  request.ecnByRoute = (echo & ECN_BIT) !== 0 && !request.ecnOk;
  const scale = echo & WSCALE_MASK;
  if (scale === WSCALE_MASK) return true;
  request.sendWindowScale = scale;
  return settings.windowScaling !== 0;
}

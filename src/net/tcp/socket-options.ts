import { EINVAL, ENOENT, EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { intBytes, intOption, type OptionTable, readInt, type SocketOption } from '../core/socket-options.js';
import * as c from './constants.js';
import { afterRead, enterQuickAck } from './delayed-ack.js';
import { clientEnabled } from './fastopen-client.js';
import { keysFromBytes, keysToBytes } from './fastopen-cookie.js';
import { tcpInfo } from './info.js';
import { l3DomainOfIndex } from '../core/l3mdev.js';
import { md5KeyFor, setMd5Key } from './md5.js';
import { pushPending } from './output.js';
import { setTimestamps, syncMss } from './route.js';
import { ACK_OWED, ACK_PUSHED, NAGLE_CORK, NAGLE_OFF, NAGLE_PUSH, type Tcb } from './tcb.js';
import { congestionLocked } from './route-metrics.js';
import { armKeepalive, idleUs, keepaliveIntervalUs, keepaliveProbes, keepaliveTimeUs } from './timers.js';

export const SOL_TCP = 6;

const MAX_KEEPIDLE = 32_767;
const MAX_KEEPCNT = 127;
const MAX_SYNCNT = 127;
const TEXT = new TextEncoder();
const DECODER = new TextDecoder();
/** TCP_CA_NAME_MAX */
const CA_NAME_MAX = 16;

/** An int that is refused outside of [min, max]. */
function ranged(
  name: string,
  min: number,
  max: number,
  get: (sk: Tcb) => number,
  set: (sk: Tcb, value: number) => void,
): SocketOption<Tcb> {
  return intOption(name, get, (sk, value) => {
    if (value < min || value > max) return -EINVAL;
    set(sk, value);
    return 0;
  });
}

/** Seconds that `retransmits` SYN-ACKs take, and back (retrans_to_secs()): TCP_DEFER_ACCEPT speaks in seconds. */
function retransmitsToSeconds(retransmits: number): number {
  let seconds = 0;
  let timeout = 1;
  for (let i = 0; i < retransmits; i++) {
    seconds += timeout;
    timeout = Math.min(timeout * 2, 120);
  }
  return seconds;
}

function secondsToRetransmits(seconds: number): number {
  let retransmits = 0;
  while (retransmits < 255 && retransmitsToSeconds(retransmits) < seconds) retransmits++;
  return seconds > 0 ? retransmits : 0;
}

const NOTHING = new Uint8Array(0);

const open = (sk: Tcb): boolean => sk.state !== c.TCP_CLOSE && sk.state !== c.TCP_LISTEN;

/** A key that changes while connected counts from the next segment on. */
function takeMd5Key(sk: Tcb, value: Uint8Array, extended: boolean): number {
  const error = setMd5Key(sk, value, extended);
  if (error !== 0 || !open(sk)) return error;
  sk.md5Key = md5KeyFor(sk.md5Keys, sk.remote.words, l3DomainOfIndex(sk.namespace, sk.boundIfindex));
  setTimestamps(sk, sk.timestampsOk);
  syncMss(sk, sk.pmtu);
  return 0;
}

const entries: readonly (readonly [number, SocketOption<Tcb>])[] = [
  [
    c.TCP_NODELAY,
    intOption<Tcb>(
      'TCP_NODELAY',
      (sk) => sk.corkNagle & NAGLE_OFF,
      (sk, value) => {
        if (value === 0) {
          sk.corkNagle &= ~NAGLE_OFF;
          return 0;
        }
        // What waited leaves at once, unless it is corked.
        sk.corkNagle |= NAGLE_OFF;
        pushPending(sk, sk.corkNagle | NAGLE_PUSH);
        return 0;
      },
    ),
  ],
  [
    c.TCP_MAXSEG,
    intOption<Tcb>(
      'TCP_MAXSEG',
      (sk) => (sk.userMss !== 0 && !open(sk) ? sk.userMss : sk.mssCache),
      (sk, value) => {
        if (value !== 0 && (value < c.MIN_MSS || value > c.MAX_WINDOW)) return -EINVAL;
        sk.userMss = value;
        return 0;
      },
    ),
  ],
  [
    c.TCP_CORK,
    intOption<Tcb>(
      'TCP_CORK',
      (sk) => (sk.corkNagle & NAGLE_CORK) >> 1,
      (sk, value) => {
        if (value !== 0) {
          sk.corkNagle |= NAGLE_CORK;
          return 0;
        }
        sk.corkNagle &= ~NAGLE_CORK;
        pushPending(sk, (sk.corkNagle & NAGLE_OFF) !== 0 ? sk.corkNagle | NAGLE_PUSH : sk.corkNagle);
        return 0;
      },
    ),
  ],
  [
    c.TCP_KEEPIDLE,
    ranged(
      'TCP_KEEPIDLE',
      1,
      MAX_KEEPIDLE,
      (sk) => keepaliveTimeUs(sk) / 1_000_000,
      (sk, value) => {
        sk.keepIdle = value;
        if (sk.keepAlive && open(sk)) armKeepalive(sk, Math.max(0, value * 1_000_000 - idleUs(sk)));
      },
    ),
  ],
  [
    c.TCP_KEEPINTVL,
    ranged(
      'TCP_KEEPINTVL',
      1,
      MAX_KEEPIDLE,
      (sk) => keepaliveIntervalUs(sk) / 1_000_000,
      (sk, value) => {
        sk.keepInterval = value;
      },
    ),
  ],
  [
    c.TCP_KEEPCNT,
    ranged('TCP_KEEPCNT', 1, MAX_KEEPCNT, keepaliveProbes, (sk, value) => {
      sk.keepCount = value;
    }),
  ],
  [
    c.TCP_SYNCNT,
    ranged(
      'TCP_SYNCNT',
      1,
      MAX_SYNCNT,
      (sk) => sk.synRetries || sk.tcp.settings.synRetries,
      (sk, value) => {
        sk.synRetries = value;
      },
    ),
  ],
  [
    c.TCP_LINGER2,
    intOption<Tcb>(
      'TCP_LINGER2',
      (sk) => (sk.linger2 < 0 ? sk.linger2 : sk.linger2 || sk.tcp.settings.finTimeout),
      (sk, value) => {
        // Linux: more than two minutes is the setting's business.
        sk.linger2 = value < 0 ? -1 : value > c.RTO_MAX_US / 1_000_000 ? 120 : value;
        return 0;
      },
    ),
  ],
  [
    c.TCP_DEFER_ACCEPT,
    intOption<Tcb>(
      'TCP_DEFER_ACCEPT',
      (sk) => retransmitsToSeconds(sk.deferAccept),
      (sk, value) => {
        sk.deferAccept = secondsToRetransmits(value);
        return 0;
      },
    ),
  ],
  [
    c.TCP_WINDOW_CLAMP,
    intOption<Tcb>(
      'TCP_WINDOW_CLAMP',
      (sk) => sk.windowClamp,
      (sk, value) => {
        if (value === 0) {
          if (sk.state !== c.TCP_CLOSE) return -EINVAL;
          sk.windowClamp = 0;
          sk.userWindowClamp = 0;
          return 0;
        }
        // SOCK_MIN_RCVBUF / 2
        const clamp = Math.max(value >>> 0, 1152);
        sk.userWindowClamp = clamp;
        sk.windowClamp = clamp;
        sk.rcvSsthresh = Math.min(sk.rcvWnd, clamp);
        return 0;
      },
    ),
  ],
  [c.TCP_INFO, { name: 'TCP_INFO', get: tcpInfo }],
  [
    c.TCP_QUICKACK,
    intOption<Tcb>(
      'TCP_QUICKACK',
      (sk) => (sk.pingpong ? 0 : 1),
      (sk, value) => {
        sk.pingpong = value === 0;
        if (sk.pingpong) return 0;
        if (((1 << sk.state) & c.CONNECTED_STATES) !== 0 && (sk.ackState & ACK_OWED) !== 0) {
          sk.ackState |= ACK_PUSHED;
          afterRead(sk, 1);
          // An even number, as Linux has it: only until the next data.
          if ((value & 1) === 0) sk.pingpong = true;
        } else if (open(sk)) enterQuickAck(sk);
        return 0;
      },
    ),
  ],
  [
    c.TCP_CONGESTION,
    {
      name: 'TCP_CONGESTION',
      get(sk) {
        const bytes = new Uint8Array(CA_NAME_MAX);
        bytes.set(TEXT.encode(sk.congestion.name));
        return bytes;
      },
      set(sk, value) {
        if (value.length < 1) return -EINVAL;
        const end = value.indexOf(0);
        const name = DECODER.decode(end < 0 ? value.subarray(0, CA_NAME_MAX - 1) : value.subarray(0, end));
        const control = sk.tcp.findCongestion(name, sk.privileged);
        if (congestionLocked(sk)) return -EPERM;
        if (control === undefined) return -ENOENT;
        if (control === sk.congestion) return 0;
        if (!sk.privileged && !sk.tcp.settings.allowedCongestionControl.includes(name)) return -EPERM;
        sk.congestion.release?.(sk);
        sk.congestion = control;
        if (open(sk)) control.init?.(sk);
        return 0;
      },
    },
  ],
  [
    c.TCP_THIN_LINEAR_TIMEOUTS,
    ranged(
      'TCP_THIN_LINEAR_TIMEOUTS',
      0,
      1,
      (sk) => (sk.thinLinear ? 1 : 0),
      (sk, value) => {
        sk.thinLinear = value !== 0;
      },
    ),
  ],
  // Linux: RACK has made it void; it is taken and reads 0.
  [
    c.TCP_THIN_DUPACK,
    ranged(
      'TCP_THIN_DUPACK',
      0,
      1,
      () => 0,
      () => undefined,
    ),
  ],
  [
    c.TCP_TIMESTAMP,
    intOption<Tcb>(
      'TCP_TIMESTAMP',
      (sk) => (sk.tcp.timestampNow + sk.tsOffset) | 0,
      () => -EPERM,
    ),
  ],
  [
    c.TCP_INQ,
    intOption<Tcb>(
      'TCP_INQ',
      (sk) => (sk.tellsQueue ? 1 : 0),
      (sk, value) => {
        if (value !== 0 && value !== 1) return -EINVAL;
        sk.tellsQueue = value !== 0;
        return 0;
      },
    ),
  ],
  [
    c.TCP_TX_DELAY,
    intOption<Tcb>(
      'TCP_TX_DELAY',
      (sk) => sk.kept.get(SOL_TCP, c.TCP_TX_DELAY),
      (sk, value) => {
        sk.kept.set(SOL_TCP, c.TCP_TX_DELAY, value);
        return 0;
      },
    ),
  ],
  // What it reads into is memory that is mapped, which a socket of the stack has none of.
  [c.TCP_ZEROCOPY_RECEIVE, { name: 'TCP_ZEROCOPY_RECEIVE', get: () => -EINVAL }],
  [c.TCP_CC_INFO, { name: 'TCP_CC_INFO', get: (sk) => sk.congestion.info?.(sk) ?? NOTHING }],
  [
    c.TCP_SAVE_SYN,
    ranged(
      'TCP_SAVE_SYN',
      0,
      2,
      (sk) => sk.saveSyn,
      (sk, value) => {
        sk.saveSyn = value;
      },
    ),
  ],
  [
    c.TCP_SAVED_SYN,
    {
      name: 'TCP_SAVED_SYN',
      // Given once.
      get(sk) {
        const saved = sk.savedSyn ?? NOTHING;
        sk.savedSyn = null;
        return saved;
      },
    },
  ],
  [
    c.TCP_FASTOPEN,
    intOption<Tcb>(
      'TCP_FASTOPEN',
      (sk) => sk.fastopenQueue,
      (sk, value) => {
        if (value < 0 || open(sk)) return -EINVAL;
        sk.fastopenQueue = Math.min(value, sk.namespace.core.somaxconn);
        return 0;
      },
    ),
  ],
  [
    c.TCP_FASTOPEN_CONNECT,
    intOption<Tcb>(
      'TCP_FASTOPEN_CONNECT',
      (sk) => (sk.fastopenConnect ? 1 : 0),
      (sk, value) => {
        if (value < 0 || value > 1) return -EINVAL;
        if (!clientEnabled(sk)) return -EOPNOTSUPP;
        if (sk.state !== c.TCP_CLOSE) return -EINVAL;
        sk.fastopenConnect = value !== 0;
        return 0;
      },
    ),
  ],
  [
    c.TCP_FASTOPEN_NO_COOKIE,
    intOption<Tcb>(
      'TCP_FASTOPEN_NO_COOKIE',
      (sk) => (sk.fastopenNoCookie ? 1 : 0),
      (sk, value) => {
        if (value < 0 || value > 1 || open(sk)) return -EINVAL;
        sk.fastopenNoCookie = value !== 0;
        return 0;
      },
    ),
  ],
  [
    c.TCP_FASTOPEN_KEY,
    {
      name: 'TCP_FASTOPEN_KEY',
      get: (sk) => keysToBytes(sk.fastopenKeys ?? sk.tcp.settings.fastopenKeys ?? []),
      set(sk, value) {
        const keys = keysFromBytes(value);
        if (keys === null) return -EINVAL;
        sk.fastopenKeys = keys;
        return 0;
      },
    },
  ],
  [c.TCP_MD5SIG, { name: 'TCP_MD5SIG', set: (sk, value) => takeMd5Key(sk, value, false) }],
  [c.TCP_MD5SIG_EXT, { name: 'TCP_MD5SIG_EXT', set: (sk, value) => takeMd5Key(sk, value, true) }],
  [
    c.TCP_ULP,
    {
      name: 'TCP_ULP',
      get: () => NOTHING,
      // There is none that a socket could be given.
      set: (_sk, value) => (value.length < 1 ? -EINVAL : -ENOENT),
    },
  ],
  [
    c.TCP_USER_TIMEOUT,
    intOption<Tcb>(
      'TCP_USER_TIMEOUT',
      (sk) => sk.userTimeoutMs,
      (sk, value) => {
        if (value < 0) return -EINVAL;
        sk.userTimeoutMs = value;
        return 0;
      },
    ),
  ],
  [
    c.TCP_NOTSENT_LOWAT,
    {
      name: 'TCP_NOTSENT_LOWAT',
      get: (sk) => intBytes(sk.notsentLowat),
      set(sk, value) {
        if (value.length < 4) return -EINVAL;
        sk.notsentLowat = readInt(value) >>> 0;
        sk.tcp.wake(sk);
        return 0;
      },
    },
  ],
];

/** SOL_TCP, linux/tcp.h. TCP_MD5SIG, TCP_FASTOPEN, TCP_REPAIR and the like will be further entries. */
export const tcpLevelOptions: OptionTable<Tcb> = new Map(entries);

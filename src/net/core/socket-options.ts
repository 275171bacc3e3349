import { EACCES, EDOM, EINVAL, ENODEV, ENOPROTOOPT, EPERM } from '../../base/errno.js';
import type { InetSocket } from './inet-socket.js';
import type { Namespace } from './namespace.js';

export const SOL_SOCKET = 1;
export const SO_BINDTODEVICE = 25;

/** One option of one level: how it is read and written. Left out: ENOPROTOOPT. */
export interface SocketOption<S> {
  readonly name: string;
  /** 0 or a negative errno. */
  set?(socket: S, value: Uint8Array): number;
  get?(socket: S): Uint8Array | number;
}

/** Options by number, of one level. */
export type OptionTable<S> = ReadonlyMap<number, SocketOption<S>>;

export function setOption<S>(table: OptionTable<S>, socket: S, option: number, value: Uint8Array): number {
  const set = table.get(option)?.set;
  return set === undefined ? -ENOPROTOOPT : set(socket, value);
}

export function getOption<S>(table: OptionTable<S>, socket: S, option: number): Uint8Array | number {
  const get = table.get(option)?.get;
  return get === undefined ? -ENOPROTOOPT : get(socket);
}

/** An int of the host's (little-endian) byte order. */
export const readInt = (value: Uint8Array): number => value[0]! | (value[1]! << 8) | (value[2]! << 16) | (value[3]! << 24);

export function intBytes(value: number): Uint8Array {
  return new Uint8Array([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff]);
}

/** An option that is an int; shorter values are EINVAL. */
export function intOption<S>(
  name: string,
  get: ((socket: S) => number) | null,
  set: ((socket: S, value: number) => number) | null,
): SocketOption<S> {
  return {
    name,
    ...(get === null ? {} : { get: (socket: S) => intBytes(get(socket)) }),
    ...(set === null ? {} : { set: (socket: S, value: Uint8Array) => (value.length < 4 ? -EINVAL : set(socket, readInt(value))) }),
  };
}

/** SO_NETNS_COOKIE: a number of the namespace that no other of the stack has, nor will have. */
export const netnsCookie = <S extends { readonly namespace: Namespace }>(): readonly [number, SocketOption<S>] => [
  71,
  {
    name: 'SO_NETNS_COOKIE',
    get({ namespace }) {
      const bytes = new Uint8Array(8);
      // 0 is nobody's.
      bytes.set(intBytes(namespace.id + 1));
      return bytes;
    },
  },
];

/** An int of which only zero or not matters. */
export function flagOption<S>(name: string, get: (socket: S) => boolean, set: (socket: S, on: boolean) => void): SocketOption<S> {
  return intOption<S>(
    name,
    (socket) => (get(socket) ? 1 : 0),
    (socket, value) => {
      set(socket, value !== 0);
      return 0;
    },
  );
}

/** SOCK_MIN_RCVBUF, SOCK_MIN_SNDBUF. */
const RECEIVE_MIN = 2304;
const SEND_MIN = 4608;

const TEXT = new TextEncoder();
const DECODER = new TextDecoder();

/** struct timeval, 64 bit: what SO_RCVTIMEO takes. Milliseconds; 0: for ever; -1: not at all. */
function timeoutOption<S>(name: string, get: (socket: S) => number, set: (socket: S, ms: number) => void): SocketOption<S> {
  return {
    name,
    get(socket) {
      const bytes = new Uint8Array(16);
      const view = new DataView(bytes.buffer);
      const ms = Math.max(0, get(socket));
      view.setUint32(0, Math.floor(ms / 1000), true);
      view.setUint32(8, (ms % 1000) * 1000, true);
      return bytes;
    },
    set(socket, value) {
      if (value.length < 16) return -EINVAL;
      const view = new DataView(value.buffer, value.byteOffset, value.length);
      const seconds = view.getUint32(0, true) + view.getInt32(4, true) * 0x1_0000_0000;
      const micros = view.getUint32(8, true) + view.getInt32(12, true) * 0x1_0000_0000;
      if (micros < 0 || micros >= 1_000_000) return -EDOM;
      set(socket, seconds < 0 ? -1 : seconds * 1000 + Math.ceil(micros / 1000));
      return 0;
    },
  };
}

function bindToIfindex(socket: InetSocket, ifindex: number): number {
  // A socket that is bound to a device may leave it only with CAP_NET_RAW.
  if (socket.boundIfindex !== 0 && !socket.privileged) return -EPERM;
  if (ifindex < 0) return -EINVAL;
  socket.boundIfindex = ifindex;
  socket.routeChanged();
  return 0;
}

/** An unsigned long; all ones: no limit. */
function longBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8).fill(0xff);
  if (value === Number.POSITIVE_INFINITY) return bytes;
  bytes.set(intBytes(value % 0x1_0000_0000));
  bytes.set(intBytes(Math.floor(value / 0x1_0000_0000)), 4);
  return bytes;
}

/** How long who calls may wait: SO_RCVTIMEO, SO_SNDTIMEO. */
export function timeoutOptions<S extends { receiveTimeoutMs: number; sendTimeoutMs: number }>(): readonly (readonly [
  number,
  SocketOption<S>,
])[] {
  const receive = timeoutOption<S>(
    'SO_RCVTIMEO',
    (s) => s.receiveTimeoutMs,
    (s, ms) => {
      s.receiveTimeoutMs = ms;
    },
  );
  const send = timeoutOption<S>(
    'SO_SNDTIMEO',
    (s) => s.sendTimeoutMs,
    (s, ms) => {
      s.sendTimeoutMs = ms;
    },
  );
  return [
    [20, receive],
    [21, send],
    [66, receive],
    [67, send],
  ];
}

/** What all IP sockets have of SOL_SOCKET as fields, asm-generic/socket.h. */
export const ownSocketOptions: readonly (readonly [number, SocketOption<InetSocket>])[] = [
  [
    1,
    intOption(
      'SO_DEBUG',
      (s) => (s.debug ? 1 : 0),
      (s, v) => {
        if (v !== 0 && !s.privileged) return -EACCES;
        s.debug = v !== 0;
        return 0;
      },
    ),
  ],
  [
    2,
    flagOption(
      'SO_REUSEADDR',
      (s) => s.reuseAddress,
      (s, on) => {
        s.reuseAddress = on;
      },
    ),
  ],
  [3, intOption('SO_TYPE', (s) => s.type, null)],
  [4, intOption('SO_ERROR', (s) => s.takeError(), null)],
  [
    5,
    flagOption(
      'SO_DONTROUTE',
      (s) => s.dontRoute,
      (s, on) => {
        s.dontRoute = on;
        s.routeChanged();
      },
    ),
  ],
  [
    6,
    flagOption(
      'SO_BROADCAST',
      (s) => s.broadcast,
      (s, on) => {
        s.broadcast = on;
      },
    ),
  ],
  [
    7,
    intOption(
      'SO_SNDBUF',
      (s) => s.sendBuffer,
      (s, v) => {
        s.sendBuffer = Math.max(Math.min(v >>> 0, s.namespace.stack.settings.wmemMax) * 2, SEND_MIN);
        s.sendBufferLocked = true;
        return 0;
      },
    ),
  ],
  [
    8,
    intOption(
      'SO_RCVBUF',
      (s) => s.receiveBuffer,
      (s, v) => {
        s.receiveBuffer = Math.max(Math.min(v >>> 0, s.namespace.stack.settings.rmemMax) * 2, RECEIVE_MIN);
        s.receiveBufferLocked = true;
        return 0;
      },
    ),
  ],
  [
    9,
    flagOption(
      'SO_KEEPALIVE',
      (s) => s.keepAlive,
      (s, on) => s.setKeepAlive(on),
    ),
  ],
  [
    47,
    {
      name: 'SO_MAX_PACING_RATE',
      // An unsigned int, or an unsigned long; all ones: no limit.
      get: (s) => longBytes(s.maxPacingRate),
      set(s, value) {
        if (value.length < 4) return -EINVAL;
        const low = readInt(value) >>> 0;
        const high = value.length >= 8 ? readInt(value.subarray(4)) >>> 0 : 0;
        const unlimited = low === 0xffff_ffff && (value.length < 8 || high === 0xffff_ffff);
        s.setMaxPacingRate(unlimited ? Number.POSITIVE_INFINITY : high * 0x1_0000_0000 + low);
        return 0;
      },
    },
  ],
  [
    10,
    flagOption(
      'SO_OOBINLINE',
      (s) => s.oobInline,
      (s, on) => {
        s.oobInline = on;
      },
    ),
  ],
  [
    12,
    intOption(
      'SO_PRIORITY',
      (s) => s.priority,
      (s, v) => {
        if ((v < 0 || v > 6) && !s.privileged) return -EPERM;
        s.priority = v;
        return 0;
      },
    ),
  ],
  [
    13,
    {
      name: 'SO_LINGER',
      get(s) {
        const b = new Uint8Array(8);
        b[0] = s.linger >= 0 ? 1 : 0;
        b.set(intBytes(Math.max(0, s.linger)), 4);
        return b;
      },
      set(s, value) {
        if (value.length < 8) return -EINVAL;
        s.linger = readInt(value) === 0 ? -1 : Math.max(0, readInt(value.subarray(4)));
        return 0;
      },
    },
  ],
  [
    15,
    flagOption(
      'SO_REUSEPORT',
      (s) => s.reusePort,
      (s, on) => {
        s.reusePort = on;
      },
    ),
  ],
  [
    18,
    intOption(
      'SO_RCVLOWAT',
      (s) => s.receiveLowWater,
      (s, v) => {
        s.setReceiveLowWater(v < 0 ? 0x7fff_ffff : v);
        return 0;
      },
    ),
  ],
  [19, intOption('SO_SNDLOWAT', () => 1, null)],
  [
    SO_BINDTODEVICE,
    {
      name: 'SO_BINDTODEVICE',
      get(s) {
        const device = s.namespace.deviceByIndex(s.boundIfindex);
        return device === undefined ? new Uint8Array(0) : TEXT.encode(`${device.name}\0`);
      },
      set(s, value) {
        const end = value.indexOf(0);
        const name = DECODER.decode(end < 0 ? value.subarray(0, 15) : value.subarray(0, Math.min(end, 15)));
        if (name === '') return bindToIfindex(s, 0);
        const device = s.namespace.deviceByName(name);
        return device === undefined ? -ENODEV : bindToIfindex(s, device.ifindex);
      },
    },
  ],
  [30, intOption('SO_ACCEPTCONN', (s) => (s.listening ? 1 : 0), null)],
  [
    32,
    intOption('SO_SNDBUFFORCE', null, (s, v) => {
      if (!s.privileged) return -EPERM;
      s.sendBuffer = Math.max(Math.max(v, 0) * 2, SEND_MIN);
      s.sendBufferLocked = true;
      return 0;
    }),
  ],
  [
    33,
    intOption('SO_RCVBUFFORCE', null, (s, v) => {
      if (!s.privileged) return -EPERM;
      s.receiveBuffer = Math.max(Math.max(v, 0) * 2, RECEIVE_MIN);
      s.receiveBufferLocked = true;
      return 0;
    }),
  ],
  [
    36,
    intOption(
      'SO_MARK',
      (s) => s.mark | 0,
      (s, v) => {
        if (!s.privileged) return -EPERM;
        s.mark = v >>> 0;
        s.routeChanged();
        return 0;
      },
    ),
  ],
  [38, intOption('SO_PROTOCOL', (s) => s.protocol, null)],
  [39, intOption('SO_DOMAIN', (s) => s.family, null)],
  [62, intOption('SO_BINDTOIFINDEX', (s) => s.boundIfindex, bindToIfindex)],
  ...timeoutOptions<InetSocket>(),
];

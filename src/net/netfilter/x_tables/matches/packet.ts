import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import type { InetSocket } from '../../../core/inet-socket.js';
import { PACKET_LOOPBACK } from '../../../core/packet-buffer.js';
import type { PacketInfo } from '../../nf_tables/packet-info.js';
import { addressType } from '../../nf_tables/expressions/fib.js';
import { findSocket } from '../../nf_tables/expressions/socket-lookup.js';
import type { Info, Match } from '../extension.js';

// linux/netfilter/xt_comment.h, xt_mark.h, xt_limit.h, xt_addrtype.h, xt_length.h, ipt_ttl.h, xt_iprange.h and others

export const comment: Match = { name: 'comment', bytes: [256], make: () => () => true };

export const mark: Match = {
  name: 'mark',
  bytes: [0, 12],
  make(info) {
    const value = info.u32(0);
    const mask = info.u32(4);
    const inverted = info.u8(8) !== 0;
    return ({ skb }) => ((skb.mark & mask) >>> 0 === value) !== inverted;
  },
};

const LIMIT_SCALE = 10_000;
const US = 1_000_000;

/** `--limit 3/minute --limit-burst 5`: `avg` is the time of one, in 1/10000 s. */
export const limit: Match = {
  name: 'limit',
  bytes: [40],
  make(info, _revision, { namespace: { stack } }) {
    const cost = (info.u32(0) * US) / LIMIT_SCALE;
    const full = cost * info.u32(4);
    let credit = full;
    let last = stack.nowUs;
    return () => {
      const now = stack.nowUs;
      credit = Math.min(credit + now - last, full);
      last = now;
      if (credit < cost) return false;
      credit -= cost;
      return true;
    };
  },
};

const ADDRTYPE_INVERT_SOURCE = 1;
const ADDRTYPE_INVERT_DESTINATION = 2;
const ADDRTYPE_IFACE_IN = 4;
const ADDRTYPE_IFACE_OUT = 8;

export const addrtype: Match = {
  name: 'addrtype',
  bytes: [12, 8],
  make(info, revision) {
    const source = info.u16(0);
    const destination = info.u16(2);
    const flags =
      revision === 1
        ? info.u32(4)
        : (info.u32(4) !== 0 ? ADDRTYPE_INVERT_SOURCE : 0) | (info.u32(8) !== 0 ? ADDRTYPE_INVERT_DESTINATION : 0);
    return (packet) => {
      const device = (flags & ADDRTYPE_IFACE_IN) !== 0 ? packet.input : (flags & ADDRTYPE_IFACE_OUT) !== 0 ? packet.output : null;
      const is = (types: number, ofSource: boolean, bit: number) =>
        types === 0 || ((types & (1 << addressType(packet, ofSource, device))) !== 0) !== ((flags & bit) !== 0);
      return is(source, true, ADDRTYPE_INVERT_SOURCE) && is(destination, false, ADDRTYPE_INVERT_DESTINATION);
    };
  },
};

/** The IP packet's length, without what the link put before it. */
export const length: Match = {
  name: 'length',
  bytes: [6],
  make(info) {
    const min = info.u16(0);
    const max = info.u16(2);
    const inverted = info.u8(4) !== 0;
    return ({ skb }) => {
      const bytes = skb.tail - skb.networkHeader;
      return (bytes >= min && bytes <= max) !== inverted;
    };
  },
};

const hops = (name: string, offset: number): Match => ({
  name,
  bytes: [2],
  make(info) {
    const mode = info.u8(0);
    const value = info.u8(1);
    return ({ skb }) => {
      const ttl = skb.bytes[skb.networkHeader + offset]!;
      if (mode === 0) return ttl === value;
      if (mode === 1) return ttl !== value;
      return mode === 2 ? ttl < value : ttl > value;
    };
  },
});
export const ttl = hops('ttl', 8);
export const hl = hops('hl', 7);

const trafficClass = ({ skb, networkFamily }: PacketInfo): number =>
  networkFamily === NFPROTO_IPV4 ? skb.bytes[skb.networkHeader + 1]! : (skb.view.getUint16(skb.networkHeader) >>> 4) & 0xff;

export const dscp: Match = {
  name: 'dscp',
  bytes: [2],
  make(info) {
    const value = info.u8(0);
    const inverted = info.u8(1) !== 0;
    return (packet) => (trafficClass(packet) >>> 2 === value) !== inverted;
  },
};

export const tos: Match = {
  name: 'tos',
  bytes: [0, 3],
  make(info) {
    const mask = info.u8(0);
    const value = info.u8(1);
    const inverted = info.u8(2) !== 0;
    return (packet) => ((trafficClass(packet) & mask) === value) !== inverted;
  },
};

export const mac: Match = {
  name: 'mac',
  bytes: [12],
  make(info) {
    const inverted = info.u32(8) !== 0;
    return ({ skb }) => {
      if (skb.macHeader < 0 || skb.networkHeader - skb.macHeader < 14) return false;
      let same = true;
      for (let i = 0; i < 6; i++) if (skb.bytes[skb.macHeader + 6 + i] !== info.bytes[i]) same = false;
      return same !== inverted;
    };
  },
};

const IPRANGE_SOURCE = 1;
const IPRANGE_DESTINATION = 2;
const IPRANGE_INVERT_SOURCE = 0x10;
const IPRANGE_INVERT_DESTINATION = 0x20;

function compareAt({ skb }: PacketInfo, at: number, address: Uint32Array, words: number): number {
  for (let i = 0; i < words; i++) {
    const difference = skb.view.getUint32(at + 4 * i) - address[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

export const iprange: Match = {
  name: 'iprange',
  bytes: [0, 68],
  make(info, _revision, { family }) {
    const [sourceMin, sourceMax, min, max] = [0, 16, 32, 48].map((at) => info.address(at)) as [
      Uint32Array,
      Uint32Array,
      Uint32Array,
      Uint32Array,
    ];
    const flags = info.u8(64);
    const four = family === NFPROTO_IPV4;
    const words = four ? 1 : 4;
    const inside = (packet: PacketInfo, offset: number, from: Uint32Array, to: Uint32Array) => {
      const at = packet.skb.networkHeader + offset;
      return compareAt(packet, at, from, words) >= 0 && compareAt(packet, at, to, words) <= 0;
    };
    return (packet) => {
      if ((flags & IPRANGE_SOURCE) !== 0 && inside(packet, four ? 12 : 8, sourceMin, sourceMax) === ((flags & IPRANGE_INVERT_SOURCE) !== 0))
        return false;
      return (
        (flags & IPRANGE_DESTINATION) === 0 || inside(packet, four ? 16 : 24, min, max) !== ((flags & IPRANGE_INVERT_DESTINATION) !== 0)
      );
    };
  },
};

export const pkttype: Match = {
  name: 'pkttype',
  bytes: [8],
  make(info) {
    const type = info.u32(0);
    const inverted = info.u32(4) !== 0;
    return ({ skb }) => {
      let seen = skb.packetType;
      // What comes by the loopback is what its address says. Linux: pkttype_mt()
      if (seen === PACKET_LOOPBACK) seen = 0;
      return (seen === type) !== inverted;
    };
  },
};

const OWNER_UID = 1;
const OWNER_SOCKET = 4;

export const owner: Match = {
  name: 'owner',
  bytes: [0, 18],
  make(info) {
    const min = info.u32(0);
    const max = info.u32(4);
    const match = info.u8(16);
    const invert = info.u8(17);
    return ({ skb }) => {
      const { socket } = skb;
      if (socket === null) return ((match ^ invert) & (OWNER_SOCKET | OWNER_UID)) === 0;
      if ((match & OWNER_UID) !== 0 && (socket.uid >= min && socket.uid <= max) === ((invert & OWNER_UID) !== 0)) return false;
      return (match & invert & OWNER_SOCKET) === 0;
    };
  },
};

const STATISTIC_RANDOM = 0;
const PROBABILITIES = 0x8000_0000;

export const statistic: Match = {
  name: 'statistic',
  bytes: [32],
  make(info, _revision, { namespace }) {
    const mode = info.u16(0);
    const inverted = (info.u16(2) & 1) !== 0;
    const first = info.u32(4);
    if (mode === STATISTIC_RANDOM) return () => namespace.stack.random.u32() % PROBABILITIES < first !== inverted;
    const every = first + 1;
    let next = info.u32(8);
    return () => {
      // Counts up to its period; the packet at the start of it matches.
      const hit = next === first;
      next = (next + 1) % every;
      return hit !== inverted;
    };
  },
};

const SOCKET_TRANSPARENT = 1;
const SOCKET_NOWILDCARD = 2;
const SOCKET_RESTORESKMARK = 4;

export const socket: Match = {
  name: 'socket',
  bytes: [0, 1, 1, 1],
  make(info) {
    const flags = info.u8(0);
    return (packet) => {
      const known = packet.protocol === 6 || packet.protocol === 17;
      if (!known || packet.transport < 0 || packet.fragmentOffset !== 0) return false;
      const found = (packet.skb.socket as InetSocket | null) ?? findSocket(packet);
      if (found === null) return false;
      const wildcard = found.local.words.every((word, i) => word === 0 || (i === 2 && word === 0xffff));
      if (wildcard && (flags & SOCKET_NOWILDCARD) === 0) return false;
      if ((flags & SOCKET_TRANSPARENT) !== 0 && !found.transparent) return false;
      if ((flags & SOCKET_RESTORESKMARK) !== 0) packet.skb.mark = found.mark;
      return true;
    };
  },
};

/** The name of a device as long as the mask has ones (`eth+`). */
function namedLike(info: Info, at: number, name: string): boolean {
  for (let i = 0; i < 16; i++) {
    const mask = info.bytes[at + 16 + i]!;
    if (mask !== 0 && (i < name.length ? name.charCodeAt(i) : 0) !== info.bytes[at + i]) return false;
  }
  return true;
}

const PHYSDEV_IN = 1;
const PHYSDEV_OUT = 2;

/** Ports of a bridge; outside of bridges no packet has such. */
export const physdev: Match = {
  name: 'physdev',
  bytes: [66],
  make(info) {
    const invert = info.u8(64);
    const asked = info.u8(65);
    return ({ input, output }) => {
      if ((asked & PHYSDEV_IN) !== 0) {
        const port = input !== null && input.master !== null ? input.name : '';
        if ((port !== '' && namedLike(info, 0, port)) === ((invert & PHYSDEV_IN) !== 0)) return false;
      }
      if ((asked & PHYSDEV_OUT) !== 0) {
        const port = output !== null && output.master !== null ? output.name : '';
        if ((port !== '' && namedLike(info, 32, port)) === ((invert & PHYSDEV_OUT) !== 0)) return false;
      }
      return true;
    };
  },
};

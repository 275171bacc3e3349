// Addresses: of IPv4 with ARP and RARP, IPv6, link layers and DECnet.
import * as bpf from '../../../bpf/instruction.js';
import { and, type Block, filterError, not, or } from './code.js';
import { isWlan } from './link-offsets.js';
import { ARP, carries, DECNET, IP, IPV6, previousHeader, RARP } from './link-type.js';
import { type Direction, isEither, wlanOnly } from './qualifiers.js';
import type { State } from './state.js';

type OneWay = 'src' | 'dst';

/** A test in the direction that was asked for, or in both. */
function directed(direction: Direction, wrong: () => string, one: (way: OneWay) => Block): Block {
  if (direction === 'src' || direction === 'dst') return one(direction);
  if (direction !== 'and' && !isEither(direction)) return filterError(wrong());
  const source = one('src');
  const destination = one('dst');
  return direction === 'and' ? and(source, destination) : or(source, destination);
}

const notWlan = (direction: Direction) => () => wlanOnly(direction, '% for addresses other than 802.11 MAC addresses');

const names: Readonly<Record<string, string>> = {
  atalk: 'AppleTalk',
  lat: 'LAT',
  sca: 'SCA',
  moprc: 'MOPRC',
  mopdl: 'MOPDL',
  aarp: 'AARP',
  iso: 'ISO',
  ipx: 'IPX',
};

/** An IPv4 address or network, or a DECnet address. `what`: "host" or "net". */
export function host(state: State, address: number, mask: number, protocol: string, direction: Direction, what: 'host' | 'net'): Block {
  const field = (type: number, source: number, destination: number) =>
    directed(direction, notWlan(direction), (way) => {
      const carried = carries(state, type);
      return and(carried, state.equals('payload', way === 'src' ? source : destination, bpf.W, address, mask));
    });
  switch (protocol) {
    case '': {
      const ip = field(IP, 12, 16);
      if (state.labels > 0) return ip;
      const arp = or(ip, field(ARP, 14, 24));
      return or(arp, field(RARP, 14, 24));
    }
    case 'ip':
      return field(IP, 12, 16);
    case 'arp':
      return field(ARP, 14, 24);
    case 'rarp':
      return field(RARP, 14, 24);
    case 'decnet':
      return decnetHost(state, address, direction);
    case 'link':
      return filterError(`link-layer modifier applied to ${what}`);
    case 'ip6':
      return filterError("'ip6' modifier applied to ip host");
    default:
      return filterError(
        names[protocol] === undefined ? `'${protocol}' modifier applied to ${what}` : `${names[protocol]} host filtering not implemented`,
      );
  }
}

/** An IPv6 address or network, sixteen bytes each. */
export function host6(
  state: State,
  address: Uint8Array,
  mask: Uint8Array,
  protocol: string,
  direction: Direction,
  what: 'host' | 'net',
): Block {
  if (protocol === 'link') filterError(`link-layer modifier applied to ip6 ${what}`);
  if (protocol === 'atalk') filterError(`AppleTalk modifier applied to ip6 ${what}`);
  if (protocol !== '' && protocol !== 'ip6') filterError(`'${protocol}' modifier applied to ip6 ${what}`);
  const a = new DataView(address.buffer, address.byteOffset, 16);
  const m = new DataView(mask.buffer, mask.byteOffset, 16);
  return directed(direction, notWlan(direction), (way) => {
    const at = way === 'src' ? 8 : 24;
    const word = (offset: number) => state.equals('payload', at + offset, bpf.W, a.getUint32(offset), m.getUint32(offset));
    let block = word(12);
    for (const offset of [8, 4, 0]) block = and(word(offset), block);
    return and(carries(state, IPV6), block);
  });
}

function decnetHost(state: State, address: number, direction: Direction): Block {
  const swapped = ((address & 0xff) << 8) | ((address >>> 8) & 0xff);
  return directed(direction, notWlan(direction), (way) => {
    const [short, long] = way === 'src' ? [3, 15] : [1, 7];
    const carried = carries(state, DECNET);
    // Long and short headers, each with padding and without.
    const header = (offset: number, size: number, value: number, mask: number, at: number) => {
      const kind = state.equals('payload', offset, size, value, mask);
      return and(kind, state.equals('payload', at, bpf.H, swapped));
    };
    let block = header(2, bpf.H, 0x8106, 0xff07, 2 + 1 + long);
    block = or(header(2, bpf.B, 0x06, 0x07, 2 + long), block);
    block = or(header(2, bpf.H, 0x8102, 0xff07, 2 + 1 + short), block);
    block = or(header(2, bpf.B, 0x02, 0x07, 2 + short), block);
    return and(carried, block);
  });
}

/** Where source and destination lie in link-layer headers with six-byte addresses. */
const macOffsets: Readonly<Record<number, readonly [source: number, destination: number]>> = {
  1: [6, 0],
  240: [6, 0],
  241: [6, 0],
  6: [8, 2],
  10: [7, 1],
  122: [10, 2],
};

export const hasMacAddresses = (linkType: number) => linkType in macOffsets || isWlan(linkType);
const isEthernet = (linkType: number) => linkType === 1 || linkType === 240 || linkType === 241;

/** A MAC address of a link type that hasMacAddresses(). */
export function macHost(state: State, mac: Uint8Array, direction: Direction): Block {
  const { linkType } = state;
  if (isWlan(linkType)) return wlanHost(state, mac, direction);
  const ethernet = isEthernet(linkType);
  const before = ethernet ? previousHeader(state) : null;
  const [source, destination] = macOffsets[linkType]!;
  const wrong = () => wlanOnly(direction, ethernet ? 'only supported on 802.11 with 802.11 headers' : 'only supported on 802.11');
  const block = directed(direction, wrong, (way) => state.bytes('link', way === 'src' ? source : destination, mac));
  return before === null ? block : and(before, block);
}

/** ARCNET's addresses of one byte. */
export function arcnetHost(state: State, address: number, direction: Direction): Block {
  const wrong = () => wlanOnly(direction, 'only supported on 802.11');
  return directed(direction, wrong, (way) => state.bytes('link', way === 'src' ? 0 : 1, Uint8Array.of(address)));
}

/** 802.11: which address is the source depends on the bits to and from the distribution system. */
function wlanHost(state: State, mac: Uint8Array, direction: Direction): Block {
  const address = (offset: number) => state.bytes('link', offset, mac);
  const isControl = () => not(state.equals('link', 0, bpf.B, 0x04, 0x0c));
  switch (direction) {
    case 'addr1':
      return address(4);
    case 'addr2':
      return withAddress2(state, () => address(10), false);
    case 'addr3': {
      const control = isControl();
      return and(control, address(16));
    }
    case 'addr4': {
      const both = state.equals('link', 1, bpf.B, 0x03, 0x03);
      return and(both, address(24));
    }
    case 'ra': {
      const data = state.bit('link', 0, 0x08);
      return and(data, address(4));
    }
    case 'ta':
      return withAddress2(state, () => address(10), true);
    default:
      return directed(
        direction,
        () => '',
        (way) => (way === 'src' ? wlanSource(state, address) : wlanDestination(state, address)),
      );
  }
}

/** Control frames have a second address unless they are CTS or ACK. */
function withAddress2(state: State, address: () => Block, dataOnly: boolean): Block {
  const control = not(state.equals('link', 0, bpf.B, 0x04, 0x0c));
  const cts = not(state.equals('link', 0, bpf.B, 0xc0, 0xf0));
  const ack = not(state.equals('link', 0, bpf.B, 0xd0, 0xf0));
  let has = or(control, and(cts, ack));
  if (dataOnly) has = and(state.bit('link', 0, 0x08), has);
  return and(has, address());
}

/** `yes` where the bit is set, `no` where it is not. */
function choose(state: State, offset: number, mask: number, yes: Block, no: () => Block): Block {
  const set = and(state.bit('link', offset, mask), yes);
  const clear = not(state.bit('link', offset, mask));
  return or(and(clear, no()), set);
}

/** Data and management frames only. */
const notControl = (state: State, block: Block) => and(not(state.bit('link', 0, 0x04)), block);

function wlanSource(state: State, address: (offset: number) => Block): Block {
  const toAndFrom = wlanFirst(
    state,
    0x01,
    () => address(24),
    () => address(16),
  );
  const from = choose(state, 1, 0x02, toAndFrom, () => address(10));
  return notControl(
    state,
    choose(state, 0, 0x08, from, () => address(10)),
  );
}

export function wlanDestination(state: State, address: (offset: number) => Block): Block {
  const to = wlanFirst(
    state,
    0x01,
    () => address(16),
    () => address(4),
  );
  return notControl(
    state,
    choose(state, 0, 0x08, to, () => address(4)),
  );
}

function wlanFirst(state: State, mask: number, yes: () => Block, no: () => Block): Block {
  const set = state.bit('link', 1, mask);
  const whenSet = and(set, yes());
  const clear = not(state.bit('link', 1, mask));
  return or(and(clear, no()), whenSet);
}

const BROADCAST = new Uint8Array(6).fill(0xff);

export function broadcast(state: State, protocol: string): Block {
  const { linkType, target } = state;
  if (protocol === '' || protocol === 'link') {
    if (linkType === 7 || linkType === 129) return arcnetHost(state, 0, 'dst');
    return hasMacAddresses(linkType) ? macHost(state, BROADCAST, 'dst') : filterError('not a broadcast link');
  }
  if (protocol !== 'ip') return filterError('only link-layer/IP broadcast filters supported');
  const netmask = target.netmask ?? 0;
  if (netmask === 0xffffffff) filterError("netmask not known, so 'ip broadcast' not supported");
  const hosts = ~netmask >>> 0;
  const ip = carries(state, IP);
  const zeros = state.equals('payload', 16, bpf.W, 0, hosts);
  return and(ip, or(zeros, state.equals('payload', 16, bpf.W, hosts, hosts)));
}

export function multicast(state: State, protocol: string): Block {
  const { linkType } = state;
  if (protocol === '' || protocol === 'link') {
    if (linkType === 7 || linkType === 129) return arcnetHost(state, 0, 'dst');
    const bit = (offset: number) => state.bit('link', offset, 1);
    if (isWlan(linkType)) return wlanDestination(state, bit);
    if (isEthernet(linkType)) {
      const before = previousHeader(state);
      return before === null ? bit(0) : and(before, bit(0));
    }
    if (linkType === 10) return bit(1);
    if (linkType === 6 || linkType === 122) return bit(2);
  }
  if (protocol === 'ip') {
    const ip = carries(state, IP);
    return and(ip, state.atLeast('payload', 16, bpf.B, 224));
  }
  if (protocol === 'ip6') {
    const ip6 = carries(state, IPV6);
    return and(ip6, state.equals('payload', 24, bpf.B, 255));
  }
  return filterError('link-layer multicast filters supported only on ethernet/FDDI/token ring/ARCNET/802.11/ATM LANE/Fibre Channel');
}

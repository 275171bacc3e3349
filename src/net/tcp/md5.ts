import { Md5 } from '../../base/md5.js';
import { EINVAL, ENOENT } from '../../base/errno.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import * as wire from '../../wire/tcp.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { DropReason } from '../core/drop-reason.js';
import type { Tcb } from './tcb.js';
import type { Tcp } from './tcp.js';
import type { TcpTransport } from './transport.js';

/**
 * The TCP MD5 signature option (RFC 2385), which BGP protects its sessions with: each segment carries the MD5 of its pseudo-header, its header
 * without options, its data and a key that both ends know. Keys belong to peers: addresses or prefixes.
 */

/** NOP, NOP, kind, length, digest. */
export const MD5_BYTES = 20;
const OPTION_BYTES = 18;

// struct tcp_md5sig, linux/tcp.h
const STRUCT_BYTES = 216;
const FLAGS_AT = 128;
const IFINDEX_AT = 132;
const KEY_AT = 136;
const MAX_KEY = 80;
const FLAG_PREFIX = 1;
const FLAG_IFINDEX = 2;

/** A key and the peers it is for; IPv4 as ::ffff:a.b.c.d, so a prefix counts from there. */
export interface Md5Key {
  readonly address: Uint32Array;
  readonly prefix: number;
  /** The VRF whose peers it is for; 0: those in none; -1: all. */
  readonly domain: number;
  readonly bytes: Uint8Array;
}

const covers = (key: Md5Key, address: Uint32Array): boolean => {
  for (let i = 0, left = key.prefix; i < 4 && left > 0; i++, left -= 32) {
    const mask = left >= 32 ? 0xffff_ffff : ~(0xffff_ffff >>> left);
    if (((key.address[i]! ^ address[i]!) & mask) !== 0) return false;
  }
  return true;
};

/** The key for a peer in a VRF (0: in none): one of that VRF's own before others, then that of the longest prefix; null: there is none. */
export function md5KeyFor(keys: readonly Md5Key[] | null, address: Uint32Array, domain: number): Md5Key | null {
  let best: Md5Key | null = null;
  for (const key of keys ?? []) {
    if ((key.domain >= 0 && key.domain !== domain) || !covers(key, address)) continue;
    if (best === null || isBetter(key, best)) best = key;
  }
  return best;
}

/** Linux: better_md5_match() */
const isBetter = (key: Md5Key, than: Md5Key): boolean => {
  const own = key.domain > 0;
  return own === than.domain > 0 ? key.prefix > than.prefix : own;
};

/** TCP_MD5SIG_FLAG_IFINDEX: the VRF that is named, 0 for none; null: it is no VRF. -1 without the flag. */
function domainOf(sk: Tcb, flags: number, ifindex: number): number | null {
  if ((flags & FLAG_IFINDEX) === 0) return -1;
  if (ifindex === 0) return 0;
  const device = sk.namespace.deviceByIndex(ifindex);
  return device === undefined || device.l3 === null ? null : ifindex;
}

/** setsockopt(TCP_MD5SIG, TCP_MD5SIG_EXT): adds, changes or (without a key) deletes the key of a peer. 0 or a negative errno. */
export function setMd5Key(sk: Tcb, value: Uint8Array, extended: boolean): number {
  if (value.length < STRUCT_BYTES) return -EINVAL;
  const v = new DataView(value.buffer, value.byteOffset, value.length);
  const family = v.getUint16(0, true);
  if (family !== sk.family) return -EINVAL;
  const address = new Uint32Array(4);
  if (family === AF_INET) {
    address[2] = 0xffff;
    address[3] = v.getUint32(4);
  } else for (let i = 0; i < 4; i++) address[i] = v.getUint32(8 + 4 * i);
  const mapped = family === AF_INET || (address[0] === 0 && address[1] === 0 && address[2] === 0xffff);
  const most = mapped ? 32 : 128;
  let prefix = most;
  const flags = extended ? v.getUint8(FLAGS_AT) : 0;
  if ((flags & FLAG_PREFIX) !== 0) {
    prefix = v.getUint8(FLAGS_AT + 1);
    if (prefix > most) return -EINVAL;
  }
  const domain = domainOf(sk, flags, v.getInt32(IFINDEX_AT, true));
  if (domain === null) return -EINVAL;
  if (mapped) prefix += 96;
  const count = v.getUint16(FLAGS_AT + 2, true);
  if (count > MAX_KEY) return -EINVAL;
  const keys = sk.md5Keys ?? [];
  const others = keys.filter((key) => key.prefix !== prefix || key.domain !== domain || key.address.some((word, i) => word !== address[i]));
  if (count === 0) {
    if (others.length === keys.length) return -ENOENT;
    sk.md5Keys = others.length === 0 ? null : others;
  } else sk.md5Keys = [...others, { address, prefix, domain, bytes: value.slice(KEY_AT, KEY_AT + count) }];
  return 0;
}

const md5 = new Md5();
const digest = new DataView(new ArrayBuffer(16));
const scratch = new DataView(new ArrayBuffer(40));
const scratchBytes = new Uint8Array(scratch.buffer);

/** The digest of the segment of `bytes` at `at`, from `source` to `destination`, into `digest`. */
function compute(
  transport: TcpTransport,
  key: Md5Key,
  skb: PacketBuffer,
  at: number,
  bytes: number,
  source: Uint32Array,
  destination: Uint32Array,
): void {
  md5.begin();
  let count = 12;
  if (transport.layer.family === AF_INET6) {
    for (let i = 0; i < 4; i++) {
      scratch.setUint32(4 * i, source[i]!);
      scratch.setUint32(16 + 4 * i, destination[i]!);
    }
    scratch.setUint32(32, bytes);
    scratch.setUint32(36, wire.PROTOCOL);
    count = 40;
  } else {
    scratch.setUint32(0, source[3]!);
    scratch.setUint32(4, destination[3]!);
    scratch.setUint16(8, wire.PROTOCOL);
    scratch.setUint16(10, bytes);
  }
  md5.update(scratchBytes, 0, count);
  // The header without options, its checksum zero.
  for (let i = 0; i < wire.HEADER; i++) scratchBytes[i] = skb.bytes[at + i]!;
  scratch.setUint16(wire.CHECKSUM_OFFSET, 0);
  md5.update(scratchBytes, 0, wire.HEADER);
  const header = wire.headerBytes(skb.view, at);
  md5.update(skb.bytes, at + header, bytes - header);
  md5.update(key.bytes, 0, key.bytes.length);
  md5.end(digest, 0);
}

/** Writes the option at `optionAt` of the segment at `skb.data`, which is complete but for its checksum. */
export function signSegment(
  transport: TcpTransport,
  key: Md5Key,
  skb: PacketBuffer,
  optionAt: number,
  source: Uint32Array,
  destination: Uint32Array,
): void {
  const v = skb.view;
  v.setUint32(optionAt, 0x0101_0000 | (wire.OPTION_MD5 << 8) | OPTION_BYTES);
  compute(transport, key, skb, skb.data, skb.length, source, destination);
  for (let i = 0; i < 16; i += 4) v.setUint32(optionAt + 4 + i, digest.getUint32(i));
}

/** Whether the segment at `skb.data` is signed as `keys` want it; else it is counted and dropped (tcp_inbound_md5_hash()). */
export function md5Rejects(tcp: Tcp, transport: TcpTransport, keys: readonly Md5Key[] | null, skb: PacketBuffer): boolean {
  const at = tcp.options.md5At;
  if (keys === null && at < 0) return false;
  const key = md5KeyFor(keys, tcp.key.remote, tcp.key.domain);
  if (key === null && at < 0) return false;
  let reason: DropReason;
  if (at < 0) {
    tcp.stats.TCPMD5NotFound++;
    reason = DropReason.TCP_MD5NOTFOUND;
  } else if (key === null) {
    tcp.stats.TCPMD5Unexpected++;
    reason = DropReason.TCP_MD5UNEXPECTED;
  } else {
    compute(transport, key, skb, skb.data, skb.length, tcp.key.remote, tcp.key.local);
    let same = true;
    for (let i = 0; i < 16; i++) if (skb.bytes[at + i] !== digest.getUint8(i)) same = false;
    if (same) return false;
    tcp.stats.TCPMD5Failure++;
    reason = DropReason.TCP_MD5FAILURE;
  }
  tcp.stack.drop(skb, reason);
  return true;
}

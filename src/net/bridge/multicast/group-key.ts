import { hash4 } from '../../../base/hash.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../../../wire/ethernet.js';

/**
 * What an entry of the multicast database is for: a group in a VLAN, and where sources count, one source of it (struct br_ip).
 * An IPv4 address is the first word; of an Ethernet group (`protocol` 0) the first word has two bytes, the second four.
 */
export class GroupKey {
  /** ETH_P_IP, ETH_P_IPV6; 0: an Ethernet address. */
  protocol = 0;
  /** 0: in none. */
  vid = 0;
  readonly group = new Uint32Array(4);
  /** All zero: any source ("*,G"). */
  readonly source = new Uint32Array(4);

  copy(): GroupKey {
    return new GroupKey().set(this);
  }

  set(from: GroupKey): this {
    this.protocol = from.protocol;
    this.vid = from.vid;
    this.group.set(from.group);
    this.source.set(from.source);
    return this;
  }

  anySource(): this {
    this.source.fill(0);
    return this;
  }

  equals(other: GroupKey): boolean {
    return (
      this.protocol === other.protocol &&
      this.vid === other.vid &&
      sameWords(this.group, other.group) &&
      sameWords(this.source, other.source)
    );
  }

  /** br_multicast_is_star_g(): of IP, from any source. */
  get isStarG(): boolean {
    return this.protocol !== 0 && isZero(this.source);
  }

  hash(seed: number): number {
    const { group, source } = this;
    const first = hash4(seed, (this.protocol << 12) | this.vid, group[0]!, group[1]!, group[2]!);
    return hash4(first, group[3]!, source[0]! ^ source[1]!, source[2]!, source[3]!);
  }
}

export const sameWords = (a: Uint32Array, b: Uint32Array): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
export const isZero = (a: Uint32Array): boolean => (a[0]! | a[1]! | a[2]! | a[3]!) === 0;

export function ipv4Group(key: GroupKey, vid: number, group: number, source = 0): GroupKey {
  key.protocol = ETH_P_IP;
  key.vid = vid;
  key.group.fill(0);
  key.group[0] = group;
  key.source.fill(0);
  key.source[0] = source;
  return key;
}

/** `key.group` is filled in by the caller. */
export function ipv6Group(key: GroupKey, vid: number): GroupKey {
  key.protocol = ETH_P_IPV6;
  key.vid = vid;
  key.source.fill(0);
  return key;
}

/** The Ethernet group at `bytes[at]`. */
export function ethernetGroup(key: GroupKey, vid: number, bytes: Uint8Array, at: number): GroupKey {
  key.protocol = 0;
  key.vid = vid;
  key.group.fill(0);
  key.group[0] = (bytes[at]! << 8) | bytes[at + 1]!;
  key.group[1] = (bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
  key.source.fill(0);
  return key;
}

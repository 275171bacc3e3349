import { EEXIST, EINVAL, ESRCH } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { equalAddress, type In6, maskAddress, samePrefix } from '../../wire/ipv6.js';

/** A prefix and the label of the addresses in it (struct ip6addrlbl_entry). */
export interface AddressLabel {
  readonly prefix: In6;
  readonly prefixLength: number;
  /** 0: on all devices. */
  readonly ifindex: number;
  readonly label: number;
}

/** What an address in no prefix has. */
export const NO_LABEL = 0xffff_ffff;

const words = (a: number, b = 0, c = 0, d = 0): In6 => Uint32Array.of(a, b, c, d);

/** RFC 6724 2.1 as Linux has it: ip6addrlbl_init_table, in the order in which it is filled. */
const DEFAULTS: readonly (readonly [In6, number, number])[] = [
  [words(0), 0, 1],
  [words(0xfc00_0000), 7, 5],
  [words(0xfec0_0000), 10, 11],
  [words(0x2002_0000), 16, 2],
  [words(0x3ffe_0000), 16, 12],
  [words(0x2001_0000), 32, 6],
  [words(0x2001_0010), 28, 7],
  [words(0, 0, 0xffff, 0), 96, 4],
  [words(0), 96, 3],
  [words(0, 0, 0, 1), 128, 0],
];

/** The policy table for choosing among addresses, `ip addrlabel`. Linux: net/ipv6/addrlabel.c */
export class AddressLabels {
  /** Longer prefixes first; of the same length, the newest. */
  #entries: AddressLabel[] = [];
  /** Goes up with every change (ip6addrlbl_table.seq). */
  sequence = 0;

  constructor() {
    for (const [prefix, length, label] of DEFAULTS) this.add(prefix, length, 0, label, false);
  }

  get entries(): readonly AddressLabel[] {
    return this.#entries;
  }

  /** EEXIST, EINVAL. Linux: ip6addrlbl_add() */
  add(address: In6, prefixLength: number, ifindex: number, label: number, replace: boolean): void {
    // Prefixes of IPv4 inside IPv6 end where the IPv4 address begins.
    const mapped = address[0] === 0 && address[1] === 0 && address[2] === 0xffff;
    if (mapped && prefixLength > 96) fail(EINVAL);
    const entry: AddressLabel = { prefix: maskAddress(address.slice(), prefixLength), prefixLength, ifindex, label };
    let at = 0;
    for (; at < this.#entries.length; at++) {
      const other = this.#entries[at]!;
      if (other.prefixLength === prefixLength && other.ifindex === ifindex && equalAddress(other.prefix, entry.prefix)) {
        if (!replace) fail(EEXIST);
        this.#entries[at] = entry;
        this.sequence++;
        return;
      }
      if ((other.prefixLength === prefixLength && other.ifindex === 0) || other.prefixLength < prefixLength) break;
    }
    this.#entries.splice(at, 0, entry);
    this.sequence++;
  }

  /** ESRCH. Linux: ip6addrlbl_del() */
  delete(address: In6, prefixLength: number, ifindex: number): void {
    const prefix = maskAddress(address.slice(), prefixLength);
    const at = this.#entries.findIndex(
      (entry) => entry.prefixLength === prefixLength && entry.ifindex === ifindex && equalAddress(entry.prefix, prefix),
    );
    if (at < 0) fail(ESRCH);
    this.#entries.splice(at, 1);
  }

  /** The entry that gives `address` its label on a device; null: none. */
  find(address: In6, ifindex: number): AddressLabel | null {
    for (const entry of this.#entries)
      if ((entry.ifindex === 0 || entry.ifindex === ifindex) && samePrefix(entry.prefix, address, entry.prefixLength)) return entry;
    return null;
  }

  label(address: In6, ifindex: number): number {
    return this.find(address, ifindex)?.label ?? NO_LABEL;
  }

  /** What lasts only as long as a device does. Linux: it stays; a new device may get the index again. */
  forgetDevice(ifindex: number): void {
    this.#entries = this.#entries.filter((entry) => entry.ifindex !== ifindex);
  }
}

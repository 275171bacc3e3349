// What a Linux filter learns beyond the packet's bytes: absolute loads from SKF_AD_OFF + n, linux/filter.h.
import type { FilterInput } from './input.js';

/** Absolute loads from here on ask for an extension. */
export const SKF_AD_OFF = 0xfffff000;
/** Offsets from here count from the network header. */
export const SKF_NET_OFF = 0xfff00000;
/** Offsets from here count from the link-layer header. */
export const SKF_LL_OFF = 0xffe00000;

export const AD_PROTOCOL = 0;
export const AD_PKTTYPE = 4;
export const AD_IFINDEX = 8;
export const AD_NLATTR = 12;
export const AD_NLATTR_NEST = 16;
export const AD_MARK = 20;
export const AD_QUEUE = 24;
export const AD_HATYPE = 28;
export const AD_RXHASH = 32;
export const AD_CPU = 36;
export const AD_ALU_XOR_X = 40;
export const AD_VLAN_TAG = 44;
export const AD_VLAN_TAG_PRESENT = 48;
export const AD_PAY_OFFSET = 52;
export const AD_RANDOM = 56;
export const AD_VLAN_TPID = 60;
const AD_MAX = 64;

/** The extension that an absolute load of `k` asks for; -1: none. Linux: bpf_anc_helper() */
export function extensionOf(k: number): number {
  const extension = k - SKF_AD_OFF;
  return extension >= 0 && extension < AD_MAX && (extension & 3) === 0 ? extension : -1;
}

const NLA_HEADER = 4;
const NLA_TYPE_MASK = 0x3fff;
const align4 = (bytes: number) => (bytes + 3) & ~3;

/** Where the attribute of type `x` lies among those from offset `a` on; 0: nowhere. Linux: bpf_skb_get_nlattr() */
export function findAttribute(input: FilterInput, a: number, x: number): number {
  const bytes = input.end - input.start;
  return bytes < NLA_HEADER || a > bytes - NLA_HEADER ? 0 : find(input, a, bytes, x);
}

/** The same inside the attribute at offset `a`. Linux: bpf_skb_get_nlattr_nest() */
export function findNestedAttribute(input: FilterInput, a: number, x: number): number {
  const bytes = input.end - input.start;
  if (bytes < NLA_HEADER || a > bytes - NLA_HEADER) return 0;
  const length = input.view.getUint16(input.start + a, true);
  return length < NLA_HEADER || length > bytes - a ? 0 : find(input, a + NLA_HEADER, a + length, x);
}

/** Each turn steps over four bytes at least, so it ends with the packet. */
function find(input: FilterInput, from: number, to: number, type: number): number {
  for (let at = from; to - at >= NLA_HEADER; ) {
    const length = input.view.getUint16(input.start + at, true);
    if (length < NLA_HEADER || length > to - at) return 0;
    if ((input.view.getUint16(input.start + at + 2, true) & NLA_TYPE_MASK) === type) return at;
    at += align4(length);
  }
  return 0;
}

// VXLAN, RFC 7348 5:  0 flags (0x08: the VNI is valid) | 1 reserved | 4 VNI, 24 bits | 7 reserved. An Ethernet frame follows.
export const HEADER = 8;
/** The port that IANA gave it. */
export const PORT = 4789;
/** The port that Linux takes where none is said. */
export const LINUX_PORT = 8472;
export const VNI_LIMIT = 1 << 24;
/** The first word with the flag I, and nothing else. */
export const FLAGS = 0x0800_0000;

export const flags = (v: DataView, at: number): number => v.getUint32(at);
/** The word of the VNI, its reserved byte included. */
export const vniWord = (v: DataView, at: number): number => v.getUint32(at + 4);

/** The group policy extension: flag G, do not learn, policy applied, and a group of 16 bits (draft-smith-vxlan-group-policy). */
export const GBP = 0x8000_0000;
export const GBP_MASK = 0x0048_ffff;

// VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe 3): the flag P, and in the last byte of the first word what follows.
const NEXT_PROTOCOL = 0x0400_0000;
const VERSION_OR_OAM = 0x3100_0000;
/** What of the first word the extension uses. */
const GPE_BITS = 0x3d00_00ff;
const ETHERTYPES = [0, 0x0800, 0x86dd, 0x6558, 0x894f, 0x8847];

/** The EtherType of what follows a GPE header, or 0 where it is none that can be read: version, OAM, or a protocol nobody knows. */
export function gpeProtocol(flags: number): number {
  if ((flags & NEXT_PROTOCOL) === 0 || (flags & VERSION_OR_OAM) !== 0) return 0;
  return ETHERTYPES[flags & 0xff] ?? 0;
}

/** The first word without what the extension uses. */
export const withoutGpe = (flags: number): number => (flags & ~GPE_BITS) >>> 0;

/** `protocol`: an EtherType. False: the extension has no number for it. */
export function writeGpe(v: DataView, at: number, vni: number, protocol: number): boolean {
  const next = ETHERTYPES.indexOf(protocol);
  if (next <= 0) return false;
  v.setUint32(at, FLAGS | NEXT_PROTOCOL | next);
  v.setUint32(at + 4, vni << 8);
  return true;
}

/** `policy`: bits of GBP_MASK; 0: no extension. `remote`: what remoteChecksum() made; -1: none. Always true. */
export function write(v: DataView, at: number, vni: number, policy = 0, remote = -1): boolean {
  const extended = policy === 0 ? FLAGS : FLAGS | GBP | (policy & GBP_MASK);
  v.setUint32(at, (remote < 0 ? extended : extended | REMOTE_CHECKSUM) >>> 0);
  v.setUint32(at + 4, (vni << 8) | Math.max(remote, 0));
  return true;
}

/**
 * Remote checksum offload (draft-herbert-vxlan-rco): the checksum of TCP or UDP inside is the receiver's to fill in. The flag C, and in the
 * byte behind the VNI where its bytes begin, in twos behind this header, and whether it is UDP's.
 */
export const REMOTE_CHECKSUM = 0x0020_0000;
const REMOTE_UDP = 0x80;
const REMOTE_START = 0x7f;
const UDP_CHECKSUM_AT = 6;
const TCP_CHECKSUM_AT = 16;

/** The byte for a checksum `offset` behind `start`; -1: it cannot be told so. */
export function remoteChecksum(start: number, offset: number): number {
  if (start < 0 || start > REMOTE_START * 2 || (start & 1) !== 0) return -1;
  if (offset !== UDP_CHECKSUM_AT && offset !== TCP_CHECKSUM_AT) return -1;
  return (start >>> 1) | (offset === UDP_CHECKSUM_AT ? REMOTE_UDP : 0);
}

/** From the word of the VNI. */
export const remoteStart = (word: number): number => (word & REMOTE_START) << 1;
export const remoteOffset = (word: number): number => ((word & REMOTE_UDP) !== 0 ? UDP_CHECKSUM_AT : TCP_CHECKSUM_AT);

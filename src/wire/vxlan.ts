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

/** `policy`: bits of GBP_MASK; 0: no extension. */
export function write(v: DataView, at: number, vni: number, policy = 0): void {
  v.setUint32(at, policy === 0 ? FLAGS : (FLAGS | GBP | (policy & GBP_MASK)) >>> 0);
  v.setUint32(at + 4, vni << 8);
}

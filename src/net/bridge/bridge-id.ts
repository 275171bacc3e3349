// A bridge identifier, IEEE 802.1D-1998 9.2.5: two octets of priority, six of the address; smaller is better.

export const ID_BYTES = 8;

export type BridgeId = Uint8Array;

export const newBridgeId = (priority: number): BridgeId => Uint8Array.of(priority >>> 8, priority & 0xff, 0, 0, 0, 0, 0, 0);

/** Negative: `a` is the better one. */
export function compareIds(a: BridgeId, b: BridgeId): number {
  for (let i = 0; i < ID_BYTES; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

export const priorityOf = (id: BridgeId): number => (id[0]! << 8) | id[1]!;

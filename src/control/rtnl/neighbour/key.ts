import type { NetDevice } from '../../../net/core/device.js';
import type { Neighbour, NeighbourTable } from '../../../net/core/neighbour.js';
import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';

/** A neighbour's address as its table has it: an IPv4 address is the first of the four. */
export type NeighbourKey = readonly [number, number, number, number];

/** NDA_DST as a key; EINVAL with `text` when it is too short. */
export function neighbourKey(table: NeighbourTable, bytes: Uint8Array, text: string): NeighbourKey {
  const { keyBytes } = table.protocol;
  if (bytes.length < keyBytes) fail(EINVAL, text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (index: number) => (index * 4 < keyBytes ? view.getUint32(index * 4) : 0);
  return [word(0), word(1), word(2), word(3)];
}

export interface Keyed {
  readonly key0: number;
  readonly key1: number;
  readonly key2: number;
  readonly key3: number;
}

export function keyBytesOf(table: NeighbourTable, entry: Keyed): Uint8Array {
  const { keyBytes } = table.protocol;
  const bytes = new Uint8Array(keyBytes);
  writeWord(bytes, 0, entry.key0);
  if (keyBytes === 16) {
    writeWord(bytes, 4, entry.key1);
    writeWord(bytes, 8, entry.key2);
    writeWord(bytes, 12, entry.key3);
  }
  return bytes;
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

export const findNeighbour = (table: NeighbourTable, device: NetDevice, key: NeighbourKey): Neighbour | null =>
  table.lookup(device, ...key);

/** Bytes that never move, and where they lie in the host's memory: 0 until somebody asks. */
export interface PinnedBytes {
  readonly bytes: Uint8Array;
  hostAddress: number;
}

// linux/if_packet.h
export const TPACKET_V1 = 0;
export const TPACKET_V2 = 1;
export const TPACKET_V3 = 2;

/** sizeof(struct tpacket_hdr), tpacket2_hdr, tpacket3_hdr, each aligned to 16. */
export const HEADERS = [32, 32, 48] as const;

/** struct tpacket_req, and of V3 tpacket_req3. Bytes; `retireMs`: how long a block is filled. */
export interface RingRequest {
  readonly blockSize: number;
  readonly blockCount: number;
  readonly frameSize: number;
  readonly retireMs: number;
}

export const ringBytes = ({ blockSize, blockCount }: RingRequest): number => blockSize * blockCount;

export const framesOf = ({ blockSize, blockCount, frameSize }: RingRequest): number => Math.floor(blockSize / frameSize) * blockCount;

/** Where a frame begins: frames never cross blocks. */
export function frameAt({ blockSize, frameSize }: RingRequest, index: number): number {
  const perBlock = Math.floor(blockSize / frameSize);
  return Math.floor(index / perBlock) * blockSize + (index % perBlock) * frameSize;
}

import { cameAgain } from './flow-label.js';
import { OPTION_SACK } from '../../wire/tcp.js';
import { seqGe, seqGt, seqLe, seqLt } from './sequence.js';
import type { Tcb } from './tcb.js';

/**
 * What the receiver tells of data beyond a hole: RFC 2018 4 (the newest block first, at most four) and RFC 2883 (a first block for
 * what came twice). The words of `sk.sackBlocks`: start and end of the duplicate, then of each block.
 */

const MAX_BLOCKS = 4;
const BLOCK_BYTES = 8;
/** NOP, NOP, kind, length */
const BASE_BYTES = 4;
const MAX_OPTIONS = 40;
/** Holes that one loss makes; what tells of more goes out at once, compressed or not (TCP_SACK_BLOCKS_EXPECTED). */
export const EXPECTED_BLOCKS = 2;

const words = (sk: Tcb): Int32Array => {
  sk.sackBlocks ??= new Int32Array(2 + 2 * MAX_BLOCKS);
  return sk.sackBlocks;
};

/** How many bytes of options the blocks take in the next segment. */
export function sackBytes(sk: Tcb): number {
  const blocks = sk.sackBlockCount + (sk.duplicatePending ? 1 : 0);
  if (blocks === 0) return 0;
  const room = MAX_OPTIONS - sk.optionBytes - BASE_BYTES;
  const fit = Math.min(blocks, Math.floor(room / BLOCK_BYTES));
  return fit <= 0 ? 0 : BASE_BYTES + fit * BLOCK_BYTES;
}

/** Writes the `bytes` that sackBytes() gave. A duplicate is told once. */
export function writeSack(sk: Tcb, v: DataView, at: number, bytes: number): void {
  const blocks = words(sk);
  v.setUint32(at, 0x0101_0000 | (OPTION_SACK << 8) | (bytes - 2));
  let word = sk.duplicatePending ? 0 : 2;
  for (let to = at + BASE_BYTES; to < at + bytes; to += 4) v.setInt32(to, blocks[word++]!);
  sk.duplicatePending = false;
}

/** `start` to `end` came again (tcp_dsack_set()). */
export function noteDuplicate(sk: Tcb, start: number, end: number): void {
  if (!sk.sackOk || sk.tcp.settings.dsack === 0) return;
  const blocks = words(sk);
  if (seqLt(start, sk.rcvNxt)) {
    sk.tcp.stats.TCPDSACKOldSent++;
    cameAgain(sk, start, blocks[0]!);
  } else sk.tcp.stats.TCPDSACKOfoSent++;
  blocks[0] = start;
  blocks[1] = end;
  sk.duplicatePending = true;
}

/** More of it, in the same segment (tcp_dsack_extend()). */
export function extendDuplicate(sk: Tcb, start: number, end: number): void {
  if (sk.duplicatePending) extend(words(sk), 0, start, end);
  else noteDuplicate(sk, start, end);
}

/** Grows the pair at `word` by an adjoining or overlapping range; false if it does neither. */
function extend(blocks: Int32Array, word: number, start: number, end: number): boolean {
  if (seqGt(start, blocks[word + 1]!) || seqGt(blocks[word]!, end)) return false;
  if (seqLt(start, blocks[word]!)) blocks[word] = start;
  if (seqGt(end, blocks[word + 1]!)) blocks[word + 1] = end;
  return true;
}

/**
 * A segment out of order was kept: its block comes first (RFC 2018 4). The place that the block had among the others, from 0; their
 * number if it is a new one.
 */
export function noteOutOfOrder(sk: Tcb, start: number, end: number): number {
  const blocks = words(sk);
  const count = sk.sackBlockCount;
  let place = 0;
  while (place < count && !extend(blocks, 2 + 2 * place, start, end)) place++;
  if (place < count) {
    const first = blocks[2 + 2 * place]!;
    const last = blocks[3 + 2 * place]!;
    blocks.copyWithin(4, 2, 2 + 2 * place);
    blocks[2] = first;
    blocks[3] = last;
    if (count > 1) joinFirst(sk, blocks);
    return place;
  }
  if (count < MAX_BLOCKS) sk.sackBlockCount = count + 1;
  blocks.copyWithin(4, 2, 2 + 2 * (sk.sackBlockCount - 1));
  blocks[2] = start;
  blocks[3] = end;
  return count;
}

/** The first block grew: others may adjoin it now. */
function joinFirst(sk: Tcb, blocks: Int32Array): void {
  for (let i = 1; i < sk.sackBlockCount; ) {
    const word = 2 + 2 * i;
    if (!extend(blocks, 2, blocks[word]!, blocks[word + 1]!)) {
      i++;
      continue;
    }
    blocks.copyWithin(word, word + 2, 2 + 2 * sk.sackBlockCount);
    sk.sackBlockCount--;
  }
}

/** RCV.NXT moved: blocks that it reached are told by the ACK number from now on. */
export function dropReached(sk: Tcb): void {
  if (sk.sackBlockCount === 0) return;
  if (sk.outOfOrder === null || sk.outOfOrder.length === 0) {
    sk.sackBlockCount = 0;
    return;
  }
  const blocks = words(sk);
  let kept = 0;
  for (let i = 0; i < sk.sackBlockCount; i++) {
    if (seqGe(sk.rcvNxt, blocks[2 + 2 * i]!)) continue;
    blocks[2 + 2 * kept] = blocks[2 + 2 * i]!;
    blocks[3 + 2 * kept] = blocks[3 + 2 * i]!;
    kept++;
  }
  sk.sackBlockCount = kept;
}

/** What was kept out of order is gone: nothing is told of it any more. */
export function clearBlocks(sk: Tcb): void {
  sk.sackBlockCount = 0;
  sk.duplicatePending = false;
}

/** For tests: whether the blocks lie apart and behind RCV.NXT. */
export function blocksHold(sk: Tcb): boolean {
  const blocks = words(sk);
  for (let i = 0; i < sk.sackBlockCount; i++) {
    if (!seqLt(blocks[2 + 2 * i]!, blocks[3 + 2 * i]!) || seqLe(blocks[2 + 2 * i]!, sk.rcvNxt)) return false;
  }
  return true;
}

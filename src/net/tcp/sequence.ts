// Sequence numbers, RFC 9293 3.4: a circle of 2^32. The stack keeps them as int32, which V8 holds without a box; a sum or a
// difference is cut to int32 by `| 0`. Numbers are compared here and nowhere else.

/** a < b on the circle. */
export const seqLt = (a: number, b: number): boolean => ((a - b) | 0) < 0;
export const seqLe = (a: number, b: number): boolean => ((a - b) | 0) <= 0;
export const seqGt = (a: number, b: number): boolean => ((a - b) | 0) > 0;
export const seqGe = (a: number, b: number): boolean => ((a - b) | 0) >= 0;

/** How far `to` lies after `from`; negative when it lies before. */
export const seqDiff = (to: number, from: number): number => (to - from) | 0;
export const seqAdd = (seq: number, count: number): number => (seq + count) | 0;
export const seqMax = (a: number, b: number): number => (((a - b) | 0) > 0 ? a : b);
export const seqMin = (a: number, b: number): number => (((a - b) | 0) < 0 ? a : b);

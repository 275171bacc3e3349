import { EINVAL, ENOENT } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import type { Match } from '../extension.js';

// linux/netfilter/xt_string.h: u16 from | u16 to | char algo[16] | char pattern[128] | u8 length | u8 flags

const ALGORITHM = 4;
const ALGORITHM_BYTES = 16;
const PATTERN = 20;
const MOST_PATTERN = 128;
const LENGTH = 148;
const FLAGS = 149;
const XT_STRING_FLAG_INVERT = 1;
const XT_STRING_FLAG_IGNORECASE = 2;

const folded = (byte: number): number => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);

/**
 * `-m string --algo bm --string TEXT --from N --to N`: the text lies as a whole between two offsets from the header of IP. Both of Linux's
 * algorithms find the same; here one that leaps by the last byte does (Horspool). Linux: string_mt(), skb_find_text()
 */
export const string: Match = {
  name: 'string',
  bytes: [0, 152],
  make(info) {
    const from = info.u16(0);
    const to = info.u16(2);
    const length = info.u8(LENGTH);
    const flags = info.u8(FLAGS);
    if (from > to || info.u8(ALGORITHM + ALGORITHM_BYTES - 1) !== 0 || length === 0 || length > MOST_PATTERN) return fail(EINVAL);
    if ((flags & ~(XT_STRING_FLAG_INVERT | XT_STRING_FLAG_IGNORECASE)) !== 0) return fail(EINVAL);
    const algorithm = info.text(ALGORITHM, ALGORITHM_BYTES);
    if (algorithm !== 'bm' && algorithm !== 'kmp') return fail(ENOENT);
    const inverted = (flags & XT_STRING_FLAG_INVERT) !== 0;
    const fold = (flags & XT_STRING_FLAG_IGNORECASE) !== 0;
    const pattern = info.bytes.slice(PATTERN, PATTERN + length).map((byte) => (fold ? folded(byte) : byte));
    const leaps = new Uint8Array(256).fill(length);
    for (let i = 0; i < length - 1; i++) leaps[pattern[i]!] = length - 1 - i;
    return ({ skb }) => {
      const { bytes } = skb;
      const end = Math.min(skb.tail, skb.networkHeader + to);
      let last = skb.networkHeader + from + length - 1;
      while (last < end) {
        let at = length - 1;
        while (at >= 0) {
          const byte = bytes[last - (length - 1 - at)]!;
          if ((fold ? folded(byte) : byte) !== pattern[at]) break;
          at--;
        }
        if (at < 0) return !inverted;
        last += leaps[fold ? folded(bytes[last]!) : bytes[last]!]!;
      }
      return inverted;
    };
  },
};

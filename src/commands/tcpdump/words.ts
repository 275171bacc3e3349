// How tcpdump words numbers.

export type Words = Readonly<Record<number, string>>;

/** tok2str(): the word for `value`, or what `otherwise` makes of it. */
export const word = (words: Words, value: number, otherwise: (value: number) => string = (n) => `#${n}`): string =>
  words[value] ?? otherwise(value);

/** Bits, each with its name, in the order in which they are shown. */
export type Bits = readonly (readonly [bit: number, name: string])[];

/** bittok2str(): names of the bits that are set, `otherwise` where there are none. */
export function bits(names: Bits, value: number, otherwise: string | ((value: number) => string) = 'none', between = ', '): string {
  let text = '';
  for (const [bit, name] of names) if (bit !== 0 && (value & bit) >>> 0 === bit >>> 0) text += text === '' ? name : between + name;
  if (text !== '') return text;
  return typeof otherwise === 'string' ? otherwise : otherwise(value);
}

const hexDigits = (value: number | bigint, digits: number) => value.toString(16).padStart(digits, '0');

export const hex = (value: number | bigint, digits = 0) => hexDigits(value, digits);
/** printf's %0Nx behind 0x. */
export const hex0x = (value: number | bigint, digits = 0) => `0x${hexDigits(value, digits)}`;
/** printf's %#x. */
export const alternate = (value: number) => (value === 0 ? '0' : `0x${value.toString(16)}`);

const units = [
  ['y', 31536000],
  ['w', 604800],
  ['d', 86400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** unsigned_relts_print(): "1d2h3m4s". */
export function relativeTime(seconds: number): string {
  if (seconds === 0) return '0s';
  let left = seconds;
  let text = '';
  for (const [unit, length] of units) {
    if (left < length) continue;
    text += `${Math.floor(left / length)}${unit}`;
    left %= length;
  }
  return text;
}

export const signedRelativeTime = (seconds: number) => (seconds < 0 ? `-${relativeTime(-seconds)}` : relativeTime(seconds));

/** mask2plen(): -1 for a mask with holes. */
export function prefixLength(mask: number): number {
  for (let bitsSet = 32; bitsSet >= 0; bitsSet--) if ((bitsSet === 0 ? 0 : (0xffffffff << (32 - bitsSet)) >>> 0) === mask) return bitsSet;
  return -1;
}

export const plural = (count: number) => (count === 1 ? '' : 's');

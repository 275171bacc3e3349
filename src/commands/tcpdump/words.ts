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

/** printf's %.Ng: `digits` significant ones, no zeros behind them, an exponent where the number is very large or small. */
export function general(value: number, digits: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const [mantissa = '', exponentText = '0'] = value.toExponential(digits - 1).split('e');
  const exponent = Number(exponentText);
  const trim = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent >= -4 && exponent < digits) return trim(value.toFixed(digits - 1 - exponent));
  return `${trim(mantissa)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** printf's %.Nf: what lies in the middle goes to the even side, which toFixed() does not do; huge numbers in full. */
export function fixed(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`;
  const text = value.toFixed(digits);
  const exact = value.toFixed(Math.min(100, digits + 40));
  if (!/^50*$/.test(exact.slice(exact.indexOf('.') + 1 + digits))) return text;
  const down = digits === 0 ? exact.slice(0, exact.indexOf('.')) : exact.slice(0, exact.indexOf('.') + 1 + digits);
  return Number(down.at(-1)) % 2 === 0 ? down : text;
}

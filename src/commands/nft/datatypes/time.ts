import { integerType } from './basic.js';
import { type Datatype, jsonNumber, type OutputStyle, parseInteger, type NameSource, TypeProblem } from './datatype.js';
import { symbolicType, symbolTable } from './inet.js';

/** Spans of time ("1h30m"), dates, hours and days of the week. */

const units: readonly (readonly [string, bigint])[] = [
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['m', 60_000n],
  ['s', 1000n],
  ['ms', 1n],
];

/** Milliseconds of "1d2h3m4s5ms", in this order; null for anything else. A number alone are seconds. */
export function parseSpan(text: string): bigint | null {
  const number = /^[0-9]+$/.test(text) ? BigInt(text) * 1000n : null;
  if (number !== null) return number;
  const match = /^(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m(?!s))?(?:([0-9]+)s)?(?:([0-9]+)ms)?$/.exec(text);
  if (match === null || text === '') return null;
  let total = 0n;
  units.forEach(([, ms], index) => {
    const part = match[index + 1];
    if (part !== undefined) total += BigInt(part) * ms;
  });
  return total;
}

export function spanText(milliseconds: bigint): string {
  let rest = milliseconds;
  let text = '';
  for (const [unit, ms] of units) {
    const count = rest / ms;
    rest %= ms;
    if (count > 0n) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}

/** Milliseconds as the language has them: "1h30m", or with -T in seconds. */
export const timeText = (milliseconds: number, style: OutputStyle): string =>
  style.numericTime ? `${Math.floor(milliseconds / 1000)}s` : spanText(BigInt(milliseconds));

/** Time in milliseconds, of the stack's own byte order. */
export const timeType: Datatype = {
  id: 18,
  name: 'time',
  description: 'relative time',
  bits: 32,
  byteorder: 'host',
  base: integerType,
  parse(text) {
    const span = parseSpan(text);
    if (span === null) throw new TypeProblem('Could not parse relative time');
    return span;
  },
  print: (value, style) => (style.numericTime ? `${value / 1000n}s` : spanText(value)),
  json: (value) => jsonNumber(value / 1000n),
};

const pad = (value: number) => String(value).padStart(2, '0');

/** Nanoseconds since the epoch, written as local time. */
export const dateType: Datatype = {
  id: 43,
  name: 'time',
  description: 'Relative time of packet reception',
  bits: 64,
  byteorder: 'host',
  base: integerType,
  parse: (text, names) => parseDate(text, names),
  print: (value, style) => `"${dateText(value, style)}"`,
  json: (value, style) => dateText(value, style),
};

function parseDate(text: string, names: NameSource): bigint {
  const number = parseInteger(text);
  if (number !== null) return number * 1_000_000_000n;
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?$/.exec(text);
  if (match === null) throw new TypeProblem('Cannot parse date');
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  const local = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) / 1000;
  return BigInt(local - names.utcOffset(local - names.utcOffset(local))) * 1_000_000_000n;
}

function dateText(value: bigint, style: OutputStyle): string {
  const seconds = Number(value / 1_000_000_000n);
  const local = new Date((seconds + style.names.utcOffset(seconds)) * 1000);
  return `${local.getUTCFullYear()}-${pad(local.getUTCMonth() + 1)}-${pad(local.getUTCDate())} ${pad(local.getUTCHours())}:${pad(local.getUTCMinutes())}:${pad(local.getUTCSeconds())}`;
}

const DAY = 86_400;

/** Seconds since midnight, of the kernel in UTC, written as local time. */
export const hourType: Datatype = {
  id: 44,
  name: 'hour',
  description: 'Hour of day of packet reception',
  bits: 32,
  byteorder: 'host',
  base: integerType,
  parse(text, names) {
    const match = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text);
    if (match === null) {
      const number = parseInteger(text);
      if (number === null) throw new TypeProblem('Could not parse Hour of day of packet reception');
      return number;
    }
    if (Number(match[1]) > 23 || Number(match[2]) > 59 || Number(match[3] ?? 0) > 59) throw new TypeProblem('wrong time format');
    const seconds = Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0);
    return BigInt((((seconds - names.utcOffset(0)) % DAY) + DAY) % DAY);
  },
  print: (value, style) => `"${hourText(value, style)}"`,
  json: (value, style) => hourText(value, style),
};

function hourText(value: bigint, style: OutputStyle): string {
  const seconds = (((Number(value) + style.names.utcOffset(0)) % DAY) + DAY) % DAY;
  const text = `${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}`;
  return seconds % 60 === 0 ? text : `${text}:${pad(seconds % 60)}`;
}

export const dayType: Datatype = {
  // biome-ignore format: a table
  ...symbolicType(45, 'day', 'Day of week of packet reception', 8, 'big', symbolTable(10,
    'Sunday=0 Monday=1 Tuesday=2 Wednesday=3 Thursday=4 Friday=5 Saturday=6')),
  parse(text) {
    const number = parseInteger(text);
    if (number !== null && number > 6n) throw new TypeProblem(`Value ${number} exceeds valid range 0-6`);
    if (number !== null) return number;
    const lower = text.toLowerCase();
    const found = this.symbols?.entries.find(([name]) => name.toLowerCase().startsWith(lower) && lower.length >= 3);
    if (found === undefined) throw new TypeProblem('Could not parse Day of week of packet reception');
    return BigInt(found[1]);
  },
  print(value, style) {
    const name = style.numericTime ? undefined : this.symbols?.entries.find(([, number]) => BigInt(number) === value)?.[0];
    return name === undefined ? value.toString() : `"${name}"`;
  },
  json(value, style) {
    return (style.numericTime ? undefined : this.symbols?.entries.find(([, number]) => BigInt(number) === value)?.[0]) ?? jsonNumber(value);
  },
};

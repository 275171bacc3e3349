// RESP, the protocol of Redis.
import type { Dissector } from '../dissector.js';
import type { PortPrinter } from './registry-types.js';

const CR = 0x0d;
const LF = 0x0a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const COLON = 0x3a;
const DOLLAR = 0x24;
const ASTERISK = 0x2a;
const LARGEST = 0x7fffffff;
/** Arrays within arrays that are looked into. */
const DEEPEST = 64;

/** What a length field said instead of a length. */
const NULL = -1;
const TOO_LARGE = -3;
const NEGATIVE = -4;
const INVALID = -5;
const faults: Readonly<Record<number, string>> = {
  [NULL]: ' null',
  [TOO_LARGE]: ' length too large',
  [NEGATIVE]: ' length negative and not -1',
  [INVALID]: ' invalid',
};

/** Reads on within the payload; past its end the packet counts as cut. */
class Reader {
  readonly d: Dissector;
  at: number;
  readonly end: number;

  constructor(d: Dissector, at: number, length: number) {
    this.d = d;
    this.at = at;
    this.end = at + length;
  }

  /** `count` more bytes must be there. */
  need(count: number): void {
    if (this.at + count > this.end) this.d.need(this.at, Number.POSITIVE_INFINITY);
  }

  peek(): number {
    this.need(1);
    return this.d.u8(this.at);
  }

  findLineEnd(): void {
    for (;;) {
      this.need(2);
      this.d.need(this.at, 2);
      if (this.d.u8(this.at) === CR && this.d.u8(this.at + 1) === LF) return;
      this.at++;
    }
  }

  quoted(from: number, to: number): void {
    this.d.put(' "');
    if (this.d.chars(from, to - from, this.d.end)) this.d.need(from, Number.POSITIVE_INFINITY);
    this.d.put('"');
  }
}

function value(r: Reader, depth: number): void {
  if (depth > DEEPEST) r.d.need(r.at, Number.POSITIVE_INFINITY);
  switch (r.peek()) {
    case PLUS:
    case COLON:
    case MINUS: {
      const from = ++r.at;
      r.findLineEnd();
      r.quoted(from, r.at);
      r.at += 2;
      return;
    }
    case DOLLAR:
      return bulkString(r);
    case ASTERISK:
      return array(r, depth);
    default:
      inline(r);
  }
}

function bulkString(r: Reader): void {
  r.at++;
  const length = lengthField(r);
  if (length < 0) return r.d.put(faults[length]!);
  if (length === 0) r.d.put(' empty');
  else {
    r.need(length);
    r.d.need(r.at, length);
    r.quoted(r.at, r.at + length);
    r.at += length;
  }
  r.findLineEnd();
  r.at += 2;
}

function array(r: Reader, depth: number): void {
  r.at++;
  const count = lengthField(r);
  if (count <= 0) return r.d.put(count === 0 ? ' empty' : faults[count]!);
  for (let i = 0; i < count; i++) value(r, depth + 1);
}

const isEnd = (byte: number) => byte === CR || byte === LF;

/** Past carriage returns and line feeds, of which there must be one. */
function passLineEnds(r: Reader): void {
  let found = false;
  for (;;) {
    if (r.at >= r.end || !r.d.has(r.at, 1)) {
      if (found) return;
      r.d.need(r.at, Number.POSITIVE_INFINITY);
    }
    if (!isEnd(r.d.u8(r.at))) return;
    found = true;
    r.at++;
  }
}

/** Words as telnet sends them. */
function inline(r: Reader): void {
  passLineEnds(r);
  const from = r.at;
  while (!isEnd(r.peek())) r.at++;
  r.quoted(from, r.at);
  passLineEnds(r);
}

function lengthField(r: Reader): number {
  const negative = r.peek() === MINUS;
  if (negative) r.at++;
  let result = 0;
  let tooLarge = false;
  let digits = 0;
  for (;;) {
    const byte = r.peek() - 0x30;
    if (byte < 0 || byte > 9) break;
    if (result * 10 + byte > LARGEST) tooLarge = true;
    else result = result * 10 + byte;
    digits++;
    r.at++;
  }
  if (digits === 0) {
    r.at++;
    return INVALID;
  }
  for (const want of [CR, LF])
    if (r.peek() !== want) {
      r.at++;
      return INVALID;
    } else r.at++;
  if (negative) return tooLarge || result !== 1 ? NEGATIVE : NULL;
  return tooLarge ? TOO_LARGE : result;
}

function resp(d: Dissector, at: number, length: number): void {
  d.protocol = 'resp';
  d.put(': RESP');
  const r = new Reader(d, at, length);
  while (r.at < r.end) value(r, 0);
}

export const respPort: PortPrinter = { ports: [6379], type: 'resp', print: resp };

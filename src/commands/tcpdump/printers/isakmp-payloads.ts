// The chain of payloads of ISAKMP and IKE: each says the type of the next, and how long it is itself.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { hex, word } from '../words.js';
import { type AttributeWords, payloadWords } from './isakmp-words.js';

export const GENERIC = 4;
const MAXIMUM_NESTING = 10;
const ENCRYPTED = 46;

/** A packet while its payloads are printed. */
export interface Message {
  readonly d: Dissector;
  readonly end: number;
  readonly phase: number;
  /** How payloads are printed, by type. */
  readonly shows: Readonly<Record<number, Show>>;
  depth: number;
  /** Protocol of the proposal, whose transforms follow. */
  protocol: number;
  /** Transforms of the proposal so far. */
  transforms: number;
}

/** Prints the payload of `size` bytes at `at`; returns where what follows starts, if not behind it; BROKEN: nothing can be found. */
export type Show = (m: Message, at: number, size: number) => number | undefined;

export const BROKEN = -1;

export const payloadName = (type: number) => word(payloadWords, type);

/** A chain of payloads, of which the first is of the type `first`; returns where it ended, or BROKEN. */
export function payloads(m: Message, first: number, from: number): number {
  const { d } = m;
  let at = from;
  for (let type = first; type !== 0; ) {
    if (!d.has(at, GENERIC) || !d.has(at, d.be16(at + 2))) {
      d.put(` [|${payloadName(type)}]`);
      return BROKEN;
    }
    if (m.depth >= MAXIMUM_NESTING) throw TRUNCATED;
    const next = d.u8(at);
    m.depth++;
    d.put(`\n${'    '.repeat(m.depth)}(`);
    const behind = payload(m, type, at, d.be16(at + 2));
    d.put(')');
    m.depth--;
    // What is encrypted says what it holds; nothing follows it.
    if (behind === BROKEN || (m.shows[type] !== undefined && type === ENCRYPTED)) return behind;
    at = behind;
    type = next;
  }
  return at;
}

function payload(m: Message, type: number, at: number, size: number): number {
  if (size < GENERIC) return BROKEN;
  if (type === ENCRYPTED && m.depth > 1) {
    m.d.put(payloadName(type));
    return BROKEN;
  }
  const show = m.shows[type];
  if (show === undefined) m.d.put(payloadName(type));
  return show?.(m, at, size) ?? at + size;
}

export const raw = (m: Message, at: number, size: number) => m.d.put(m.d.hexOf(at, size));

/** The first bytes, and the last of the packet. */
export function some(m: Message, at: number, always: boolean): void {
  const total = m.end - at;
  const head = Math.min(10, total);
  if (!always && total <= 28) return raw(m, at, total);
  raw(m, at, head);
  m.d.put('...');
  const tail = Math.min(20, total - head);
  raw(m, m.end - tail, tail);
}

/** Attributes, RFC 2408 3.3, up to `end`. */
export function attributes(m: Message, from: number, end: number, names: Readonly<Record<number, AttributeWords>>): void {
  const { d } = m;
  for (let at = from; at < end; ) {
    const first = d.be16(at);
    if (at + 4 > end) return d.put('[|attr]');
    const isShort = first >= 0x8000;
    const size = d.be16(at + 2);
    const behind = at + 4 + (isShort ? 0 : size);
    if (behind > end) return d.put('[|attr]');
    const type = first & 0x7fff;
    const known = names[type];
    d.put(`(type=${known?.name ?? `#${type}`} `);
    if (isShort) d.put(`value=${known?.values?.[size] ?? hex(size, 4)}`);
    else {
      d.put(`len=${size} value=`);
      raw(m, at + 4, size);
    }
    d.put(')');
    at = behind;
  }
}

import { type Bits, compactBitset, type WireBit, type WireBitset } from '../../netlink/genl/ethtool/bitset.js';
import { CommandFailure } from '../shared/failure.js';

/** Words behind a sub-command, taken one by one. */
export class Words {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get done(): boolean {
    return this.#at >= this.#words.length;
  }

  peek(ahead = 0): string | undefined {
    return this.#words[this.#at + ahead];
  }

  next(): string | undefined {
    return this.#words[this.#at++];
  }
}

/** Reads one parameter's words into an attribute's value. */
export type ReadValue = (words: Words, problem: Problem) => unknown;

/** What is wrong with a parameter, told as the real tool tells it. */
export interface Problem {
  readonly command: string;
  readonly parameter: string;
  missing(): never;
  invalid(value: string): never;
  failure(text: string): never;
}

/** One word of a sub-command and the attribute that it becomes. */
export interface Parameter {
  readonly name: string;
  /** The message that it belongs to, of those that send several. */
  readonly group?: string;
  readonly key: string;
  readonly read: ReadValue;
}

const leave = (text: string): never => {
  throw new CommandFailure(1, `${text}\n`);
};

const problemOf = (command: string, parameter: string): Problem => ({
  command,
  parameter,
  missing: () => leave(`ethtool (${command}): no value for parameter '${parameter}'`),
  invalid: (value) => leave(`ethtool (${command}): invalid value '${value}' for parameter '${parameter}'`),
  failure: (text) => leave(`ethtool (${command}): ${text}`),
});

/** The attributes that the words ask for, by group ('' where there is one message). Linux ethtool: nl_parser() */
export function readParameters(
  command: string,
  words: readonly string[],
  table: readonly Parameter[],
): Map<string, Record<string, unknown>> {
  const groups = new Map<string, Record<string, unknown>>();
  const rest = new Words(words);
  while (!rest.done) {
    const word = rest.next()!;
    const parameter = table.find(({ name }) => name === word);
    if (parameter === undefined) return leave(`ethtool (${command}): unknown parameter '${word}'`);
    const problem = problemOf(command, word);
    if (rest.done) problem.missing();
    const { group = '', key, read } = parameter;
    const attributes = groups.get(group) ?? {};
    attributes[key] = read(rest, problem);
    groups.set(group, attributes);
  }
  return groups;
}

/** The same where there is one message. */
export const readOne = (command: string, words: readonly string[], table: readonly Parameter[]): Record<string, unknown> =>
  readParameters(command, words, table).get('') ?? {};

function numberOf(word: string, most: number): number | null {
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(word)) return null;
  const value = Number(word);
  return value > most ? null : value;
}

const number =
  (most: number): ReadValue =>
  (words, problem) => {
    const word = words.next()!;
    return numberOf(word, most) ?? problem.invalid(word);
  };
export const u32: ReadValue = number(0xffff_ffff);
export const u8: ReadValue = number(0xff);

/** One word of a table. */
export const lookup =
  (names: Readonly<Record<string, number>>): ReadValue =>
  (words, problem) => {
    const word = words.next()!;
    return Object.hasOwn(names, word) ? names[word] : problem.invalid(word);
  };
export const onOff: ReadValue = lookup({ off: 0, on: 1 });

/** A byte string of `bytes` hexadecimal bytes, colons between. */
export const hexBytes =
  (bytes: number): ReadValue =>
  (words, problem) => {
    const word = words.next()!;
    const parts = word.split(':');
    if (parts.length !== bytes || parts.some((part) => !/^[0-9a-fA-F]{1,2}$/.test(part))) problem.invalid(word);
    return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
  };

/** "0x3", "0x3/0xf": a compact bitset. Null: no number. */
function numericBitset(word: string, hexOnly: boolean): WireBitset | null {
  const [value = '', mask, more] = word.split('/');
  const bits = wordsOf(value, hexOnly);
  const maskBits = mask === undefined ? undefined : wordsOf(mask, hexOnly);
  if (bits === null || maskBits === null || more !== undefined) return null;
  const size = Math.max(bits.length, maskBits?.length ?? 0) * 32;
  const wide = (words: Bits) => {
    const grown = new Uint32Array(size / 32);
    grown.set(words);
    return grown;
  };
  return compactBitset(size, wide(bits), maskBits === undefined ? null : wide(maskBits));
}

function wordsOf(text: string, hexOnly: boolean): Bits | null {
  if (/^0x[0-9a-fA-F]+$/.test(text) || (hexOnly && /^[0-9a-fA-F]+$/.test(text))) {
    const digits = text.replace(/^0x/, '');
    const words = new Uint32Array(Math.ceil(digits.length / 8));
    for (let i = 0; i < words.length; i++) {
      const end = digits.length - i * 8;
      words[i] = Number.parseInt(digits.slice(Math.max(0, end - 8), end), 16);
    }
    return words;
  }
  const value = numberOf(text, 0xffff_ffff);
  return value === null ? null : Uint32Array.of(value);
}

/** "NAME on NAME off ... [--]", or "NAME ..." without on and off, up to the end of the line. */
function namedBitset(words: Words): WireBitset {
  const bits: WireBit[] = [];
  const bare = words.peek(1) !== 'on' && words.peek(1) !== 'off';
  for (;;) {
    const name = words.next();
    if (name === undefined || name === '--') break;
    if (bare) {
      bits.push({ name });
      continue;
    }
    const state = words.next();
    if (state !== 'on' && state !== 'off') throw new CommandFailure(1, `ethtool: flag '${name}' is not followed by 'on' or 'off'\n`);
    bits.push({ name, ...(state === 'on' ? { value: true } : {}) });
  }
  return { ...(bare ? { noMask: true } : {}), bits: { bits } };
}

/** A number with or without a mask, or names. */
export const bitset =
  ({ hex = false }: { readonly hex?: boolean } = {}): ReadValue =>
  (words) => {
    const numeric = numericBitset(words.peek()!, hex && /^[0-9]/.test(words.peek()!));
    if (numeric === null) return namedBitset(words);
    words.next();
    return numeric;
  };

/** Letters, one a bit; `none` stands for no bit; or a number. */
export const letters =
  (alphabet: string, none: string): ReadValue =>
  (words, problem) => {
    const word = words.peek()!;
    const numeric = /^[0-9]/.test(word) ? numericBitset(word, false) : null;
    words.next();
    if (numeric !== null) return numeric;
    const bits: number[] = [];
    for (const letter of word) {
      const index = alphabet.indexOf(letter);
      if (letter === none) bits.length = 0;
      else if (index < 0) problem.failure(`invalid char '${letter}' in '${word}' for parameter '${problem.parameter}'`);
      else bits.push(index);
    }
    return { noMask: true, bits: { bits: [...new Set(bits)].map((index) => ({ index, value: true })) } };
  };

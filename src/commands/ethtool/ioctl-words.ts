import { badArguments } from './subcommand.js';

/** A parameter of the older kind: "raw on|off", "offset N"; `true`: a word alone. */
type OldKind = 'on-off' | 'number' | 'text' | 'hex';

export type OldValues = Record<string, number | string | undefined>;

/** Reads pairs of words; anything that does not fit is bad arguments. Linux ethtool: parse_generic_cmdline() */
export function readPairs(words: readonly string[], kinds: Readonly<Record<string, OldKind>>): OldValues {
  const values: OldValues = {};
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at]!;
    const word = words[at + 1];
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined || word === undefined) return badArguments();
    values[name] = valueFor(kind, word);
  }
  return values;
}

function valueFor(kind: OldKind, word: string): number | string {
  if (kind === 'text') return word;
  if (kind === 'on-off') return word === 'on' ? 1 : word === 'off' ? 0 : badArguments();
  return integer(word, kind === 'hex' ? 16 : undefined);
}

/** As strtoull(3) with base 0, or 16; the whole word. */
export function integer(word: string, base?: number): number {
  const text = base === 16 ? word.replace(/^0x/i, '') : word;
  if (base === 16) return /^[0-9a-fA-F]+$/.test(text) ? Number.parseInt(text, 16) : badArguments();
  if (/^0x[0-9a-fA-F]+$/i.test(text)) return Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^[0-9]+$/.test(text) ? Number(text) : badArguments();
}

/** A struct that begins with its command. */
export function struct(size: number, command: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(new ArrayBuffer(size));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, command, true);
  return { bytes, view };
}

export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Text in a field, up to its zero. */
export function textAt(bytes: Uint8Array, at: number, size: number): string {
  const field = bytes.subarray(at, at + size);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

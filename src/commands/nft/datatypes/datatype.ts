/**
 * Types of values: how a word of the language becomes a number, and how a number is shown. Values are unsigned integers; of a
 * string the first character is the lowest byte, as memory of a little-endian host has it.
 */

export type ByteOrder = 'host' | 'big' | 'none';

/** Names of values, in the order in which they are looked up. */
export interface SymbolTable {
  readonly entries: readonly (readonly [name: string, value: number])[];
  /** How `nft describe` and numeric listings show the values. */
  readonly base: 10 | 16;
}

/** What types need to know of the machine: names that are not the language's own. */
export interface NameSource {
  interfaceIndex(name: string): number | undefined;
  interfaceName(index: number): string | undefined;
  userId(name: string): number | undefined;
  userName(id: number): string | undefined;
  groupId(name: string): number | undefined;
  groupName(id: number): string | undefined;
  service(name: string): number | undefined;
  serviceName(port: number): string | undefined;
  protocol(name: string): number | undefined;
  protocolName(number: number): string | undefined;
  hostAddresses(name: string): readonly string[];
  hostName(address: string): string | undefined;
  /** Names of /etc/iproute2/rt_marks, rt_realms, group, and of the connection labels. */
  named(file: NameFile, name: string): number | undefined;
  nameOf(file: NameFile, value: number): string | undefined;
  /** Seconds that local time is ahead of UTC at this time. */
  utcOffset(epochSeconds: number): number;
  cgroupId(path: string): bigint | undefined;
  cgroupPath(id: bigint): string | undefined;
}

export type NameFile = 'rt_marks' | 'rt_realms' | 'group' | 'connlabel';

/** How values are shown: nft's options. */
export interface OutputStyle {
  readonly numericProtocol: boolean;
  readonly numericPriority: boolean;
  readonly numericSymbol: boolean;
  readonly numericTime: boolean;
  readonly services: boolean;
  readonly reverseDns: boolean;
  readonly guid: boolean;
  readonly handle: boolean;
  readonly stateless: boolean;
  readonly terse: boolean;
  readonly names: NameSource;
}

export interface Datatype {
  /** As sets carry it to the kernel and back: enum datatypes of nft. */
  readonly id: number;
  readonly name: string;
  readonly description: string;
  /** Bits; 0: any. */
  readonly bits: number;
  readonly byteorder: ByteOrder;
  readonly base?: Datatype;
  readonly symbols?: SymbolTable;
  /** Values that have a prefix length: addresses and numbers. */
  readonly prefix?: boolean;
  /** A value of a word. Throws TypeProblem. */
  parse?(text: string, names: NameSource): Parsed;
  print?(value: bigint, style: OutputStyle, bits: number): string;
  json?(value: bigint, style: OutputStyle, bits: number): JsonValue;
  /** How plain integers of this type are shown: "0x%.8x" of marks. */
  format?(value: bigint): string;
  /** Of concatenated types. */
  readonly parts?: readonly Datatype[];
}

export type JsonValue = string | number | boolean | null | JsonRaw | readonly JsonValue[] | { readonly [key: string]: JsonValue };
/** A number that JavaScript cannot hold exactly. */
export class JsonRaw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Values of one word: one, or several (host names with several addresses). */
export type Parsed = bigint | readonly bigint[];

/** What is wrong with a word. */
export class TypeProblem extends Error {}

export const jsonNumber = (value: bigint): JsonValue =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : new JsonRaw(value.toString());

/** Is `ancestor` the type itself or one that it is made from? */
export function derivesFrom(type: Datatype, ancestor: Datatype): boolean {
  for (let at: Datatype | undefined = type; at !== undefined; at = at.base) if (at.id === ancestor.id) return true;
  return false;
}

/** May values of one stand where the other is wanted? */
export const compatible = (a: Datatype, b: Datatype): boolean => derivesFrom(a, b);

const NUMBER = /^(0[xX][0-9a-fA-F]+|[0-9]+)$/;

/** A number as mpz_set_str() with base 0 takes it: 0x.., 0.. octal, decimal. */
export function parseInteger(text: string): bigint | null {
  if (!NUMBER.test(text)) return null;
  if (/^0[0-9]+$/.test(text)) return /^0[0-7]+$/.test(text) ? BigInt(`0o${text.slice(1)}`) : null;
  return BigInt(text);
}

/** A word by the type's own means, or those of the types it is made from. */
export function parseSymbol(type: Datatype, text: string, names: NameSource): Parsed {
  for (let at: Datatype | undefined = type; at !== undefined; at = at.base) {
    if (at.parse !== undefined) return at.parse(text, names);
    if (at.symbols !== undefined) {
      const entry = at.symbols.entries.find(([name]) => name === text);
      if (entry !== undefined) return BigInt(entry[1]);
      const number = parseInteger(text);
      if (number === null) throw new TypeProblem(`Could not parse ${type.description}`);
      return number;
    }
  }
  throw new TypeProblem(`Can not parse symbolic ${type.description} expressions`);
}

/** The name of a value, where the type has one. */
export function symbolOf(type: Datatype, value: bigint, style: OutputStyle): string | undefined {
  if (type.symbols === undefined || style.numericSymbol) return undefined;
  return type.symbols.entries.find(([, number]) => BigInt(number) === value)?.[0];
}

function numberText(type: Datatype, value: bigint, bits: number): string {
  if (type.symbols?.base === 16) return `0x${value.toString(16).padStart(Math.ceil((type.bits || bits) / 8) * 2, '0')}`;
  for (let at: Datatype | undefined = type; at !== undefined; at = at.base) if (at.format !== undefined) return at.format(value);
  return value.toString();
}

export function printValue(type: Datatype, value: bigint, style: OutputStyle, bits = type.bits): string {
  for (let at: Datatype | undefined = type; at !== undefined; at = at.base) {
    if (at.print !== undefined) return at.print(value, style, bits);
    if (at.symbols === undefined && at.format !== undefined) return at.format(value);
    if (at.symbols !== undefined) return symbolOf(at, value, style) ?? numberText2(at, value);
    if (at.base === undefined) break;
  }
  return numberText(type, value, bits);
}

/** Of a type with names, a value without one: by the format of what it is made from. */
function numberText2(type: Datatype, value: bigint): string {
  for (let at: Datatype | undefined = type; at !== undefined; at = at.base) if (at.format !== undefined) return at.format(value);
  return value.toString();
}

export function jsonOf(type: Datatype, value: bigint, style: OutputStyle, bits = type.bits): JsonValue {
  for (let at: Datatype | undefined = type; at !== undefined; at = at.base) {
    if (at.json !== undefined) return at.json(value, style, bits);
    if (at.symbols !== undefined) return symbolOf(at, value, style) ?? jsonNumber(value);
  }
  return jsonNumber(value);
}

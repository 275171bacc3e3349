import { type Datatype, JsonRaw, parseInteger, TypeProblem } from './datatype.js';

/** The types that others are made from. */

export const invalidType: Datatype = { id: 0, name: 'invalid', description: 'invalid', bits: 0, byteorder: 'none' };

/** Of a few fields that nft gives no type at all. */
export const untypedType: Datatype = {
  id: 0,
  name: 'invalid',
  description: 'invalid',
  bits: 0,
  byteorder: 'none',
  parse() {
    throw new TypeProblem('No symbol type information');
  },
};

export const verdictType: Datatype = { id: 1, name: 'verdict', description: 'netfilter verdict', bits: 0, byteorder: 'none' };

export const integerType: Datatype = {
  id: 4,
  name: 'integer',
  description: 'integer',
  bits: 0,
  byteorder: 'none',
  parse(text) {
    const value = parseInteger(text);
    if (value === null) throw new TypeProblem(`Could not parse ${this.description}`);
    return value;
  },
  print: (value) => value.toString(),
  json: (value, _style, bits) => {
    if (bits > 64) return `0x${value.toString(16)}`;
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : new JsonRaw(value.toString());
  },
};

/** Numbers of a kind of their own, shown by `format`: basefmt of nft's datatypes. */
export function integerKind(kind: Omit<Datatype, 'base' | 'parse'> & { readonly parse?: Datatype['parse'] }): Datatype {
  const { parse } = kind;
  return {
    prefix: false,
    ...kind,
    base: integerType,
    parse:
      parse ??
      ((text) => {
        const value = parseInteger(text);
        if (value === null) throw new TypeProblem(`Could not parse ${kind.description}`);
        return value;
      }),
    print: kind.print ?? ((value) => kind.format?.(value) ?? value.toString()),
  };
}

/** Numbers shown in hexadecimal, without names. */
export const hexIntegerType: Datatype = integerKind({
  id: 3,
  name: 'bitmask',
  description: 'bitmask',
  bits: 0,
  byteorder: 'none',
  format: (value) => `0x${value.toString(16)}`,
});

/** Bits that have names: values of one and more of them, "a,b". */
export const bitmaskType: Datatype = {
  id: 3,
  name: 'bitmask',
  description: 'bitmask',
  bits: 0,
  byteorder: 'none',
  base: integerType,
  format: (value) => `0x${value.toString(16)}`,
};

export const stringType: Datatype = {
  id: 5,
  name: 'string',
  description: 'string',
  bits: 0,
  byteorder: 'host',
  parse: (text) => stringValue(text),
  print: (value) => `"${escaped(stringText(value))}"`,
  json: (value) => escaped(stringText(value)),
};

/** A name that ends in an asterisk is no beginning of names. */
const escaped = (text: string): string => (text.endsWith('*') ? `${text.slice(0, -1)}\\*` : text);

export const ifnameType: Datatype = {
  id: 41,
  name: 'ifname',
  description: 'network interface name',
  bits: 16 * 8,
  byteorder: 'host',
  base: stringType,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function stringValue(text: string): bigint {
  let value = 0n;
  const bytes = encoder.encode(text);
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

export function stringText(value: bigint): string {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn));
  const end = bytes.indexOf(0);
  return decoder.decode(Uint8Array.from(end === -1 ? bytes : bytes.slice(0, end)));
}

/** Numbers of raw bytes: shown in hexadecimal. */
export const rawIntegerType: Datatype = {
  ...integerType,
  base: integerType,
  print: (value) => `0x${value.toString(16)}`,
};

import type * as ast from '../ast.js';
import type { ByteOrder } from '../datatypes/datatype.js';
import { fail } from '../errors.js';

/** Constants as bytes. */

export function valueBytes(value: bigint, bits: number, byteorder: ByteOrder): Uint8Array {
  const length = Math.ceil(bits / 8);
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = 0; i < length; i++) {
    bytes[byteorder === 'big' ? length - 1 - i : i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export function bytesValue(bytes: Uint8Array, byteorder: ByteOrder): bigint {
  let value = 0n;
  if (byteorder === 'big') for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  else for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}

/** A value, a prefix's first address, or several parts at their words of four bytes. */
export function constantBytes(e: ast.Expr): Uint8Array {
  switch (e.kind) {
    case 'value':
      return valueBytes(e.value, e.bits, e.byteorder);
    case 'prefix':
      return constantBytes(e.of);
    case 'element':
      return constantBytes(e.key);
    case 'concat':
      return padded(e.parts.map(constantBytes));
    default:
      return fail('no constant', e.loc);
  }
}

export function padded(parts: readonly Uint8Array[]): Uint8Array {
  const words = (length: number) => Math.ceil(length / 4) * 4;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + words(part.length), 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += words(part.length);
  }
  return bytes;
}

/** The first and last value of a constant; of a single one, twice that. */
export function rangeBounds(e: ast.Expr): readonly [ast.ValueExpr, ast.ValueExpr] {
  switch (e.kind) {
    case 'value':
      return [e, e];
    case 'range':
      return [rangeBounds(e.left)[0], rangeBounds(e.right)[1]];
    case 'prefix': {
      const of = e.of as ast.ValueExpr;
      if (of.byteorder === 'host' && (of.type.name === 'ifname' || of.type.name === 'string')) {
        // Of a name's beginning: all characters behind it.
        const rest = ((1n << BigInt(of.bits)) - 1n) ^ ((1n << BigInt(e.length)) - 1n);
        return [of, { ...of, value: of.value | rest }];
      }
      return [of, { ...of, value: of.value | ((1n << BigInt(of.bits - e.length)) - 1n) }];
    }
    default:
      return fail('no range', e.loc);
  }
}

import { bitmaskType } from './basic.js';
import { type Datatype, jsonNumber, parseInteger, TypeProblem } from './datatype.js';
import { symbolicType, symbolTable } from './inet.js';

/** Of connection tracking. */

// biome-ignore format: a table
export const ctStateType = symbolicType(26, 'ct_state', 'conntrack state', 32, 'host', symbolTable(16,
  'invalid=1 new=8 established=2 related=4 untracked=64'), bitmaskType);

export const ctDirectionType = symbolicType(27, 'ct_dir', 'conntrack direction', 8, 'host', symbolTable(10, 'original=0 reply=1'));

// biome-ignore format: a table
export const ctStatusType = symbolicType(28, 'ct_status', 'conntrack status', 32, 'host', symbolTable(16,
  'expected=1 seen-reply=2 assured=4 confirmed=8 snat=16 dnat=32 dying=512'), bitmaskType);

// biome-ignore format: a table
export const ctEventType = symbolicType(40, 'ct_event', 'conntrack event bits', 32, 'host', symbolTable(16,
  `new=0x1 related=0x2 destroy=0x4 reply=0x8 assured=0x10 protoinfo=0x20 helper=0x40 mark=0x80 seqadj=0x100 secmark=0x200
   label=0x400`), bitmaskType);

/** A word or number names a bit. */
export const ctLabelType: Datatype = {
  id: 30,
  name: 'ct_label',
  description: 'conntrack label',
  bits: 128,
  byteorder: 'host',
  base: bitmaskType,
  parse(text, names) {
    const bit = names.named('connlabel', text) ?? parseInteger(text);
    if (bit === null) throw new TypeProblem(`/etc/connlabel.conf: could not parse conntrack label "${text}"`);
    if (Number(bit) > 127) throw new TypeProblem(`${bit}: bit ${bit} out of range (128 max)`);
    return 1n << BigInt(bit);
  },
  print(value, style) {
    const bit = singleBit(value);
    if (bit === null) return `0x${value.toString(16)}`;
    const name = style.numericSymbol ? undefined : style.names.nameOf('connlabel', bit);
    return name === undefined ? String(bit) : `"${name}"`;
  },
  json(value, style) {
    const bit = singleBit(value);
    if (bit === null) return jsonNumber(value);
    return (style.numericSymbol ? undefined : style.names.nameOf('connlabel', bit)) ?? bit;
  },
};

function singleBit(value: bigint): number | null {
  if (value === 0n || (value & (value - 1n)) !== 0n) return null;
  return value.toString(2).length - 1;
}

import type { Command } from './command.js';
import type { Expr } from './ast.js';
import { NFT_CT_PROTO_DST, NFT_CT_PROTO_SRC } from '../../netlink/nfnl/expressions/ct.js';
import { NFT_EXTHDR_OP_IPV6 } from '../../netlink/nfnl/expressions/exthdr.js';
import { NFT_FIB_RESULT_OIFNAME } from '../../netlink/nfnl/expressions/fib.js';
import { NFT_SOCKET_TRANSPARENT, NFT_SOCKET_WILDCARD } from '../../netlink/nfnl/expressions/socket.js';
import { TRANSPORT } from './protocols/protocol.js';
import { integerType, invalidType, stringType } from './datatypes/basic.js';
import type { Datatype, NameSource, OutputStyle } from './datatypes/datatype.js';
import { datatypeNamed } from './datatypes/registry.js';
import { inetProtocolType, inetServiceType } from './datatypes/inet.js';

/** nft describe: what a type or an expression is, and its symbolic values. */

const bases = (type: Datatype): string => {
  const names: string[] = [];
  for (let at = type.base; at !== undefined; at = at.base) names.push(at.description);
  return names.length === 0 ? '' : ` (basetype ${names.join(', ')})`;
};

const kinds: Readonly<Record<string, string>> = {
  payload: 'payload',
  exthdr: 'exthdr',
  meta: 'meta',
  ct: 'ct',
  rt: 'rt',
  socket: 'socket',
  osf: 'osf',
  fib: 'fib',
  numgen: 'numgen',
  hash: 'hash',
  xfrm: 'xfrm',
};

function symbols(type: Datatype, bits: number, names: NameSource): string {
  if (type.id === inetProtocolType.id) {
    let text = '';
    for (let number = 0; number < 256; number++) {
      const name = names.protocolName(number);
      if (name !== undefined) text += `\t${name.padEnd(30)}\t${number}\n`;
    }
    return text;
  }
  if (type.symbols === undefined) return '';
  const { base, entries } = type.symbols;
  let text = `\npre-defined symbolic constants (in ${base === 16 ? 'hexadecimal' : 'decimal'}):\n`;
  const bytes = Math.ceil(bits / 8);
  for (const [name, value] of entries) {
    const shown = value.toString(16).padStart(bytes * 2, '0');
    text += `\t${name.padEnd(30)}\t${base === 16 ? `0x${shown}` : String(value).padStart(20)}\n`;
  }
  return text;
}

/** Numbers of big-endian types stand in a table of the type alone as the host reads them. */
const swapped = (type: Datatype): Datatype => {
  if (type.byteorder !== 'big' || type.bits !== 16 || type.symbols === undefined) return type;
  const entries = type.symbols.entries.map(([name, value]) => [name, ((value & 0xff) << 8) | (value >> 8)] as const);
  return { ...type, symbols: { ...type.symbols, entries } };
};

/** What nft 1.0.6 takes an expression for before it has looked at it closely. */
function unevaluatedType(e: Expr): Datatype {
  switch (e.kind) {
    case 'exthdr':
      if (!e.present) return e.type;
      return e.op === NFT_EXTHDR_OP_IPV6 ? e.header!.fields[0]!.type : e.header === undefined ? plainInteger : e.type;
    case 'ct':
      return e.key === NFT_CT_PROTO_SRC || e.key === NFT_CT_PROTO_DST ? invalidType : e.type;
    case 'fib':
      return e.result === NFT_FIB_RESULT_OIFNAME ? stringType : e.type;
    case 'socket':
      return e.key === NFT_SOCKET_TRANSPARENT || e.key === NFT_SOCKET_WILDCARD ? plainInteger : e.type;
    case 'payload':
      // Two bytes where ports lie are a port.
      return e.raw === true && e.base === TRANSPORT && e.bits === 16 && (e.offset === 0 || e.offset === 16) ? inetServiceType : e.type;
    default:
      return e.type;
  }
}

/** Integers without what they are based on. */
const { base: _base, ...plainInteger } = integerType;

export function describeText(command: Command, names: NameSource, _style: OutputStyle): string {
  if (command.typeName !== undefined) {
    const type = datatypeNamed(command.typeName.text);
    if (type === undefined) return 'symbol expression, datatype invalid (invalid)';
    return `datatype ${type.name} (${type.description})${bases(type)}, ${type.bits} bits\n${symbols(swapped(type), type.bits, names)}`;
  }
  const e: Expr = command.expr!;
  const kind = kinds[e.kind] ?? e.kind;
  const type = unevaluatedType(e);
  if (type === invalidType) return `${kind} expression, datatype invalid (invalid)`;
  const size = type === stringType || type.base === stringType ? `${e.bits / 8} characters` : `${e.bits} bits`;
  return `${kind} expression, datatype ${type.name} (${type.description})${bases(type)}, ${size}\n${symbols(type, type.bits || e.bits, names)}`;
}

import * as wire from '../../../netlink/nfnl/expressions/exthdr.js';
import type { Expr, ExthdrExpr } from '../ast.js';
import { booleanType } from '../datatypes/meta.js';
import { fail } from '../errors.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import { type ExtensionHeader, ipOptions, ipv6Extensions, sctpChunks, tcpOptions } from '../protocols/options.js';
import type { Field } from '../protocols/protocol.js';
import { integerType } from '../datatypes/basic.js';
import type { SelectorKind } from './selector.js';

/** A field of an extension, or without one: whether it is there. */
export function exthdrExpr(loc: Location, header: ExtensionHeader, field?: Field): ExthdrExpr {
  const common = { kind: 'exthdr', header, op: header.op, number: header.type } as const;
  if (field === undefined) return { ...common, field: header.fields[0], offset: 0, present: true, ...typed(loc, booleanType, 8, 'big') };
  return { ...common, field, offset: field.offset, present: false, ...typed(loc, field.type, field.bits, 'big') };
}

const rawTcpOption = (loc: Location, number: number, offset: number, bits: number): ExthdrExpr => ({
  kind: 'exthdr',
  op: wire.NFT_EXTHDR_OP_TCPOPT,
  number,
  offset,
  present: false,
  raw: true,
  ...typed(loc, integerType, bits, 'big'),
});

const presentTcpOption = (loc: Location, number: number): ExthdrExpr => ({
  kind: 'exthdr',
  op: wire.NFT_EXTHDR_OP_TCPOPT,
  number,
  offset: 0,
  present: true,
  raw: true,
  ...typed(loc, booleanType, 8, 'big'),
});

const tcpOptionWords: ReadonlyMap<string, string> = new Map([
  ['mss', 'maxseg'],
  ['noop', 'nop'],
  ['sack-permitted', 'sack-perm'],
  ['sack0', 'sack'],
]);

export const tcpOptionNamed = (name: string) => tcpOptions.find((option) => option.name === (tcpOptionWords.get(name) ?? name));

/** Behind "tcp option". */
export function parseTcpOption(p: Parser, word: Token): Expr {
  if (p.acceptSign('@')) {
    const number = p.expectNumber();
    p.expectSign(',');
    const offset = p.expectNumber();
    p.expectSign(',');
    const bits = p.expectNumber();
    if (number > 255) fail('value too large', p.last.loc);
    return rawTcpOption(p.since(word.loc), number, offset, bits);
  }
  if (p.peek().kind === 'number') {
    const at = p.peek().loc;
    const number = p.expectNumber();
    if (number > 255) fail('value too large', at);
    const known = tcpOptions.find((option) => option.type === number);
    return known === undefined ? presentTcpOption(p.since(word.loc), number) : exthdrExpr(p.since(word.loc), known);
  }
  const option = p.peek().kind === 'word' ? tcpOptionNamed(p.peek().text) : undefined;
  if (option === undefined) return p.unexpected();
  p.take();
  return fieldOf(p, word, option);
}

export function parseIpOption(p: Parser, word: Token): Expr {
  const option = ipOptions.find(({ name }) => p.isWord(name));
  if (option === undefined) return p.unexpected('lsrr', 'rr', 'ssrr', 'ra');
  p.take();
  return fieldOf(p, word, option);
}

export function parseSctpChunk(p: Parser, word: Token): Expr {
  const chunk = sctpChunks.find(({ name }) => p.isWord(name));
  if (chunk === undefined) return p.unexpected();
  p.take();
  return fieldOf(p, word, chunk);
}

/** Words of fields of TCP's options: none of them is a value. */
const optionFields: ReadonlySet<string> = new Set(['left', 'right', 'size', 'count', 'window', 'tsval', 'tsecr', 'subtype', 'length']);

function fieldOf(p: Parser, word: Token, header: ExtensionHeader): Expr {
  const tcp = header.op === wire.NFT_EXTHDR_OP_TCPOPT;
  const field = header.fields.find(({ name }) => p.isWord(name) && !(tcp && name === 'kind'));
  if (field === undefined && tcp && p.peek().kind === 'word' && optionFields.has(p.peek().text)) return p.unexpectedAs(p.peek().text);
  if (field === undefined) return exthdrExpr(p.since(word.loc), header);
  p.take();
  return exthdrExpr(p.since(word.loc), header, field);
}

/** "exthdr frag" for whether it is there, "frag id" for a field. */
function parse(p: Parser, word: Token): Expr {
  if (word.text === 'exthdr') {
    const header = ipv6Extensions.find(({ name }) => p.isWord(name));
    if (header === undefined || header.name === 'rt0' || header.name === 'rt2' || header.name === 'srh') return p.unexpected();
    p.take();
    return exthdrExpr(p.since(word.loc), header);
  }
  const header = ipv6Extensions.find(({ name }) => name === word.text)!;
  let name = p.peek().text;
  if ((name === 'addr' || name === 'sid') && p.isSign('[', 1)) {
    p.take();
    p.take();
    name = `${name}[${p.expectNumber()}]`;
    p.expectSign(']');
  } else if (header.fields.some((field) => field.name === name)) p.take();
  const field = header.fields.find((candidate) => candidate.name === name);
  if (field === undefined) return p.unexpected(...(header.fields.length === 2 ? ['hdrlength', 'nexthdr'] : []));
  return exthdrExpr(p.since(word.loc), header, field);
}

const prefixOf = (op: number): string => {
  if (op === wire.NFT_EXTHDR_OP_TCPOPT) return 'tcp option ';
  if (op === wire.NFT_EXTHDR_OP_IPV4) return 'ip option ';
  return op === wire.NFT_EXTHDR_OP_SCTP ? 'sctp chunk ' : '';
};

function print(e: ExthdrExpr): string {
  const prefix = prefixOf(e.op);
  if (e.header === undefined) {
    if (e.present) return `${prefix}${e.number}`;
    return `${prefix}@${e.number},${e.offset},${e.bits}`;
  }
  if (e.op === wire.NFT_EXTHDR_OP_IPV6) return e.present ? `exthdr ${e.header.name}` : `${e.header.name} ${e.field?.name}`;
  return `${prefix}${e.header.name}${e.present ? '' : ` ${e.field?.name}`}`;
}

const jsonKinds: ReadonlyMap<number, string> = new Map([
  [wire.NFT_EXTHDR_OP_IPV6, 'exthdr'],
  [wire.NFT_EXTHDR_OP_TCPOPT, 'tcp option'],
  [wire.NFT_EXTHDR_OP_IPV4, 'ip option'],
  [wire.NFT_EXTHDR_OP_SCTP, 'sctp chunk'],
]);

export const exthdr: SelectorKind<ExthdrExpr> = {
  kind: 'exthdr',
  words: ['exthdr', ...ipv6Extensions.map(({ name }) => name)],
  parse,
  load: (e, register, code) =>
    code.emit(wire.exthdr, {
      dreg: register,
      type: e.number,
      offset: e.offset >> 3,
      len: Math.ceil(e.bits / 8),
      op: e.op,
      ...(e.present ? { flags: wire.NFT_EXTHDR_F_PRESENT } : {}),
    }),
  store: (e, register, code) =>
    code.emit(wire.exthdr, { sreg: register, type: e.number, offset: e.offset >> 3, len: Math.ceil(e.bits / 8), op: e.op }),
  print,
  json(e) {
    const name = jsonKinds.get(e.op) ?? 'exthdr';
    if (e.header === undefined) return { [name]: { base: e.number, offset: e.present ? 0 : e.offset, len: e.bits } };
    if (e.present) return { [name]: { name: e.header.name } };
    const indexed = /^(.*)\[(\d+)\]$/.exec(e.field?.name ?? '');
    if (indexed !== null) return { [name]: { name: e.header.name, field: `${indexed[1]}[${indexed[2]}]` } };
    return { [name]: { name: e.header.name, field: e.field?.name ?? '' } };
  },
  jsonNames: [...jsonKinds.values()],
  fromJson(kind, value, r) {
    const base = r.optionalNumber(value, 'base');
    if (base !== undefined && kind === 'tcp option')
      return rawTcpOption(r.loc, base, r.number(r.member(value, 'offset')), r.number(r.member(value, 'len')));
    const name = r.string(r.member(value, 'name'));
    const tables = { exthdr: ipv6Extensions, 'tcp option': tcpOptions, 'ip option': ipOptions, 'sctp chunk': sctpChunks } as const;
    const header = kind === 'tcp option' ? tcpOptionNamed(name) : tables[kind as keyof typeof tables].find((entry) => entry.name === name);
    if (header === undefined) return r.fail(`Invalid ${kind} name '${name}'.`);
    const fieldName = r.optionalString(value, 'field');
    if (fieldName === undefined) return exthdrExpr(r.loc, header);
    const field = header.fields.find((candidate) => candidate.name === fieldName);
    return field === undefined ? r.fail(`Invalid ${kind} field '${fieldName}'.`) : exthdrExpr(r.loc, header, field);
  },
  typeof: {
    id: 8,
    save(e) {
      if (e.header === undefined || e.field === undefined) return null;
      return [
        [0, e.op === wire.NFT_EXTHDR_OP_IPV6 ? ipv6Extensions.indexOf(e.header) + 1 : e.number],
        [1, e.header.fields.indexOf(e.field)],
        [2, e.op],
        [3, e.present ? wire.NFT_EXTHDR_F_PRESENT : 0],
      ];
    },
    restore(numbers, loc) {
      const op = numbers.get(2) ?? 0;
      const tables = new Map([
        [wire.NFT_EXTHDR_OP_TCPOPT, tcpOptions],
        [wire.NFT_EXTHDR_OP_IPV4, ipOptions],
        [wire.NFT_EXTHDR_OP_SCTP, sctpChunks],
      ]);
      const wanted = numbers.get(0) ?? 0;
      const header =
        op === wire.NFT_EXTHDR_OP_IPV6 ? ipv6Extensions[wanted - 1] : tables.get(op)?.find((candidate) => candidate.type === wanted);
      if (header === undefined) return null;
      const present = ((numbers.get(3) ?? 0) & wire.NFT_EXTHDR_F_PRESENT) !== 0;
      return exthdrExpr(loc, header, present ? undefined : header.fields[numbers.get(1) ?? 0]);
    },
  },
};

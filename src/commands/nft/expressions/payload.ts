import * as wire from '../../../netlink/nfnl/expressions/payload.js';
import type { Expr, PayloadExpr } from '../ast.js';
import { rawIntegerType } from '../datatypes/basic.js';
import { fail } from '../errors.js';
import type { Location } from '../location.js';
import { typed } from '../parser/make.js';
import type { Parser } from '../parser/parser.js';
import type { Token } from '../parser/scanner.js';
import { type Field, fieldNamed, INNER, LINK, NETWORK, type PayloadBase, type Protocol, TRANSPORT } from '../protocols/protocol.js';
import { protocolById, protocolNamed, protocols } from '../protocols/registry.js';
import { parseTcpOption, parseIpOption, parseSctpChunk } from './exthdr.js';
import type { SelectorKind } from './selector.js';

const baseNames: readonly (readonly [string, PayloadBase])[] = [
  ['ll', LINK],
  ['nh', NETWORK],
  ['th', TRANSPORT],
  ['ih', INNER],
];

export const payloadExpr = (loc: Location, protocol: Protocol, field: Field): PayloadExpr => ({
  kind: 'payload',
  protocol,
  field,
  base: protocol.base,
  offset: field.offset,
  ...typed(loc, field.type, field.bits, 'big'),
});

export const rawPayload = (loc: Location, base: PayloadBase, offset: number, bits: number): PayloadExpr => ({
  kind: 'payload',
  base,
  offset,
  raw: true,
  ...typed(loc, rawIntegerType, bits, 'big'),
});

/** @th,16,16 behind the @. */
export function parseRawPayload(p: Parser, at: Token): Expr {
  const word = p.take();
  const base = baseNames.find(([name]) => name === word.text)?.[1];
  if (base === undefined) return fail('unknown raw payload base', word.loc);
  p.expectSign(',');
  const offset = p.expectNumber();
  p.expectSign(',');
  const bits = p.expectNumber();
  return rawPayload(p.since(at.loc), base, offset, bits);
}

const MAX_BITS = 128;

export function checkRawPayload(e: PayloadExpr): void {
  if (e.bits === 0 || e.bits > MAX_BITS * 4) fail(`Invalid payload length ${e.bits}`, e.loc);
}

/** Words of other headers' fields, which have their names in errors. */
const LENGTHS: ReadonlySet<string> = new Set(['length']);

function parse(p: Parser, word: Token): Expr {
  const protocol = protocolNamed(word.text)!;
  if (protocol.name === 'tcp' && p.acceptWord('option')) return parseTcpOption(p, word);
  if (protocol.name === 'ip' && p.acceptWord('option')) return parseIpOption(p, word);
  if (protocol.name === 'sctp' && p.acceptWord('chunk')) return parseSctpChunk(p, word);
  let name = p.peek().kind === 'word' ? p.peek().text : '';
  // "arp saddr ip": a field of two words.
  if (protocol.name === 'arp' && (name === 'saddr' || name === 'daddr')) {
    p.take();
    const which = p.expectWord('ether', 'ip').text;
    return payloadExpr(p.since(word.loc), protocol, fieldNamed(protocol, `${name} ${which}`)!);
  }
  if (name === 'param-problem') name = 'parameter-problem';
  else if (name === 'parameter-problem') return p.unexpected();
  if (name === 'seq' && protocol.fields.some((field) => field.name === 'sequence')) name = 'sequence';
  const field = fieldNamed(protocol, name);
  if (field === undefined && LENGTHS.has(name)) return p.unexpectedAs(name);
  if (field === undefined || (protocol.name === 'tcp' && name === 'reserved2')) return p.unexpected(...fieldWords(protocol));
  p.take();
  return payloadExpr(p.since(word.loc), protocol, field);
}

/** The order of words in nft's grammar, as far as headers of few fields have them. */
const WORDS = ['saddr', 'daddr', 'type', 'length', 'checksum', 'seq', 'spi', 'sport', 'dport', 'csumcov'];

/** Fields as an error lists them. What a chunk of SCTP is, is one of its words, too: more than are listed. */
function fieldWords(protocol: Protocol): string[] {
  if (protocol.name === 'sctp') return [];
  const words = protocol.fields.map(({ name }) => (name === 'sequence' ? 'seq' : name));
  const rank = (word: string) => (WORDS.includes(word) ? WORDS.indexOf(word) : WORDS.length);
  return words.sort((a, b) => rank(a) - rank(b));
}

export const payload: SelectorKind<PayloadExpr> = {
  kind: 'payload',
  words: protocols.map((protocol) => protocol.name),
  parse,
  load: (e, register, code) => code.emit(wire.payload, { dreg: register, base: e.base, offset: e.offset >> 3, len: Math.ceil(e.bits / 8) }),
  store(e, register, code) {
    const checksum = checksumOf(e);
    code.emit(wire.payload, { sreg: register, base: e.base, offset: e.offset >> 3, len: Math.ceil(e.bits / 8), ...checksum });
  },
  print: (e) => {
    if (e.protocol === undefined || e.field === undefined || e.raw === true)
      return `@${baseNames.find(([, base]) => base === e.base)?.[0]},${e.offset},${e.bits}`;
    return `${e.protocol.name} ${e.field.name}`;
  },
  json(e) {
    if (e.protocol === undefined || e.field === undefined || e.raw === true)
      return { payload: { base: baseNames.find(([, base]) => base === e.base)![0], offset: e.offset, len: e.bits } };
    return { payload: { protocol: e.protocol.name, field: e.field.name } };
  },
  jsonNames: ['payload'],
  fromJson(_name, value, r) {
    const base = r.optionalString(value, 'base');
    if (base !== undefined) {
      const found = baseNames.find(([name]) => name === base)?.[1];
      if (found === undefined) return r.fail(`Invalid payload base '${base}'.`);
      return rawPayload(r.loc, found, r.number(r.member(value, 'offset')), r.number(r.member(value, 'len')));
    }
    const protocol = protocolNamed(r.string(r.member(value, 'protocol')));
    if (protocol === undefined) return r.fail('Unknown payload protocol.');
    const name = r.string(r.member(value, 'field'));
    const field = fieldNamed(protocol, name);
    return field === undefined ? r.fail(`Unknown ${protocol.name} field '${name}'.`) : payloadExpr(r.loc, protocol, field);
  },
  typeof: {
    id: 7,
    save(e) {
      if (e.protocol === undefined || e.field === undefined || e.raw === true)
        return [
          [0, 0],
          [1, 0],
          [2, e.base + 1],
          [3, e.offset],
          [4, e.bits],
        ];
      return [
        [0, e.protocol.id],
        [1, e.protocol.fields.indexOf(e.field) + 1],
      ];
    },
    restore(numbers, loc) {
      const protocol = protocolById(numbers.get(0) ?? 0);
      if (protocol === undefined || numbers.get(0) === 0)
        return rawPayload(loc, Math.max((numbers.get(2) ?? 1) - 1, 0) as PayloadBase, numbers.get(3) ?? 0, numbers.get(4) ?? 0);
      const field = protocol.fields[(numbers.get(1) ?? 0) - 1];
      return field === undefined ? null : payloadExpr(loc, protocol, field);
    },
  },
};

/** What of the checksum has to be mended when bytes of a header are written: nft's payload_needs_l4csum_update_pseudohdr(). */
function checksumOf(e: PayloadExpr): { csumType: number; csumOffset: number; csumFlags: number } {
  const protocol = e.protocol;
  const own = protocol?.checksum === undefined ? undefined : fieldNamed(protocol, protocol.checksum);
  const covers =
    e.base === NETWORK &&
    (protocol?.name === 'ip' || protocol?.name === 'ip6') &&
    e.field !== undefined &&
    /^(saddr|daddr|protocol|nexthdr|length)$/.test(e.field.name);
  const pseudo = covers ? wire.NFT_PAYLOAD_L4CSUM_PSEUDOHDR : 0;
  if (own === undefined) return { csumType: wire.NFT_PAYLOAD_CSUM_NONE, csumOffset: 0, csumFlags: pseudo };
  return { csumType: wire.NFT_PAYLOAD_CSUM_INET, csumOffset: own.offset / 8, csumFlags: pseudo };
}

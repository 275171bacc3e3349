import {
  NFT_CT_DST,
  NFT_CT_DST_IP,
  NFT_CT_DST_IP6,
  NFT_CT_SRC,
  NFT_CT_SRC_IP,
  NFT_CT_SRC_IP6,
} from '../../../netlink/nfnl/expressions/ct.js';
import * as exthdrWire from '../../../netlink/nfnl/expressions/exthdr.js';
import { NFT_SET_ANONYMOUS } from '../../../netlink/nfnl/nf-tables.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type * as ast from '../ast.js';
import { concatType } from '../datatypes/registry.js';
import { mapValues } from '../evaluate/constants.js';
import { ctOfFamily } from '../expressions/ct.js';
import { bytesValue, valueBytes } from '../linearise/bytes.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';
import { ether, vlan } from '../protocols/link.js';
import { ip, ip6 } from '../protocols/network.js';
import { type ExtensionHeader, ipOptions, ipv6Extensions, sctpChunks, tcpOptions } from '../protocols/options.js';
import { type Field, NETWORK } from '../protocols/protocol.js';
import { isIcmp, type KnownHeaders } from './known-headers.js';
import { typed } from './values.js';

/** What is loaded gets its name: the field of a header where bytes were read, by what is known of the headers. */
export function expr(known: KnownHeaders, e: ast.Expr): ast.Expr {
  switch (e.kind) {
    case 'payload':
      return e.protocol === undefined ? payload(known, e, null) : e;
    case 'exthdr':
      return exthdr(known, e, null);
    case 'binop':
      return binop(known, e);
    case 'unary':
      return { ...e, of: expr(known, e.of) };
    case 'concat': {
      const parts = e.parts.map((part) => {
        const done = expr(known, part);
        return done.kind === 'unary' ? done.of : done;
      });
      return { ...e, parts, type: concatType(parts.map((part) => part.type)) };
    }
    case 'map': {
      const key = plainOf(expr(known, e.key));
      return { ...e, key, mappings: e.mappings.kind === 'setref' ? shiftedSet(e.mappings, key) : e.mappings };
    }
    case 'hash':
      return e.of === undefined ? e : { ...e, of: expr(known, e.of) };
    case 'ct': {
      if (e.key !== NFT_CT_SRC && e.key !== NFT_CT_DST) return e;
      const isIp6 = known.protocols.network === ip6;
      const done = ctOfFamily(e, isIp6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
      const [source, destination] = isIp6 ? [NFT_CT_SRC_IP6, NFT_CT_DST_IP6] : [NFT_CT_SRC_IP, NFT_CT_DST_IP];
      return { ...done, key: e.key === NFT_CT_SRC ? source : destination };
    }
    default:
      return e;
  }
}

function binop(known: KnownHeaders, e: ast.BinopExpr): ast.Expr {
  if (e.op === '&' && e.right.kind === 'value' && (e.left.kind === 'payload' || e.left.kind === 'exthdr')) {
    const bytes = valueBytes(e.right.value, e.right.bits, 'host');
    const mask = bytesValue(bytes, 'big');
    const field =
      e.left.kind === 'payload' ? (e.left.protocol === undefined ? payload(known, e.left, mask) : e.left) : exthdr(known, e.left, mask);
    if ((field.kind === 'payload' || field.kind === 'exthdr') && field.shift !== undefined) return field;
    return { ...e, left: field, type: field.type, byteorder: 'big', right: make.value(nowhere, field.type, e.right.bits, 'big', mask) };
  }
  const left = expr(known, e.left);
  const shift = e.op === '<<' || e.op === '>>';
  // "vlan id" of a concatenation: the field lies at the end of its bytes anyhow.
  const right = shift ? e.right : typed(e.right, left, left.byteorder);
  return { ...e, left, right, type: left.type, bits: left.bits, byteorder: left.byteorder };
}

/** The field that lies there; with a mask, the part of the bytes that it lets through. */
function payload(known: KnownHeaders, e: ast.PayloadExpr, mask: bigint | null): ast.PayloadExpr {
  let protocol = known.protocolAt(e);
  if (protocol === undefined) return e;
  let start = e.offset - known.linkOffset(protocol, e.base);
  if (start < 0 && protocol === vlan) {
    protocol = ether;
    start = e.offset;
  }
  let { bits } = e;
  let shift: number | undefined;
  if (mask !== null) {
    const trimmed = contiguous(mask);
    if (trimmed !== null) {
      const candidate = protocol.fields.find(
        (field) => field.offset === start + e.bits - trimmed.low - trimmed.count && field.bits === trimmed.count,
      );
      if (candidate !== undefined && (candidate.offset % 8 !== 0 || candidate.bits % 8 !== 0)) {
        start = candidate.offset;
        bits = candidate.bits;
        shift = trimmed.low;
      }
    }
  }
  const fits = (field: Field) =>
    field.offset === start &&
    known.icmpFits(field) &&
    (field.bits === bits || (mask === null && bits < field.bits && /addr/.test(field.name)));
  const field = protocol.fields.find((candidate) => fits(candidate) && candidate.bits === bits) ?? protocol.fields.find(fits);
  if (field === undefined) return e;
  // "vlan type" says nothing of the type before it.
  const alone = known.family === 'ip' || known.family === 'ip6';
  if (alone || protocol !== vlan || field.name !== 'type') known.kill(e, e.base);
  // Messages of one version of IP say which; fields of one type of message say that.
  if (isIcmp(protocol) && known.protocols.network === (protocol.name === 'icmp' ? ip : ip6)) known.kill(e, NETWORK);
  if (field.onlyOf?.length === 1 && known.icmpStatement !== null && field.onlyOf[0] === known.icmpType)
    known.out = known.out.filter((s) => s !== known.icmpStatement);
  const done: ast.PayloadExpr = { ...e, protocol, field, raw: false, type: field.type, ...(shift === undefined ? {} : { shift }) };
  return done;
}

function exthdr(known: KnownHeaders, e: ast.ExthdrExpr, mask: bigint | null): ast.ExthdrExpr {
  if (e.raw !== true) return e;
  const tables = new Map<number, readonly ExtensionHeader[]>([
    [exthdrWire.NFT_EXTHDR_OP_IPV6, ipv6Extensions],
    [exthdrWire.NFT_EXTHDR_OP_TCPOPT, tcpOptions],
    [exthdrWire.NFT_EXTHDR_OP_IPV4, ipOptions],
    [exthdrWire.NFT_EXTHDR_OP_SCTP, sctpChunks],
  ]);
  if (e.op === exthdrWire.NFT_EXTHDR_OP_IPV6 || e.op === exthdrWire.NFT_EXTHDR_OP_IPV4) known.kill(e, NETWORK);
  const headers = (tables.get(e.op) ?? []).filter((header) => header.type === e.number);
  if (e.present) {
    const [header] = headers;
    return header === undefined ? e : { ...e, header, field: header.fields[0], raw: false };
  }
  let start = e.offset;
  let { bits } = e;
  let shift: number | undefined;
  if (mask !== null) {
    const trimmed = contiguous(mask);
    if (trimmed !== null) {
      start = e.offset + e.bits - trimmed.low - trimmed.count;
      bits = trimmed.count;
      shift = trimmed.low;
    }
  }
  // What all routing headers have is shown as "rt"; of fields at the same place, srh's.
  for (const header of [...headers].sort((a, b) => rank(a) - rank(b))) {
    const field = header.fields.find((candidate) => candidate.offset === start && candidate.bits === bits);
    if (field !== undefined) return { ...e, header, field, raw: false, type: field.type, ...(shift === undefined ? {} : { shift }) };
  }
  return e;
}

/** Of a part of bytes, the keys of a set without a name lie where the part lies. */
export function shiftedSet(e: ast.SetRefExpr, left: ast.Expr): ast.SetRefExpr {
  const by = left.kind === 'payload' || left.kind === 'exthdr' ? (left.shift ?? 0) : 0;
  if (by === 0 || e.set?.elements === undefined || (e.set.flags & NFT_SET_ANONYMOUS) === 0) return e;
  const moved = (value: ast.ValueExpr) => ({ ...value, value: value.value >> BigInt(by) });
  const elements = e.set.elements.elements.map((element) => ({ ...element, key: mapValues(element.key, moved) }));
  return { ...e, set: { ...e.set, elements: { ...e.set.elements, elements } } };
}

const rank = (header: ExtensionHeader): number => (header.name === 'rt' ? 0 : header.name === 'srh' ? 1 : 2);

export const plainOf = (e: ast.Expr): ast.Expr => (e.kind === 'unary' ? e.of : e);

/** The lowest bit and number of bits of a mask of neighbouring ones. */
function contiguous(mask: bigint): { low: number; count: number } | null {
  const text = mask.toString(2);
  if (!/^1+0*$/.test(text)) return null;
  const count = text.lastIndexOf('1') + 1;
  return { low: text.length - count, count };
}

import { NFT_CT_L3PROTOCOL } from '../../../netlink/nfnl/expressions/ct.js';
import * as exthdrWire from '../../../netlink/nfnl/expressions/exthdr.js';
import { NFT_META_IIFTYPE, NFT_META_L4PROTO, NFT_META_NFPROTO, NFT_META_PROTOCOL } from '../../../netlink/nfnl/expressions/meta.js';
import { NFT_REJECT_ICMPX_UNREACH, NFT_REJECT_TCP_RST } from '../../../netlink/nfnl/expressions/reject.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type * as ast from '../ast.js';
import { ipv4AddressType, ipv6AddressType } from '../datatypes/address.js';
import { integerType, stringType } from '../datatypes/basic.js';
import type { ByteOrder, Datatype } from '../datatypes/datatype.js';
import { inetServiceType } from '../datatypes/inet.js';
import { ifindexType, isBitmask } from '../datatypes/meta.js';
import { concatType } from '../datatypes/registry.js';
import { NFT_SET_ANONYMOUS } from '../../../netlink/nfnl/nf-tables.js';
import { mapValues } from '../evaluate/constants.js';
import { ProtocolContext } from '../evaluate/protocol-context.js';
import { ctOfFamily } from '../expressions/ct.js';
import { bytesValue, valueBytes } from '../linearise/bytes.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';
import { ether, inet, vlan } from '../protocols/link.js';
import { inetService, ip, ip6 } from '../protocols/network.js';
import { type ExtensionHeader, ipOptions, ipv6Extensions, sctpChunks, tcpOptions } from '../protocols/options.js';
import { LINK, NETWORK, type Field, type PayloadBase, type Protocol, TRANSPORT, upperOf } from '../protocols/protocol.js';
import { th } from '../protocols/transport.js';
import type { DelineariseView } from './delineariser.js';

/** A match that says what a header behind it is, and goes away where a field of that header says it anyhow. */
interface Dependency {
  readonly statement: ast.Statement;
  readonly left: ast.Expr;
  readonly number: number;
}

/** Gives names and types to what bytecode loads and compares, and leaves out what nobody wrote. */
export class Postprocess {
  readonly #view: DelineariseView;
  #protocols: ProtocolContext;
  #dependencies = new Map<PayloadBase, Dependency>();
  #out: ast.Statement[] = [];

  constructor(view: DelineariseView) {
    this.#view = view;
    this.#protocols = new ProtocolContext(view.family);
  }

  rule(statements: readonly ast.Statement[]): ast.Statement[] {
    for (const statement of joinRanges(statements)) this.#statement(statement);
    return this.#out;
  }

  #statement(s: ast.Statement): void {
    if (s.kind === 'match' && s.expr.kind === 'relational') return this.#match(s, s.expr);
    const value = (e: ast.Expr, type: Datatype, bits: number, byteorder: ByteOrder): ast.Expr => this.#argument(e, type, bits, byteorder);
    let done: ast.Statement = s;
    switch (s.kind) {
      case 'verdict':
        if (s.expr.kind === 'map') s.expr = this.#expr(s.expr);
        break;
      case 'mangle':
        done = this.#mangle(s);
        break;
      case 'nat':
        this.#nat(s);
        break;
      case 'tproxy': {
        const type = s.family === 'ip6' ? ipv6AddressType : ipv4AddressType;
        if (s.address !== undefined) s.address = value(s.address, type, type.bits, 'big');
        if (s.port !== undefined) s.port = value(s.port, inetServiceType, 16, 'big');
        s.shownFamily = this.#view.family === 'inet';
        break;
      }
      case 'dup': {
        const type = this.#view.family === 'ip6' ? ipv6AddressType : ipv4AddressType;
        if (s.address !== undefined) s.address = value(s.address, type, type.bits, 'big');
        if (s.device !== undefined) s.device = value(s.device, ifindexType, 32, 'host');
        break;
      }
      case 'fwd': {
        const type = s.family === 'ip6' ? ipv6AddressType : ipv4AddressType;
        if (s.address !== undefined) s.address = value(s.address, type, type.bits, 'big');
        s.device = value(s.device, ifindexType, 32, 'host');
        break;
      }
      case 'queue':
        if (s.queues !== undefined) s.queues = this.#expr(s.queues);
        break;
      case 'objref':
        if (s.expr.kind === 'map') s.expr = this.#expr(s.expr);
        break;
      case 'setstmt': {
        s.key = { ...s.key, key: this.#expr(s.key.key) };
        const { set } = s.set;
        if (s.data !== undefined && set?.dataType !== undefined)
          s.data = value(s.data, set.dataType, set.dataBits ?? 0, set.dataByteorder ?? 'host');
        break;
      }
      case 'meter':
        s.key = { ...s.key, key: this.#expr(s.key.key) };
        break;
      case 'optstrip':
        s.option = this.#expr(s.option);
        break;
      case 'reject':
        this.#reject(s);
        break;
    }
    // What was changed in between might be what the dependency was about.
    this.#dependencies.clear();
    this.#out.push(done);
  }

  // Matches.

  #match(s: ast.MatchStatement, e: ast.RelationalExpr): void {
    const split = this.#split(e);
    if (split !== null) {
      for (const each of split) this.#match({ kind: 'match', expr: each, loc: nowhere }, each);
      return;
    }
    const left = this.#expr(e.left);
    if (e.right.kind === 'setref') {
      const done = make.relational(nowhere, e.op, left, shiftedSet(e.right, left));
      this.#out.push({ kind: 'match', expr: done, loc: nowhere });
      if (left.kind === 'meta' && left.key === NFT_META_L4PROTO) this.#protocols.severalTransports = true;
      this.#learnIcmpTypes(left, e.right);
      return;
    }
    const done = this.#compare(e, left);
    const statement: ast.MatchStatement = { ...s, expr: done };
    this.#out.push(statement);
    this.#learn(statement, done);
  }

  /** icmp type { ... }: the fields of the last one are those that follow. */
  #learnIcmpTypes(left: ast.Expr, right: ast.SetRefExpr): void {
    const last = right.set?.elements?.elements.at(-1)?.key;
    if (left.kind === 'payload' && left.field?.name === 'type' && isIcmp(left.protocol) && last?.kind === 'value')
      this.#icmpType = Number(last.value);
  }

  /** Several fields that were compared at once. */
  #split(e: ast.RelationalExpr): ast.RelationalExpr[] | null {
    const { left, right } = e;
    if (left.kind !== 'payload' || right.kind !== 'value' || (e.op !== '==' && e.op !== 'implicit')) return null;
    const protocol = this.#protocolAt(left);
    if (protocol === undefined) return null;
    const start = left.offset - this.#linkOffset(protocol, left.base);
    if (protocol.fields.some((field) => field.offset === start && field.bits >= left.bits && this.#icmpFits(field))) return null;
    const bytes = valueBytes(right.value, right.bits, 'host');
    const out: ast.RelationalExpr[] = [];
    let at = start;
    while (at < start + left.bits) {
      const field = protocol.fields.find(
        (candidate) =>
          candidate.offset === at && candidate.bits % 8 === 0 && at + candidate.bits <= start + left.bits && this.#icmpFits(candidate),
      );
      if (field === undefined) return null;
      const part = bytes.slice((at - start) / 8, (at - start + field.bits) / 8);
      const payload: ast.PayloadExpr = { ...left, offset: left.offset + (at - start), bits: field.bits };
      out.push(make.relational(nowhere, e.op, payload, make.value(nowhere, integerType, field.bits, 'host', bytesValue(part, 'host'))));
      at += field.bits;
    }
    return out.length > 1 ? out : null;
  }

  #icmpFits(field: Field): boolean {
    return field.onlyOf === undefined || this.#icmpType === null || field.onlyOf.includes(this.#icmpType);
  }
  #icmpType: number | null = null;
  #icmpStatement: ast.Statement | null = null;

  #compare(e: ast.RelationalExpr, left: ast.Expr): ast.Expr {
    let plain = left;
    while (plain.kind === 'unary') plain = plain.of;
    const turned = left.kind === 'unary';
    const order: ByteOrder = turned ? 'big' : plain.byteorder;
    if (e.right.kind === 'range') {
      const right = make.range(nowhere, this.#typed(e.right.left, plain, order), this.#typed(e.right.right, plain, order));
      return make.relational(nowhere, e.op === '==' ? 'implicit' : e.op, plain, right);
    }
    if (plain.kind === 'binop') return this.#compareMasked(e, plain);
    const raw = e.right as ast.ValueExpr;
    // A name that was compared only at its beginning.
    if ((plain.type.base === stringType || plain.type === stringType) && raw.bits < plain.bits) {
      const value = make.value(nowhere, plain.type, raw.bits, 'host', raw.value);
      return make.relational(nowhere, e.op, plain, { ...make.prefix(nowhere, value, raw.bits) });
    }
    if (plain.kind === 'ct' && plain.byteorder === 'big' && raw.bits < plain.bits) {
      const first = bytesValue(valueBytes(raw.value, raw.bits, 'host'), 'big') << BigInt(plain.bits - raw.bits);
      return make.relational(
        nowhere,
        e.op,
        plain,
        make.prefix(nowhere, make.value(nowhere, plain.type, plain.bits, 'big', first), raw.bits),
      );
    }
    if (plain.kind === 'payload' && plain.field !== undefined && raw.bits < plain.field.bits && !turned) {
      const bytes = valueBytes(raw.value, raw.bits, 'host');
      const value = make.value(
        nowhere,
        plain.field.type,
        plain.field.bits,
        'big',
        bytesValue(bytes, 'big') << BigInt(plain.field.bits - raw.bits),
      );
      return make.relational(nowhere, e.op, { ...plain, bits: plain.field.bits }, make.prefix(nowhere, value, raw.bits));
    }
    return make.relational(nowhere, e.op, plain, this.#typed(raw, plain, order));
  }

  /** left & mask == value: a prefix, flags, or what it is. */
  #compareMasked(e: ast.RelationalExpr, left: ast.BinopExpr): ast.Expr {
    const raw = e.right as ast.ValueExpr;
    const right = this.#typed(raw, left, left.byteorder) as ast.ValueExpr;
    const mask = left.op === '&' && left.right.kind === 'value' ? left.right : null;
    if (mask === null) return make.relational(nowhere, e.op, left, right);
    const of = left.left;
    if (isBitmask(of.type) && (e.op === '==' || e.op === '!=')) {
      if (right.value === 0n) return make.relational(nowhere, e.op === '!=' ? 'implicit' : '!', of, { ...right, value: mask.value });
      if (of.kind !== 'binop' && (mask.value & (mask.value - 1n)) !== 0n)
        return {
          ...make.relational(nowhere, e.op, of, right),
          kind: 'flagcmp',
          left: of,
          mask: bitList(mask),
          value: bitList(right),
          op: e.op,
        };
    }
    const length = prefixLength(mask.value, mask.bits);
    if (length !== null && isPrefixType(of)) return make.relational(nowhere, e.op, of, make.prefix(nowhere, right, length));
    return make.relational(nowhere, e.op, left, right);
  }

  /** Bytes as a value of the type that they are compared with. */
  #typed(e: ast.Expr, like: ast.Expr, byteorder: ByteOrder): ast.Expr {
    if (e.kind !== 'value') return e;
    if (like.kind === 'concat') return this.#typedParts(e, like);
    const bytes = valueBytes(e.value, e.bits, 'host');
    let value = bytesValue(bytes, byteorder === 'big' ? 'big' : 'host');
    const shift = like.kind === 'payload' || like.kind === 'exthdr' ? (like.shift ?? 0) : 0;
    if (shift > 0) value >>= BigInt(shift);
    const bits = like.kind === 'payload' && like.field !== undefined && shift > 0 ? like.field.bits : e.bits;
    return make.value(nowhere, like.type, bits, like.byteorder, value);
  }

  #typedParts(e: ast.ValueExpr, like: ast.ConcatExpr): ast.Expr {
    const bytes = valueBytes(e.value, e.bits, 'host');
    let at = 0;
    const parts = like.parts.map((part) => {
      const length = Math.ceil(part.bits / 8);
      const value = make.value(
        nowhere,
        part.type,
        part.bits,
        part.byteorder,
        bytesValue(bytes.slice(at, at + length), part.byteorder === 'big' ? 'big' : 'host'),
      );
      at += Math.ceil(length / 4) * 4;
      return value;
    });
    return { ...make.concat(nowhere, parts), type: like.type, bits: like.bits };
  }

  #learn(statement: ast.MatchStatement, e: ast.Expr): void {
    if (e.kind !== 'relational' || (e.op !== '==' && e.op !== 'implicit') || e.right.kind !== 'value') return;
    const { left } = e;
    const number = Number(e.right.value);
    const depend = (protocol: Protocol | undefined, base: PayloadBase) => {
      if (protocol !== undefined) this.#protocols.set(protocol);
      this.#dependencies.set(base, { statement, left, number });
    };
    if (left.kind === 'meta') {
      if (left.key === NFT_META_IIFTYPE && number === 1) {
        if (this.#protocols.at(LINK) !== ether) depend(ether, LINK);
        else this.#dependencies.set(LINK, { statement, left, number });
      } else if (left.key === NFT_META_NFPROTO) {
        const protocol = number === NFPROTO_IPV4 ? ip : number === NFPROTO_IPV6 ? ip6 : undefined;
        if (protocol !== undefined) depend(protocol, NETWORK);
      } else if (left.key === NFT_META_L4PROTO) depend(upperOf(inetService, number), TRANSPORT);
      else if (left.key === NFT_META_PROTOCOL) {
        const protocol = upperOf(ether, number);
        if (this.#view.family === 'inet') return;
        if (protocol !== undefined && protocol !== vlan) depend(protocol, NETWORK);
      }
      return;
    }
    if (left.kind === 'ct' && left.key === NFT_CT_L3PROTOCOL) {
      const protocol = number === NFPROTO_IPV4 ? ip : number === NFPROTO_IPV6 ? ip6 : undefined;
      if (protocol !== undefined) depend(protocol, NETWORK);
      return;
    }
    if (left.kind !== 'payload' || left.protocol === undefined || left.field === undefined) return;
    if (isIcmp(left.protocol)) {
      if (left.field.name === 'type') {
        this.#icmpType = number;
        this.#icmpStatement = statement;
      }
      return;
    }
    if (left.field.name !== left.protocol.key) return;
    const upper = upperOf(left.protocol, number);
    if (upper !== undefined) depend(upper, upper.base);
  }

  /** A field of a header makes the match that says it is there superfluous. */
  #kill(e: ast.PayloadExpr | ast.ExthdrExpr | null, base: PayloadBase): void {
    const found = this.#dependencies.get(base);
    if (found === undefined) return;
    const { family } = this.#view;
    const { left } = found;
    if (left.kind === 'payload' && left.base === NETWORK && family !== 'ip' && family !== 'ip6') return;
    if (left.kind === 'payload' && left.base === LINK && base === LINK && family !== 'ip' && family !== 'ip6') {
      if (found.number !== 0x8100 || left.protocol !== ether) return;
    }
    if (left.kind === 'meta' && left.key === NFT_META_PROTOCOL && e !== null && base === TRANSPORT) return;
    this.#dependencies.delete(base);
    this.#out = this.#out.filter((s) => s !== found.statement);
  }

  // Expressions.

  #expr(e: ast.Expr): ast.Expr {
    switch (e.kind) {
      case 'payload':
        return e.protocol === undefined ? this.#payload(e, null) : e;
      case 'exthdr':
        return this.#exthdr(e, null);
      case 'binop':
        return this.#binop(e);
      case 'unary':
        return { ...e, of: this.#expr(e.of) };
      case 'concat': {
        const parts = e.parts.map((part) => {
          const done = this.#expr(part);
          return done.kind === 'unary' ? done.of : done;
        });
        return { ...e, parts, type: concatType(parts.map((part) => part.type)) };
      }
      case 'map': {
        const key = plainOf(this.#expr(e.key));
        return { ...e, key, mappings: e.mappings.kind === 'setref' ? shiftedSet(e.mappings, key) : e.mappings };
      }
      case 'hash':
        return e.of === undefined ? e : { ...e, of: this.#expr(e.of) };
      case 'ct': {
        const network = this.#protocols.network;
        const done = ctOfFamily(e, network === ip6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
        if (e.key === 8) return { ...done, key: network === ip6 ? 21 : 19 } as ast.CtExpr;
        return e.key === 9 ? ({ ...done, key: network === ip6 ? 22 : 20 } as ast.CtExpr) : e;
      }
      default:
        return e;
    }
  }

  #binop(e: ast.BinopExpr): ast.Expr {
    if (e.op === '&' && e.right.kind === 'value' && (e.left.kind === 'payload' || e.left.kind === 'exthdr')) {
      const bytes = valueBytes(e.right.value, e.right.bits, 'host');
      const mask = bytesValue(bytes, 'big');
      const field =
        e.left.kind === 'payload' ? (e.left.protocol === undefined ? this.#payload(e.left, mask) : e.left) : this.#exthdr(e.left, mask);
      if ((field.kind === 'payload' || field.kind === 'exthdr') && field.shift !== undefined) return field;
      return { ...e, left: field, type: field.type, byteorder: 'big', right: make.value(nowhere, field.type, e.right.bits, 'big', mask) };
    }
    const left = this.#expr(e.left);
    const shift = e.op === '<<' || e.op === '>>';
    // "vlan id" of a concatenation: the field lies at the end of its bytes anyhow.
    const right = shift ? e.right : this.#typed(e.right, left, left.byteorder);
    return { ...e, left, right, type: left.type, bits: left.bits, byteorder: left.byteorder };
  }

  #protocolAt(e: ast.PayloadExpr): Protocol | undefined {
    const known = this.#protocols.at(e.base);
    if (e.base === TRANSPORT && known === undefined) return th;
    if (e.base === LINK && (known === undefined || known === inet || known.fields.length === 0)) return undefined;
    return known;
  }

  #linkOffset(protocol: Protocol, base: PayloadBase): number {
    if (base !== LINK) return 0;
    return protocol === ether && this.#protocols.at(LINK) === vlan ? 0 : this.#protocols.linkOffset;
  }

  /** The field that lies there; with a mask, the part of the bytes that it lets through. */
  #payload(e: ast.PayloadExpr, mask: bigint | null): ast.PayloadExpr {
    let protocol = this.#protocolAt(e);
    if (protocol === undefined) return e;
    let start = e.offset - this.#linkOffset(protocol, e.base);
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
      this.#icmpFits(field) &&
      (field.bits === bits || (mask === null && bits < field.bits && /addr/.test(field.name)));
    const field = protocol.fields.find((candidate) => fits(candidate) && candidate.bits === bits) ?? protocol.fields.find(fits);
    if (field === undefined) return e;
    // "vlan type" says nothing of the type before it.
    const alone = this.#view.family === 'ip' || this.#view.family === 'ip6';
    if (alone || protocol !== vlan || field.name !== 'type') this.#kill(e, e.base);
    // Messages of one version of IP say which; fields of one type of message say that.
    if (isIcmp(protocol) && this.#protocols.network === (protocol.name === 'icmp' ? ip : ip6)) this.#kill(e, NETWORK);
    if (field.onlyOf?.length === 1 && this.#icmpStatement !== null && field.onlyOf[0] === this.#icmpType)
      this.#out = this.#out.filter((s) => s !== this.#icmpStatement);
    const done: ast.PayloadExpr = { ...e, protocol, field, raw: false, type: field.type, ...(shift === undefined ? {} : { shift }) };
    return done;
  }

  #exthdr(e: ast.ExthdrExpr, mask: bigint | null): ast.ExthdrExpr {
    if (e.raw !== true) return e;
    const tables = new Map<number, readonly ExtensionHeader[]>([
      [exthdrWire.NFT_EXTHDR_OP_IPV6, ipv6Extensions],
      [exthdrWire.NFT_EXTHDR_OP_TCPOPT, tcpOptions],
      [exthdrWire.NFT_EXTHDR_OP_IPV4, ipOptions],
      [exthdrWire.NFT_EXTHDR_OP_SCTP, sctpChunks],
    ]);
    if (e.op === exthdrWire.NFT_EXTHDR_OP_IPV6 || e.op === exthdrWire.NFT_EXTHDR_OP_IPV4) this.#kill(e, NETWORK);
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

  // Statements.

  #argument(e: ast.Expr, type: Datatype, bits: number, byteorder: ByteOrder): ast.Expr {
    if (e.kind === 'range' && sameValue(e)) {
      const single = this.#argument(e.left, type, bits, byteorder);
      return make.prefix(nowhere, single, single.bits);
    }
    if (e.kind === 'range')
      return rangeOrPrefix(
        make.range(nowhere, this.#argument(e.left, type, bits, byteorder), this.#argument(e.right, type, bits, byteorder)),
      );
    if (e.kind !== 'value') return plainOf(this.#expr(e));
    if (type.parts !== undefined) {
      const bytes = valueBytes(e.value, e.bits, 'host');
      let at = 0;
      const parts = type.parts.map((part) => {
        const length = Math.ceil(part.bits / 8);
        const order = part.byteorder === 'none' ? 'big' : part.byteorder;
        const value = make.value(nowhere, part, part.bits, order, bytesValue(bytes.slice(at, at + length), order));
        at += Math.ceil(length / 4) * 4;
        return value;
      });
      return make.concat(nowhere, parts);
    }
    const order = byteorder === 'none' ? 'host' : byteorder;
    return make.value(nowhere, type, bits, order, bytesValue(valueBytes(e.value, e.bits, 'host'), order));
  }

  #nat(s: ast.NatStatement): void {
    // "ip protocol tcp" stays before "redirect to :tcp dport map".
    const transport = this.#dependencies.get(TRANSPORT);
    if (transport?.left.kind === 'payload') this.#dependencies.delete(TRANSPORT);
    const type = s.family === 'ip6' ? ipv6AddressType : ipv4AddressType;
    if (s.address !== undefined) s.address = this.#argument(s.address, type, type.bits, 'big');
    if (s.port !== undefined) s.port = this.#port(s.port);
    s.shownFamily = this.#view.family === 'inet';
    if (s.prefix === true || (s.address?.kind === 'map' && (s.concat === true || s.interval === true))) s.shownFamily = true;
  }

  #port(e: ast.Expr): ast.Expr {
    if (e.kind === 'range') return make.range(nowhere, this.#port(e.left), this.#port(e.right));
    return this.#argument(e, inetServiceType, 16, 'big');
  }

  #mangle(s: ast.MangleStatement): ast.Statement {
    const field = this.#maskedSet(s);
    if (field !== null) return field;
    const key = this.#expr(s.key);
    const value = this.#argument(s.value, key.type, key.bits, key.byteorder);
    return { ...s, key, value: value.kind === 'value' && isBitmask(key.type) ? bitList(value) : value };
  }

  /** A field that is a part of the bytes that are written: load, mask, or, write. */
  #maskedSet(s: ast.MangleStatement): ast.MangleStatement | null {
    if (s.key.kind !== 'payload' || s.value.kind !== 'binop') return null;
    let inner: ast.Expr = s.value;
    let mask: bigint | null = null;
    let set = 0n;
    const whole = (1n << BigInt(s.key.bits)) - 1n;
    const big = (e: ast.Expr) => (e.kind === 'value' ? bytesValue(valueBytes(e.value, e.bits, 'host'), 'big') : 0n);
    while (inner.kind === 'binop') {
      if (inner.op === '&') mask = (mask ?? whole) & big(inner.right);
      else if (inner.op === '|') {
        set |= big(inner.right);
        mask = (mask ?? whole) & ~big(inner.right) & whole;
      } else if (inner.op === '^') set ^= big(inner.right);
      inner = inner.left;
    }
    if (inner.kind !== 'payload' || inner.base !== s.key.base || inner.offset !== s.key.offset || mask === null) return null;
    const protocol = this.#protocolAt(s.key);
    if (protocol === undefined) return null;
    const start = s.key.offset - this.#linkOffset(protocol, s.key.base);
    const end = start + s.key.bits;
    const written = (whole ^ mask) | set;
    const candidates = protocol.fields.filter(
      (field) => field.offset >= start && field.offset + field.bits <= end && field.bits < s.key.bits && this.#icmpFits(field),
    );
    for (const field of candidates) {
      const low = BigInt(end - field.offset - field.bits);
      const hole = ((1n << BigInt(field.bits)) - 1n) << low;
      if ((written & ~hole) !== 0n) continue;
      this.#kill(s.key, s.key.base);
      const key: ast.PayloadExpr = { ...s.key, protocol, field, raw: false, type: field.type };
      const value = make.value(nowhere, field.type, field.bits, 'big', (set & hole) >> low);
      return { ...s, key, value: isBitmask(field.type) ? { ...value, symbolic: 'bits' } : value };
    }
    return null;
  }

  #reject(s: ast.RejectStatement): void {
    const { family } = this.#view;
    if (s.type === NFT_REJECT_TCP_RST) {
      s.family = 'tcp';
      if (family === 'ip' || family === 'ip6') this.#kill(null, TRANSPORT);
      return;
    }
    if (s.type === NFT_REJECT_ICMPX_UNREACH) {
      s.family = 'icmpx';
      return;
    }
    const network = family === 'ip' ? ip : family === 'ip6' ? ip6 : this.#protocols.network;
    s.family = network === ip6 ? 'icmpv6' : 'icmp';
    if (family === 'ip' || family === 'ip6') return;
    s.shownFamily = true;
    this.#kill(null, NETWORK);
  }
}

const isIcmp = (protocol: Protocol | undefined): boolean => protocol?.name === 'icmp' || protocol?.name === 'icmpv6';

/** Of a part of bytes, the keys of a set without a name lie where the part lies. */
function shiftedSet(e: ast.SetRefExpr, left: ast.Expr): ast.SetRefExpr {
  const by = left.kind === 'payload' || left.kind === 'exthdr' ? (left.shift ?? 0) : 0;
  if (by === 0 || e.set?.elements === undefined || (e.set.flags & NFT_SET_ANONYMOUS) === 0) return e;
  const moved = (value: ast.ValueExpr) => ({ ...value, value: value.value >> BigInt(by) });
  const elements = e.set.elements.elements.map((element) => ({ ...element, key: mapValues(element.key, moved) }));
  return { ...e, set: { ...e.set, elements: { ...e.set.elements, elements } } };
}

const rank = (header: ExtensionHeader): number => (header.name === 'rt' ? 0 : header.name === 'srh' ? 1 : 2);

const sameValue = (e: ast.RangeExpr): boolean =>
  e.left.kind === 'value' && e.right.kind === 'value' && e.left.value === e.right.value && e.left.bits >= 32;

const plainOf = (e: ast.Expr): ast.Expr => (e.kind === 'unary' ? e.of : e);
const bitList = (e: ast.ValueExpr): ast.Expr => ({ ...e, symbolic: 'flags' });

/** >= and <= one behind the other are a range, and < and > what is outside of one; nft looks at the kind of what is read only. */
function joinRanges(statements: readonly ast.Statement[]): ast.Statement[] {
  const out: ast.Statement[] = [];
  for (const s of statements) {
    const before = out.at(-1);
    const first = before?.kind === 'match' && before.expr.kind === 'relational' ? before.expr : null;
    const second = s.kind === 'match' && s.expr.kind === 'relational' ? s.expr : null;
    const inside = first?.op === '>=' && second?.op === '<=';
    const outside = first?.op === '<' && second?.op === '>';
    if (first !== null && second !== null && (inside || outside) && plainOf(first.left).kind === plainOf(second.left).kind) {
      const range = make.range(nowhere, first.right, second.right);
      out[out.length - 1] = {
        kind: 'match',
        expr: make.relational(nowhere, inside ? 'implicit' : '!=', second.left, range),
        loc: nowhere,
      };
    } else out.push(s);
  }
  return out;
}

/** Of a mask of ones from the highest bit on, how many. */
function prefixLength(mask: bigint, bits: number): number | null {
  if (mask === 0n) return 0;
  const text = mask.toString(2).padStart(bits, '0');
  return /^1+0*$/.test(text) ? text.lastIndexOf('1') + 1 : null;
}

/** The lowest bit and number of bits of a mask of neighbouring ones. */
function contiguous(mask: bigint): { low: number; count: number } | null {
  const text = mask.toString(2);
  if (!/^1+0*$/.test(text)) return null;
  const count = text.lastIndexOf('1') + 1;
  return { low: text.length - count, count };
}

const isPrefixType = (e: ast.Expr): boolean => e.type.prefix === true && e.kind !== 'binop';

/** Addresses from one to the last of a prefix are shown as that. */
export function rangeOrPrefix(e: ast.RangeExpr): ast.Expr {
  if (e.left.kind !== 'value' || e.right.kind !== 'value') return e;
  const difference = e.left.value ^ e.right.value;
  const bits = difference === 0n ? 0 : difference.toString(2).length;
  if (difference !== (1n << BigInt(bits)) - 1n || (e.left.value & difference) !== 0n || bits === 0) return e;
  if (e.left.type.prefix !== true) return e;
  return make.prefix(e.loc, e.left, e.left.bits - bits);
}

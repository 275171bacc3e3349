import { NFT_CT_L3PROTOCOL } from '../../../netlink/nfnl/expressions/ct.js';
import { NFT_META_IIFTYPE, NFT_META_L4PROTO, NFT_META_NFPROTO, NFT_META_PROTOCOL } from '../../../netlink/nfnl/expressions/meta.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type * as ast from '../ast.js';
import { ProtocolContext } from '../evaluate/protocol-context.js';
import { ether, inet, vlan } from '../protocols/link.js';
import { inetService, ip, ip6 } from '../protocols/network.js';
import { type Field, LINK, NETWORK, type PayloadBase, type Protocol, TRANSPORT, upperOf } from '../protocols/protocol.js';
import { th } from '../protocols/transport.js';

/** A match that says what a header behind it is, and goes away where a field of that header says it anyhow. */
interface Dependency {
  readonly statement: ast.Statement;
  readonly left: ast.Expr;
  readonly number: number;
}

/** What the statements read so far tell of the headers of a packet. */
export class KnownHeaders {
  readonly family: ast.Family;
  readonly protocols: ProtocolContext;
  readonly dependencies = new Map<PayloadBase, Dependency>();
  /** The statements read so far. */
  out: ast.Statement[] = [];
  /** Of ICMP and ICMPv6: the type of message, and the match that says so. */
  icmpType: number | null = null;
  icmpStatement: ast.Statement | null = null;

  constructor(family: ast.Family) {
    this.family = family;
    this.protocols = new ProtocolContext(family);
  }

  learn(statement: ast.MatchStatement, e: ast.Expr): void {
    if (e.kind !== 'relational' || (e.op !== '==' && e.op !== 'implicit') || e.right.kind !== 'value') return;
    const { left } = e;
    const number = Number(e.right.value);
    const depend = (protocol: Protocol | undefined, base: PayloadBase) => {
      if (protocol !== undefined) this.protocols.set(protocol);
      this.dependencies.set(base, { statement, left, number });
    };
    if (left.kind === 'meta') {
      if (left.key === NFT_META_IIFTYPE && number === 1) {
        if (this.protocols.at(LINK) !== ether) depend(ether, LINK);
        else this.dependencies.set(LINK, { statement, left, number });
      } else if (left.key === NFT_META_NFPROTO) {
        const protocol = number === NFPROTO_IPV4 ? ip : number === NFPROTO_IPV6 ? ip6 : undefined;
        if (protocol !== undefined) depend(protocol, NETWORK);
      } else if (left.key === NFT_META_L4PROTO) depend(upperOf(inetService, number), TRANSPORT);
      else if (left.key === NFT_META_PROTOCOL) {
        const protocol = upperOf(ether, number);
        if (this.family === 'inet') return;
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
        this.icmpType = number;
        this.icmpStatement = statement;
      }
      return;
    }
    if (left.field.name !== left.protocol.key) return;
    const upper = upperOf(left.protocol, number);
    if (upper !== undefined) depend(upper, upper.base);
  }

  /** A field of a header makes the match that says it is there superfluous. */
  kill(e: ast.PayloadExpr | ast.ExthdrExpr | null, base: PayloadBase): void {
    const found = this.dependencies.get(base);
    if (found === undefined) return;
    const { family } = this;
    const { left } = found;
    if (left.kind === 'payload' && left.base === NETWORK && family !== 'ip' && family !== 'ip6') return;
    if (left.kind === 'payload' && left.base === LINK && base === LINK && family !== 'ip' && family !== 'ip6') {
      if (found.number !== 0x8100 || left.protocol !== ether) return;
    }
    if (left.kind === 'meta' && left.key === NFT_META_PROTOCOL && e !== null && base === TRANSPORT) return;
    this.dependencies.delete(base);
    this.out = this.out.filter((s) => s !== found.statement);
  }

  /** icmp type { ... }: the fields of the last one are those that follow. */
  learnIcmpTypes(left: ast.Expr, right: ast.SetRefExpr): void {
    const last = right.set?.elements?.elements.at(-1)?.key;
    if (left.kind === 'payload' && left.field?.name === 'type' && isIcmp(left.protocol) && last?.kind === 'value')
      this.icmpType = Number(last.value);
  }

  /** Can a message of the known type have this field? */
  icmpFits(field: Field): boolean {
    return field.onlyOf === undefined || this.icmpType === null || field.onlyOf.includes(this.icmpType);
  }

  protocolAt(e: ast.PayloadExpr): Protocol | undefined {
    const known = this.protocols.at(e.base);
    if (e.base === TRANSPORT && known === undefined) return th;
    if (e.base === LINK && (known === undefined || known === inet || known.fields.length === 0)) return undefined;
    return known;
  }

  linkOffset(protocol: Protocol, base: PayloadBase): number {
    if (base !== LINK) return 0;
    return protocol === ether && this.protocols.at(LINK) === vlan ? 0 : this.protocols.linkOffset;
  }
}

export const isIcmp = (protocol: Protocol | undefined): boolean => protocol?.name === 'icmp' || protocol?.name === 'icmpv6';

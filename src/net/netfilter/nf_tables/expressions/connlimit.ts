import { EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { connlimit as schema, NFT_CONNLIMIT_F_INV } from '../../../../netlink/nfnl/expressions/connlimit.js';
import { IPS_CONFIRMED } from '../../conntrack/layout.js';
import { type Expression, type ExpressionContext, expressionKind } from '../expression.js';
import type { ObjectBehaviour } from '../object.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE, NF_DROP } from '../verdict.js';
import { ConntrackUser, inNamespace } from './conntrack-user.js';

/** How many connections have passed it that are still there. */
export class Connlimit extends ConntrackUser implements ObjectBehaviour {
  readonly #seen = new Set<number>();

  constructor(
    readonly limit: number,
    readonly flags: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const id = packet.skb.conntrack;
    if (id === 0) return NF_DROP;
    const { table } = packet.tables.namespace.conntrack;
    if (!this.#seen.has(id)) {
      // Those that have ended give their places back.
      for (const other of this.#seen)
        if ((table.status(other) & IPS_CONFIRMED) === 0 || packet.tables.namespace.conntrack.expired(other)) this.#seen.delete(other);
      this.#seen.add(id);
    }
    const over = this.#seen.size > this.limit;
    return over === ((this.flags & NFT_CONNLIMIT_F_INV) !== 0) ? CONTINUE : BREAK;
  }

  override get stateful(): boolean {
    return true;
  }

  override clone(): Expression {
    const copy = new Connlimit(this.limit, this.flags);
    copy.namespace = this.namespace;
    return copy;
  }

  describe() {
    return { count: this.limit, flags: this.flags };
  }
}

export function makeConnlimit(
  values: { readonly count?: number | undefined; readonly flags?: number | undefined },
  { namespace }: Pick<ExpressionContext, 'namespace'>,
): Connlimit {
  const flags = values.flags ?? 0;
  if (values.count === undefined || (flags & ~NFT_CONNLIMIT_F_INV) !== 0) return fail(EINVAL);
  return inNamespace(new Connlimit(values.count, flags), namespace);
}

export const connlimit = expressionKind(schema, makeConnlimit);

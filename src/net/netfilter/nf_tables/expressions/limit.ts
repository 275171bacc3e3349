import { EINVAL, EOVERFLOW } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { limit as schema, NFT_LIMIT_F_INV, NFT_LIMIT_PKT_BYTES } from '../../../../netlink/nfnl/expressions/limit.js';
import { Expression, type ExpressionContext, expressionKind } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';

const DEFAULT_BURST = 5;
const US = 1_000_000;

export interface LimitParameters {
  readonly rate: number;
  /** Seconds. */
  readonly unit: number;
  readonly burst: number;
  readonly type: number;
  readonly flags: number;
}

/** A bucket of tokens, which are microseconds: a packet costs the time in which the rate allows one. */
export class Limit extends Expression {
  #tokens: number;
  #lastUs: number;
  readonly #full: number;

  constructor(
    readonly parameters: LimitParameters,
    nowUs: number,
  ) {
    super();
    const { rate, unit, burst, type } = parameters;
    this.#full = type === NFT_LIMIT_PKT_BYTES ? ((unit * US) / rate) * (rate + burst) : ((unit * US) / rate) * burst;
    this.#tokens = this.#full;
    this.#lastUs = nowUs;
  }

  run(packet: PacketInfo): number {
    const { rate, unit, type, flags } = this.parameters;
    const { skb } = packet;
    const { nowUs } = packet.tables.namespace.stack;
    const cost = ((unit * US) / rate) * (type === NFT_LIMIT_PKT_BYTES ? skb.tail - skb.data : 1);
    const tokens = Math.min(this.#tokens + nowUs - this.#lastUs, this.#full);
    this.#lastUs = nowUs;
    const within = tokens >= cost;
    this.#tokens = within ? tokens - cost : tokens;
    return within === ((flags & NFT_LIMIT_F_INV) === 0) ? CONTINUE : BREAK;
  }

  override get stateful(): boolean {
    return true;
  }

  override clone(): Expression {
    return new Limit(this.parameters, this.#lastUs);
  }

  describe() {
    return { ...this.parameters };
  }
}

interface LimitValues {
  readonly rate?: number | undefined;
  readonly unit?: number | undefined;
  readonly burst?: number | undefined;
  readonly type?: number | undefined;
  readonly flags?: number | undefined;
}

export function makeLimit(values: LimitValues, context: Pick<ExpressionContext, 'namespace'>): Limit {
  const { rate, unit } = values;
  if (rate === undefined || unit === undefined || rate === 0) return fail(EINVAL);
  if (unit * 1e9 < unit) return fail(EOVERFLOW);
  const type = values.type ?? 0;
  let burst = values.burst ?? 0;
  if (type !== NFT_LIMIT_PKT_BYTES && burst === 0) burst = DEFAULT_BURST;
  if (rate + burst < rate) return fail(EOVERFLOW);
  return new Limit({ rate, unit, burst, type, flags: values.flags ?? 0 }, context.namespace.stack.nowUs);
}

export const limit = expressionKind(schema, makeLimit);

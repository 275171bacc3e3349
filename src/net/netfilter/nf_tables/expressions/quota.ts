import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { NFT_QUOTA_F_DEPLETED, NFT_QUOTA_F_INV, quota as schema } from '../../../../netlink/nfnl/expressions/quota.js';
import { Expression, expressionKind } from '../expression.js';
import type { ObjectBehaviour } from '../object.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';

export class Quota extends Expression implements ObjectBehaviour {
  #depleted = false;

  constructor(
    public bytes: number,
    public flags: number,
    public consumed: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    this.consumed += packet.skb.tail - packet.skb.data;
    const over = this.consumed >= this.bytes;
    if (over && !this.#depleted) {
      this.#depleted = true;
      this.onDepleted?.();
    }
    return over === ((this.flags & NFT_QUOTA_F_INV) !== 0) ? CONTINUE : BREAK;
  }

  /** Of an object: tells who listens, once. */
  onDepleted: (() => void) | null = null;

  override get stateful(): boolean {
    return true;
  }

  override clone(): Expression {
    return new Quota(this.bytes, this.flags, 0);
  }

  update(other: ObjectBehaviour): void {
    const { bytes, flags } = other as Quota;
    this.bytes = bytes;
    this.flags = flags;
  }

  describe(reset: boolean) {
    const consumed = Math.min(this.consumed, this.bytes);
    const flags = this.flags | (this.#depleted ? NFT_QUOTA_F_DEPLETED : 0);
    if (reset) {
      this.consumed = 0;
      this.#depleted = false;
    }
    return { bytes: this.bytes, consumed, flags };
  }
}

interface QuotaValues {
  readonly bytes?: number | undefined;
  readonly flags?: number | undefined;
  readonly consumed?: number | undefined;
}

export function makeQuota(values: QuotaValues): Quota {
  const bytes = values.bytes ?? fail(EINVAL);
  const flags = values.flags ?? 0;
  if ((flags & ~NFT_QUOTA_F_INV) !== 0) return fail((flags & NFT_QUOTA_F_DEPLETED) !== 0 ? EOPNOTSUPP : EINVAL);
  return new Quota(bytes, flags, values.consumed ?? 0);
}

export const quota = expressionKind(schema, makeQuota);

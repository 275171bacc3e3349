import { EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { NF_NAT_RANGE_PROTO_SPECIFIED } from '../../../../netlink/nfnl/expressions/nat.js';
import type { NatRange } from '../../nat/range.js';
import type { BaseChain } from '../chain.js';
import { type ExpressionContext, loadRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { swap16 } from './bytes.js';

/** NAT's statements stand in base chains of type nat alone, and there on some hooks. EOPNOTSUPP */
export function onlyInNat(base: BaseChain, hooks: readonly number[]): void {
  if (base.type !== 'nat' || !hooks.includes(base.hook)) fail(EOPNOTSUPP);
}

/** A statement in a base chain itself is refused at once. */
export function checkChain(context: ExpressionContext, check: (base: BaseChain) => void): void {
  const base = context.chain?.base;
  if (base !== null && base !== undefined) check(base);
}

/** Ports out of registers: a range, or one alone. */
export class PortRegisters {
  readonly min: number | null;
  readonly max: number | null;

  constructor(min: number | undefined, max: number | undefined) {
    this.min = min === undefined ? null : loadRegister(min, 2);
    this.max = max === undefined ? this.min : loadRegister(max, 2);
  }

  fill(packet: PacketInfo, range: NatRange): void {
    if (this.min === null || this.max === null) return;
    range.minPort = swap16(packet.registers[this.min]!);
    range.maxPort = swap16(packet.registers[this.max]!);
    range.flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
  }

  get reads(): readonly (readonly [number, number])[] {
    return this.min === null || this.max === null
      ? []
      : [
          [this.min, 1],
          [this.max, 1],
        ];
  }
}

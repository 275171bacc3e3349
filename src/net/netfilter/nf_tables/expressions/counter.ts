import { counter as schema } from '../../../../netlink/nfnl/expressions/counter.js';
import type { CodeWriter } from '../compile.js';
import { Expression, expressionKind } from '../expression.js';
import type { Assembler } from '../machine.js';
import type { PacketInfo } from '../packet-info.js';
import { CONTINUE } from '../verdict.js';

const PACKETS = 0;
const BYTES = 1;

export class Counter extends Expression {
  readonly counts = new Float64Array(2);

  constructor(packets: number, bytes: number) {
    super();
    this.counts[PACKETS] = packets;
    this.counts[BYTES] = bytes;
  }

  run(packet: PacketInfo): number {
    const { skb } = packet;
    this.counts[PACKETS]!++;
    this.counts[BYTES]! += skb.tail - skb.data;
    return CONTINUE;
  }

  override compile(code: CodeWriter): boolean {
    const counts = code.constant(this.counts);
    code.line(`${counts}[0]++;${counts}[1]+=s.tail-s.data;`);
    return true;
  }

  override assemble(assembler: Assembler): boolean {
    assembler.count(this.counts);
    return true;
  }

  override get stateful(): boolean {
    return true;
  }

  override clone(): Expression {
    return new Counter(this.counts[PACKETS]!, this.counts[BYTES]!);
  }

  describe(reset: boolean) {
    const values = { packets: this.counts[PACKETS]!, bytes: this.counts[BYTES]! };
    if (reset) this.counts.fill(0);
    return values;
  }
}

export const counter = expressionKind(schema, (values) => new Counter(values.packets ?? 0, values.bytes ?? 0));

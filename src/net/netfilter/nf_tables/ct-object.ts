import type { Conntrack } from '../conntrack/conntrack.js';
import type { ObjectBehaviour } from './object.js';
import type { PacketInfo } from './packet-info.js';

/** An object that acts on connections: they are tracked while it is there. */
export abstract class CtObject implements ObjectBehaviour {
  constructor(
    readonly conntrack: Conntrack,
    readonly values: Readonly<Record<string, unknown>>,
  ) {}

  abstract run(packet: PacketInfo): number;

  begin(): void {
    this.conntrack.use();
  }

  end(): void {
    this.conntrack.unuse();
  }

  describe(): Readonly<Record<string, unknown>> {
    return this.values;
  }
}

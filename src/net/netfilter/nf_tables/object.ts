import type { Expression } from './expression.js';
import type { Table } from './table.js';
import type { PacketInfo } from './packet-info.js';

/** A named stateful object (struct nft_object): a counter, quota, limit, ... that rules refer to. */
export class StatefulObject {
  readonly table: Table;
  readonly name: string;
  /** NFT_OBJECT_* */
  readonly type: number;
  readonly handle: number;
  userdata: Uint8Array | undefined;
  /** Rules and elements that refer to it. */
  use = 0;
  /** What it does; an update puts another in its place. */
  behaviour: ObjectBehaviour;

  constructor(table: Table, name: string, type: number, handle: number, behaviour: ObjectBehaviour) {
    this.table = table;
    this.name = name;
    this.type = type;
    this.handle = handle;
    this.behaviour = behaviour;
  }
}

/** What an object is: an expression that can stand by itself, or data that a statement puts on a connection. */
export interface ObjectBehaviour {
  run(packet: PacketInfo): number;
  /** It is there, and it is not any more: what it needs is held in between. */
  begin?(): void;
  end?(): void;
  /** NFTA_OBJ_DATA */
  describe(reset: boolean): Readonly<Record<string, unknown>>;
  /** Takes over new parameters and keeps its counters; left out: it cannot be changed. */
  update?(other: ObjectBehaviour): void;
}

export const fromExpression = (expression: Expression): ObjectBehaviour => expression;

import type { Table } from './table.js';

/** A flowtable: connections that take a short way past the rules (struct nft_flowtable). */
export class Flowtable {
  readonly table: Table;
  readonly name: string;
  readonly handle: number;
  readonly priority: number;
  readonly hook: number;
  flags: number;
  devices: string[];
  /** How it leaves its devices. */
  readonly unhook: (() => void)[] = [];
  /** Rules that refer to it. */
  use = 0;

  constructor(table: Table, name: string, handle: number, hook: number, priority: number, flags: number, devices: string[]) {
    this.table = table;
    this.name = name;
    this.handle = handle;
    this.hook = hook;
    this.priority = priority;
    this.flags = flags;
    this.devices = devices;
  }
}

import type * as ast from '../ast.js';
import type { Interval } from '../linearise/elements.js';

/** What is known of a table: what the kernel has, and what the commands so far add. */
export class TableState {
  readonly decl: ast.TableDecl;
  readonly chains: ChainState[] = [];
  readonly sets: ast.SetDecl[] = [];
  readonly objects: ast.ObjectDecl[] = [];
  readonly flowtables: ast.FlowtableDecl[] = [];
  /** Elements of interval sets, by the set's name, once they were asked for. */
  readonly intervals = new Map<string, Interval[]>();
  elementsLoaded = false;

  constructor(decl: ast.TableDecl) {
    this.decl = decl;
  }

  set(name: string): ast.SetDecl | undefined {
    return this.sets.find((set) => set.name === name);
  }

  chain(name: string): ChainState | undefined {
    return this.chains.find(({ chain }) => chain.name === name);
  }
}

export interface ChainState {
  readonly chain: ast.ChainDecl;
  rules: ast.RuleDecl[];
  /** Of jump { ... }: not listed by itself. */
  readonly binding: boolean;
}

export class Ruleset {
  tables: TableState[] = [];

  table(family: ast.Family, name: string): TableState | undefined {
    return this.tables.find(({ decl }) => decl.family === family && decl.name === name);
  }
}

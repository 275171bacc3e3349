import type { ChainDecl, Expr, Family, FlowtableDecl, Named, ObjectDecl, RuleDecl, SetDecl, SetExpr, TableDecl } from './ast.js';
import type { Location } from './location.js';

export type Verb =
  | 'add'
  | 'create'
  | 'insert'
  | 'replace'
  | 'delete'
  | 'list'
  | 'flush'
  | 'rename'
  | 'reset'
  | 'get'
  | 'describe'
  | 'monitor';

/** What a command is about; plurals for lists. */
export type Target =
  | 'table'
  | 'chain'
  | 'rule'
  | 'set'
  | 'map'
  | 'meter'
  | 'element'
  | 'flowtable'
  | 'object'
  | 'ruleset'
  | 'tables'
  | 'chains'
  | 'sets'
  | 'maps'
  | 'meters'
  | 'flowtables'
  | 'objects'
  | 'hooks'
  | 'expression'
  | 'events';

export interface Handle {
  readonly id: number;
  readonly loc: Location;
}

export interface TableBlock {
  readonly table: TableDecl;
  readonly chains: { readonly chain: ChainDecl; readonly rules: RuleDecl[]; readonly loc: Location }[];
  readonly sets: SetDecl[];
  readonly objects: ObjectDecl[];
  readonly flowtables: FlowtableDecl[];
}

/** One command of the language. */
export interface Command {
  readonly verb: Verb;
  readonly target: Target;
  readonly family?: Family;
  readonly table?: Named;
  /** Of the chain, set, object or flowtable. */
  readonly name?: Named;
  readonly handle?: Handle;
  /** Of rules: "position" or "handle" 7, and "index" 2. */
  readonly position?: Handle;
  readonly index?: Handle;
  readonly block?: TableBlock;
  readonly chain?: ChainDecl;
  readonly rules?: readonly RuleDecl[];
  readonly rule?: RuleDecl;
  readonly set?: SetDecl;
  readonly object?: ObjectDecl;
  /** Of lists, deletions and resets: NFT_OBJECT_* */
  readonly objectType?: number;
  readonly flowtable?: FlowtableDecl;
  readonly elements?: SetExpr;
  readonly newName?: Named;
  readonly expr?: Expr;
  /** Of a name of a type alone. */
  readonly typeName?: Named;
  readonly monitor?: { readonly what: string; readonly event: string; readonly format: 'text' | 'json' };
  readonly loc: Location;
}

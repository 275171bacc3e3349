import type { ByteOrder, Datatype } from './datatypes/datatype.js';
import type { Location } from './location.js';
import type { ExtensionHeader } from './protocols/options.js';
import type { Field, PayloadBase, Protocol } from './protocols/protocol.js';

/** The language as a tree. Parser and delineariser make it, evaluation completes it, lineariser and printers walk it. */

interface Node {
  loc: Location;
  type: Datatype;
  byteorder: ByteOrder;
  /** Bits. */
  bits: number;
}

/** A word that has no type yet, a variable, or the name of a set. */
export interface SymbolExpr extends Node {
  readonly kind: 'symbol';
  readonly text: string;
  /** Written in quotes. */
  readonly quoted?: boolean;
}
export interface SetRefExpr extends Node {
  readonly kind: 'setref';
  readonly name: string;
  set?: SetDecl;
}
export interface ValueExpr extends Node {
  readonly kind: 'value';
  value: bigint;
  /** Of flags in a set: shown bit by bit. */
  symbolic?: 'bits' | 'flags';
}
export interface PrefixExpr extends Node {
  readonly kind: 'prefix';
  of: Expr;
  readonly length: number;
}
export interface RangeExpr extends Node {
  readonly kind: 'range';
  left: Expr;
  right: Expr;
}
export interface ConcatExpr extends Node {
  readonly kind: 'concat';
  parts: Expr[];
}
export interface ListExpr extends Node {
  readonly kind: 'list';
  items: Expr[];
}
export interface SetExpr extends Node {
  readonly kind: 'set';
  elements: ElementExpr[];
  set?: SetDecl;
}
export interface ElementExpr extends Node {
  readonly kind: 'element';
  key: Expr;
  data?: Expr;
  timeout?: number;
  expires?: number;
  comment?: string;
  statements?: Statement[];
}
export interface CatchallExpr extends Node {
  readonly kind: 'catchall';
}
export interface MapExpr extends Node {
  readonly kind: 'map';
  key: Expr;
  mappings: Expr;
}
export interface BinopExpr extends Node {
  readonly kind: 'binop';
  readonly op: BinaryOperator;
  left: Expr;
  right: Expr;
  /** Of a field that is a part of bytes: its own bits. */
  narrow?: number;
}
export type BinaryOperator = '&' | '|' | '^' | '<<' | '>>';
/** Turns bytes round. */
export interface UnaryExpr extends Node {
  readonly kind: 'unary';
  readonly op: 'hton' | 'ntoh';
  of: Expr;
}
export interface VerdictExpr extends Node {
  readonly kind: 'verdict';
  readonly verb: 'accept' | 'drop' | 'continue' | 'return' | 'jump' | 'goto' | 'queue' | 'stolen' | 'repeat' | 'stop' | 'break';
  /** A chain's name. */
  chain?: Expr;
  /** jump { ... } */
  block?: ChainBlock;
}
export interface ChainBlock {
  readonly rules: readonly RuleDecl[];
  chainId?: number;
}
export interface RelationalExpr extends Node {
  readonly kind: 'relational';
  op: RelationalOperator;
  left: Expr;
  right: Expr;
}
export type RelationalOperator = 'implicit' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '!';
/** flags syn / syn,ack */
export interface FlagCmpExpr extends Node {
  readonly kind: 'flagcmp';
  left: Expr;
  mask: Expr;
  value: Expr;
  readonly op: '==' | '!=';
}

// What is read from the packet and around it.

export interface PayloadExpr extends Node {
  readonly kind: 'payload';
  /** Undefined for @th,16,16. */
  protocol?: Protocol | undefined;
  field?: Field | undefined;
  base: PayloadBase;
  /** Bits from the base. */
  offset: number;
  /** @ih: not known to be anything. */
  readonly raw?: boolean;
  /** Read from bytecode, a part of bytes: how many bits lie behind it. */
  readonly shift?: number;
}
export interface ExthdrExpr extends Node {
  readonly kind: 'exthdr';
  header?: ExtensionHeader | undefined;
  field?: Field | undefined;
  readonly op: number;
  readonly number: number;
  offset: number;
  /** Whether it is there. */
  present: boolean;
  readonly raw?: boolean;
  readonly shift?: number;
}
export interface MetaExpr extends Node {
  readonly kind: 'meta';
  readonly key: number;
}
export interface CtExpr extends Node {
  readonly kind: 'ct';
  key: number;
  direction?: number | undefined;
  /** 2 of "ct original ip saddr", 10 of ip6. */
  readonly nfproto?: number | undefined;
}
export interface RtExpr extends Node {
  readonly kind: 'rt';
  key: number;
  readonly nfproto?: number | undefined;
}
export interface SocketExpr extends Node {
  readonly kind: 'socket';
  readonly key: number;
  readonly level?: number | undefined;
}
export interface OsfExpr extends Node {
  readonly kind: 'osf';
  readonly ttl: number;
  readonly version: boolean;
}
export interface FibExpr extends Node {
  readonly kind: 'fib';
  readonly result: number;
  flags: number;
  /** Where the flags are written. */
  readonly flagsLoc?: Location;
}
export interface NumgenExpr extends Node {
  readonly kind: 'numgen';
  readonly mode: number;
  readonly modulus: number;
  readonly offset: number;
}
export interface HashExpr extends Node {
  readonly kind: 'hash';
  readonly hash: number;
  of?: Expr;
  readonly modulus: number;
  readonly seed?: number | undefined;
  readonly offset: number;
}
export interface XfrmExpr extends Node {
  readonly kind: 'xfrm';
  readonly direction: number;
  readonly spnum: number;
  readonly key: number;
}
export interface TunnelExpr extends Node {
  readonly kind: 'tunnel';
  readonly key: number;
}

export type SelectorExpr =
  | PayloadExpr
  | ExthdrExpr
  | MetaExpr
  | CtExpr
  | RtExpr
  | SocketExpr
  | OsfExpr
  | FibExpr
  | NumgenExpr
  | HashExpr
  | XfrmExpr
  | TunnelExpr;

export type Expr =
  | SymbolExpr
  | SetRefExpr
  | ValueExpr
  | PrefixExpr
  | RangeExpr
  | ConcatExpr
  | ListExpr
  | SetExpr
  | ElementExpr
  | CatchallExpr
  | MapExpr
  | BinopExpr
  | UnaryExpr
  | VerdictExpr
  | RelationalExpr
  | FlagCmpExpr
  | SelectorExpr;

// Statements.

interface Placed {
  loc: Location;
}

export interface MatchStatement extends Placed {
  readonly kind: 'match';
  expr: Expr;
  /** Nobody wrote it: another match needs it. */
  dependency?: boolean;
}
export interface VerdictStatement extends Placed {
  readonly kind: 'verdict';
  /** A verdict, or a map of verdicts. */
  expr: Expr;
}
export interface CounterStatement extends Placed {
  readonly kind: 'counter';
  packets: number;
  bytes: number;
}
export interface LastStatement extends Placed {
  readonly kind: 'last';
  readonly set: boolean;
  readonly msecs: number;
}
export interface LimitStatement extends Placed {
  readonly kind: 'limit';
  rate: number;
  unit: number;
  burst: number;
  bytes: boolean;
  over: boolean;
}
export interface QuotaStatement extends Placed {
  readonly kind: 'quota';
  bytes: number;
  used: number;
  over: boolean;
}
export interface ConnlimitStatement extends Placed {
  readonly kind: 'connlimit';
  count: number;
  over: boolean;
}
export interface ObjrefStatement extends Placed {
  readonly kind: 'objref';
  /** NFT_OBJECT_* */
  readonly objectType: number;
  expr: Expr;
}
export interface LogStatement extends Placed {
  readonly kind: 'log';
  prefix?: string;
  group?: number;
  snaplen?: number;
  queueThreshold?: number;
  level?: number;
  flags?: number;
}
export interface RejectStatement extends Placed {
  readonly kind: 'reject';
  /** NFT_REJECT_*; -1: not said. */
  type: number;
  icmp?: Expr;
  family?: 'icmp' | 'icmpv6' | 'icmpx' | 'tcp';
  /** Of a family of tables with both versions: the code is shown even where it is the usual one. */
  shownFamily?: boolean;
  code?: number;
}
export interface NatStatement extends Placed {
  readonly kind: 'nat';
  readonly verb: 'snat' | 'dnat' | 'masquerade' | 'redirect';
  family?: 'ip' | 'ip6';
  /** Of an inet table: the family has to be named. */
  shownFamily?: boolean;
  address?: Expr;
  port?: Expr;
  flags: number;
  /** snat prefix to */
  prefix?: boolean;
  /** dnat addr . port to */
  concat?: boolean;
  interval?: boolean;
  shownInterval?: boolean;
}
export interface TproxyStatement extends Placed {
  readonly kind: 'tproxy';
  shownFamily?: boolean;
  family?: 'ip' | 'ip6';
  address?: Expr;
  port?: Expr;
}
export interface SynproxyStatement extends Placed {
  readonly kind: 'synproxy';
  mss?: number;
  wscale?: number;
  flags: number;
}
export interface DupStatement extends Placed {
  readonly kind: 'dup';
  address?: Expr;
  device?: Expr;
}
export interface FwdStatement extends Placed {
  readonly kind: 'fwd';
  address?: Expr;
  device: Expr;
  family?: 'ip' | 'ip6';
}
export interface QueueStatement extends Placed {
  readonly kind: 'queue';
  queues?: Expr;
  flags: number;
  /** "num", where no expression may stand. */
  readonly num?: boolean;
}
/** meta mark set, ct mark set, ip dscp set, tcp option maxseg size set. */
export interface MangleStatement extends Placed {
  readonly kind: 'mangle';
  key: Expr;
  value: Expr;
}
export interface NotrackStatement extends Placed {
  readonly kind: 'notrack';
}
export interface ResetOptionStatement extends Placed {
  readonly kind: 'optstrip';
  option: Expr;
}
/** add @s { key timeout 1m counter }, with `data` of a map. */
export interface SetStatement extends Placed {
  readonly kind: 'setstmt';
  readonly op: 'add' | 'update' | 'delete';
  set: SetRefExpr;
  key: ElementExpr;
  data?: Expr;
  statements: Statement[];
}
export interface MeterStatement extends Placed {
  readonly kind: 'meter';
  readonly name: string;
  readonly size: number;
  key: ElementExpr;
  statement: Statement;
  set?: SetDecl;
}
export interface FlowStatement extends Placed {
  readonly kind: 'flow';
  readonly table: string;
}
/** Of iptables-nft: a match or target of x_tables, and what nobody knows. */
export interface XtStatement extends Placed {
  readonly kind: 'xt';
  readonly what: string;
  readonly name: string;
}

export type Statement =
  | MatchStatement
  | VerdictStatement
  | CounterStatement
  | LastStatement
  | LimitStatement
  | QuotaStatement
  | ConnlimitStatement
  | ObjrefStatement
  | LogStatement
  | RejectStatement
  | NatStatement
  | TproxyStatement
  | SynproxyStatement
  | DupStatement
  | FwdStatement
  | QueueStatement
  | MangleStatement
  | NotrackStatement
  | ResetOptionStatement
  | SetStatement
  | MeterStatement
  | FlowStatement
  | XtStatement;

// What rulesets are made of.

export type Family = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev';

export interface Named {
  readonly text: string;
  readonly loc: Location;
}

export interface TableDecl {
  readonly kind: 'table';
  family: Family;
  name: string;
  handle?: number;
  flags?: number;
  owner?: number;
  comment?: string;
}

export interface ChainDecl {
  readonly kind: 'chain';
  name: string;
  handle?: number;
  comment?: string;
  /** Of a base chain. */
  hook?: {
    type: string;
    typeLoc: Location;
    hook: string;
    hookLoc: Location;
    priority: Expr;
    priorityValue?: number;
    devices: Expr[];
    deviceNames?: string[];
    loc: Location;
  };
  policy?: 'accept' | 'drop';
  flags?: number;
  loc: Location;
}

export interface RuleDecl {
  readonly kind: 'rule';
  readonly statements: readonly Statement[];
  comment?: string;
  handle?: number;
  loc: Location;
}

export interface SetDecl {
  readonly kind: 'set';
  name: string;
  handle?: number;
  /** Key and, of maps, data: expressions of `typeof`, or plain types. */
  keyType: Datatype;
  keyBits: number;
  keyByteorder: ByteOrder;
  keyTypeof?: Expr;
  /** Of concatenated keys: what they are compared with, or their typeof. */
  keyParts?: readonly Expr[];
  /** Read from bytecode, keys that are parts of bytes: how many bits lie behind them. */
  keyShift?: number;
  dataType?: Datatype;
  dataBits?: number;
  dataByteorder?: ByteOrder;
  dataTypeof?: Expr;
  /** Data are ranges. */
  dataInterval?: boolean;
  /** Of object maps: NFT_OBJECT_* */
  objectType?: number;
  flags: number;
  timeout?: number;
  gcInterval?: number;
  size?: number;
  policy?: number;
  autoMerge?: boolean;
  statements: Statement[];
  comment?: string;
  elements?: SetExpr;
  id?: number;
  loc: Location;
}

export interface ObjectDecl {
  readonly kind: 'object';
  /** NFT_OBJECT_* */
  type: number;
  name: string;
  handle?: number;
  comment?: string;
  counter?: { packets: number; bytes: number };
  quota?: { bytes: number; used: number; over: boolean };
  limit?: { rate: number; unit: number; burst: number; bytes: boolean; over: boolean };
  helper?: { name: string; protocol: number; l3proto: number };
  timeout?: { protocol: number; l3proto: number; policy: ReadonlyMap<string, number> };
  expectation?: { protocol: number; l3proto: number; dport: number; timeout: number; size: number };
  synproxy?: { mss: number; wscale: number; flags: number };
  secmark?: { context: string };
  loc: Location;
}

export interface FlowtableDecl {
  readonly kind: 'flowtable';
  name: string;
  handle?: number;
  hook?: string;
  hookLoc?: Location;
  priority?: Expr;
  priorityValue?: number;
  devices: Expr[];
  deviceNames?: string[];
  flags: number;
  loc: Location;
}

import { EINVAL, ERANGE } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { AttributeShape, ValuesOf } from '../../../netlink/attributes.js';
import { NFT_REG32_00, NFT_REG32_15, NFT_REG_4, NFT_REG_VERDICT, registerAtWord, registerWord } from '../../../netlink/nfnl/data.js';
import type { ExpressionSchema } from '../../../netlink/nfnl/expression.js';
import type { Namespace } from '../../core/namespace.js';
import type { BaseChain, Chain } from './chain.js';
import type { CodeWriter } from './compile.js';
import type { Assembler } from './machine.js';
import type { PacketInfo } from './packet-info.js';
import { REGISTER_WORDS } from './packet-info.js';
import type { NftSet } from './set.js';
import type { Table } from './table.js';
import type { Transaction } from './transaction.js';

/** Where an expression is made: for a rule of `chain`, or for elements of a set (chain null). */
export interface ExpressionContext {
  readonly namespace: Namespace;
  readonly table: Table;
  readonly chain: Chain | null;
  readonly transaction: Transaction;
  /** Whether a packet may pass it: dynset's inner expressions have no chain of their own. */
  readonly set?: NftSet;
}

/**
 * An expression in its rule (struct nft_expr): what it does with a packet. run() is the reference; compile() says the same in
 * JavaScript, and where it is missing the code calls run().
 */
export abstract class Expression {
  /** CONTINUE, BREAK, or a verdict; JUMP and GOTO set `packet.target`. */
  abstract run(packet: PacketInfo): number;

  /** Its attributes as a dump has them. `reset`: a GETRULE_RESET or GETOBJ_RESET: counters start again. */
  abstract describe(reset: boolean): Readonly<Record<string, unknown>>;

  /** Writes the JavaScript; false: it has none, run() is called. */
  compile(_code: CodeWriter): boolean {
    return false;
  }

  /** Writes its instructions for the bytecode machine; false: it has none, run() is called. */
  assemble(_assembler: Assembler): boolean {
    return false;
  }

  /** Words of registers that run() reads and writes, for compiled code: first word and number. */
  get reads(): readonly (readonly [number, number])[] {
    return [];
  }

  get writes(): readonly (readonly [number, number])[] {
    return [];
  }

  /** It may change the packet's bytes, so that what was read of them before is not true any more. */
  get mangles(): boolean {
    return false;
  }

  /** Packets that pass it are traced from there on. */
  get startsTrace(): boolean {
    return false;
  }

  /** It counts, or otherwise keeps something of the packets it saw (NFT_EXPR_STATEFUL): it may be an element's. */
  get stateful(): boolean {
    return false;
  }

  /** An equal one with counters of its own, for an element. */
  clone(): Expression {
    return fail(EINVAL);
  }

  /** Its rule takes part (again): what it refers to is held. */
  activate(_transaction: Transaction): void {
    // Most refer to nothing.
  }

  /** Its rule is about to go, or not to come: what it refers to is let go. */
  deactivate(_transaction: Transaction): void {
    // Most refer to nothing.
  }

  /** Throws where a base chain that leads here does not allow it (EOPNOTSUPP, EINVAL). */
  validate(_base: BaseChain): void {
    // Most may stand anywhere.
  }

  /** Chains that it may lead to: for the check of loops and depth. */
  targets(_visit: (chain: Chain) => void): void {
    // Most lead nowhere.
  }
}

/** One kind of expression: what it is called and has, and how it is made. */
export interface ExpressionKind<S extends AttributeShape = AttributeShape> {
  readonly of: ExpressionSchema<S>;
  /** Throws NetError for what Linux refuses. */
  init(values: ValuesOf<S>, context: ExpressionContext): Expression;
}

export const expressionKind = <S extends AttributeShape>(of: ExpressionSchema<S>, init: ExpressionKind<S>['init']): ExpressionKind<S> => ({
  of,
  init,
});

/** The first word of a register that `bytes` are read from. EINVAL, ERANGE. Linux: nft_parse_register_load() */
export function loadRegister(register: number | undefined, bytes: number): number {
  const word = parseRegister(register ?? fail(EINVAL));
  if (bytes === 0) fail(EINVAL);
  if (word < 0) fail(EINVAL);
  if (word * 4 + bytes > REGISTER_WORDS * 4) fail(ERANGE);
  return word;
}

/** The first word of a register that `bytes` of data are written to. Linux: nft_parse_register_store() */
export function storeRegister(register: number | undefined, bytes: number): number {
  return loadRegister(register, bytes);
}

/** Word of a register; -1 that of the verdict. Linux: nft_parse_register() */
export function parseRegister(register: number): number {
  if (register === NFT_REG_VERDICT) return -1;
  if (register <= NFT_REG_4 || (register >= NFT_REG32_00 && register <= NFT_REG32_15)) return registerWord(register);
  return fail(ERANGE);
}

export const showRegister = registerAtWord;

/** Words that `bytes` take. */
export const wordsOf = (bytes: number): number => (bytes + 3) >> 2;

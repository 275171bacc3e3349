import { type Data, verdictNames } from '../../../netlink/nfnl/data.js';
import type { WireExpression } from '../../../netlink/nfnl/expression.js';
import { expressionSchema } from '../../../netlink/nfnl/expressions/registry.js';
import type * as ast from '../ast.js';
import { integerType } from '../datatypes/basic.js';
import { nowhere } from '../location.js';
import * as make from '../parser/make.js';
import { readers } from './expressions.js';
import { postprocess } from './postprocess.js';
import { Registers } from './registers.js';

/** What the reader of bytecode asks of the ruleset. */
export interface DelineariseView {
  readonly family: ast.Family;
  findSet(name: string): ast.SetDecl | undefined;
  /** The rules of a chain without a name. */
  findBlock(chain: string): ast.ChainBlock | undefined;
}

/** Turns bytecode into the statements that it may have been made of. */
export class Delineariser {
  readonly view: DelineariseView;
  readonly registers = new Registers();
  statements: ast.Statement[] = [];

  constructor(view: DelineariseView) {
    this.view = view;
  }

  rule(expressions: readonly WireExpression[]): ast.Statement[] {
    this.statements = [];
    for (const expression of expressions) this.#read(expression);
    return postprocess(this.statements, this.view.family);
  }

  /** Counters and limits of elements and sets. */
  statement(expression: WireExpression): ast.Statement | undefined {
    const before = this.statements;
    this.statements = [];
    this.#read(expression);
    const [only] = this.statements;
    this.statements = before;
    return only;
  }

  #read(expression: WireExpression): void {
    const name = expression.name ?? '';
    const schema = expressionSchema(name);
    const read = readers.get(name);
    if (schema === undefined || read === undefined || expression.data === undefined) {
      if (name === 'notrack') this.push({ kind: 'notrack', loc: nowhere });
      else this.push({ kind: 'xt', what: 'unknown', name, loc: nowhere });
      return;
    }
    read(expression.data.parse(schema.attributes), this);
  }

  push(s: ast.Statement): void {
    this.statements.push(s);
  }

  load(register: number | undefined, e: ast.Expr): void {
    this.registers.set(register ?? 0, e);
  }

  /** What a register holds; a number nobody knows the type of where it is empty. */
  reg(register: number | undefined, bytes = 4): ast.Expr {
    return this.registers.read(register ?? 0, bytes) ?? make.value(nowhere, integerType, bytes * 8, 'host', 0n);
  }

  single(register: number | undefined): ast.Expr {
    return this.registers.get(register ?? 0) ?? make.value(nowhere, integerType, 32, 'host', 0n);
  }

  verdict(data: Data): ast.Expr {
    const { code = 0, chain } = data.verdict ?? {};
    const verb = (verdictNames.get(code) ?? 'continue') as ast.VerdictExpr['verb'];
    if (chain === undefined) return make.verdict(nowhere, verb);
    const block = this.view.findBlock(chain);
    if (block !== undefined) return { ...make.verdict(nowhere, verb), block };
    return make.verdict(nowhere, verb, make.symbol(nowhere, chain));
  }
}

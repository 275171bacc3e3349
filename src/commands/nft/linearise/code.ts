import type { AttributeShape, ValuesOf } from '../../../netlink/attributes.js';
import { type Data, NFT_GOTO, NFT_JUMP, NFT_REG32_00, registerWord, verdictNames } from '../../../netlink/nfnl/data.js';
import { type ExpressionSchema, type WireExpression, wireExpression } from '../../../netlink/nfnl/expression.js';
import * as bitwiseWire from '../../../netlink/nfnl/expressions/bitwise.js';
import { byteorder, NFT_BYTEORDER_HTON, NFT_BYTEORDER_NTOH } from '../../../netlink/nfnl/expressions/byteorder.js';
import * as cmpWire from '../../../netlink/nfnl/expressions/cmp.js';
import { immediate } from '../../../netlink/nfnl/expressions/immediate.js';
import { lookup, NFT_LOOKUP_F_INV } from '../../../netlink/nfnl/expressions/lookup.js';
import { NFT_RANGE_NEQ, range } from '../../../netlink/nfnl/expressions/range.js';
import type * as ast from '../ast.js';
import { isBitmask } from '../datatypes/meta.js';
import { fail } from '../errors.js';
import { maskOf } from '../evaluate/constants.js';
import { isSelector, selectorOf } from '../expressions/selectors.js';
import { type Location, nowhere } from '../location.js';
import { kindOf } from '../statements/registry.js';
import { stringOf } from '../parser/make.js';
import { constantBytes, rangeBounds, valueBytes } from './bytes.js';

const LAST_REGISTER = 4;
const REGISTER_BITS = 128;

const verdictCodes: ReadonlyMap<string, number> = new Map([...verdictNames].map(([code, name]) => [name, code]));
const operators: Readonly<Record<string, number>> = {
  '==': cmpWire.NFT_CMP_EQ,
  implicit: cmpWire.NFT_CMP_EQ,
  '!=': cmpWire.NFT_CMP_NEQ,
  '<': cmpWire.NFT_CMP_LT,
  '<=': cmpWire.NFT_CMP_LTE,
  '>': cmpWire.NFT_CMP_GT,
  '>=': cmpWire.NFT_CMP_GTE,
};

/** The bytecode of one rule, as it grows. */
export class Code {
  readonly expressions: WireExpression[] = [];
  /** Where each expression came from, for the kernel's errors. */
  readonly places: Location[] = [];
  #statement: ast.Statement | null = null;
  #place: Location = nowhere;
  #next = 1;

  emit<S extends AttributeShape>(schema: ExpressionSchema<S>, values: ValuesOf<S>): void {
    this.expressions.push(wireExpression(schema, values));
    this.places.push(this.#place);
  }

  statement(s: ast.Statement): void {
    this.#statement = s;
    this.#place = placeOf(s);
    kindOf(s).linearise(s, this);
  }

  /** An expression inside another: the counters of dynset. */
  inside(s: ast.Statement): WireExpression {
    const inner = new Code();
    kindOf(s).linearise(s, inner);
    return inner.expressions[0]!;
  }

  /** A register, or several one behind the other, for so many bits. */
  allocate(bits: number): number {
    const count = Math.max(1, Math.ceil(bits / REGISTER_BITS));
    if (this.#next + count - 1 > LAST_REGISTER) fail('out of registers', this.#statement?.loc ?? null);
    const register = this.#next;
    this.#next += count;
    return register;
  }

  /** Gives back what was allocated last. */
  release(bits: number): void {
    this.#next -= Math.max(1, Math.ceil(bits / REGISTER_BITS));
  }

  loadNew(e: ast.Expr): number {
    const register = this.allocate(e.bits);
    this.load(e, register);
    return register;
  }

  /** The register that lies `bits` behind another. */
  subRegister(register: number, bits: number): number {
    const at = registerWord(register) + Math.ceil(bits / 32);
    return at % 4 === 0 ? 1 + at / 4 : NFT_REG32_00 + at;
  }

  /** Of a concatenation, where a part goes: 16-byte registers keep their old numbers. */
  #partRegister(register: number, word: number): number {
    const at = registerWord(register) + word;
    if (word === 0) return register;
    return at % 4 === 0 ? 1 + at / 4 : NFT_REG32_00 + at;
  }

  load(e: ast.Expr, register: number): void {
    if (isSelector(e)) {
      const around = this.#place;
      if (e.loc.end > e.loc.start) this.#place = e.loc;
      selectorOf(e).load(e, register, this);
      this.#place = around;
      return;
    }
    switch (e.kind) {
      case 'value':
      case 'prefix':
        return this.emit(immediate, { dreg: register, data: { value: constantBytes(e) } });
      case 'concat': {
        let word = 0;
        for (const part of e.parts) {
          this.load(part, this.#partRegister(register, word));
          word += Math.ceil(part.bits / 32);
        }
        return;
      }
      case 'binop':
        return this.#binop(e, register);
      case 'unary':
        this.load(e.of, register);
        return this.emit(byteorder, {
          sreg: register,
          dreg: register,
          op: e.op === 'hton' ? NFT_BYTEORDER_HTON : NFT_BYTEORDER_NTOH,
          len: Math.ceil(e.bits / 8),
          size: unitOf(e.bits),
        });
      case 'map':
        return this.#map(e, register);
      case 'verdict':
        return this.emit(immediate, { dreg: 0, data: this.verdictData(e) });
      default:
        return fail(`expression has no bytecode`, e.loc);
    }
  }

  #map(e: ast.MapExpr, register: number): void {
    const key = register === 0 ? this.allocate(e.key.bits) : register;
    this.load(e.key, key);
    if (register === 0) this.release(e.key.bits);
    const { name, id } = this.setOf(e.mappings);
    this.emit(lookup, { set: name, setId: id, sreg: key, dreg: register });
  }

  #binop(e: ast.BinopExpr, register: number): void {
    if (e.op === '<<' || e.op === '>>') {
      this.load(e.left, register);
      const by = e.right.kind === 'value' ? e.right.value : 0n;
      this.emit(bitwiseWire.bitwise, {
        sreg: register,
        dreg: register,
        len: Math.ceil(e.bits / 8),
        op: e.op === '<<' ? bitwiseWire.NFT_BITWISE_LSHIFT : bitwiseWire.NFT_BITWISE_RSHIFT,
        data: { value: valueBytes(by, 32, 'host') },
      });
      return;
    }
    const { from, mask, xor } = maskAndXor(e);
    this.load(from, register);
    this.emit(bitwiseWire.bitwise, {
      sreg: register,
      dreg: register,
      len: Math.ceil(e.bits / 8),
      op: bitwiseWire.NFT_BITWISE_MASK_XOR,
      mask: { value: valueBytes(mask, e.bits, e.byteorder) },
      xor: { value: valueBytes(xor, e.bits, e.byteorder) },
    });
  }

  condition(e: ast.Expr): void {
    if (e.kind === 'flagcmp') return this.#flags(e.left, e.mask, e.op, e.value);
    if (e.kind !== 'relational') return;
    const { left, right, op } = e;
    if (right.kind === 'setref') {
      const register = this.loadNew(left);
      this.release(left.bits);
      const { name, id } = this.setOf(right);
      this.emit(lookup, { set: name, setId: id, sreg: register, ...(op === '!=' ? { flags: NFT_LOOKUP_F_INV } : {}) });
      return;
    }
    if (right.kind === 'range') return this.#range(left, right, op);
    if (right.kind === 'prefix') return this.#prefix(left, right, op);
    if (op === '!' || (op === 'implicit' && isBitmask(right.type))) {
      const zero = { ...right, value: 0n } as ast.Expr;
      return this.#flags(left, right, op === '!' ? '==' : '!=', zero);
    }
    const register = this.loadNew(left);
    this.release(left.bits);
    this.emit(cmpWire.cmp, { sreg: register, op: operators[op]!, data: { value: constantBytes(right) } });
  }

  #flags(left: ast.Expr, mask: ast.Expr, op: '==' | '!=', value: ast.Expr): void {
    const register = this.loadNew(left);
    this.release(left.bits);
    const bytes = constantBytes(mask);
    this.emit(bitwiseWire.bitwise, {
      sreg: register,
      dreg: register,
      len: bytes.length,
      op: bitwiseWire.NFT_BITWISE_MASK_XOR,
      mask: { value: bytes },
      xor: { value: new Uint8Array(bytes.length) },
    });
    this.emit(cmpWire.cmp, { sreg: register, op: operators[op]!, data: { value: constantBytes(value) } });
  }

  #range(left: ast.Expr, right: ast.RangeExpr, op: ast.RelationalOperator): void {
    const register = this.loadNew(left);
    this.release(left.bits);
    const from = constantBytes(right.left);
    const to = constantBytes(right.right);
    if (op === '!=') return this.emit(range, { sreg: register, op: NFT_RANGE_NEQ, fromData: { value: from }, toData: { value: to } });
    this.emit(cmpWire.cmp, { sreg: register, op: cmpWire.NFT_CMP_GTE, data: { value: from } });
    this.emit(cmpWire.cmp, { sreg: register, op: cmpWire.NFT_CMP_LTE, data: { value: to } });
  }

  /** Whole bytes of a prefix are compared as they are; else what is behind it is masked out. */
  #prefix(left: ast.Expr, right: ast.PrefixExpr, op: ast.RelationalOperator): void {
    const value = right.of as ast.ValueExpr;
    const operator = operators[op]!;
    const text = value.type.name === 'ifname' || value.type.name === 'string';
    if (((isSelector(left) && left.byteorder === 'big') || text) && right.length % 8 === 0 && right.length > 0) {
      const bytes = constantBytes(value).slice(0, right.length / 8);
      const shorter = left.kind === 'payload' ? { ...left, bits: right.length } : left;
      const register = this.loadNew(shorter);
      this.release(shorter.bits);
      this.emit(cmpWire.cmp, { sreg: register, op: operator, data: { value: bytes } });
      return;
    }
    const register = this.loadNew(left);
    this.release(left.bits);
    this.emit(bitwiseWire.bitwise, {
      sreg: register,
      dreg: register,
      len: Math.ceil(left.bits / 8),
      op: bitwiseWire.NFT_BITWISE_MASK_XOR,
      mask: { value: valueBytes(maskOf(right.length, value.bits), value.bits, value.byteorder) },
      xor: { value: new Uint8Array(Math.ceil(left.bits / 8)) },
    });
    this.emit(cmpWire.cmp, { sreg: register, op: operator, data: { value: constantBytes(value) } });
  }

  verdictData(e: ast.Expr): Data {
    if (e.kind !== 'verdict') return {};
    const code = verdictCodes.get(e.verb)!;
    if (code !== NFT_JUMP && code !== NFT_GOTO) return { verdict: { code } };
    if (e.block?.chainId !== undefined) return { verdict: { code, chainId: e.block.chainId } };
    return { verdict: { code, chain: e.chain === undefined ? '' : this.text(e.chain) } };
  }

  text(e: ast.Expr): string {
    if (e.kind === 'symbol') return e.text;
    return e.kind === 'value' ? stringOf(e) : '';
  }

  setOf(e: ast.Expr): { name: string; id: number } {
    if (e.kind !== 'setref' || e.set === undefined) return fail('set reference expected', e.loc);
    return this.declared(e.set);
  }

  declared(set: ast.SetDecl): { name: string; id: number } {
    return { name: set.name, id: set.id ?? 0 };
  }

  /** The first and the last of a range or prefix. */
  bounds(e: ast.Expr): readonly [ast.ValueExpr, ast.ValueExpr] {
    return rangeBounds(e);
  }
}

/** What the kernel refuses of a statement that names something is the name. */
const placeOf = (s: ast.Statement): Location => {
  if (s.kind === 'objref' && s.expr.kind !== 'map') return s.expr.loc;
  if (s.kind === 'verdict' && s.expr.kind === 'verdict' && s.expr.chain !== undefined) return s.expr.chain.loc;
  return s.loc;
};

/** Of & | ^ one upon the other: what they do as one mask and one xor. */
function maskAndXor(e: ast.BinopExpr): { from: ast.Expr; mask: bigint; xor: bigint } {
  const chain: ast.BinopExpr[] = [];
  let from: ast.Expr = e;
  while (from.kind === 'binop' && from.op !== '<<' && from.op !== '>>') {
    chain.unshift(from);
    from = from.left;
  }
  let mask = (1n << BigInt(e.bits)) - 1n;
  let xor = 0n;
  for (const { op, right } of chain) {
    const value = right.kind === 'value' ? right.value : 0n;
    if (op === '&') {
      mask &= value;
      xor &= value;
    } else if (op === '^') xor ^= value;
    else {
      mask &= ~value;
      xor = (xor & ~value) | value;
    }
  }
  return { from, mask, xor };
}

/** Bytes that are turned round together. */
const unitOf = (bits: number): number => {
  const bytes = Math.ceil(bits / 8);
  if (bytes === 8) return 8;
  return bytes % 4 === 0 ? 4 : 2;
};

// The interpreter of checked programs: what compiled ones are held against. Linux: ___bpf_prog_run() over bpf_convert_filter()
import * as ad from './ancillary.js';
import type { FilterInput } from './input.js';
import * as bpf from './instruction.js';
import type { Program } from './instruction.js';

/** Words an instruction takes in the flat form: code, jt, jf, k. */
const STRIDE = 4;
/** What the loads yield when the packet has no such bytes. */
const MISSING = -1;

/** Scratch memory of whoever runs now: a filter never runs inside another, and the checker sees that no run reads another's words. */
const memory = new Uint32Array(bpf.MEMORY_WORDS);

/** A checked program in a flat array. */
export function flatten(program: Program): Int32Array {
  const flat = new Int32Array(program.length * STRIDE);
  for (const [i, { code, jt, jf, k }] of program.entries()) flat.set([code, jt, jf, k | 0], i * STRIDE);
  return flat;
}

/**
 * Runs a program from flatten() over `input`: how many bytes of the packet are wanted, 0 for none. Jumps of a checked program go
 * forward alone, so that it takes as many turns as it has instructions at most; who runs one that jumps back gives a limit, at which
 * the packet is not wanted.
 */
export function interpret(flat: Int32Array, input: FilterInput, limit = Number.POSITIVE_INFINITY): number {
  let turns = 0;
  let a = 0;
  let x = 0;
  for (let pc = 0; pc < flat.length && turns < limit; pc += STRIDE, turns++) {
    const code = flat[pc]!;
    const k = flat[pc + 3]! >>> 0;
    switch (code) {
      case bpf.LD | bpf.W | bpf.ABS:
      case bpf.LD | bpf.H | bpf.ABS:
      case bpf.LD | bpf.B | bpf.ABS: {
        if (k === ad.SKF_AD_OFF + ad.AD_ALU_XOR_X) {
          a = (a ^ x) >>> 0;
          break;
        }
        const value = k >= ad.SKF_AD_OFF ? loadExtension(input, k - ad.SKF_AD_OFF, a, x) : load(input, k, bpf.loadBytes(code));
        if (value === MISSING) return 0;
        a = value;
        break;
      }
      case bpf.LD | bpf.W | bpf.IND:
      case bpf.LD | bpf.H | bpf.IND:
      case bpf.LD | bpf.B | bpf.IND: {
        const value = load(input, (x + k) >>> 0, bpf.loadBytes(code));
        if (value === MISSING) return 0;
        a = value;
        break;
      }
      case bpf.LDX | bpf.B | bpf.MSH: {
        const value = load(input, k, 1);
        if (value === MISSING) return 0;
        x = (value & 0xf) << 2;
        break;
      }
      case bpf.LD | bpf.W | bpf.LEN:
        a = input.length;
        break;
      case bpf.LDX | bpf.W | bpf.LEN:
        x = input.length;
        break;
      case bpf.LD | bpf.IMM:
        a = k;
        break;
      case bpf.LDX | bpf.IMM:
        x = k;
        break;
      case bpf.LD | bpf.MEM:
        a = memory[k]!;
        break;
      case bpf.LDX | bpf.MEM:
        x = memory[k]!;
        break;
      case bpf.ST:
        memory[k] = a;
        break;
      case bpf.STX:
        memory[k] = x;
        break;
      case bpf.MISC | bpf.TAX:
        x = a;
        break;
      case bpf.MISC | bpf.TXA:
        a = x;
        break;
      case bpf.RET | bpf.K:
        return k;
      case bpf.RET | bpf.A:
        return a;
      case bpf.JMP | bpf.JA:
        pc += (k | 0) * STRIDE;
        break;
      default: {
        const operand = bpf.sourceOf(code) === bpf.X ? x : k;
        if (bpf.classOf(code) === bpf.JMP) pc += flat[pc + (compare(code, a, operand) ? 1 : 2)]! * STRIDE;
        else {
          const divides = bpf.operationOf(code) === bpf.DIV || bpf.operationOf(code) === bpf.MOD;
          if (divides && operand === 0) return 0;
          a = calculate(bpf.operationOf(code), a, operand);
        }
      }
    }
  }
  return 0;
}

function compare(code: number, a: number, operand: number): boolean {
  switch (bpf.operationOf(code)) {
    case bpf.JEQ:
      return a === operand;
    case bpf.JGT:
      return a > operand;
    case bpf.JGE:
      return a >= operand;
    default:
      return (a & operand) !== 0;
  }
}

/** Shifts take the low five bits of their count, as Linux's do. */
function calculate(operation: number, a: number, operand: number): number {
  switch (operation) {
    case bpf.ADD:
      return (a + operand) >>> 0;
    case bpf.SUB:
      return (a - operand) >>> 0;
    case bpf.MUL:
      return Math.imul(a, operand) >>> 0;
    case bpf.DIV:
      return Math.floor(a / operand);
    case bpf.MOD:
      return a % operand;
    case bpf.AND:
      return (a & operand) >>> 0;
    case bpf.OR:
      return (a | operand) >>> 0;
    case bpf.XOR:
      return (a ^ operand) >>> 0;
    case bpf.LSH:
      return (a << (operand & 31)) >>> 0;
    case bpf.RSH:
      return a >>> (operand & 31);
    default:
      return -a >>> 0;
  }
}

/** `bytes` of the packet at `offset`; MISSING: it has none there. Linux: bpf_skb_load_helper_32(), bpf_internal_load_pointer_neg_helper() */
export function load(input: FilterInput, offset: number, bytes: number): number {
  let at = input.start + offset;
  if (offset >= ad.SKF_LL_OFF) {
    const base = offset >= ad.SKF_NET_OFF ? input.network : input.link;
    if (base < 0) return MISSING;
    at = base + (offset - (offset >= ad.SKF_NET_OFF ? ad.SKF_NET_OFF : ad.SKF_LL_OFF));
  }
  if (at + bytes > input.end) return MISSING;
  return bytes === 1 ? input.view.getUint8(at) : bytes === 2 ? input.view.getUint16(at) : input.view.getUint32(at);
}

/** What a load of an extension puts into A; MISSING: the filter ends with 0. Linux: convert_bpf_extensions() */
export function loadExtension(input: FilterInput, extension: number, a: number, x: number): number {
  switch (extension) {
    case ad.AD_NLATTR:
      return ad.findAttribute(input, a, x);
    case ad.AD_NLATTR_NEST:
      return ad.findNestedAttribute(input, a, x);
    default: {
      const value = input.ancillary(extension);
      return value < 0 ? MISSING : value >>> 0;
    }
  }
}

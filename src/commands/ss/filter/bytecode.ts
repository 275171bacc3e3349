import { AF_INET, AF_INET6, AF_UNSPEC } from '../../../netlink/constants.js';
import {
  BC_HOSTCOND_BYTES,
  BC_OP_BYTES,
  INET_DIAG_BC_AUTO,
  INET_DIAG_BC_CGROUP_COND,
  INET_DIAG_BC_D_COND,
  INET_DIAG_BC_D_GE,
  INET_DIAG_BC_D_LE,
  INET_DIAG_BC_DEV_COND,
  INET_DIAG_BC_JMP,
  INET_DIAG_BC_MARK_COND,
  INET_DIAG_BC_S_COND,
  INET_DIAG_BC_S_GE,
  INET_DIAG_BC_S_LE,
} from '../../../netlink/diag/bytecode.js';
import type { Expression, HostCondition, Side } from './expression.js';

/** Code whose end is "yes"; the operations at `fails` go on behind it, by one operation's length, when they do not hold: "no". */
interface Code {
  readonly bytes: readonly number[];
  readonly fails: readonly number[];
}

/** Jumps have 16 bits; a longer filter is judged here alone. */
const MOST_BYTES = 60_000;

/** The filter for the kernel (INET_DIAG_REQ_BYTECODE); null where it cannot be said so, and the command alone judges. */
export function compile(expression: Expression): Uint8Array | null {
  const code = codeOf(expression);
  if (code === null || code.bytes.length > MOST_BYTES) return null;
  const bytes = Uint8Array.from(code.bytes);
  const view = new DataView(bytes.buffer);
  for (const at of code.fails) view.setUint16(at + 2, bytes.length - at + BC_OP_BYTES, true);
  return bytes;
}

function codeOf(expression: Expression): Code | null {
  switch (expression.kind) {
    case 'and': {
      const left = codeOf(expression.left);
      const right = codeOf(expression.right);
      return left === null || right === null ? null : both(left, right);
    }
    case 'or': {
      const left = codeOf(expression.left);
      const right = codeOf(expression.right);
      return left === null || right === null ? null : either(left, right);
    }
    case 'not': {
      const of = codeOf(expression.of);
      return of === null ? null : without(of);
    }
    case 'host':
      return hosts(expression.side, expression.hosts);
    case 'atLeast':
      return port(expression.side === 'local' ? INET_DIAG_BC_S_GE : INET_DIAG_BC_D_GE, expression.port);
    case 'atMost':
      return port(expression.side === 'local' ? INET_DIAG_BC_S_LE : INET_DIAG_BC_D_LE, expression.port);
    case 'device':
      return operation(INET_DIAG_BC_DEV_COND, u32(expression.ifindex));
    case 'mark':
      return operation(INET_DIAG_BC_MARK_COND, [...u32(expression.mark), ...u32(expression.mask)]);
    case 'cgroup':
      return operation(INET_DIAG_BC_CGROUP_COND, [...u32(expression.id >>> 0), ...u32(Math.floor(expression.id / 0x1_0000_0000))]);
    default:
      return operation(INET_DIAG_BC_AUTO, []);
  }
}

const u32 = (value: number) => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];

const operation = (code: number, argument: readonly number[]): Code => ({
  bytes: [code, BC_OP_BYTES + argument.length, 0, 0, ...argument],
  fails: [0],
});

/** The number lies in the place of another operation's "no". */
const port = (code: number, number: number): Code => operation(code, [0, 0, number & 0xff, number >>> 8]);

const behind = (fails: readonly number[], bytes: number) => fails.map((at) => at + bytes);

const both = (left: Code, right: Code): Code => ({
  bytes: [...left.bytes, ...right.bytes],
  fails: [...left.fails, ...behind(right.fails, left.bytes.length)],
});

/** The left code, a jump over the right one, the right code: what fails on the left comes to the right. */
function either(left: Code, right: Code): Code {
  const bytes = [...left.bytes];
  setNo(bytes, left.fails, left.bytes.length + BC_OP_BYTES);
  const over = BC_OP_BYTES + right.bytes.length;
  bytes.push(INET_DIAG_BC_JMP, BC_OP_BYTES, over & 0xff, over >>> 8, ...right.bytes);
  return { bytes, fails: behind(right.fails, left.bytes.length + BC_OP_BYTES) };
}

/** The code and a jump that fails: what fails in the code comes behind it. */
function without(of: Code): Code {
  const bytes = [...of.bytes];
  setNo(bytes, of.fails, of.bytes.length + BC_OP_BYTES);
  bytes.push(INET_DIAG_BC_JMP, BC_OP_BYTES, 0, 0);
  return { bytes, fails: [of.bytes.length] };
}

function setNo(bytes: number[], fails: readonly number[], target: number): void {
  for (const at of fails) {
    bytes[at + 2] = (target - at) & 0xff;
    bytes[at + 3] = (target - at) >>> 8;
  }
}

function hosts(side: Side, conditions: readonly HostCondition[]): Code | null {
  let code: Code | null = null;
  for (const condition of conditions) {
    const one = host(side, condition);
    if (one === null) return null;
    code = code === null ? one : either(code, one);
  }
  return code;
}

/** struct inet_diag_hostcond. Other families' conditions are judged by the command alone. */
function host(side: Side, { family, address, bits, port: number, pattern }: HostCondition): Code | null {
  if (pattern !== undefined || (family !== AF_INET && family !== AF_INET6 && family !== AF_UNSPEC)) return null;
  const bytes = bits === 0 ? [] : [...address.subarray(0, family === AF_INET ? 4 : 16)];
  const head = [bits === 0 ? AF_UNSPEC : family, bits, 0, 0, ...u32(number)];
  if (head.length !== BC_HOSTCOND_BYTES) return null;
  return operation(side === 'local' ? INET_DIAG_BC_S_COND : INET_DIAG_BC_D_COND, [...head, ...bytes]);
}

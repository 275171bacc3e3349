import { auditArchitecture, type SystemCall, systemCallNumber } from './system-calls.js';

// struct seccomp_data: 0 nr, i32 | 4 arch, u32 | 8 instruction pointer, u64 | 16 six arguments, u64 each (linux/seccomp.h)
const NUMBER = 0;
const ARCHITECTURE = 4;
const ARGUMENTS = 16;

// linux/seccomp.h, SECCOMP_RET_*
const ALLOW = 0x7fff_0000;
const NOTIFY = 0x7fc0_0000;
const ERRNO = 0x0005_0000;
const ENOSYS = 38;

// linux/bpf_common.h
const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_EQUAL = 0x35;
const JUMP_SET = 0x45;
const AND = 0x54;
const RETURN = 0x06;
/** The only jump that reaches further than 255 instructions. */
const JUMP_ALWAYS = 0x05;

/** Above it lie the calls of the x32 ABI (__X32_SYSCALL_BIT). */
const X32 = 0x4000_0000;

/** One test of an argument (counted from 0), on its low 32 bits unless it says otherwise. */
export type ArgumentTest =
  | { readonly argument: number; readonly equals: number; readonly mask?: number }
  | { readonly argument: number; readonly differs: number }
  | { readonly argument: number; readonly anyBit: number }
  | { readonly argument: number; readonly below: number }
  /** From this on, and below that. */
  | { readonly argument: number; readonly from: number; readonly below: number }
  /** All 64 bits. */
  | { readonly argument: number; readonly nonNull: true };

export interface AllOf {
  readonly allOf: readonly ArgumentTest[];
}

/** When a call is handed to the supervisor: always, never (it fails with ENOSYS), or if one of the tests holds; else it is the kernel's. */
export type CaptureRule = 'always' | 'refused' | { readonly anyOf: readonly (ArgumentTest | AllOf)[] } | AllOf;

export interface CapturedCall {
  readonly name: SystemCall;
  readonly when: CaptureRule;
  /** The kernel's in any case where the high half of an int argument, which it does not look at, says so. */
  readonly unless?: { readonly argument: number; readonly high: number };
}

/** "taps": by this the native client marks the call that leads it to the command worker (client/native/tapstack-client.c). */
export const NATIVE_CLIENT = 0x7461_7073;

/**
 * The classic BPF program of a captured process: struct sock_filter, 8 bytes each. Calls of another architecture and of x32 do
 * not exist for it. A sendmsg() whose flags carry `cookie` in their unused high half passes: by that its launcher sends the
 * listener away.
 */
export function seccompFilter(calls: readonly CapturedCall[], cookie: number, architecture: string = process.arch): Uint8Array {
  const program = new FilterWriter();
  program.load(ARCHITECTURE);
  program.unless(JUMP_EQUAL, auditArchitecture(architecture) ?? 0, 'refuse');
  program.load(NUMBER);
  program.when(JUMP_GREATER_EQUAL, X32, 'refuse');
  for (const { name } of calls) {
    const number = systemCallNumber(name, architecture);
    if (number >= 0) program.when(JUMP_EQUAL, number, name);
  }
  program.result(ALLOW);
  for (const { name, when, unless } of calls) {
    if (systemCallNumber(name, architecture) < 0) continue;
    program.label(name);
    if (name === 'sendmsg') {
      program.load(ARGUMENTS + 8 * 2 + 4);
      program.when(JUMP_EQUAL, cookie, 'allow');
    }
    if (unless !== undefined) {
      program.load(ARGUMENTS + 8 * unless.argument + 4);
      program.when(JUMP_EQUAL, unless.high, 'allow');
    }
    program.rule(when);
  }
  program.label('allow');
  program.result(ALLOW);
  program.label('refuse');
  program.result(ERRNO | ENOSYS);
  return program.take();
}

class FilterWriter {
  readonly #instructions: [code: number, whenTrue: number, whenFalse: number, value: number][] = [];
  readonly #labels = new Map<string, number>();
  /** Jumps by the instruction's index and the label they lead to. */
  readonly #jumps: [at: number, label: string][] = [];

  label(name: string): void {
    this.#labels.set(name, this.#instructions.length);
  }

  load(offset: number): void {
    this.#instructions.push([LOAD, 0, 0, offset]);
  }

  result(value: number): void {
    this.#instructions.push([RETURN, 0, 0, value]);
  }

  /** Jumps to `label` if what is loaded passes the test; goes on behind it otherwise. */
  when(code: number, value: number, label: string): void {
    this.#instructions.push([code, 0, 1, value >>> 0]);
    this.#jump(label);
  }

  unless(code: number, value: number, label: string): void {
    this.#instructions.push([code, 1, 0, value >>> 0]);
    this.#jump(label);
  }

  #jump(label: string): void {
    this.#jumps.push([this.#instructions.length, label]);
    this.#instructions.push([JUMP_ALWAYS, 0, 0, 0]);
  }

  rule(rule: CaptureRule): void {
    if (rule === 'always') return this.result(NOTIFY);
    if (rule === 'refused') return this.result(ERRNO | ENOSYS);
    if ('anyOf' in rule) {
      for (const test of rule.anyOf) this.#all('allOf' in test ? test.allOf : [test], 0);
      return this.result(ALLOW);
    }
    this.#all(rule.allOf, 0);
    this.result(ALLOW);
  }

  #all(tests: readonly ArgumentTest[], from: number): void {
    const test = tests[from];
    if (test === undefined) this.result(NOTIFY);
    else this.#test(test, () => this.#all(tests, from + 1));
  }

  /** Writes the test, and behind it what runs where it holds; what does not hold falls through behind that. */
  #test(test: ArgumentTest, then: () => void): void {
    const at = ARGUMENTS + 8 * test.argument;
    const skips: number[] = [];
    /** A jump over `then`, on the branch given. */
    const skip = (code: number, value: number, when: 'true' | 'false') => {
      skips.push(this.#instructions.length);
      this.#instructions.push([code, when === 'true' ? -1 : 0, when === 'false' ? -1 : 0, value >>> 0]);
    };
    this.load(at);
    if ('nonNull' in test) {
      // The low half, or else the high half.
      this.#instructions.push([JUMP_EQUAL, 0, 2, 0]);
      this.load(at + 4);
      skip(JUMP_EQUAL, 0, 'true');
    } else if ('equals' in test) {
      if (test.mask !== undefined) this.#instructions.push([AND, 0, 0, test.mask >>> 0]);
      skip(JUMP_EQUAL, test.equals, 'false');
    } else if ('differs' in test) skip(JUMP_EQUAL, test.differs, 'true');
    else if ('anyBit' in test) skip(JUMP_SET, test.anyBit, 'false');
    else if ('from' in test) {
      skip(JUMP_GREATER_EQUAL, test.from, 'false');
      skip(JUMP_GREATER_EQUAL, test.below, 'true');
    } else skip(JUMP_GREATER_EQUAL, test.below, 'true');
    then();
    for (const index of skips) {
      const instruction = this.#instructions[index]!;
      const distance = this.#instructions.length - index - 1;
      if (instruction[1] === -1) instruction[1] = distance;
      if (instruction[2] === -1) instruction[2] = distance;
    }
  }

  take(): Uint8Array {
    for (const [at, label] of this.#jumps) this.#instructions[at]![3] = this.#labels.get(label)! - at - 1;
    const bytes = new Uint8Array(this.#instructions.length * 8);
    const view = new DataView(bytes.buffer);
    for (const [index, [code, whenTrue, whenFalse, value]] of this.#instructions.entries()) {
      view.setUint16(index * 8, code, true);
      view.setUint8(index * 8 + 2, whenTrue);
      view.setUint8(index * 8 + 3, whenFalse);
      view.setUint32(index * 8 + 4, value >>> 0, true);
    }
    return bytes;
  }
}

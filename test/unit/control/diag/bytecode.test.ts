import { EINVAL, EPERM } from '../../../../src/base/errno.js';
import { NetError } from '../../../../src/base/net-error.js';
import { SeededRandom } from '../../../../src/base/random.js';
import { type Bytecode, checkBytecode, passes } from '../../../../src/control/diag/inet/bytecode.js';
import { InetEntry } from '../../../../src/control/diag/inet/entry.js';
import { AF_INET, AF_INET6 } from '../../../../src/netlink/constants.js';
import {
  INET_DIAG_BC_AUTO,
  INET_DIAG_BC_D_COND,
  INET_DIAG_BC_D_GE,
  INET_DIAG_BC_DEV_COND,
  INET_DIAG_BC_JMP,
  INET_DIAG_BC_MARK_COND,
  INET_DIAG_BC_NOP,
  INET_DIAG_BC_S_EQ,
} from '../../../../src/netlink/diag/bytecode.js';

/** struct inet_diag_bc_op */
const op = (code: number, yes: number, no: number) => [code, yes, no & 0xff, no >>> 8];
/** A comparison with a port, alone: no further operation follows. */
const port = (code: number, number: number, yes = 8, no = 12) => [...op(code, yes, no), ...op(0, 0, number)];
const host = (code: number, family: number, bits: number, address: readonly number[], wanted = -1) => {
  const bytes = 12 + address.length;
  return [...op(code, bytes, bytes + 4), family, bits, 0, 0, ...[0, 8, 16, 24].map((shift) => (wanted >>> shift) & 0xff), ...address];
};
const check = (bytes: readonly number[], admin = true): Bytecode => checkBytecode(Uint8Array.from(bytes), admin);

function entryOf(fields: Partial<InetEntry> & { readonly remoteWords?: readonly number[] }): InetEntry {
  const entry = new InetEntry();
  const { remoteWords, ...rest } = fields;
  Object.assign(entry, { family: AF_INET, ...rest });
  entry.remote.set(remoteWords ?? [0, 0, 0xffff, 0]);
  return entry;
}

test('a port fits, or does not', () => {
  const code = check(port(INET_DIAG_BC_S_EQ, 8080));
  expect(passes(code, entryOf({ localPort: 8080 }))).toBe(true);
  expect(passes(code, entryOf({ localPort: 8081 }))).toBe(false);
});

test('two conditions in a row are both asked, and a jump makes an alternative', () => {
  const both = check([...port(INET_DIAG_BC_S_EQ, 22, 8, 20), ...port(INET_DIAG_BC_D_GE, 1024)]);
  expect(passes(both, entryOf({ localPort: 22, remotePort: 2000 }))).toBe(true);
  expect(passes(both, entryOf({ localPort: 22, remotePort: 20 }))).toBe(false);
  expect(passes(both, entryOf({ localPort: 23, remotePort: 2000 }))).toBe(false);
  const either = check([...port(INET_DIAG_BC_S_EQ, 22, 8, 12), ...op(INET_DIAG_BC_JMP, 4, 12), ...port(INET_DIAG_BC_D_GE, 1024)]);
  expect(passes(either, entryOf({ localPort: 22 }))).toBe(true);
  expect(passes(either, entryOf({ remotePort: 2000 }))).toBe(true);
  expect(passes(either, entryOf({}))).toBe(false);
});

test('a prefix is compared bit by bit, and an IPv4 prefix fits mapped addresses', () => {
  const code = check(host(INET_DIAG_BC_D_COND, AF_INET, 9, [10, 128, 0, 0]));
  expect(passes(code, entryOf({ remoteWords: [0, 0, 0xffff, 0x0aff_0001] }))).toBe(true);
  expect(passes(code, entryOf({ remoteWords: [0, 0, 0xffff, 0x0a7f_0001] }))).toBe(false);
  expect(passes(code, entryOf({ family: AF_INET6, remoteWords: [0, 0, 0xffff, 0x0aff_0001] }))).toBe(true);
  expect(passes(code, entryOf({ family: AF_INET6, remoteWords: [0x0a80_0000, 0, 0, 1] }))).toBe(false);
  const v6 = check(host(INET_DIAG_BC_D_COND, AF_INET6, 33, [0x20, 1, 0xd, 0xb8, 0x80, ...new Array<number>(11).fill(0)], 443));
  expect(passes(v6, entryOf({ family: AF_INET6, remotePort: 443, remoteWords: [0x2001_0db8, 0x8000_0001, 0, 1] }))).toBe(true);
  expect(passes(v6, entryOf({ family: AF_INET6, remotePort: 80, remoteWords: [0x2001_0db8, 0x8000_0001, 0, 1] }))).toBe(false);
});

test('devices, marks and ports chosen by the stack are conditions too; marks want rights', () => {
  const device = check([...op(INET_DIAG_BC_DEV_COND, 8, 12), 3, 0, 0, 0]);
  expect(passes(device, entryOf({ ifindex: 3 }))).toBe(true);
  expect(passes(device, entryOf({ ifindex: 2 }))).toBe(false);
  const mark = [...op(INET_DIAG_BC_MARK_COND, 12, 16), 0x10, 0, 0, 0, 0xf0, 0, 0, 0];
  expect(passes(check(mark), entryOf({ mark: 0x1f }))).toBe(true);
  expect(passes(check(mark), entryOf({ mark: 0x2f }))).toBe(false);
  expect(() => check(mark, false)).toThrow(expect.objectContaining({ errno: EPERM }));
  const auto = check(op(INET_DIAG_BC_AUTO, 4, 8));
  expect(passes(auto, entryOf({ portLocked: false }))).toBe(true);
  expect(passes(auto, entryOf({ portLocked: true }))).toBe(false);
});

test.each([
  ['nothing', []],
  ['an operation that is cut', op(INET_DIAG_BC_S_EQ, 8, 12)],
  ['an unknown operation', op(99, 4, 8)],
  ['a jump to itself', op(INET_DIAG_BC_JMP, 4, 0)],
  ['"yes" that goes nowhere', op(INET_DIAG_BC_NOP, 0, 4)],
  ['a jump into an argument', [...op(INET_DIAG_BC_JMP, 4, 8), ...port(INET_DIAG_BC_S_EQ, 1)]],
  ['a jump far beyond the end', op(INET_DIAG_BC_JMP, 4, 400)],
  ['a jump that is not aligned', [...op(INET_DIAG_BC_JMP, 4, 6), ...op(INET_DIAG_BC_NOP, 4, 4)]],
  ['more bits than the address has', host(INET_DIAG_BC_D_COND, AF_INET, 33, [1, 2, 3, 4])],
  ['an address of no family', host(INET_DIAG_BC_D_COND, 77, 0, [])],
  ['an address that is cut', host(INET_DIAG_BC_D_COND, AF_INET6, 128, [1, 2, 3, 4])],
])('%s is EINVAL', (_what, bytes) => {
  expect(() => check(bytes)).toThrow(expect.objectContaining({ errno: EINVAL }));
});

test('of any bytes at all, either they are refused or every socket is judged', () => {
  const random = new SeededRandom(20_261_127);
  const entry = entryOf({ localPort: 80, remotePort: 4000 });
  let accepted = 0;
  for (let round = 0; round < 20_000; round++) {
    const bytes: number[] = [];
    for (let operations = (random.u32() % 6) + 1; operations > 0; operations--) {
      const length = [4, 8, 12, 24][random.u32() % 4]!;
      const jump = (random.u32() % 12) * 4;
      bytes.push(...op(random.u32() % 15, length, jump));
      while (bytes.length % 4 !== 0 || random.u32() % 3 !== 0) bytes.push(random.u32() % 3);
    }
    bytes.length &= ~3;
    try {
      const code = check(bytes);
      accepted++;
      expect(typeof passes(code, entry)).toBe('boolean');
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  }
  expect(accepted).toBeGreaterThan(20);
});

import { type ArgumentTest, type CapturedCall, seccompFilter } from '../../../src/host/seccomp-filter.js';
import { auditArchitecture, type SystemCall, systemCallNumber } from '../../../src/host/system-calls.js';

const ALLOW = 0x7fff_0000;
const NOTIFY = 0x7fc0_0000;
const NO_SUCH_CALL = 0x0005_0000 | 38;
const COOKIE = 0x1234;

/** The filter's verdict, by the instructions that it may consist of. */
function run(filter: Uint8Array, number: number, args: readonly number[] = [], architecture = auditArchitecture('x64')!): number {
  const data = new DataView(new ArrayBuffer(64));
  data.setInt32(0, number, true);
  data.setUint32(4, architecture, true);
  for (const [i, value] of args.entries()) data.setBigUint64(16 + 8 * i, BigInt.asUintN(64, BigInt(value)), true);
  const code = new DataView(filter.buffer, filter.byteOffset, filter.length);
  let loaded = 0;
  for (let at = 0; at * 8 < filter.length; at++) {
    const value = code.getUint32(at * 8 + 4, true);
    const branch = (holds: boolean) => {
      at += code.getUint8(at * 8 + (holds ? 2 : 3));
    };
    switch (code.getUint16(at * 8, true)) {
      case 0x20:
        loaded = data.getUint32(value, true);
        break;
      case 0x54:
        loaded = (loaded & value) >>> 0;
        break;
      case 0x15:
        branch(loaded === value);
        break;
      case 0x35:
        branch(loaded >= value);
        break;
      case 0x45:
        branch((loaded & value) !== 0);
        break;
      case 0x05:
        at += value;
        break;
      case 0x06:
        return value;
      default:
        throw new Error(`instruction ${code.getUint16(at * 8, true)}`);
    }
  }
  throw new Error('the filter has no end');
}

const filterOf = (...calls: readonly CapturedCall[]) => seccompFilter(calls, COOKIE, 'x64');
const nr = (name: SystemCall) => systemCallNumber(name, 'x64');
const when = (name: SystemCall, ...anyOf: readonly ArgumentTest[]): CapturedCall => ({ name, when: { anyOf } });

describe('the seccomp filter of captured programs', () => {
  test('leaves calls that nobody named to the kernel', () => {
    expect(run(filterOf({ name: 'bind', when: 'always' }), nr('read'))).toBe(ALLOW);
  });

  test('hands a named call over', () => {
    expect(run(filterOf({ name: 'bind', when: 'always' }, { name: 'listen', when: 'always' }), nr('listen'))).toBe(NOTIFY);
  });

  test('refuses what could go round it, other architectures and x32', () => {
    const filter = filterOf({ name: 'clone3', when: 'refused' });
    expect(run(filter, nr('clone3'))).toBe(NO_SUCH_CALL);
    expect(run(filter, nr('read'), [], 0x4000_0003)).toBe(NO_SUCH_CALL);
    expect(run(filter, 0x4000_0000 | nr('socket'))).toBe(NO_SUCH_CALL);
  });

  test('hands over every socket but those of AF_UNIX', () => {
    const filter = filterOf(when('socket', { argument: 0, differs: 1 }));
    expect(run(filter, nr('socket'), [1])).toBe(ALLOW);
    expect(run(filter, nr('socket'), [2])).toBe(NOTIFY);
  });

  test('leaves send() without an address to the kernel, and looks at all 64 bits of one', () => {
    const filter = filterOf(when('sendto', { argument: 4, nonNull: true }, { argument: 3, anyBit: 1 }));
    expect(run(filter, nr('sendto'), [3, 0, 0, 0, 0])).toBe(ALLOW);
    expect(run(filter, nr('sendto'), [3, 0, 0, 0, 0x7f00_0000_0000])).toBe(NOTIFY);
    expect(run(filter, nr('sendto'), [3, 0, 0, 0, 0x1000])).toBe(NOTIFY);
    expect(run(filter, nr('sendto'), [3, 0, 0, 1, 0])).toBe(NOTIFY);
  });

  test('all of several tests must hold where it says so', () => {
    const filter = filterOf({
      name: 'mmap',
      when: {
        allOf: [
          { argument: 2, equals: 3 },
          { argument: 3, equals: 1, mask: 0x2f },
        ],
      },
    });
    expect(run(filter, nr('mmap'), [0, 4096, 3, 0x8001])).toBe(NOTIFY);
    expect(run(filter, nr('mmap'), [0, 4096, 1, 0x8001])).toBe(ALLOW);
    expect(run(filter, nr('mmap'), [0, 4096, 3, 0x22])).toBe(ALLOW);
  });

  test('lets the one sendmsg() pass that carries the cookie beside its flags', () => {
    const filter = filterOf({ name: 'sendmsg', when: 'always' });
    expect(run(filter, nr('sendmsg'), [3, 0, COOKIE * 0x1_0000_0000])).toBe(ALLOW);
    expect(run(filter, nr('sendmsg'), [3, 0, 0])).toBe(NOTIFY);
  });
});

import fc from 'fast-check';
import { EADDRINUSE } from '../../../../src/base/errno.js';
import { setIpv4Address } from '../../../../src/net/core/inet-socket.js';
import { PortTable, type PortUser } from '../../../../src/net/core/port-table.js';
import { SocketAddress } from '../../../../src/net/core/socket.js';
import { ip4, World } from '../kit.js';

const RANGE = { localPortFirst: 32_768, localPortLast: 32_777, reservedPorts: new Set([32_770]), autobindReuse: false };

interface Wish {
  where?: string;
  reuseAddress?: boolean;
  reusePort?: boolean;
  boundIfindex?: number;
  uid?: number;
  listening?: boolean;
  timeWait?: boolean;
}

function user(wish: Wish = {}): PortUser {
  const local = new SocketAddress();
  setIpv4Address(local, ip4(wish.where ?? '0.0.0.0'), 0);
  return {
    local,
    reuseAddress: wish.reuseAddress ?? false,
    reusePort: wish.reusePort ?? false,
    boundIfindex: wish.boundIfindex ?? 0,
    uid: wish.uid ?? 0,
    listening: wish.listening ?? false,
    timeWait: wish.timeWait ?? false,
    ipv6Only: false,
    localPorts: 0,
    nextOnPort: null,
  };
}

const table = (streams: boolean) => new PortTable(new World().stack, RANGE, streams);

test.each([
  ['the same port on any address', {}, {}, -EADDRINUSE, -EADDRINUSE],
  ['any and one address', {}, { where: '10.0.0.1' }, -EADDRINUSE, -EADDRINUSE],
  ['two addresses', { where: '10.0.0.2' }, { where: '10.0.0.1' }, 0, 0],
  ['two devices', { boundIfindex: 2 }, { boundIfindex: 3 }, 0, 0],
  ['one device and any', { boundIfindex: 2 }, {}, -EADDRINUSE, -EADDRINUSE],
  ['SO_REUSEADDR on both', { reuseAddress: true }, { reuseAddress: true }, 0, 0],
  ['SO_REUSEADDR on one', { reuseAddress: true }, {}, -EADDRINUSE, -EADDRINUSE],
  ['SO_REUSEADDR with a listener', { reuseAddress: true, listening: true }, { reuseAddress: true }, 0, -EADDRINUSE],
  ['SO_REUSEPORT of one user', { reusePort: true, uid: 5 }, { reusePort: true, uid: 5 }, 0, 0],
  ['SO_REUSEPORT of two users', { reusePort: true, uid: 5 }, { reusePort: true, uid: 6 }, -EADDRINUSE, -EADDRINUSE],
  ['SO_REUSEPORT of another in TIME_WAIT', { reusePort: true, uid: 5, timeWait: true }, { reusePort: true, uid: 6 }, 0, 0],
] as const)('%s', (_name, first, second, datagrams, streams) => {
  for (const [isStream, expected] of [
    [false, datagrams],
    [true, streams],
  ] as const) {
    const ports = table(isStream);
    expect(ports.bind(user(first), 80)).toBe(0);
    expect(ports.bind(user(second), 80)).toBe(expected);
  }
});

test('all free ports of the range are chosen once, reserved ones never, then there is none', () => {
  for (const streams of [false, true]) {
    const ports = table(streams);
    const users = Array.from({ length: 9 }, () => user());
    for (const one of users) expect(ports.bind(one, 0)).toBe(0);
    const chosen = users.map((one) => one.local.port).sort();
    expect(chosen).toEqual([32_768, 32_769, 32_771, 32_772, 32_773, 32_774, 32_775, 32_776, 32_777]);
    expect(ports.bind(user(), 0)).toBe(-EADDRINUSE);
    ports.remove(users[3]!);
    const late = user();
    expect(ports.bind(late, 0)).toBe(0);
    expect(late.local.port).toBe(users[3]!.local.port);
  }
});

test('ports found for connect() are of the lower bound as long as there are such, and the caller says which are free', () => {
  const ports = table(true);
  expect(ports.search(true, 0, () => true) % 2).toBe(0);
  expect(ports.search(true, 0, (port) => port === 32_775)).toBe(32_775);
  expect(ports.search(true, 0, () => false)).toBe(0);
});

test('the table agrees with a plain list through any binds and closes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.boolean()), { maxLength: 300 }), (steps) => {
      const ports = table(false);
      const held: PortUser[] = [];
      for (const [port, close] of steps) {
        const at = held.findIndex((one) => one.local.port === port);
        if (close && at >= 0) ports.remove(held.splice(at, 1)[0]!);
        else {
          const one = user();
          expect(ports.bind(one, port)).toBe(at >= 0 ? -EADDRINUSE : 0);
          if (at < 0) held.push(one);
        }
      }
      expect(ports.size).toBe(held.length);
      for (const one of held) expect(ports.first(one.local.port)).toBe(one);
      let seen = 0;
      ports.forEach(() => {
        seen++;
      });
      expect(seen).toBe(held.length);
    }),
  );
});

test('once all ports are in use, ip_autobind_reuse lets streams share one by SO_REUSEADDR', () => {
  for (const [autobindReuse, wish, found] of [
    [false, { reuseAddress: true }, -EADDRINUSE],
    [true, {}, -EADDRINUSE],
    [true, { reuseAddress: true }, 0],
    [true, { reuseAddress: true, reusePort: true }, -EADDRINUSE],
  ] as const) {
    const ports = new PortTable(
      new World().stack,
      { localPortFirst: 40_000, localPortLast: 40_001, reservedPorts: new Set(), autobindReuse },
      true,
    );
    for (let i = 0; i < 2; i++) expect(ports.bind(user(wish), 0)).toBe(0);
    expect(ports.bind(user(wish), 0)).toBe(found);
  }
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoName } from '../../src/base/errno.js';
import type { InetSocket } from '../../src/net/core/inet-socket.js';
import { createInstance, type TapstackInstance } from '../../src/library/index.js';

// What getsockopt() gives of each option of a new socket on Linux 6.1, and what setsockopt() says to each of some values and the option
// is then: one row an option, "GET SET=GET SET=GET ..." with an errno where there was one; the same for all values written once.

type Rows = Readonly<Record<string, string>>;
const recorded = JSON.parse(readFileSync(join(__dirname, 'socket-options.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, Rows>>>
>;

const LEVELS: Readonly<Record<string, number>> = { SOL_SOCKET: 1, IP: 0, IPV6: 41, TCP: 6, UDP: 17 };
const KINDS: Readonly<Record<string, readonly [family: number, type: number, protocol: number]>> = {
  tcp4: [2, 1, 6],
  tcp6: [10, 1, 6],
  udp4: [2, 2, 17],
  udp6: [10, 2, 17],
  raw4: [2, 3, 1],
  raw6: [10, 3, 58],
  ping4: [2, 2, 1],
};
const int = (value: number) => Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
const VALUES: readonly Uint8Array[] = [...[1, 0, -1, 2, 7, 255, 256, 65_535, 100_000].map(int), Uint8Array.of(1)];

/**
 * What is not compared: SO_COOKIE counts sockets, SO_NETNS_COOKIE wants eight bytes, file descriptors of eBPF programs are those of a
 * process; TCP_INFO has times, TCP_TIMESTAMP too; TCP_REPAIR and what belongs to it, UDP_ENCAP for ESP are not there.
 */
const OWN: Readonly<Record<string, readonly number[]>> = { SOL_SOCKET: [50, 52, 57, 71], TCP: [11, 19, 20, 21, 22, 24, 29], UDP: [100] };

let instance: TapstackInstance;
beforeAll(async () => {
  instance = await createInstance();
  await instance.sh('sysctl -qw net.ipv4.ping_group_range="0 100000"');
});
afterAll(() => instance.close());

function open(kind: string): InetSocket {
  const { initial } = instance.stack;
  const [family, type, protocol] = KINDS[kind]!;
  const maker = initial.sockets.families.find(
    (entry) => entry.family === family && entry.type === type && (entry.protocol === protocol || entry.anyProtocol === true),
  )!;
  return maker.create(initial, protocol, 0, true) as InetSocket;
}

function row(kind: string, level: number, option: number): string {
  const socket = open(kind);
  const name = (errno: number) => errnoName(-errno).replace('EOPNOTSUPP', 'ENOTSUP');
  const get = () => {
    const value = socket.getOption(level, option);
    return typeof value === 'number' ? name(value) : Buffer.from(value).toString('hex') || '-';
  };
  const first = get();
  const after = VALUES.map((value) => {
    const result = socket.setOption(level, option, value);
    return result === 0 ? `ok=${get().replace('-', '')}` : name(result);
  });
  socket.close();
  return [first, ...(new Set(after).size === 1 ? after.slice(0, 1) : after)].join(' ');
}

for (const [kind, levels] of Object.entries(recorded))
  test(`options of a ${kind} socket are read and set as on Linux 6.1`, () => {
    const differ: Record<string, { readonly linux: string; readonly ours: string }> = {};
    for (const [level, rows] of Object.entries(levels))
      for (const [options, linux] of Object.entries(rows))
        for (const option of options.split(',').map(Number)) {
          if (OWN[level]?.includes(option) === true) continue;
          const ours = row(kind, LEVELS[level]!, option);
          if (ours !== linux && !(linux === 'ENOPROTOOPT' && ours === 'ENOPROTOOPT ENOPROTOOPT'))
            differ[`${level} ${option}`] = { linux, ours };
        }
    expect(differ).toEqual({});
  });

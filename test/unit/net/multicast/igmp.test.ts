import { be32, bytes, host, reportsOf, socketOf, storage, u32 } from './lab.js';

const ADD_SOURCE = 39;
const source = (group: string, from: string) => bytes(be32(group), be32('10.0.0.1'), be32(from));

/** IPv4 header of a report to 224.0.0.22, with `length` bytes in all. */
const V3 = (length: number, check: string) =>
  `01005e000016 46c0${length.toString(16).padStart(4, '0')}000040000102${check}0a000001e000001694040000`;

describe('a host with IGMPv3', () => {
  test('tells of a new group twice, and twice that it left', async () => {
    const instance = await host();
    const joined = await reportsOf(instance, 5000, () => instance.sh('ip addr add 239.1.2.3/32 dev e0 autojoin'));
    expect(joined).toEqual(new Array(2).fill(`${V3(40, 'f9f8')}2200e8f90000000104000000ef010203`));
    const left = await reportsOf(instance, 5000, () => instance.sh('ip addr del 239.1.2.3/32 dev e0'));
    expect(left).toEqual(new Array(2).fill(`${V3(40, 'f9f8')}2200e9f90000000103000000ef010203`));
    instance.close();
  });

  test('tells of sources that are allowed and blocked', async () => {
    const instance = await host();
    const socket = socketOf(instance, 2, 2);
    const first = await reportsOf(instance, 5000, () => expect(socket.setOption(0, ADD_SOURCE, source('232.1.1.1', '10.0.0.9'))).toBe(0));
    expect(first.map((report) => report.slice(61))).toEqual(new Array(2).fill('2200e5f10000000105000001e80101010a000009'));
    const second = await reportsOf(instance, 5000, () => socket.setOption(0, ADD_SOURCE, source('232.1.1.1', '10.0.0.8')));
    expect(second[0]!.slice(77)).toBe('05000001e80101010a000008');
    const gone = await reportsOf(instance, 5000, () => socket.setOption(0, 40, source('232.1.1.1', '10.0.0.9')));
    expect(gone.map((report) => report.slice(77))).toEqual(new Array(2).fill('06000001e80101010a000009'));
    const closed = await reportsOf(instance, 5000, () => socket.close());
    expect(closed.map((report) => report.slice(77))).toEqual(new Array(2).fill('06000001e80101010a000008'));
    instance.close();
  });

  test('changes between excluding and including with one record', async () => {
    const instance = await host();
    const all = socketOf(instance, 2, 2);
    const some = socketOf(instance, 2, 2);
    some.setOption(0, ADD_SOURCE, source('239.5.5.5', '10.0.0.9'));
    await instance.clock.advance(5000);
    const joined = await reportsOf(instance, 5000, () => all.setOption(0, 35, bytes(be32('239.5.5.5'), be32('10.0.0.1'))));
    expect(joined.map((report) => report.slice(77))).toEqual(new Array(2).fill('04000000ef050505'));
    const left = await reportsOf(instance, 5000, () => all.close());
    expect(left.map((report) => report.slice(77))).toEqual(new Array(2).fill('03000001ef0505050a000009'));
    instance.close();
  });

  test('blocks a source and lets it in again, as Linux 6.1 does, byte for byte', async () => {
    const instance = await host();
    const socket = socketOf(instance, 2, 2);
    const twice = (report: string) => [report, report];
    const reported = (option: number, value: Uint8Array) =>
      reportsOf(instance, 2500, () => expect(socket.setOption(0, option, value)).toBe(0));
    expect(await reported(35, bytes(be32('239.5.5.5'), be32('10.0.0.1')))).toEqual(
      twice(`${V3(40, 'f9f8')}2200e5f30000000104000000ef050505`),
    );
    const from = source('239.5.5.5', '10.0.0.9');
    expect(await reported(38, from)).toEqual(twice(`${V3(44, 'f9f4')}2200d9e90000000106000001ef0505050a000009`));
    expect(await reported(37, from)).toEqual(twice(`${V3(44, 'f9f4')}2200dae90000000105000001ef0505050a000009`));
    const gone = await reportsOf(instance, 2500, () => socket.close());
    expect(gone).toEqual(twice(`${V3(40, 'f9f8')}2200e6f30000000103000000ef050505`));
    instance.close();
  });

  test('reads filters of /proc/net/mcfilter, and limits of sources and groups', async () => {
    const instance = await host();
    const socket = socketOf(instance, 2, 2);
    const device = instance.device('e0').ifindex;
    const request = (group: string) => bytes(u32(device), u32(0), storage(group));
    expect(socket.setOption(0, 42, request('239.7.7.7'))).toBe(0);
    expect(socket.setOption(0, 42, request('239.7.7.7'))).toBe(-98);
    expect(socket.setOption(0, 42, request('10.7.7.7'))).toBe(-22);
    expect(socket.setOption(0, 43, bytes(request('239.7.7.7'), storage('10.0.0.9')))).toBe(0);
    expect(socket.setOption(0, 43, bytes(request('239.7.7.7'), storage('10.0.0.9')))).toBe(-99);
    expect(socket.setOption(0, 46, bytes(request('239.7.7.7'), storage('10.0.0.8')))).toBe(-22);
    for (let i = 10; i < 19; i++) expect(socket.setOption(0, 43, bytes(request('239.7.7.7'), storage(`10.0.0.${i}`)))).toBe(0);
    expect(socket.setOption(0, 43, bytes(request('239.7.7.7'), storage('10.0.0.20')))).toBe(-105);
    expect(socket.setOption(0, 48, bytes(request('239.7.7.7'), u32(1), u32(1), storage('10.0.0.5')))).toBe(0);
    for (let i = 1; i < 20; i++) expect(socket.setOption(0, 42, request(`239.8.0.${i}`))).toBe(0);
    expect(socket.setOption(0, 42, request('239.8.0.20'))).toBe(-105);
    expect(socket.setOption(0, 45, request('239.8.0.20'))).toBe(-99);
    const { multicast } = instance.stack.initial.ipv4;
    expect([0x0a00_0005, 0x0a00_0009].map((from) => multicast.isMember(instance.device('e0'), 0xef07_0707, from))).toEqual([true, false]);
    instance.close();
  });
});

describe('a querier', () => {
  const query = (group: string, code: number, rest: readonly number[] = []) => {
    const message = bytes([0x11, code, 0, 0], be32(group), rest);
    let sum = 0;
    for (let i = 0; i < message.length; i += 2) sum += (message[i]! << 8) | message[i + 1]!;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    message[2] = (~sum >>> 8) & 0xff;
    message[3] = ~sum & 0xff;
    const to = group === '0.0.0.0' ? '224.0.0.1' : group;
    const header = bytes([0x45, 0xc0, 0, 20 + message.length, 0, 0, 0, 0, 1, 2, 0, 0], be32('10.0.0.2'), be32(to));
    let check = 0;
    for (let i = 0; i < 20; i += 2) check += (header[i]! << 8) | header[i + 1]!;
    while (check > 0xffff) check = (check & 0xffff) + (check >>> 16);
    header[10] = (~check >>> 8) & 0xff;
    header[11] = ~check & 0xff;
    const link = be32(to);
    return bytes([1, 0, 0x5e, link[1]! & 0x7f, link[2]!, link[3]!, 2, 0, 0, 0, 0, 2, 8, 0], header, message);
  };

  test('of version 3 hears all groups in one report, or one with the sources that it asked for', async () => {
    const instance = await host();
    await instance.sh('ip addr add 239.1.2.3/32 dev e0 autojoin');
    const socket = socketOf(instance, 2, 2);
    socket.setOption(0, ADD_SOURCE, source('232.1.1.1', '10.0.0.9'));
    socket.setOption(0, ADD_SOURCE, source('232.1.1.1', '10.0.0.8'));
    await instance.clock.advance(5000);
    const device = instance.device('e0');
    const general = await reportsOf(instance, 11_000, () => instance.inject(device, query('0.0.0.0', 100, [2, 125, 0, 0])));
    expect(general.map((report) => report.slice(69))).toEqual(['0000000201000002e80101010a0000090a00000802000000ef010203']);
    const asked = await reportsOf(instance, 2000, () =>
      instance.inject(device, query('232.1.1.1', 10, [2, 125, 0, 2, 10, 0, 0, 8, 10, 0, 0, 7])),
    );
    expect(asked.map((report) => report.slice(69))).toEqual(['0000000101000001e80101010a000008']);
    expect(await reportsOf(instance, 2000, () => instance.inject(device, query('239.9.9.9', 10, [2, 125, 0, 0])))).toEqual([]);
    instance.close();
  });

  test('of version 2 is answered in version 2 until it has been silent for long, and a report of others is enough', async () => {
    const instance = await host();
    await instance.sh('ip addr add 239.1.2.3/32 dev e0 autojoin');
    await instance.clock.advance(5000);
    const device = instance.device('e0');
    const answer = await reportsOf(instance, 11_000, () => instance.inject(device, query('0.0.0.0', 100)));
    expect(answer).toEqual(['01005e010203 46c00020000040000102e9120a000001ef010203940400001600f8faef010203']);
    const leave = await reportsOf(instance, 1000, () => instance.sh('ip addr del 239.1.2.3/32 dev e0'));
    expect(leave).toEqual(['01005e000002 46c00020000040000102fa140a000001e0000002940400001700f7faef010203']);
    await instance.clock.advance(260_000);
    const later = await reportsOf(instance, 5000, () => instance.sh('ip addr add 239.1.2.4/32 dev e0 autojoin'));
    expect(later.map((report) => report.slice(61, 63))).toEqual(['22', '22']);
    instance.close();
  });
});

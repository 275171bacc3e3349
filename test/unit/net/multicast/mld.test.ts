import { parseIpv6 } from '../../../../src/wire/ipv6-address.js';
import { bytes, host, reportsOf, socketOf, storage, u32 } from './lab.js';

/** Behind Ethernet's address and a blank: IPv6, hop-by-hop options with router alert, and what MLD says but for its checksum. */
const HEADERS = (length: number, group: string) =>
  `60000000${length.toString(16).padStart(4, '0')}0001fe80000000000000000000fffe000001${group}3a00050200000100`;
const ROUTERS = 'ff020000000000000000000000000016';
const GROUP = 'ff150000000000000000000000000005';
const SOLICITED = 'ff0200000000000000000001ff000005';

const sum = (total: number) => {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
};

/** A query from fe80::2, router alert and all. */
function query(group: string | null, code: number, rest: readonly number[]): Uint8Array {
  const to = parseIpv6(group ?? 'ff02::1')!;
  const from = parseIpv6('fe80::2')!;
  const message = bytes([130, 0, 0, 0, code >>> 8, code & 0xff, 0, 0], group === null ? new Uint8Array(16) : to, rest);
  let total = message.length + 58;
  for (const part of [message, to, from]) for (let i = 0; i < part.length; i += 2) total += (part[i]! << 8) | part[i + 1]!;
  const check = sum(total);
  message[2] = check >>> 8;
  message[3] = check & 0xff;
  const header = bytes([0x60, 0, 0, 0, 0, 8 + message.length, 0, 1], from, to, [58, 0, 5, 2, 0, 0, 1, 0]);
  return bytes([0x33, 0x33], to.subarray(12), [2, 0, 0, 0, 0, 2, 0x86, 0xdd], header, message);
}

describe('a host with MLDv2', () => {
  test('tells of a new group twice with all that it has, and twice that it left, as Linux 6.1 does, byte for byte', async () => {
    const instance = await host();
    const joined = await reportsOf(instance, 5000, () => instance.sh('ip addr add ff15::5/128 dev e0 autojoin'));
    const report = (type: string, check: string, ...groups: string[]) =>
      `333300000016 ${HEADERS(16 + 20 * groups.length, ROUTERS)}8f00${check}0000000${groups.length}${groups.map((group) => `${type}000000${group}`).join('')}`;
    expect(joined).toEqual(new Array(2).fill(report('04', '6cb8', SOLICITED, GROUP, 'ff0200000000000000000001ff000001')));
    expect((await instance.sh('ip -6 addr show dev e0')).stdout).toContain('inet6 ff15::5/128 scope site autojoin');
    const left = await reportsOf(instance, 5000, () => instance.sh('ip addr del ff15::5/128 dev e0'));
    expect(left).toEqual(new Array(2).fill(report('03', '70d3', GROUP, SOLICITED)));
    instance.close();
  });

  test('filters sources for its sockets, and shows them', async () => {
    const instance = await host();
    const socket = socketOf(instance, 10, 2);
    const request = bytes(u32(instance.device('e0').ifindex), u32(0), storage('ff15::7'));
    const reports = await reportsOf(instance, 5000, () => expect(socket.setOption(41, 46, bytes(request, storage('fd00::9')))).toBe(0));
    expect(reports).toHaveLength(2);
    for (const report of reports) expect(report).toContain(`05000001ff150000000000000000000000000007fd000000000000000000000000000009`);
    const { multicast } = instance.stack.initial.ipv6;
    const group = Uint32Array.of(0xff15_0000, 0, 0, 7);
    const from = (last: number) => multicast.isMember(instance.device('e0'), group, Uint32Array.of(0xfd00_0000, 0, 0, last));
    expect([from(9), from(8)]).toEqual([true, false]);
    expect(socket.setOption(41, 47, bytes(request, storage('fd00::8')))).toBe(-99);
    expect(socket.setOption(41, 47, bytes(request, storage('fd00::9')))).toBe(0);
    expect(from(9)).toBe(false);
    instance.close();
  });

  test('answers a general query with all groups, and one about a group with it', async () => {
    const instance = await host();
    await instance.sh('ip addr add ff15::5/128 dev e0 autojoin');
    await instance.clock.advance(5000);
    const device = instance.device('e0');
    const general = await reportsOf(instance, 11_000, () => instance.inject(device, query(null, 10_000, [2, 125, 0, 0])));
    expect(general).toHaveLength(1);
    for (const group of [GROUP, SOLICITED, 'ff0200000000000000000001ff000001']) expect(general[0]).toContain(`02000000${group}`);
    const asked = await reportsOf(instance, 2000, () => instance.inject(device, query('ff15::5', 1000, [2, 125, 0, 0])));
    expect(asked.map((report) => report.slice(report.indexOf('8f00') + 8))).toEqual([`0000000102000000${GROUP}`]);
    instance.close();
  });
});

test('a host with MLDv1 reports a group at once and once more, and says when it is done', async () => {
  const instance = await host();
  await instance.sh('sysctl -qw net.ipv6.conf.e0.force_mld_version=1');
  const joined = await reportsOf(instance, 11_000, () => instance.sh('ip addr add ff15::5/128 dev e0 autojoin'));
  const own = joined.filter((report) => report.startsWith('333300000005'));
  expect(own).toHaveLength(2);
  for (const report of own) expect(report).toBe(`333300000005 ${HEADERS(32, GROUP)}830080f500000000${GROUP}`);
  const left = await reportsOf(instance, 1000, () => instance.sh('ip addr del ff15::5/128 dev e0'));
  expect(left).toEqual([
    `333300000002 ${HEADERS(32, 'ff020000000000000000000000000002')}8400811c00000000${SOLICITED}`,
    `333300000002 ${HEADERS(32, 'ff020000000000000000000000000002')}8400800b00000000${GROUP}`,
  ]);
  instance.close();
});

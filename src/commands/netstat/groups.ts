import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { formatAddress } from '../shared/address.js';
import type { NetstatContext } from './context.js';

const row = (device: string, users: string, group: string) => `${device.padEnd(15)} ${users.padEnd(6)} ${group}\n`;

/** `netstat -g`: memberships in multicast groups, out of /proc/net/igmp and igmp6. */
export async function showGroups(context: NetstatContext): Promise<void> {
  let text = 'IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n--------------- ------ ---------------------\n';
  let device = '';
  for (const line of await context.lines('igmp')) {
    if (!line.startsWith('\t')) {
      device = /^\d+\s+([^\s:]+)/.exec(line)?.[1] ?? device;
      continue;
    }
    const [group = '0', users = '0'] = line.trim().split(/\s+/);
    const word = parseInt(group, 16);
    const bytes = Uint8Array.of(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24);
    text += row(device, users, context.host(formatAddress(AF_INET, bytes)));
  }
  for (const line of await context.lines('igmp6', 0)) {
    const [, name = '', group = '', users = '0'] = line.trim().split(/\s+/);
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => parseInt(group.slice(2 * i, 2 * i + 2), 16));
    text += row(name, users, context.host(formatAddress(AF_INET6, bytes)));
  }
  await context.io.stdout.write(text);
}

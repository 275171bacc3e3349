import { ARPHRD_ETHER } from '../../netlink/rtnl/constants.js';
import type { NetDevice } from '../../net/core/device.js';
import type { Namespace } from '../../net/core/namespace.js';
import { addressToBytes, isMulticast, multicastScope } from '../../wire/ipv6.js';
import { hex, hexBytes } from './hex.js';
import type { ProcNetView } from './view.js';

const ALL_HOSTS = 0xe000_0001;

/** Groups of a device, IPv4's: as they were joined, the newest first, 224.0.0.1 the oldest. */
export function ipv4Groups(namespace: Namespace, device: NetDevice): { readonly group: number; readonly users: number }[] {
  if (device.ipv4 === null || (!device.up && device.ipv4.addresses.length === 0 && device !== namespace.loopback)) return [];
  const found: { group: number; users: number }[] = [];
  namespace.ipv4.multicast.forEach((ifindex, group, users) => {
    if (ifindex === device.ifindex && group !== ALL_HOSTS) found.push({ group, users });
  });
  found.push({ group: ALL_HOSTS, users: 1 });
  return found;
}

interface LinkGroup {
  readonly address: Uint8Array;
  users: number;
}

/** Link-layer groups that a device's protocols have it listen to, oldest first: what dev_mc holds. */
export function linkGroups(namespace: Namespace, device: NetDevice): LinkGroup[] {
  const groups: LinkGroup[] = [];
  if (device.type !== ARPHRD_ETHER) return groups;
  const add = (address: Uint8Array) => {
    const known = groups.find((held) => held.address.every((byte, i) => byte === address[i]));
    if (known === undefined) groups.push({ address, users: 1 });
    else known.users++;
  };
  if (!device.up) return groups;
  for (const { group } of ipv4Groups(namespace, device).reverse())
    add(Uint8Array.of(0x01, 0x00, 0x5e, (group >>> 16) & 0x7f, (group >>> 8) & 0xff, group & 0xff));
  for (const { group } of [...namespace.ipv6.multicast.groupsOf(device)].reverse()) {
    // What does not leave the host needs no link.
    if (!isMulticast(group) || multicastScope(group) < 2) continue;
    const bytes = addressToBytes(group);
    add(Uint8Array.of(0x33, 0x33, bytes[12]!, bytes[13]!, bytes[14]!, bytes[15]!));
  }
  return groups;
}

const devices = (namespace: Namespace) => namespace.devices().filter((device) => device.registered);

/** Linux: dev_mc_seq_show() */
export const devMcast: ProcNetView = {
  path: 'dev_mcast',
  text: (namespace) =>
    devices(namespace)
      .flatMap((device) =>
        linkGroups(namespace, device).map(
          ({ address, users }) =>
            `${String(device.ifindex).padEnd(4)} ${device.name.padEnd(15)} ${String(users).padEnd(5)} ${'0'.padEnd(5)} ${hexBytes(address)}\n`,
        ),
      )
      .join(''),
};

const swapped = (address: number): number =>
  (((address & 0xff) << 24) | ((address & 0xff00) << 8) | ((address >>> 8) & 0xff00) | (address >>> 24)) >>> 0;

/** Linux: igmp_mc_seq_show() */
export const igmp: ProcNetView = {
  path: 'igmp',
  text(namespace) {
    let text = 'Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n';
    for (const device of devices(namespace)) {
      const groups = ipv4Groups(namespace, device);
      if (groups.length === 0) continue;
      const version = (device.ipv4?.config.forceIgmpVersion ?? 0) === 0 ? 3 : device.ipv4!.config.forceIgmpVersion;
      text += `${device.ifindex}\t${device.name.padEnd(10)}: ${String(groups.length).padStart(5)} ${`V${version}`.padStart(7)}\n`;
      for (const { group, users } of groups)
        text += `\t\t\t\t${hex(swapped(group), 8).toUpperCase()} ${String(users).padStart(5)} 0:${hex(0, 8).toUpperCase()}\t\t0\n`;
    }
    return text;
  },
};

/** Linux: igmp6_mc_seq_show() */
export const igmp6: ProcNetView = {
  path: 'igmp6',
  text: (namespace) =>
    devices(namespace)
      .flatMap((device) =>
        namespace.ipv6.multicast
          .groupsOf(device)
          .map(
            ({ group, users }) =>
              `${String(device.ifindex).padEnd(4)} ${device.name.padEnd(15)} ${hexBytes(addressToBytes(group))} ${String(users).padStart(5)} ${hex(device.up ? 0xc : 0x4, 8).toUpperCase()} 0\n`,
          ),
      )
      .join(''),
};

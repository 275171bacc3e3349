import { EADDRNOTAVAIL, EFAULT, EINVAL, ENODEV } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { addressesOf } from '../../control/rtnl/ipv4.js';
import type { NetDevice } from '../../net/core/device.js';
import type { Ipv4Address } from '../../net/ipv4/address.js';
import { AF_INET, AF_INET6, NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST } from '../../netlink/constants.js';
import { addressMessage } from '../../netlink/rtnl/address.js';
import {
  IFA_F_PERMANENT,
  IFF_BROADCAST,
  IFF_LOOPBACK,
  INFINITY_LIFE_TIME,
  RT_SCOPE_HOST,
  RT_SCOPE_UNIVERSE,
  RTM_DELADDR,
  RTM_NEWADDR,
} from '../../netlink/rtnl/constants.js';
import { deviceOf, IFREQ, type IoctlHandler, type IoctlRequest, nameAt, needAdmin, putIpv4, putName } from './ioctl-request.js';
import { rtnetlinkRequest } from './rtnetlink-request.js';

const UNION = 16;
/** struct in6_ifreq: 0 address | 16 prefix length, u32 | 20 ifindex, i32. */
const IN6_IFREQ = 24;

/** The address that a struct ifreq means: the one labelled as it names, else (of a device's plain name) the first. */
function addressOf(request: IoctlRequest, device: NetDevice): Ipv4Address | undefined {
  const label = nameAt(request.bytes, 0);
  const addresses = addressesOf(request.namespace).of(device);
  return addresses.find((held) => held.label === label);
}

const reading = (value: (address: Ipv4Address) => number): IoctlHandler => ({
  size: IFREQ,
  writes: true,
  run(request) {
    const address = addressOf(request, deviceOf(request)) ?? fail(EADDRNOTAVAIL);
    putIpv4(request, UNION, value(address));
    return 0;
  },
});

/** What devinet_ioctl() makes of an address that it changes: a new one in its place. */
interface Wanted {
  readonly local: number;
  readonly peer: number;
  readonly prefixLength: number;
  readonly broadcast: number;
}

const changing = (change: (given: number, device: NetDevice, before: Ipv4Address | undefined) => Wanted | null): IoctlHandler => ({
  size: IFREQ,
  writes: false,
  run(request) {
    needAdmin(request);
    const { namespace, view, bytes } = request;
    const device = deviceOf(request);
    const family = view.getUint16(UNION, true);
    if (family !== AF_INET && family !== 0) fail(EINVAL);
    const label = nameAt(bytes, 0);
    const before = addressOf(request, device);
    const wanted = change(view.getUint32(UNION + 4), device, before);
    const addresses = addressesOf(namespace);
    if (before !== undefined) addresses.remove(before);
    if (wanted === null) return 0;
    addresses.add({
      device,
      label,
      local: wanted.local,
      address: wanted.peer,
      prefixLength: wanted.prefixLength,
      broadcast: wanted.broadcast,
      scope: (device.flags & IFF_LOOPBACK) !== 0 ? RT_SCOPE_HOST : RT_SCOPE_UNIVERSE,
      flags: IFA_F_PERMANENT,
      priority: 0,
      protocol: 0,
      validLifetime: INFINITY_LIFE_TIME,
      preferredLifetime: INFINITY_LIFE_TIME,
    });
    return 0;
  },
});

/** inet_abc_len(): the mask that a class of addresses came with. */
function classPrefix(address: number): number {
  if (address >>> 31 === 0) return 8;
  if (address >>> 30 === 2) return 16;
  return address >>> 29 === 6 ? 24 : 32;
}

const maskOf = (prefixLength: number) => (prefixLength === 0 ? 0 : (-1 << (32 - prefixLength)) >>> 0);
const broadcastOf = (local: number, prefixLength: number, device: NetDevice) =>
  (device.flags & IFF_BROADCAST) !== 0 && prefixLength < 31 ? (local | ~maskOf(prefixLength)) >>> 0 : 0;

/** IPv4 addresses of devices, devinet_ioctl(), and IPv6 ones, addrconf_add_ifaddr(). */
export const interfaceAddressRequests: readonly [number, IoctlHandler][] = [
  // SIOCGIFCONF
  [0x8912, { size: 16, writes: true, run: interfaceList }],
  // SIOCGIFADDR, SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK
  [0x8915, reading((address) => address.local)],
  [0x8917, reading((address) => address.address)],
  [0x8919, reading((address) => address.broadcast)],
  [0x891b, reading((address) => address.mask)],
  // SIOCSIFADDR, of an AF_INET6 socket too
  [0x8916, { ...changing(newAddress), run: (request) => ipv6Or(request, RTM_NEWADDR, changing(newAddress)) }],
  // SIOCDIFADDR
  [0x8936, { size: IN6_IFREQ, writes: false, run: (request) => ipv6Or(request, RTM_DELADDR, null) }],
  // SIOCSIFDSTADDR
  [
    0x8918,
    changing((given, _device, before) => {
      const { local, broadcast } = before ?? fail(EADDRNOTAVAIL);
      return { local, broadcast, peer: given, prefixLength: 32 };
    }),
  ],
  // SIOCSIFBRDADDR
  [
    0x891a,
    changing((given, _device, before) => {
      const { local, address, prefixLength } = before ?? fail(EADDRNOTAVAIL);
      return { local, peer: address, prefixLength, broadcast: given };
    }),
  ],
  // SIOCSIFNETMASK
  [
    0x891c,
    changing((given, device, before) => {
      const { local, address, mask, broadcast } = before ?? fail(EADDRNOTAVAIL);
      const prefixLength = Math.clz32(~given);
      if (maskOf(prefixLength) !== given) fail(EINVAL);
      // A broadcast address that was the usual one of the old mask becomes that of the new.
      const usual = broadcast === (local | ~mask) >>> 0;
      return { local, peer: address, prefixLength, broadcast: usual ? broadcastOf(local, prefixLength, device) : broadcast };
    }),
  ],
];

function newAddress(given: number, device: NetDevice): Wanted | null {
  if (given === 0) return null;
  const prefixLength = classPrefix(given);
  return { local: given, peer: given, prefixLength, broadcast: broadcastOf(given, prefixLength, device) };
}

/** struct ifconf: 0 bytes of room, i32 | 8 where. A struct ifreq an IPv4 address; without a place, the room it would take. */
function interfaceList({ call, namespace, bench, view, bytes }: IoctlRequest): number {
  const room = view.getInt32(0, true);
  const to = bench.io.word(8);
  const entries = namespace.devices().flatMap((device) => addressesOf(namespace).of(device));
  const count = to === 0 ? entries.length : Math.min(entries.length, Math.floor(Math.max(room, 0) / IFREQ));
  const start = 64;
  for (const [index, address] of entries.slice(0, count).entries()) {
    const at = start + index * IFREQ;
    bytes.fill(0, at, at + IFREQ);
    putName(bytes, at, address.label);
    view.setUint16(at + UNION, AF_INET, true);
    view.setUint32(at + UNION + 4, address.local);
  }
  if (to !== 0 && !call.write(to, count * IFREQ, bench.io.address + start)) return -EFAULT;
  view.setInt32(0, count * IFREQ, true);
  return 0;
}

/** The request by an AF_INET6 socket is about IPv6; else `ipv4`. */
function ipv6Or(request: IoctlRequest, type: number, ipv4: IoctlHandler | null): number {
  const { bench, call, namespace, view, bytes } = request;
  const socket = bench.sockets.get(bench.access.inodeOf(call.tid, call.ints[0]!));
  if (socket?.family !== AF_INET6) return ipv4 === null ? -EINVAL : ipv4.run(request);
  needAdmin(request);
  const address = bytes.slice(0, 16);
  const prefixlen = view.getUint32(16, true);
  const index = view.getInt32(20, true);
  if (namespace.deviceByIndex(index) === undefined) return -ENODEV;
  const create = type === RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0;
  return rtnetlinkRequest(bench, call, namespace, (writer) =>
    addressMessage.build(
      writer,
      type,
      NLM_F_REQUEST | NLM_F_ACK | create,
      1,
      0,
      { family: AF_INET6, prefixlen, flags: 0, scope: 0, index },
      { address, local: address },
    ),
  );
}

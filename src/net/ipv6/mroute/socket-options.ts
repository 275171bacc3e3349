import { EACCES, EADDRINUSE, EADDRNOTAVAIL, EBUSY, EINVAL, ENFILE, ENODEV, ENOENT, ENOPROTOOPT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import * as icmpv6 from '../../../wire/icmpv6.js';
import * as ip6 from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import { registerDevice } from '../../core/device-registry.js';
import { openDevice } from '../../core/device-state.js';
import type { InetSocket } from '../../core/inet-socket.js';
import { RegisterDevice } from '../../core/mroute/register-device.js';
import { FLUSH_MFC, FLUSH_VIFS, MAX_VIFS, type MrTable, NO_FORWARD, WHOLEPKT, WRVIFWHOLE } from '../../core/mroute/table.js';
import { SOCK_RAW } from '../../core/socket.js';
import { intBytes, readInt } from '../../core/socket-options.js';
import type { Ipv6 } from '../ipv6.js';

// linux/mroute6.h: MRT6_*
export const MRT6_INIT = 200;
const MRT6_DONE = 201;
const MRT6_ADD_MIF = 202;
const MRT6_DEL_MIF = 203;
const MRT6_ADD_MFC = 204;
const MRT6_DEL_MFC = 205;
const MRT6_VERSION = 206;
const MRT6_ASSERT = 207;
const MRT6_PIM = 208;
const MRT6_TABLE = 209;
const MRT6_ADD_MFC_PROXY = 210;
const MRT6_DEL_MFC_PROXY = 211;
const MRT6_FLUSH = 212;
export const MRT6_MAX = 212;
const VERSION = 0x0305;

/** struct mif6ctl:  0 MIF | 2 flags | 3 threshold | 4 ifindex | 8 rate limit */
const MIFCTL = 12;
/** struct mf6cctl:  0 origin (sockaddr_in6) | 28 group | 56 parent | 60 set of MIFs, a bit each */
const MFCCTL = 92;
const GROUP_AT = 28;
const PARENT_AT = 56;
const SET_AT = 60;
/** In a sockaddr_in6. */
const ADDRESS_AT = 8;
const MIFF_REGISTER = 0x1;
const REGISTER_OVERHEAD = ip6.HEADER + 8;

const u16 = (value: Uint8Array, at: number): number => value[at]! | (value[at + 1]! << 8);

/** Tables that sockets have chosen (MRT6_TABLE); the others have the default. */
const chosen = new WeakMap<InetSocket, number>();

function tableOf(socket: InetSocket): MrTable<ip6.In6> | null {
  const { tables } = socket.namespace.ipv6.multicastRouting;
  return tables.get(chosen.get(socket) ?? tables.defaultTable);
}

/** MRT6_* on a raw socket of ICMPv6: 0 or a negative errno. Linux: ip6_mroute_setsockopt() */
export function setMulticastRouting6(socket: InetSocket, option: number, value: Uint8Array): number {
  if (socket.type !== SOCK_RAW || socket.protocol !== icmpv6.PROTOCOL) return -EOPNOTSUPP;
  const table = tableOf(socket);
  if (table === null) return -ENOENT;
  if (option !== MRT6_INIT && socket !== table.socket && !socket.privileged) return -EACCES;
  try {
    return change(socket, table, option, value);
  } catch (error) {
    if (error instanceof NetError) return -error.errno;
    throw error;
  }
}

function change(socket: InetSocket, table: MrTable<ip6.In6>, option: number, value: Uint8Array): number {
  const { ipv6 } = socket.namespace;
  const daemon = socket === table.socket;
  switch (option) {
    case MRT6_INIT:
      if (value.length < 4) return -EINVAL;
      if (table.socket !== null) return -EADDRINUSE;
      table.socket = socket;
      ipv6.multicastRouting.countRouters(1);
      return 0;
    case MRT6_DONE:
      if (!daemon) return -EACCES;
      leaveMulticastRouting6(socket);
      return 0;
    case MRT6_ADD_MIF: {
      if (value.length < MIFCTL) return -EINVAL;
      const index = u16(value, 0);
      if (index >= MAX_VIFS) return -ENFILE;
      addMif(ipv6, table, index, value, daemon);
      return 0;
    }
    case MRT6_DEL_MIF:
      if (value.length < 2) return -EINVAL;
      table.deleteVif(u16(value, 0), false);
      return 0;
    case MRT6_ADD_MFC:
    case MRT6_DEL_MFC:
    case MRT6_ADD_MFC_PROXY:
    case MRT6_DEL_MFC_PROXY: {
      if (value.length < MFCCTL) return -EINVAL;
      const origin = ip6.addressFromBytes(value, ADDRESS_AT);
      const group = ip6.addressFromBytes(value, GROUP_AT + ADDRESS_AT);
      const parent = u16(value, PARENT_AT);
      const proxy = option >= MRT6_ADD_MFC_PROXY;
      if (option === MRT6_DEL_MFC || option === MRT6_DEL_MFC_PROXY) table.deleteEntry(origin, group, proxy ? parent : -1);
      else table.addEntry(origin, group, parent, ttlsOf(value), { proxy, fixed: !daemon });
      return 0;
    }
    case MRT6_FLUSH:
      if (value.length !== 4) return -EINVAL;
      table.flush(readInt(value));
      return 0;
    case MRT6_ASSERT:
      if (value.length !== 4) return -EINVAL;
      table.asserts = readInt(value) !== 0;
      return 0;
    case MRT6_PIM: {
      if (value.length !== 4) return -EINVAL;
      const wanted = readInt(value);
      table.wholeOnWrongVif = wanted === WRVIFWHOLE;
      if (table.pim !== (wanted !== 0)) {
        table.pim = wanted !== 0;
        table.asserts = table.pim;
      }
      return 0;
    }
    case MRT6_TABLE: {
      if (value.length !== 4) return -EINVAL;
      if (daemon) return -EBUSY;
      const id = readInt(value) >>> 0;
      ipv6.multicastRouting.tables.obtain(id);
      chosen.set(socket, id);
      return 0;
    }
    default:
      return -ENOPROTOOPT;
  }
}

/** A set of MIFs as thresholds: IPv6 has none. */
function ttlsOf(value: Uint8Array): Uint8Array {
  const ttls = new Uint8Array(MAX_VIFS).fill(NO_FORWARD);
  for (let i = 0; i < MAX_VIFS; i++) if (((value[SET_AT + (i >> 3)]! >>> (i & 7)) & 1) !== 0) ttls[i] = 1;
  return ttls;
}

/** Linux: ip6_mroute_getsockopt() */
export function getMulticastRouting6(socket: InetSocket, option: number): Uint8Array | number {
  if (socket.type !== SOCK_RAW || socket.protocol !== icmpv6.PROTOCOL) return -EOPNOTSUPP;
  const table = tableOf(socket);
  if (table === null) return -ENOENT;
  if (option === MRT6_VERSION) return intBytes(VERSION);
  if (option === MRT6_PIM) return intBytes(table.pim ? 1 : 0);
  return option === MRT6_ASSERT ? intBytes(table.asserts ? 1 : 0) : -ENOPROTOOPT;
}

/** The daemon goes, and with it what it made. Linux: ip6mr_sk_done() */
export function leaveMulticastRouting6(socket: InetSocket): void {
  const { multicastRouting } = socket.namespace.ipv6;
  for (const table of multicastRouting.tables.all()) {
    if (table.socket !== socket) continue;
    multicastRouting.countRouters(-1);
    table.socket = null;
    table.flush(FLUSH_VIFS | FLUSH_MFC);
  }
}

// Linux: mif6_add()
function addMif(ipv6: Ipv6, table: MrTable<ip6.In6>, index: number, value: Uint8Array, daemon: boolean): void {
  const flags = value[2]!;
  if (table.vifs[index] !== null) fail(EADDRINUSE);
  if (flags !== 0 && flags !== MIFF_REGISTER) fail(EINVAL);
  const register = flags === MIFF_REGISTER;
  // Nothing is to be registered twice.
  if (register && table.registerVif >= 0) fail(EADDRINUSE);
  const device = register ? registerMifDevice(ipv6, table) : (ipv6.namespace.deviceByIndex(u16(value, 4)) ?? fail(EADDRNOTAVAIL));
  if (device.ipv6 === null && !register) fail(ENODEV);
  table.addVif(index, {
    device,
    flags,
    register,
    fixed: !daemon,
    link: register ? 0 : device.ifindex,
    local: 0,
    remote: 0,
    rateLimit: readInt(value.subarray(8)) >>> 0,
  });
}

// Linux: ip6mr_reg_vif()
function registerMifDevice(ipv6: Ipv6, table: MrTable<ip6.In6>): NetDevice {
  const { namespace } = ipv6;
  const name = table.id === ipv6.multicastRouting.tables.defaultTable ? 'pim6reg' : `pim6reg${table.id}`;
  const device = new RegisterDevice(namespace.stack, name, REGISTER_OVERHEAD, (skb) => {
    ipv6.multicastRouting.report(table, skb, table.registerVif, WHOLEPKT);
  });
  registerDevice(namespace, device);
  openDevice(device);
  return device;
}

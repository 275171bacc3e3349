import { EACCES, EADDRINUSE, EADDRNOTAVAIL, EBUSY, EINVAL, ENFILE, ENOENT, ENOPROTOOPT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import * as ip from '../../../wire/ipv4.js';
import type { NetDevice } from '../../core/device.js';
import { registerDevice } from '../../core/device-registry.js';
import { openDevice } from '../../core/device-state.js';
import { FLUSH_MFC, FLUSH_VIFS, MAX_VIFS, type MrTable, WHOLEPKT, WRVIFWHOLE } from '../../core/mroute/table.js';
import { RegisterDevice } from '../../core/mroute/register-device.js';
import type { InetSocket } from '../../core/inet-socket.js';
import { SOCK_RAW } from '../../core/socket.js';
import { intBytes, readInt } from '../../core/socket-options.js';
import type { Ipv4 } from '../ipv4.js';

// linux/mroute.h: MRT_*
export const MRT_INIT = 200;
const MRT_DONE = 201;
const MRT_ADD_VIF = 202;
const MRT_DEL_VIF = 203;
const MRT_ADD_MFC = 204;
const MRT_DEL_MFC = 205;
const MRT_VERSION = 206;
const MRT_ASSERT = 207;
const MRT_PIM = 208;
const MRT_TABLE = 209;
const MRT_ADD_MFC_PROXY = 210;
const MRT_DEL_MFC_PROXY = 211;
const MRT_FLUSH = 212;
export const MRT_MAX = 212;
/** What mrouted has asked for since 3.5. */
const VERSION = 0x0305;

/** struct vifctl:  0 vif | 2 flags | 3 threshold | 4 rate limit | 8 local address or ifindex | 12 remote */
const VIFCTL = 16;
/** struct mfcctl:  0 origin | 4 group | 8 parent | 10 ttls | 44 counters */
const MFCCTL = 60;
const MFC_TTLS = 10;

// VIFF_*
const VIFF_TUNNEL = 0x1;
const VIFF_REGISTER = 0x4;
const VIFF_USE_IFINDEX = 0x8;
const REGISTER_OVERHEAD = ip.HEADER + 8;

const be32 = (value: Uint8Array, at: number): number =>
  ((value[at]! << 24) | (value[at + 1]! << 16) | (value[at + 2]! << 8) | value[at + 3]!) >>> 0;
const u16 = (value: Uint8Array, at: number): number => value[at]! | (value[at + 1]! << 8);

/** Tables that sockets have chosen (MRT_TABLE); the others have the default. */
const chosen = new WeakMap<InetSocket, number>();

function tableOf(socket: InetSocket): MrTable<number> | null {
  const { tables } = socket.namespace.ipv4.multicastRouting;
  return tables.get(chosen.get(socket) ?? tables.defaultTable);
}

/** MRT_* on a raw socket of IGMP: 0 or a negative errno. Linux: ip_mroute_setsockopt() */
export function setMulticastRouting(socket: InetSocket, option: number, value: Uint8Array): number {
  if (socket.type !== SOCK_RAW || socket.protocol !== ip.PROTOCOL_IGMP) return -EOPNOTSUPP;
  const table = tableOf(socket);
  if (table === null) return -ENOENT;
  if (option !== MRT_INIT && socket !== table.socket && !socket.privileged) return -EACCES;
  try {
    return change(socket, table, option, value);
  } catch (error) {
    if (error instanceof NetError) return -error.errno;
    throw error;
  }
}

function change(socket: InetSocket, table: MrTable<number>, option: number, value: Uint8Array): number {
  const { ipv4 } = socket.namespace;
  const daemon = socket === table.socket;
  switch (option) {
    case MRT_INIT:
      if (value.length !== 4) return -EINVAL;
      if (table.socket !== null) return -EADDRINUSE;
      table.socket = socket;
      ipv4.countMulticastRouters(1);
      return 0;
    case MRT_DONE:
      if (!daemon) return -EACCES;
      leaveMulticastRouting(socket);
      return 0;
    case MRT_ADD_VIF:
    case MRT_DEL_VIF: {
      if (value.length !== VIFCTL) return -EINVAL;
      const index = u16(value, 0);
      if (index >= MAX_VIFS) return -ENFILE;
      if (option === MRT_DEL_VIF) table.deleteVif(index, false);
      else addVif(ipv4, table, index, value, daemon);
      return 0;
    }
    case MRT_ADD_MFC:
    case MRT_DEL_MFC:
    case MRT_ADD_MFC_PROXY:
    case MRT_DEL_MFC_PROXY: {
      if (value.length !== MFCCTL) return -EINVAL;
      const origin = be32(value, 0);
      const group = be32(value, 4);
      const parent = u16(value, 8);
      const proxy = option >= MRT_ADD_MFC_PROXY;
      if (option === MRT_DEL_MFC || option === MRT_DEL_MFC_PROXY) table.deleteEntry(origin, group, proxy ? parent : -1);
      else table.addEntry(origin, group, parent, value.subarray(MFC_TTLS, MFC_TTLS + MAX_VIFS), { proxy, fixed: !daemon });
      return 0;
    }
    case MRT_FLUSH:
      if (value.length !== 4) return -EINVAL;
      table.flush(readInt(value));
      return 0;
    case MRT_ASSERT:
      if (value.length !== 4) return -EINVAL;
      table.asserts = readInt(value) !== 0;
      return 0;
    case MRT_PIM: {
      if (value.length !== 4) return -EINVAL;
      const wanted = readInt(value);
      table.wholeOnWrongVif = wanted === WRVIFWHOLE;
      if (table.pim !== (wanted !== 0)) {
        table.pim = wanted !== 0;
        table.asserts = table.pim;
      }
      return 0;
    }
    case MRT_TABLE: {
      if (value.length !== 4) return -EINVAL;
      if (daemon) return -EBUSY;
      const id = readInt(value) >>> 0;
      ipv4.multicastRouting.tables.obtain(id);
      chosen.set(socket, id);
      return 0;
    }
    default:
      return -ENOPROTOOPT;
  }
}

/** Linux: ip_mroute_getsockopt() */
export function getMulticastRouting(socket: InetSocket, option: number): Uint8Array | number {
  if (socket.type !== SOCK_RAW || socket.protocol !== ip.PROTOCOL_IGMP) return -EOPNOTSUPP;
  const table = tableOf(socket);
  if (table === null) return -ENOENT;
  if (option === MRT_VERSION) return intBytes(VERSION);
  if (option === MRT_PIM) return intBytes(table.pim ? 1 : 0);
  return option === MRT_ASSERT ? intBytes(table.asserts ? 1 : 0) : -ENOPROTOOPT;
}

/** The daemon goes, and with it what it made. Linux: mrtsock_destruct() */
export function leaveMulticastRouting(socket: InetSocket): void {
  const { ipv4 } = socket.namespace;
  for (const table of ipv4.multicastRouting.tables.all()) {
    if (table.socket !== socket) continue;
    ipv4.countMulticastRouters(-1);
    table.socket = null;
    table.flush(FLUSH_VIFS | FLUSH_MFC);
  }
}

// Linux: vif_add()
function addVif(ipv4: Ipv4, table: MrTable<number>, index: number, value: Uint8Array, daemon: boolean): void {
  const flags = value[2]!;
  if (table.vifs[index] !== null) fail(EADDRINUSE);
  const device = deviceOf(ipv4, table, flags, value);
  if (device.ipv4 === null) fail(EADDRNOTAVAIL);
  const register = flags === VIFF_REGISTER;
  table.addVif(index, {
    device,
    flags,
    register,
    fixed: !daemon,
    link: register ? 0 : device.ifindex,
    local: readInt(value.subarray(8)) >>> 0,
    remote: readInt(value.subarray(12)) >>> 0,
    rateLimit: readInt(value.subarray(4)) >>> 0,
  });
}

function deviceOf(ipv4: Ipv4, table: MrTable<number>, flags: number, value: Uint8Array): NetDevice {
  const { namespace } = ipv4;
  if (flags === VIFF_REGISTER) {
    // Nothing is to be registered twice.
    if (table.registerVif >= 0) fail(EADDRINUSE);
    return registerVifDevice(ipv4, table);
  }
  // Tunnels of DVMRP are not there.
  if (flags === VIFF_TUNNEL) fail(EOPNOTSUPP);
  if (flags === VIFF_USE_IFINDEX) return namespace.deviceByIndex(readInt(value.subarray(8))) ?? fail(EADDRNOTAVAIL);
  if (flags !== 0) fail(EINVAL);
  const local = be32(value, 8);
  for (const device of namespace.devicesByIndex.values()) if (ipv4.hasAddress(device, local)) return device;
  return fail(EADDRNOTAVAIL);
}

// Linux: ipmr_reg_vif()
function registerVifDevice(ipv4: Ipv4, table: MrTable<number>): NetDevice {
  const { namespace } = ipv4;
  const name = table.id === ipv4.multicastRouting.tables.defaultTable ? 'pimreg' : `pimreg${table.id}`;
  const device = new RegisterDevice(namespace.stack, name, REGISTER_OVERHEAD, (skb) => {
    ipv4.multicastRouting.report(table, skb, table.registerVif, WHOLEPKT);
  });
  registerDevice(namespace, device);
  openDevice(device);
  return device;
}

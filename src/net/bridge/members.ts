import { EBUSY, EINVAL, ELOOP, EXFULL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { ARPHRD_ETHER, IF_OPER_UNKNOWN, IF_OPER_UP, IFF_LOOPBACK } from '../../netlink/rtnl/constants.js';
import { ADDRESS_BYTES, isValidAddress } from '../../wire/ethernet.js';
import { type NetDevice, TSO_MAX_SIZE } from '../core/device.js';
import type { DeviceEvent } from '../core/device-event.js';
import { addAllMulticast, addPromiscuity } from '../core/device-state.js';
import { checkUpper, linkMaster, unlinkMaster } from '../core/upper-devices.js';
import type { BridgeDevice } from './bridge-device.js';
import { FDB_LOCAL } from './fdb.js';
import { receiveAtPort } from './input.js';
import {
  BR_FLOOD,
  BR_LEARNING,
  BR_NEIGH_SUPPRESS,
  BR_PROXYARP,
  BR_PROXYARP_WIFI,
  BR_STATE_DISABLED,
  BridgePort,
  type PortTimers,
} from './port.js';
import { becomeDesignatedPort, disablePort, enablePort } from './stp.js';
import { addVlan, deleteAllVlans, tellVlans } from './vlans.js';
import { forwardDelayExpired, holdExpired, messageAgeExpired } from './stp-timers.js';

/** Linux: BR_MAX_PORTS */
const MAX_PORTS = 1023;
const AUTOMATIC = BR_LEARNING | BR_FLOOD;

const expired: PortTimers = { messageAge: messageAgeExpired, forwardDelay: forwardDelayExpired, hold: holdExpired };

/** Up, and what is behind it is there. Linux: netif_running() && netif_oper_up() */
export const operational = (device: NetDevice): boolean =>
  device.up && (device.operState === IF_OPER_UP || device.operState === IF_OPER_UNKNOWN);

/** Costs of links by their speed, IEEE 802.1D-1998 table 8-5. Linux: port_cost() */
function costOf(device: NetDevice): number {
  const { speedMbps } = device;
  if (speedMbps >= 10_000) return 2;
  if (speedMbps >= 1000) return 4;
  return speedMbps >= 100 ? 19 : 100;
}

/** Makes `device` a port. Throws EINVAL, ELOOP, EBUSY, EMLINK, EXFULL. Linux: br_add_if() */
export function addPort(bridge: BridgeDevice, device: NetDevice): BridgePort {
  if ((device.flags & IFF_LOOPBACK) !== 0 || device.type !== ARPHRD_ETHER || device.address.length !== ADDRESS_BYTES) fail(EINVAL);
  if (!isValidAddress(device.address)) fail(EINVAL);
  if (device.kind !== null && device.kind === bridge.kind) fail(ELOOP, 'Can not enslave a bridge to a bridge');
  if (device.master !== null || device.rxHandler !== null) fail(EBUSY);
  let number = 1;
  while (bridge.portByNumber(number) !== undefined) number++;
  if (number > MAX_PORTS) fail(EXFULL);
  checkUpper(device, bridge);
  const port = new BridgePort(bridge, device, number, costOf(device), expired);
  becomeDesignatedPort(port);
  addAllMulticast(device, 1);
  device.rxHandler = (skb) => receiveAtPort(port, skb);
  device.port = port;
  linkMaster(device, bridge);
  bridge.ports = [port, ...bridge.ports];
  updatePromiscuity(bridge);
  bridge.lowerFeaturesChanged();
  bridge.addLocal(port, device.address, 0);
  if (bridge.defaultPvid !== 0) addVlan(bridge, port, bridge.defaultPvid, true, true);
  if (bridge.defaultPvid !== 0) tellVlans(bridge, port, bridge.defaultPvid, bridge.defaultPvid);
  const addressChanged = followAddresses(bridge);
  if (bridge.up && operational(device)) enablePort(port);
  bridge.namespace.bridgeEvents.notify({ type: 'port', port });
  if (addressChanged) bridge.namespace.deviceEvents.notify({ type: 'address', device: bridge });
  followMtu(bridge);
  followSegmentation(bridge);
  return port;
}

/** Linux: br_del_if() */
export function deletePort(port: BridgePort): void {
  const { bridge } = port;
  releasePort(port);
  followMtu(bridge);
  followSegmentation(bridge);
  if (followAddresses(bridge)) bridge.namespace.deviceEvents.notify({ type: 'address', device: bridge });
  bridge.lowerFeaturesChanged();
}

/** A port is none any more; the bridge stays as it is, as it may go itself. Linux: del_nbp() */
export function releasePort(port: BridgePort): void {
  const { bridge, device } = port;
  addAllMulticast(device, -1);
  if (port.promiscuous) addPromiscuity(device, -1);
  const told = port.state !== BR_STATE_DISABLED;
  disablePort(port);
  if (!told) bridge.namespace.bridgeEvents.notify({ type: 'port', port });
  bridge.namespace.bridgeEvents.notify({ type: 'portGone', port });
  for (const other of bridge.ports) if (other.backupPort === port) other.backupPort = null;
  bridge.ports = bridge.ports.filter((other) => other !== port);
  deleteAllVlans(bridge, port);
  bridge.forgetPort(port);
  port.stopTimers();
  bridge.multicast.deletePort(port);
  device.rxHandler = null;
  device.port = null;
  unlinkMaster(device);
  updateProxies(bridge);
  updatePromiscuity(bridge);
}

/**
 * Ports receive everything, unless VLAN filtering is on, addresses say by themselves who is where, and the device can receive by
 * addresses. Linux: br_manage_promisc()
 */
export function updatePromiscuity(bridge: BridgeDevice): void {
  const automatic = bridge.ports.filter((port) => (port.flags & AUTOMATIC) === AUTOMATIC).length;
  for (const port of bridge.ports) {
    const self = (port.flags & AUTOMATIC) === AUTOMATIC;
    const known = port.device.filtersUnicast && (automatic === 0 || (automatic === 1 && self));
    const wanted = !bridge.vlanFiltering || bridge.promiscuity > 0 || !known;
    if (wanted === port.promiscuous) continue;
    port.promiscuous = wanted;
    addPromiscuity(port.device, wanted ? 1 : -1);
  }
}

/** Whether questions for neighbours are to be looked at. Linux: br_recalculate_neigh_suppress_enabled() */
export function updateProxies(bridge: BridgeDevice): void {
  bridge.suppressesNeighbours = bridge.ports.some((port) => port.has(BR_NEIGH_SUPPRESS));
  bridge.proxiesNeighbours = bridge.ports.some((port) => port.has(BR_NEIGH_SUPPRESS | BR_PROXYARP | BR_PROXYARP_WIFI));
}

/** The least address of all ports is the bridge's, unless the user gave it one. Linux: br_stp_recalculate_bridge_id() */
function followAddresses(bridge: BridgeDevice): boolean {
  if (bridge.ownAddress) return false;
  let least: Uint8Array = new Uint8Array(ADDRESS_BYTES);
  for (const [index, { device }] of bridge.ports.entries()) if (index === 0 || isLess(device.address, least)) least = device.address;
  if (!isLess(least, bridge.address) && !isLess(bridge.address, least)) return false;
  bridge.changeId(least);
  return true;
}

function isLess(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < ADDRESS_BYTES; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}

// Linux: br_mtu_auto_adjust()
function followMtu(bridge: BridgeDevice): void {
  if (bridge.ownMtu) return;
  const mtu = bridge.ports.length === 0 ? 1500 : Math.min(...bridge.ports.map(({ device }) => device.mtu));
  if (mtu === bridge.mtu) return;
  bridge.mtu = mtu;
  bridge.namespace.deviceEvents.notify({ type: 'mtu', device: bridge });
}

/** What all ports take as one packet, the bridge does. Linux: br_set_gso_limits() */
function followSegmentation(bridge: BridgeDevice): void {
  bridge.tsoMaxSize = Math.min(TSO_MAX_SIZE, ...bridge.ports.map(({ device }) => device.tsoMaxSize));
  bridge.tsoMaxSegments = Math.min(0xffff, ...bridge.ports.map(({ device }) => device.tsoMaxSegments));
  bridge.gsoMaxSize = Math.min(bridge.gsoMaxSize, bridge.tsoMaxSize);
  bridge.gsoMaxSegments = Math.min(bridge.gsoMaxSegments, bridge.tsoMaxSegments);
}

/** What happens to the device of a port. Linux: br_device_event() */
export function portEvent(bridge: BridgeDevice, event: DeviceEvent): void {
  const { device } = event;
  const port = bridge.ports.find((candidate) => candidate.device === device);
  if (port === undefined) return;
  switch (event.type) {
    case 'mtu':
      followMtu(bridge);
      break;
    case 'address':
      for (const slot of bridge.fdb.newestFirst())
        if (bridge.fdb.port(slot) === port && (bridge.fdb.flags(slot) & FDB_LOCAL) !== 0) bridge.forgetLocal(slot);
      bridge.addOwnAddress(port, device.address);
      if (followAddresses(bridge)) bridge.namespace.deviceEvents.notify({ type: 'address', device: bridge });
      bridge.namespace.bridgeEvents.notify({ type: 'port', port });
      break;
    case 'carrier':
    case 'up':
      checkCarrier(port);
      bridge.tellVlanCarriers();
      break;
    case 'down':
      if (bridge.up && port.state !== BR_STATE_DISABLED) disablePort(port);
      bridge.tellVlanCarriers();
      break;
    case 'unregister':
      deletePort(port);
      break;
  }
}

// Linux: br_port_carrier_check()
function checkCarrier(port: BridgePort): void {
  const { bridge, device } = port;
  if (!port.ownCost) port.pathCost = costOf(device);
  if (!bridge.up) return;
  if (operational(device)) {
    if (port.state === BR_STATE_DISABLED) enablePort(port);
  } else if (port.state !== BR_STATE_DISABLED) disablePort(port);
}

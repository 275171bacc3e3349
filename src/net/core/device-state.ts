import { EBUSY, EADDRNOTAVAIL, EINVAL, EOPNOTSUPP, EOVERFLOW, ERANGE } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import {
  IF_OPER_DORMANT,
  IF_OPER_DOWN,
  IF_OPER_TESTING,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_DEBUG,
  IFF_DORMANT,
  IFF_DYNAMIC,
  IFF_LOWER_UP,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PORTSEL,
  IFF_PROMISC,
  IFF_RUNNING,
  IFF_UP,
  IFALIASZ,
} from '../../netlink/rtnl/constants.js';
import { NET_ADDR_SET, type NetDevice } from './device.js';
import { netdevStateChange, notifyFlags } from './device-notify.js';
import { fireLinkWatch } from './link-watch.js';

export { netdevStateChange, notifyFlags } from './device-notify.js';

/** IFF_* that __dev_change_flags() takes over as they are. */
const SETTABLE = IFF_DEBUG | IFF_NOTRAILERS | IFF_NOARP | IFF_DYNAMIC | IFF_MULTICAST | IFF_PORTSEL | IFF_AUTOMEDIA;
const COMPUTED = IFF_PROMISC | IFF_ALLMULTI | IFF_RUNNING | IFF_LOWER_UP | IFF_DORMANT;
/** How many may ask for promiscuity: an unsigned int's worth. */
const MAX_ASKERS = 0xffff_ffff;

/** The flags that users see, with RUNNING, LOWER_UP and DORMANT. Linux: dev_get_flags() */
export function deviceFlags(device: NetDevice): number {
  let flags = (device.flags & ~COMPUTED) | (device.userFlags & (IFF_PROMISC | IFF_ALLMULTI));
  if (device.up) {
    if (device.operState === IF_OPER_UP || device.operState === IF_OPER_UNKNOWN) flags |= IFF_RUNNING;
    if (device.carrier) flags |= IFF_LOWER_UP;
    if (device.dormant) flags |= IFF_DORMANT;
  }
  return flags;
}

/** The operational state that users see: a device that is not up is DOWN. Linux: rtnl_fill_ifinfo() */
export const shownOperState = (device: NetDevice): number => (device.up ? device.operState : IF_OPER_DOWN);

/** Sets a device up. Throws what its open() throws. Linux: dev_open() */
export function openDevice(device: NetDevice): void {
  if (device.up) return;
  const oldFlags = device.flags;
  bringUp(device);
  notifyFlags(device, oldFlags, IFF_UP | IFF_RUNNING);
}

/** Sets a device down. Linux: dev_close() */
export function closeDevice(device: NetDevice): void {
  if (!device.up) return;
  const oldFlags = device.flags;
  bringDown(device);
  notifyFlags(device, oldFlags, IFF_UP | IFF_RUNNING);
}

/** Changes flags as the user wants them, and tells. Throws what open() throws. Linux: dev_change_flags() */
export function changeFlags(device: NetDevice, flags: number): void {
  const oldFlags = device.flags;
  const oldUserFlags = device.userFlags;
  applyFlags(device, flags);
  notifyFlags(device, oldFlags, (oldFlags ^ device.flags) | (oldUserFlags ^ device.userFlags));
}

/** Changes flags without a word, for who tells afterwards. Linux: __dev_change_flags() */
export function applyFlags(device: NetDevice, flags: number): void {
  const oldFlags = device.flags;
  device.flags = (flags & SETTABLE) | (oldFlags & ~SETTABLE);
  device.rxModeChanged();
  if (((oldFlags ^ flags) & IFF_UP) !== 0) {
    if (device.up) bringDown(device);
    else bringUp(device);
  }
  if (((flags ^ device.userFlags) & IFF_PROMISC) !== 0) {
    device.userFlags ^= IFF_PROMISC;
    countPromiscuity(device, (flags & IFF_PROMISC) !== 0 ? 1 : -1);
  }
  if (((flags ^ device.userFlags) & IFF_ALLMULTI) !== 0) {
    device.userFlags ^= IFF_ALLMULTI;
    countAllMulticast(device, (flags & IFF_ALLMULTI) !== 0 ? 1 : -1);
  }
}

function bringUp(device: NetDevice): void {
  device.open();
  device.flags |= IFF_UP;
  device.rxModeChanged();
  // Linux: dev_activate() attaches the default discipline when there is none yet.
  if (device.qdiscName === 'noop')
    device.qdiscName = device.noQueue || device.txQueueLength === 0 ? 'noqueue' : device.stack.settings.defaultQdisc;
}

function bringDown(device: NetDevice): void {
  device.namespace.deviceEvents.notify({ type: 'goingDown', device });
  device.stop();
  device.flags &= ~IFF_UP;
}

/** The wire is there, or is not. What follows from it comes at the end of the round. Linux: netif_carrier_on(), netif_carrier_off() */
export function setCarrier(device: NetDevice, carrier: boolean): void {
  if (device.carrier === carrier) return;
  device.carrier = carrier;
  if (!device.registered) return;
  if (carrier) device.carrierUpCount++;
  else device.carrierDownCount++;
  fireLinkWatch(device);
}

/** IFLA_CARRIER by the user. EOPNOTSUPP. Linux: dev_change_carrier() */
export function changeCarrier(device: NetDevice, carrier: boolean): void {
  if (!device.userCarrier) fail(EOPNOTSUPP);
  setCarrier(device, carrier);
}

/** Linux: netif_dormant_on(), netif_dormant_off() */
export function setDormant(device: NetDevice, dormant: boolean): void {
  if (device.dormant === dormant) return;
  device.dormant = dormant;
  if (device.registered) fireLinkWatch(device);
}

/** IFLA_OPERSTATE by the user: only some ways lead from one state to another. Linux: set_operstate() */
export function setOperState(device: NetDevice, wanted: number): void {
  const now: number = device.operState;
  let next = now;
  if (wanted === IF_OPER_UP) {
    const waits = now === IF_OPER_DORMANT || now === IF_OPER_TESTING || now === IF_OPER_UNKNOWN;
    if (waits && !device.dormant) next = IF_OPER_UP;
  } else if (wanted === IF_OPER_DORMANT || wanted === IF_OPER_TESTING) {
    if (now === IF_OPER_UP || now === IF_OPER_UNKNOWN) next = wanted;
  }
  if (next === now) return;
  device.operState = next;
  netdevStateChange(device);
}

/** EINVAL with Linux's texts. Linux: dev_validate_mtu() */
export function validateMtu(device: NetDevice, mtu: number): void {
  if (mtu < 0 || mtu > 0x7fff_ffff || mtu < device.minMtu) fail(EINVAL, 'mtu less than device minimum');
  if (device.maxMtu > 0 && mtu > device.maxMtu) fail(EINVAL, 'mtu greater than device maximum');
}

/** Linux: dev_set_mtu_ext() */
export function setMtu(device: NetDevice, mtu: number): void {
  if (mtu === device.mtu) return;
  validateMtu(device, mtu);
  device.setMtu(mtu);
  device.namespace.deviceEvents.notify({ type: 'mtu', device });
}

/** EADDRNOTAVAIL, EBUSY, EINVAL for a wrong length. Linux: dev_set_mac_address() */
export function setAddress(device: NetDevice, address: Uint8Array): void {
  if (address.length < device.address.length) fail(EINVAL);
  device.setAddress(address.slice(0, device.address.length));
  device.addressAssignType = NET_ADDR_SET;
  device.namespace.deviceEvents.notify({ type: 'address', device });
}

/** IFLA_BROADCAST: takes over as many bytes as an address has. Linux: do_setlink() */
export function setBroadcast(device: NetDevice, broadcast: Uint8Array): void {
  const bytes = device.broadcast.slice();
  bytes.set(broadcast.subarray(0, bytes.length));
  device.broadcast = bytes;
  device.namespace.deviceEvents.notify({ type: 'address', device });
}

/** ERANGE. The caller tells with netdevStateChange(). Linux: dev_change_tx_queue_len() */
export function setTxQueueLength(device: NetDevice, length: number): void {
  if (length < 0 || length > 0x7fff_ffff) fail(ERANGE);
  if (length === device.txQueueLength) return;
  device.txQueueLength = length;
  device.namespace.deviceEvents.notify({ type: 'txQueueLength', device });
}

/** '' takes it away. EINVAL when too long. The caller tells with netdevStateChange(). Linux: dev_set_alias() */
export function setAlias(device: NetDevice, alias: string): void {
  if (new TextEncoder().encode(alias).length >= IFALIASZ) fail(EINVAL);
  device.alias = alias;
}

/** One more (1) or one less (-1) wants all frames. Linux: dev_set_promiscuity() */
export function addPromiscuity(device: NetDevice, count: number): void {
  const oldFlags = device.flags;
  countPromiscuity(device, count);
  if (device.flags !== oldFlags) notifyFlags(device, oldFlags, IFF_PROMISC);
}

/** One more (1) or one less (-1) wants all multicasts, of which nobody is told. Linux: dev_set_allmulti() */
export function addAllMulticast(device: NetDevice, count: number): void {
  countAllMulticast(device, count);
}

function countPromiscuity(device: NetDevice, count: number): void {
  device.promiscuity = counted(device.promiscuity, count);
  device.flags = device.promiscuity === 0 ? device.flags & ~IFF_PROMISC : device.flags | IFF_PROMISC;
  device.rxModeChanged();
}

function countAllMulticast(device: NetDevice, count: number): void {
  device.allMulticast = counted(device.allMulticast, count);
  device.flags = device.allMulticast === 0 ? device.flags & ~IFF_ALLMULTI : device.flags | IFF_ALLMULTI;
  device.rxModeChanged();
}

function counted(now: number, count: number): number {
  const next = now + count;
  if (next < 0 || next > MAX_ASKERS) fail(EOVERFLOW);
  return next;
}

/** What Ethernet devices check of a new address. Linux: eth_prepare_mac_addr_change() */
export function checkNewAddress(device: NetDevice, valid: boolean): void {
  if (!device.liveAddressChange && device.up) fail(EBUSY);
  if (!valid) fail(EADDRNOTAVAIL);
}

import { EADDRNOTAVAIL, EINVAL, ENODEV } from '../../base/errno.js';
import type { NetDevice } from '../core/device.js';
import { addAllMulticast, addPromiscuity } from '../core/device-state.js';
import { PACKET_MR_ALLMULTI, PACKET_MR_MULTICAST, PACKET_MR_PROMISC, PACKET_MR_UNICAST } from './constants.js';
import type { PacketSocket } from './packet-socket.js';

/** What a packet socket asked of a device (struct packet_mclist). */
export interface PacketMembership {
  readonly ifindex: number;
  /** PACKET_MR_* */
  readonly type: number;
  readonly address: Uint8Array;
  count: number;
}

/** struct packet_mreq: s32 ifindex, u16 type, u16 address length, 8 bytes address. */
const REQUEST_BYTES = 16;

function read(value: Uint8Array): { readonly ifindex: number; readonly type: number; readonly address: Uint8Array } | null {
  if (value.length < REQUEST_BYTES) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const length = view.getUint16(6, true);
  return { ifindex: view.getInt32(0, true), type: view.getUint16(4, true), address: value.slice(8, 8 + Math.min(length, 8)) };
}

const sameAddress = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Asks of the device what a membership means; `count` 1 or -1. Linux: packet_dev_mc() */
function ask(device: NetDevice, { type, address }: PacketMembership, count: 1 | -1): number {
  switch (type) {
    case PACKET_MR_MULTICAST:
      if (address.length !== device.address.length) return -EINVAL;
      if (count === 1 ? device.multicastList.add(address) : device.multicastList.remove(address, false)) device.rxModeChanged();
      return 0;
    case PACKET_MR_PROMISC:
      addPromiscuity(device, count);
      return 0;
    case PACKET_MR_ALLMULTI:
      addAllMulticast(device, count);
      return 0;
    case PACKET_MR_UNICAST:
      // Frames for other addresses come to every device here as it is.
      return address.length === device.address.length ? 0 : -EINVAL;
    default:
      return 0;
  }
}

/** PACKET_ADD_MEMBERSHIP: 0, -EINVAL, -ENODEV. Linux: packet_mc_add() */
export function addMembership(socket: PacketSocket, value: Uint8Array): number {
  const request = read(value);
  if (request === null) return -EINVAL;
  const device = socket.namespace.deviceByIndex(request.ifindex);
  if (device === undefined) return -ENODEV;
  if (request.address.length > device.address.length) return -EINVAL;
  const known = find(socket, request);
  if (known !== undefined) {
    known.count++;
    return 0;
  }
  const membership = { ...request, count: 1 };
  const result = ask(device, membership, 1);
  if (result === 0) socket.memberships.push(membership);
  return result;
}

const find = (
  socket: PacketSocket,
  { ifindex, type, address }: { readonly ifindex: number; readonly type: number; readonly address: Uint8Array },
) => socket.memberships.find((held) => held.ifindex === ifindex && held.type === type && sameAddress(held.address, address));

/** PACKET_DROP_MEMBERSHIP: 0, -EINVAL, -EADDRNOTAVAIL. */
export function removeMembership(socket: PacketSocket, value: Uint8Array): number {
  const request = read(value);
  if (request === null) return -EINVAL;
  const held = find(socket, request);
  if (held === undefined) return -EADDRNOTAVAIL;
  if (--held.count > 0) return 0;
  const device = socket.namespace.deviceByIndex(held.ifindex);
  if (device !== undefined) dropMembership(socket, held, device);
  return 0;
}

/** Takes a membership back, however often it was asked for. */
export function dropMembership(socket: PacketSocket, membership: PacketMembership, device: NetDevice): void {
  socket.memberships.splice(socket.memberships.indexOf(membership), 1);
  ask(device, membership, -1);
}

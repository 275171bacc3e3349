import { formatIpv4 } from '../../wire/ipv4-address.js';
import type { NetDevice } from '../core/device.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import type { Ipv4Device } from './device.js';
import type { Ipv4Routes } from './routes.js';
import type { Rtable } from './rtable.js';

/** A packet from an address that cannot be there, or (`errno` EXDEV) not there. Linux: ip_handle_martian_source() */
export function martianSource(
  routes: Ipv4Routes,
  skb: PacketBuffer,
  destination: number,
  source: number,
  device: NetDevice,
  inDevice: Ipv4Device,
  errno: number,
): Rtable {
  const { log } = routes.namespace.stack;
  if (inDevice.logsMartians() && log.allows()) {
    log.add(`IPv4: martian source ${formatIpv4(destination)} from ${formatIpv4(source)}, on dev ${device.name}`);
    const { hardHeaderBytes } = device;
    if (hardHeaderBytes > 0 && skb.macHeader >= 0) log.add(`ll header: 00000000: ${hex(skb, skb.macHeader, hardHeaderBytes)}`);
  }
  return routes.error(errno);
}

/** A packet to an address that nothing is sent to. Linux: ip_route_input_slow(), martian_destination */
export function martianDestination(
  routes: Ipv4Routes,
  destination: number,
  source: number,
  device: NetDevice,
  inDevice: Ipv4Device,
  errno: number,
): Rtable {
  const { log } = routes.namespace.stack;
  if (inDevice.logsMartians() && log.allows())
    log.add(`IPv4: martian destination ${formatIpv4(destination)} from ${formatIpv4(source)}, dev ${device.name}`);
  return routes.error(errno);
}

function hex({ bytes }: PacketBuffer, at: number, length: number): string {
  return Array.from(bytes.subarray(at, at + length), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

import { EEXIST, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { ARPHRD_ETHER, IFF_BROADCAST, IFF_POINTOPOINT } from '../../netlink/rtnl/constants.js';
import { setMtu } from '../../net/core/device-state.js';
import type { NetDevice } from '../../net/core/device.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { TunnelParameters } from '../../net/ipv4/tunnel/parameters.js';
import type { TunnelTable } from '../../net/ipv4/tunnel/table.js';
import { IpTunnel } from '../../net/ipv4/tunnel/tunnel.js';
import { isMulticast } from '../../wire/ipv4.js';
import { isTunnelDevice, type TunnelDevice } from './device.js';

interface Shown extends TunnelDevice {
  showParameters(): void;
}

/** Makes a device the end of a tunnel. EEXIST: another is set just so. Linux: ip_tunnel_newlink() */
export function equipTunnel(
  device: Shown,
  underlay: Namespace,
  table: TunnelTable,
  parameters: TunnelParameters,
  options: { readonly headerBytes: number; readonly fallback?: boolean; readonly external?: boolean },
): void {
  const external = options.external === true;
  if ((external ? table.external : table.find(parameters)) !== null) fail(EEXIST);
  device.tunnel = new IpTunnel(device, underlay, parameters, options.headerBytes, options.fallback === true, external);
  device.table = table;
  device.showParameters();
  // The local address is what it is registered with.
  if (device.type !== ARPHRD_ETHER && parameters.local !== 0) device.permanentAddress = device.address.slice();
  device.mtu = device.tunnel.mtuOfWay();
  if (options.fallback === true) {
    device.netnsLocal = true;
    table.fallback = device.tunnel;
  }
}

/** Sets a tunnel anew. EINVAL for the module's own; EEXIST. Linux: ip_tunnel_changelink() */
export function changeTunnel(device: Shown, parameters: TunnelParameters): void {
  const { tunnel, table } = device;
  if (tunnel.fallback) fail(EINVAL);
  const found = table.find(parameters);
  if (found !== null && found !== tunnel) fail(EEXIST);
  if (found === null && device.type !== ARPHRD_ETHER) {
    let flags = 0;
    if (isMulticast(parameters.remote)) flags = IFF_BROADCAST;
    else if (parameters.remote !== 0) flags = IFF_POINTOPOINT;
    if (((device.flags ^ flags) & (IFF_POINTOPOINT | IFF_BROADCAST)) !== 0) fail(EINVAL);
  }
  const before = tunnel.parameters;
  const { headerBytes } = tunnel;
  table.remove(tunnel);
  tunnel.parameters = parameters;
  table.insert(tunnel);
  device.showParameters();
  if (before.ifindex !== parameters.ifindex || before.mark !== parameters.mark) setMtu(device, tunnel.mtuOfWay());
  else if (headerBytes !== tunnel.headerBytes) setMtu(device, Math.max(68, device.mtu + headerBytes - tunnel.headerBytes));
}

/** Devices that go with one that is deleted: the module's own stays as long as its namespace. Linux: ip_tunnel_dellink() */
export function deletedWith(device: NetDevice): readonly NetDevice[] {
  const own = isTunnelDevice(device) && device.tunnel.fallback;
  return own && !device.namespace.dead ? [] : [device];
}

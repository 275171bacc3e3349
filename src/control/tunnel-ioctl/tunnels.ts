import { EEXIST, ENOENT, EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { fail, NetError } from '../../base/net-error.js';
import type { IpTunnel } from '../../net/ipv4/tunnel/tunnel.js';
import { noParameters } from '../../net/ipv4/tunnel/parameters.js';
import type { NetDevice } from '../../net/core/device.js';
import { deleteLinks, newLink } from '../../net/core/new-link.js';
import { isTunnelDevice, type TunnelDevice } from '../../drivers/tunnel/device.js';
import { readTunnelParm, TUNNEL_PARM, type TunnelParm, writeTunnelParm } from '../../netlink/rtnl/link/tunnel-ioctl.js';
import { type IoctlKind, ioctlKinds, parmOf } from './kinds.js';
import { needAdmin, type TunnelCommand, type TunnelRequest } from './request.js';

/** The kind of a device that has these ioctls. EOPNOTSUPP. */
function kindOf(device: NetDevice): { readonly kind: IoctlKind; readonly device: TunnelDevice } {
  for (const kind of ioctlKinds) if (kind.is(device)) return { kind, device };
  return fail(EOPNOTSUPP);
}

/** The tunnel that is set as `parm` says. Linux: ip_tunnel_find(), ipip6_tunnel_locate() */
function find(kind: IoctlKind, device: TunnelDevice, parm: TunnelParm): IpTunnel | null {
  const { inputFlags, inputKey, local, remote, link } = parm;
  const flags = kind.kind === 'gre' ? inputFlags : 0;
  return device.table.find({ ...noParameters, inputFlags: flags, inputKey, local, remote, ifindex: link });
}

function answer(kind: IoctlKind, { device }: IpTunnel): Uint8Array | null {
  return isTunnelDevice(device) ? writeTunnelParm(parmOf(kind, device)) : null;
}

function get(request: TunnelRequest): Uint8Array | null {
  const { kind, device } = kindOf(request.device);
  const found = device.tunnel.fallback ? find(kind, device, readTunnelParm(request.bytes)) : null;
  return answer(kind, found ?? device.tunnel);
}

function add(request: TunnelRequest): Uint8Array | null {
  const { kind, device } = kindOf(request.device);
  needAdmin(request);
  const parm = readTunnelParm(request.bytes);
  const data = kind.data(parm);
  const { stack } = device;
  const { underlay } = device.tunnel;
  const link = stack.linkKinds.get(kind.kind) ?? fail(EOPNOTSUPP);
  try {
    const made = newLink(link, { stack, namespace: underlay, name: parm.name, lower: null, data, address: null, mtu: null }, {}, {});
    return isTunnelDevice(made) ? answer(kind, made.tunnel) : null;
  } catch (error) {
    if (error instanceof NetError && error.errno === EEXIST) fail(kind.exists);
    throw error;
  }
}

/** Linux: ip_tunnel_ctl(), ipip6_tunnel_change() */
function change(request: TunnelRequest): Uint8Array | null {
  const { kind, device } = kindOf(request.device);
  needAdmin(request);
  const parm = readTunnelParm(request.bytes);
  const data = kind.data(parm);
  const link = device.stack.linkKinds.get(kind.kind) ?? fail(EOPNOTSUPP);
  const found = find(kind, device, parm);
  if (device.tunnel.fallback) {
    const tunnel = found ?? fail(ENOENT);
    if (!kind.changesOwn) return answer(kind, tunnel);
    if (tunnel.fallback) {
      tunnel.parameters = { ...tunnel.parameters, ttl: parm.ttl, tos: parm.tos, pmtuDiscovery: data.pmtudisc === 1 };
      return answer(kind, tunnel);
    }
    link.change?.(tunnel.device, data);
    return answer(kind, tunnel);
  }
  link.change?.(device, data);
  return answer(kind, device.tunnel);
}

function remove(request: TunnelRequest): Uint8Array | null {
  const { kind, device } = kindOf(request.device);
  needAdmin(request);
  let gone: NetDevice = device;
  if (device.tunnel.fallback) {
    const found = find(kind, device, readTunnelParm(request.bytes)) ?? fail(ENOENT);
    if (found === device.tunnel) fail(EPERM);
    gone = found.device;
  }
  deleteLinks([gone]);
  return null;
}

const command = (run: TunnelCommand['run']): TunnelCommand => ({ size: TUNNEL_PARM, run });

/** SIOCGETTUNNEL, SIOCADDTUNNEL, SIOCDELTUNNEL, SIOCCHGTUNNEL. */
export const getTunnel = command(get);
export const addTunnel = command(add);
export const deleteTunnel = command(remove);
export const changeTunnel = command(change);

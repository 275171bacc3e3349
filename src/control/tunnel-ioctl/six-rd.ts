import { EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { SitDevice } from '../../drivers/ipip/devices.js';
import { sixRdOfModule } from '../../drivers/ipip/ipip.js';
import { checkSixRd, SIX_TO_FOUR, type SixRd } from '../../net/ipv4/tunnel/six-rd.js';
import { netdevStateChange } from '../../net/core/device-notify.js';
import { readTunnelParm, SIX_RD, TUNNEL_PARM } from '../../netlink/rtnl/link/tunnel-ioctl.js';
import { readAddress, writeAddress } from '../../wire/ipv6.js';
import { needAdmin, type TunnelCommand, type TunnelRequest } from './request.js';

const sitOf = ({ device }: TunnelRequest): SitDevice => (device instanceof SitDevice ? device : fail(EOPNOTSUPP));

// Linux: ipip6_tunnel_get6rd()
function get(request: TunnelRequest): Uint8Array {
  let device = sitOf(request);
  if (device.tunnel.fallback && request.bytes.length >= TUNNEL_PARM) {
    const { local, remote, link } = readTunnelParm(request.bytes);
    const found = device.table.find({ ...device.tunnel.parameters, local, remote, ifindex: link })?.device;
    if (found instanceof SitDevice) device = found;
  }
  const { prefix, prefixLength, relayPrefix, relayPrefixLength } = device.sixRd;
  const bytes = new Uint8Array(SIX_RD);
  const view = new DataView(bytes.buffer);
  writeAddress(view, 0, prefix);
  view.setUint32(16, relayPrefix);
  view.setUint16(20, prefixLength, true);
  view.setUint16(22, relayPrefixLength, true);
  return bytes;
}

/** Linux: ipip6_tunnel_6rdctl() */
const changing = (sixRd: (request: TunnelRequest) => SixRd): TunnelCommand['run'] => {
  return (request) => {
    const device = sitOf(request);
    needAdmin(request);
    device.sixRd = sixRd(request);
    netdevStateChange(device);
    return null;
  };
};

function read({ view }: TunnelRequest): SixRd {
  const sixRd = {
    prefix: readAddress(view, 0, new Uint32Array(4)),
    relayPrefix: view.getUint32(16),
    prefixLength: view.getUint16(20, true),
    relayPrefixLength: view.getUint16(22, true),
  };
  checkSixRd(sixRd);
  return sixRd;
}

/** That of the module's own device, which has 2002::/16 itself. Linux: ipip6_tunnel_clone_6rd() */
function reset({ device }: TunnelRequest): SixRd {
  const own = device instanceof SitDevice && device.tunnel.fallback;
  return (own ? null : sixRdOfModule(device.namespace)) ?? SIX_TO_FOUR;
}

/** SIOCGET6RD, SIOCADD6RD and SIOCCHG6RD, SIOCDEL6RD. */
export const getSixRd: TunnelCommand = { size: SIX_RD, run: get };
export const setSixRd: TunnelCommand = { size: SIX_RD, run: changing(read) };
export const deleteSixRd: TunnelCommand = { size: 0, run: changing(reset) };

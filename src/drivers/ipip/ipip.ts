import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { type IpTunnelData, ipTunnelData, SIT_ISATAP } from '../../netlink/rtnl/link/iptunnel.js';
import { registerDevice } from '../../net/core/device-registry.js';
import type { NetDevice } from '../../net/core/device.js';
import type { LinkKind } from '../../net/core/link-kind.js';
import type { Namespace } from '../../net/core/namespace.js';
import { noParameters, type TunnelParameters } from '../../net/ipv4/tunnel/parameters.js';
import { checkSixRd, type SixRd } from '../../net/ipv4/tunnel/six-rd.js';
import { IN6_BYTES, readAddress, writeAddress } from '../../wire/ipv6.js';
import { changeTunnel, deletedWith, equipTunnel } from '../tunnel/change.js';
import { joinTunnels } from '../tunnel/device.js';
import { loadTunnelModule, registerWithoutMtu, type TunnelModule } from '../tunnel/module.js';
import { IpipDevice, IPPROTO_IPIP, IPPROTO_IPV6, SitDevice } from './devices.js';
import { ipTunnelsOf } from './receiver.js';

export const ipipModule: TunnelModule = {
  name: 'ipip',
  init(namespace) {
    const { stack } = namespace;
    const tunl0 = new IpipDevice(stack, 'tunl0');
    tunl0.kind = stack.linkKinds.get('ipip') ?? null;
    const table = ipTunnelsOf(namespace).ipip;
    equipTunnel(tunl0, namespace, table, noParameters, { headerBytes: 0, fallback: true });
    registerWithoutMtu(namespace, tunl0);
    table.insert(tunl0.tunnel);
  },
};

export const sitModule: TunnelModule = {
  name: 'sit',
  init(namespace) {
    const { stack } = namespace;
    const sit0 = new SitDevice(stack, 'sit0');
    sit0.kind = stack.linkKinds.get('sit') ?? null;
    const table = ipTunnelsOf(namespace).sit;
    const parameters = { ...noParameters, ttl: 64, payload: IPPROTO_IPV6 };
    equipTunnel(sit0, namespace, table, parameters, { headerBytes: 0, fallback: true });
    registerDevice(namespace, sit0);
    table.insert(sit0.tunnel);
  },
};

function parametersOf(data: IpTunnelData, payloads: readonly number[]): TunnelParameters {
  const payload = data.proto ?? 0;
  if (!payloads.includes(payload)) fail(EINVAL);
  if ((data.encapType ?? 0) !== 0) fail(EINVAL);
  return {
    ...noParameters,
    local: data.local ?? 0,
    remote: data.remote ?? 0,
    ifindex: data.link ?? 0,
    ttl: data.ttl ?? 0,
    tos: data.tos ?? 0,
    pmtuDiscovery: (data.pmtudisc ?? 1) !== 0,
    mark: data.fwmark ?? 0,
    payload,
  };
}

const IPIP_PAYLOADS = [0, IPPROTO_IPIP];
const SIT_PAYLOADS = [0, IPPROTO_IPIP, IPPROTO_IPV6];

function prefixBytes({ prefix }: SixRd): Uint8Array {
  const bytes = new Uint8Array(IN6_BYTES);
  writeAddress(new DataView(bytes.buffer), 0, prefix);
  return bytes;
}

/** What a request says of 6rd, from what was; null: nothing. EINVAL. Linux: ipip6_netlink_6rd_parms() */
function sixRdOf(data: IpTunnelData, before: SixRd): SixRd | null {
  const { sixRdPrefix, sixRdRelayPrefix, sixRdPrefixLength, sixRdRelayPrefixLength } = data;
  const said = [sixRdPrefix, sixRdRelayPrefix, sixRdPrefixLength, sixRdRelayPrefixLength];
  if (said.every((value) => value === undefined)) return null;
  const sixRd = {
    prefix:
      sixRdPrefix === undefined
        ? before.prefix
        : readAddress(new DataView(sixRdPrefix.buffer, sixRdPrefix.byteOffset, IN6_BYTES), 0, new Uint32Array(4)),
    prefixLength: sixRdPrefixLength ?? before.prefixLength,
    relayPrefix: sixRdRelayPrefix ?? before.relayPrefix,
    relayPrefixLength: sixRdRelayPrefixLength ?? before.relayPrefixLength,
  };
  checkSixRd(sixRd);
  return sixRd;
}

/** How sit0 is set; null: there is none. */
export function sixRdOfModule(namespace: Namespace): SixRd | null {
  const device = ipTunnelsOf(namespace).sit.fallback?.device;
  return device instanceof SitDevice ? device.sixRd : null;
}

function describe(device: NetDevice): IpTunnelData | undefined {
  if (!(device instanceof IpipDevice) && !(device instanceof SitDevice)) return undefined;
  const p = device.tunnel.parameters;
  return {
    link: p.ifindex,
    local: p.local,
    remote: p.remote,
    ttl: p.ttl,
    tos: p.tos,
    proto: p.payload,
    pmtudisc: p.pmtuDiscovery ? 1 : 0,
    ...(device instanceof SitDevice
      ? {
          flags: device.isatap ? SIT_ISATAP : 0,
          sixRdPrefix: prefixBytes(device.sixRd),
          sixRdRelayPrefix: device.sixRd.relayPrefix,
          sixRdPrefixLength: device.sixRd.prefixLength,
          sixRdRelayPrefixLength: device.sixRd.relayPrefixLength,
        }
      : {}),
    ...(device.tunnel.external ? { collectMetadata: true } : {}),
    fwmark: p.mark,
    encapType: 0,
    encapSport: 0,
    encapDport: 0,
    encapFlags: 0,
  };
}

function registered(device: NetDevice): void {
  if (device instanceof IpipDevice || device instanceof SitDevice) joinTunnels(device);
}

export const ipip: LinkKind<IpTunnelData> = {
  kind: 'ipip',
  data: ipTunnelData,
  namePattern: 'ipip%d',
  create(request) {
    loadTunnelModule(request.stack, ipipModule);
    const { namespace: underlay } = request;
    const device = new IpipDevice(request.stack, request.name);
    equipTunnel(device, underlay, ipTunnelsOf(underlay).ipip, parametersOf(request.data, IPIP_PAYLOADS), {
      headerBytes: 0,
      external: request.data.collectMetadata === true,
    });
    return device;
  },
  registered,
  change(device, data) {
    if (!(device instanceof IpipDevice)) return;
    // Linux: ipip_changelink()
    if (data.collectMetadata === true) fail(EINVAL);
    const { payload } = device.tunnel.parameters;
    changeTunnel(device, { ...parametersOf(data, IPIP_PAYLOADS), payload });
  },
  describe,
  deletes: deletedWith,
};

export const sit: LinkKind<IpTunnelData> = {
  kind: 'sit',
  data: ipTunnelData,
  namePattern: 'sit%d',
  create(request) {
    loadTunnelModule(request.stack, sitModule);
    const { namespace: underlay } = request;
    const device = new SitDevice(request.stack, request.name);
    equipTunnel(device, underlay, ipTunnelsOf(underlay).sit, parametersOf(request.data, SIT_PAYLOADS), { headerBytes: 0 });
    device.mtu = Math.max(1280, device.mtu);
    device.isatap = ((request.data.flags ?? 0) & SIT_ISATAP) !== 0;
    // Linux: ipip6_tunnel_clone_6rd(): as the module's own is set in the device's namespace.
    device.sixRd = sixRdOfModule(underlay) ?? device.sixRd;
    device.sixRd = sixRdOf(request.data, device.sixRd) ?? device.sixRd;
    return device;
  },
  registered,
  change(device, data) {
    if (!(device instanceof SitDevice)) return;
    const sixRd = sixRdOf(data, device.sixRd);
    const { payload } = device.tunnel.parameters;
    changeTunnel(device, { ...parametersOf(data, SIT_PAYLOADS), payload });
    if (sixRd !== null) device.sixRd = sixRd;
  },
  describe,
  deletes: deletedWith,
};

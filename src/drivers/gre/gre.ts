import { EADDRNOTAVAIL, EINVAL, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { type GreData, greData } from '../../netlink/rtnl/link/gre.js';
import { registerDevice } from '../../net/core/device-registry.js';
import type { NetDevice } from '../../net/core/device.js';
import type { LinkKind, LinkRequest } from '../../net/core/link-kind.js';
import type { Namespace } from '../../net/core/namespace.js';
import { GRE_ROUTING, GRE_VERSION, greHeaderBytes, noParameters, type TunnelParameters } from '../../net/ipv4/tunnel/parameters.js';
import { ADDRESS_BYTES, isValidAddress } from '../../wire/ethernet.js';
import { isMulticast } from '../../wire/ipv4.js';
import { changeTunnel, deletedWith, equipTunnel } from '../tunnel/change.js';
import { joinTunnels } from '../tunnel/device.js';
import { loadTunnelModule, registerWithoutMtu, type TunnelModule } from '../tunnel/module.js';
import { GreDevice, GretapDevice } from './devices.js';
import { GreReceiver } from './receiver.js';
import { TunnelTable } from '../../net/ipv4/tunnel/table.js';

const receivers = new WeakMap<Namespace, GreReceiver>();
/** As Linux says of erspan0: 20 bytes of IPv4, 8 of GRE and 8 of ERSPAN, and the frame's 14. */
const ERSPAN_MTU = 1450;

function receiverOf(namespace: Namespace): GreReceiver {
  let receiver = receivers.get(namespace);
  if (receiver === undefined) {
    receiver = new GreReceiver(namespace);
    receivers.set(namespace, receiver);
  }
  return receiver;
}

/** ip_gre: gre0 has what no other wants, gretap0 and erspan0 are there for external control. */
export const greModule: TunnelModule = {
  name: 'ip_gre',
  init(namespace) {
    const { stack } = namespace;
    const receiver = receiverOf(namespace);
    const gre0 = new GreDevice(stack, 'gre0');
    gre0.kind = stack.linkKinds.get('gre') ?? null;
    equipTunnel(gre0, namespace, receiver.packets, noParameters, { headerBytes: 4, fallback: true });
    registerWithoutMtu(namespace, gre0);
    receiver.packets.insert(gre0.tunnel);
    const gretap0 = new GretapDevice(stack, 'gretap0');
    gretap0.kind = stack.linkKinds.get('gretap') ?? null;
    equipTunnel(gretap0, namespace, receiver.frames, noParameters, { headerBytes: 4, fallback: true });
    registerDevice(namespace, gretap0);
    receiver.frames.insert(gretap0.tunnel);
    const erspan0 = new GretapDevice(stack, 'erspan0');
    erspan0.kind = stack.linkKinds.get('erspan') ?? null;
    const erspans = new TunnelTable(stack.hashSeed);
    equipTunnel(erspan0, namespace, erspans, noParameters, { headerBytes: 4, fallback: true });
    erspan0.mtu = ERSPAN_MTU;
    registerDevice(namespace, erspan0);
  },
};

// Linux: ipgre_tunnel_validate()
function validate(data: GreData): void {
  const flags = (data.iflags ?? 0) | (data.oflags ?? 0);
  if ((flags & (GRE_VERSION | GRE_ROUTING)) !== 0) fail(EINVAL);
  if ((data.encapType ?? 0) !== 0) fail(EINVAL);
}

/** Linux: ipgre_netlink_parms() */
function parametersOf(data: GreData): TunnelParameters {
  validate(data);
  const pmtuDiscovery = (data.pmtudisc ?? 1) !== 0;
  const ignoreDf = (data.ignoreDf ?? 0) !== 0;
  if (ignoreDf && pmtuDiscovery) fail(EINVAL);
  return {
    local: data.local ?? 0,
    remote: data.remote ?? 0,
    ifindex: data.link ?? 0,
    inputFlags: data.iflags ?? 0,
    outputFlags: data.oflags ?? 0,
    inputKey: data.ikey ?? 0,
    outputKey: data.okey ?? 0,
    ttl: data.ttl ?? 0,
    tos: data.tos ?? 0,
    pmtuDiscovery,
    ignoreDf,
    mark: data.fwmark ?? 0,
    payload: 0,
  };
}

function describe(device: NetDevice): GreData | undefined {
  if (!(device instanceof GreDevice) && !(device instanceof GretapDevice)) return undefined;
  const p = device.tunnel.parameters;
  const erspan = device.kind?.kind === 'erspan';
  return {
    link: p.ifindex,
    iflags: p.inputFlags,
    // Linux: erspan always numbers what it sends, and has a key.
    oflags: erspan ? 0x2000 : p.outputFlags,
    ikey: p.inputKey,
    okey: p.outputKey,
    local: p.local,
    remote: p.remote,
    ttl: p.ttl,
    tos: p.tos,
    pmtudisc: p.pmtuDiscovery ? 1 : 0,
    fwmark: p.mark,
    encapType: 0,
    encapSport: 0,
    encapDport: 0,
    encapFlags: 0,
    ignoreDf: p.ignoreDf ? 1 : 0,
    ...(device.tunnel.external ? { collectMetadata: true } : {}),
    ...(erspan ? { erspanVer: 1, erspanIndex: 0 } : {}),
  };
}

function change(device: NetDevice, data: GreData): void {
  if (!(device instanceof GreDevice) && !(device instanceof GretapDevice)) return;
  if (data.collectMetadata === true && !device.tunnel.external) fail(EINVAL, 'Enabling collect_md on an existing device is not supported');
  changeTunnel(device, parametersOf(data));
}

/** Makes the device of a request: its tunnel is found by packets once it is registered. */
function equip<D extends GreDevice | GretapDevice>(device: D, request: LinkRequest<GreData>, ethernet: boolean): D {
  const { namespace: underlay } = request;
  const parameters = parametersOf(request.data);
  if (!ethernet && isMulticast(parameters.remote) && parameters.local === 0) fail(EINVAL);
  const receiver = receiverOf(underlay);
  const table = ethernet ? receiver.frames : receiver.packets;
  equipTunnel(device, underlay, table, parameters, {
    headerBytes: greHeaderBytes(parameters.outputFlags),
    external: request.data.collectMetadata === true,
  });
  return device;
}

function registered(device: NetDevice): void {
  if (device instanceof GreDevice || device instanceof GretapDevice) joinTunnels(device);
}

export const gre: LinkKind<GreData> = {
  kind: 'gre',
  data: greData,
  namePattern: 'gre%d',
  create(request) {
    loadTunnelModule(request.stack, greModule);
    return equip(new GreDevice(request.stack, request.name), request, false);
  },
  registered,
  change,
  describe,
  deletes: deletedWith,
};

export const gretap: LinkKind<GreData> = {
  kind: 'gretap',
  data: greData,
  namePattern: 'gretap%d',
  create(request) {
    loadTunnelModule(request.stack, greModule);
    const { address } = request;
    // Linux: ipgre_tap_validate()
    if (address !== null && address.length !== ADDRESS_BYTES) fail(EINVAL);
    if (address !== null && !isValidAddress(address)) fail(EADDRNOTAVAIL);
    const device = equip(new GretapDevice(request.stack, request.name), request, true);
    device.setRandomAddress();
    return device;
  },
  registered,
  change,
  describe,
  deletes: deletedWith,
};

/** Only erspan0, which Linux makes with the others, is there. */
export const erspan: LinkKind<GreData> = {
  kind: 'erspan',
  data: greData,
  namePattern: 'erspan%d',
  create: () => fail(EOPNOTSUPP, 'erspan is not there yet'),
  describe,
  deletes: deletedWith,
};

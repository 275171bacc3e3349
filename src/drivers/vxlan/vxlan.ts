import { EADDRNOTAVAIL, EEXIST, EINVAL, ENODEV, EOPNOTSUPP, ERANGE } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from '../../net/core/device.js';
import type { LinkKind, LinkRequest } from '../../net/core/link-kind.js';
import type { Namespace } from '../../net/core/namespace.js';
import { type VxlanData, VXLAN_DF_INHERIT, vxlanData } from '../../netlink/rtnl/link/vxlan.js';
import { ADDRESS_BYTES, isValidAddress } from '../../wire/ethernet.js';
import * as ip6 from '../../wire/ipv6.js';
import * as wire from '../../wire/vxlan.js';
import { overheadOf, VxlanDevice } from './device.js';
import { bytesOf, type Endpoint, endpointOf, isGroup, isNowhere, sameEndpoint } from './remote.js';
import { defaultSettings, overIpv6, type VxlanSettings } from './settings.js';
import { isTaken } from './underlay.js';

const MIN_MTU = 68;
const MAX_MTU = 65_535;

// Linux: vxlan_validate()
function validate(request: Pick<LinkRequest<VxlanData>, 'address' | 'mtu' | 'data'>): void {
  const { address, mtu, data } = request;
  if (address !== null) {
    if (address.length !== ADDRESS_BYTES) fail(EINVAL, 'Provided link layer address is not Ethernet');
    if (!isValidAddress(address)) fail(EADDRNOTAVAIL, 'Provided Ethernet address is not unicast');
  }
  if (mtu !== null && (mtu < MIN_MTU || mtu > MAX_MTU)) fail(EINVAL, 'MTU must be between 68 and 65535');
  if (data.id !== undefined && data.id >= wire.VNI_LIMIT) fail(ERANGE, 'VXLAN ID must be lower than 16777216');
  if (data.portRange !== undefined && data.portRange.high < data.portRange.low) fail(EINVAL, 'Invalid source port range');
  if (data.df !== undefined && data.df > VXLAN_DF_INHERIT) fail(EINVAL, 'Invalid DF attribute');
}

const endpoint = (inet: number | undefined, inet6: Uint8Array | undefined, old: Endpoint): Endpoint => {
  if (inet6 !== undefined) return endpointOf(inet6);
  return inet === undefined ? old : { address: inet, address6: null };
};

/** The settings that `data` leads to from `old`. */
function settingsOf(data: VxlanData, old: VxlanSettings): VxlanSettings {
  const on = (value: number | undefined, before: boolean) => (value === undefined ? before : value !== 0);
  return {
    vni: data.id ?? old.vni,
    remote: endpoint(data.group, data.group6, old.remote),
    local: endpoint(data.local, data.local6, old.local),
    ifindex: data.link ?? old.ifindex,
    port: data.port ?? old.port,
    portLow: data.portRange?.low ?? old.portLow,
    portHigh: data.portRange?.high ?? old.portHigh,
    ttl: data.ttl ?? old.ttl,
    ttlInherit: on(data.ttlInherit, old.ttlInherit),
    tos: data.tos ?? old.tos,
    df: data.df ?? old.df,
    label: data.label ?? old.label,
    learning: on(data.learning, old.learning),
    proxy: on(data.proxy, old.proxy),
    rsc: on(data.rsc, old.rsc),
    l2miss: on(data.l2miss, old.l2miss),
    l3miss: on(data.l3miss, old.l3miss),
    ageingS: (data.ageing ?? old.ageingS) || defaultSettings().ageingS,
    limit: data.limit ?? old.limit,
    udpChecksum: on(data.udpCsum, old.udpChecksum),
    zeroChecksum6Tx: on(data.udpZeroCsum6Tx, old.zeroChecksum6Tx),
    zeroChecksum6Rx: on(data.udpZeroCsum6Rx, old.zeroChecksum6Rx),
    remcsumTx: on(data.remcsumTx, old.remcsumTx),
    remcsumRx: on(data.remcsumRx, old.remcsumRx),
    remcsumNopartial: data.remcsumNopartial ?? old.remcsumNopartial,
    gbp: data.gbp ?? old.gbp,
    external: on(data.collectMetadata, old.external),
    vniFilter: on(data.vnifilter, old.vniFilter),
    gpe: data.gpe ?? old.gpe,
  };
}

const isLinkLocal = ({ address6 }: Endpoint): boolean => address6 !== null && ip6.isLinkLocal(address6);

/** Packets without a link header have nothing that could be learned. Linux: VXLAN_F_ALLOWED_GPE */
function refuseWithGpe(settings: VxlanSettings): void {
  const { external, learning, proxy, rsc, l2miss, l3miss, ttlInherit, gbp, remcsumTx, remcsumRx, remcsumNopartial } = settings;
  if (!external || learning || proxy || rsc || l2miss || l3miss || ttlInherit || gbp || remcsumTx || remcsumRx || remcsumNopartial)
    fail(EINVAL, 'VXLAN GPE does not support this combination of attributes');
}

/** The device below, if one is named. Linux: vxlan_config_validate() */
function lowerOf(underlay: Namespace, settings: VxlanSettings): NetDevice | null {
  const { local, remote } = settings;
  if (!isNowhere(local) && !isNowhere(remote) && (local.address6 === null) !== (remote.address6 === null))
    fail(EINVAL, 'Local and remote address must be from the same family');
  if (isGroup(local)) fail(EINVAL, 'Local address must be unicast');
  if (settings.label !== 0 && !overIpv6(settings)) fail(EINVAL, 'Label attribute only applies to IPv6 VXLAN devices');
  if (settings.ifindex !== 0) return underlay.deviceByIndex(settings.ifindex) ?? fail(ENODEV, 'Invalid local interface, device not found');
  if (isGroup(remote)) fail(EINVAL, 'Local interface required for multicast remote destination');
  if (isLinkLocal(local) || isLinkLocal(remote)) fail(EINVAL, 'Local interface required for link-local local/remote addresses');
  return null;
}

function refuseTwin(underlay: Namespace, settings: VxlanSettings): void {
  if (isTaken(underlay, settings, settings.vni, null)) fail(EEXIST, 'A VXLAN device with the specified VNI already exists');
}

const remoteOf = ({ remote, port, vni, ifindex }: VxlanSettings) => ({ ...remote, port, vni, ifindex });

/** What `ip link set type vxlan` may change. Linux: vxlan_changelink() */
const FIXED = [
  ['ttlInherit', 'vxlan: cannot change TTL_INHERIT flag'],
  ['proxy', 'vxlan: cannot change PROXY flag'],
  ['rsc', 'vxlan: cannot change RSC flag'],
  ['l2miss', 'vxlan: cannot change L2MISS flag'],
  ['l3miss', 'vxlan: cannot change L3MISS flag'],
  ['limit', 'Cannot change limit'],
  ['portRange', 'Cannot change port range'],
  ['port', 'Cannot change port'],
  ['udpCsum', 'Cannot change UDP_CSUM flag'],
  ['udpZeroCsum6Tx', 'vxlan: cannot change UDP_ZERO_CSUM6_TX flag'],
  ['udpZeroCsum6Rx', 'vxlan: cannot change UDP_ZERO_CSUM6_RX flag'],
  ['remcsumTx', 'vxlan: cannot change REMCSUM_TX flag'],
  ['remcsumRx', 'vxlan: cannot change REMCSUM_RX flag'],
  ['collectMetadata', 'vxlan: cannot change COLLECT_METADATA flag'],
  ['gbp', 'vxlan: cannot change GBP flag'],
  ['gpe', 'vxlan: cannot change flag'],
  ['remcsumNopartial', 'vxlan: cannot change REMCSUM_NOPARTIAL flag'],
  ['vnifilter', 'vxlan: cannot change flag'],
] as const;

function change(device: VxlanDevice, data: VxlanData): void {
  validate({ address: null, mtu: null, data });
  const old = device.settings;
  if (data.id !== undefined && data.id !== old.vni) fail(EOPNOTSUPP, 'Cannot change VNI');
  for (const [name, text] of FIXED) if (data[name] !== undefined) fail(EOPNOTSUPP, text);
  const wanted = settingsOf(data, old);
  if (!isNowhere(old.remote) && !isNowhere(wanted.remote) && (old.remote.address6 === null) !== (wanted.remote.address6 === null))
    fail(EINVAL, 'New group address family does not match old group');
  lowerOf(device.underlay, wanted);
  const before = remoteOf(old);
  const after = remoteOf(wanted);
  if (!sameEndpoint(after, before) || after.ifindex !== before.ifindex) {
    if (!isNowhere(before)) device.database.forgetDefault(before);
    device.changeRemote(wanted.remote, after.ifindex);
    if (!isNowhere(after)) device.database.addDefault(after);
    device.vnis?.defaultChanged(before, after);
  }
  Object.assign(old, wanted);
}

export const vxlan: LinkKind<VxlanData> = {
  kind: 'vxlan',
  data: vxlanData,
  namePattern: 'vxlan%d',
  create(request) {
    validate(request);
    const underlay = request.source ?? request.namespace;
    const settings = settingsOf(request.data, defaultSettings());
    if (settings.vniFilter && !settings.external) fail(EINVAL, 'vxlan vnifilter only valid in collect metadata mode');
    if (settings.gpe) refuseWithGpe(settings);
    const lower = lowerOf(underlay, settings);
    refuseTwin(underlay, settings);
    const device = new VxlanDevice(request.stack, request.name, underlay, settings);
    if (!settings.gpe) device.setRandomAddress();
    if (lower !== null) {
      const most = Math.max(MIN_MTU, lower.mtu - overheadOf(settings));
      device.mtu = most;
      if (request.mtu !== null && request.mtu > most) fail(EINVAL);
    }
    return device;
  },
  registered(device) {
    if (!(device instanceof VxlanDevice)) return;
    device.join();
    if (!isNowhere(device.settings.remote)) device.database.addDefault(remoteOf(device.settings));
  },
  change(device, data) {
    if (device instanceof VxlanDevice) change(device, data);
  },
  describe(device) {
    if (!(device instanceof VxlanDevice)) return undefined;
    const s = device.settings;
    const bit = (value: boolean) => (value ? 1 : 0);
    return {
      id: s.vni,
      ...(isNowhere(s.remote) ? {} : s.remote.address6 === null ? { group: s.remote.address } : { group6: bytesOf(s.remote) }),
      ...(s.ifindex === 0 ? {} : { link: s.ifindex }),
      ...(isNowhere(s.local) ? {} : s.local.address6 === null ? { local: s.local.address } : { local6: bytesOf(s.local) }),
      ttl: s.ttl,
      ttlInherit: bit(s.ttlInherit),
      tos: s.tos,
      df: s.df,
      label: s.label,
      learning: bit(s.learning),
      proxy: bit(s.proxy),
      rsc: bit(s.rsc),
      l2miss: bit(s.l2miss),
      l3miss: bit(s.l3miss),
      collectMetadata: bit(s.external),
      ageing: s.ageingS,
      limit: s.limit,
      port: s.port,
      udpCsum: bit(s.udpChecksum),
      udpZeroCsum6Tx: bit(s.zeroChecksum6Tx),
      udpZeroCsum6Rx: bit(s.zeroChecksum6Rx),
      remcsumTx: bit(s.remcsumTx),
      remcsumRx: bit(s.remcsumRx),
      portRange: { low: s.portLow, high: s.portHigh },
      gbp: s.gbp,
      gpe: s.gpe,
      remcsumNopartial: s.remcsumNopartial,
      vnifilter: bit(s.vniFilter),
    };
  },
};

import { type Endpoint, isNowhere, nowhere } from './remote.js';

/** How a vxlan device is set (struct vxlan_config). */
export interface VxlanSettings {
  vni: number;
  remote: Endpoint;
  local: Endpoint;
  /** The device that encapsulated packets leave by; 0: what the route says. */
  ifindex: number;
  port: number;
  /** Source ports of encapsulated packets; 0 and 0: the namespace's local ports. */
  portLow: number;
  portHigh: number;
  /** 0: as the route has it. */
  ttl: number;
  ttlInherit: boolean;
  /** 1: that of the packet inside. */
  tos: number;
  /** VXLAN_DF_* */
  df: number;
  label: number;
  learning: boolean;
  proxy: boolean;
  rsc: boolean;
  l2miss: boolean;
  l3miss: boolean;
  ageingS: number;
  /** Most addresses that it knows; 0: any number. */
  limit: number;
  udpChecksum: boolean;
  zeroChecksum6Tx: boolean;
  zeroChecksum6Rx: boolean;
  /** The receiver fills in a checksum inside, told where it is (VXLAN_F_REMCSUM_TX, _RX, _NOPARTIAL: at once). */
  remcsumTx: boolean;
  remcsumRx: boolean;
  remcsumNopartial: boolean;
  /** The group policy extension: a packet's mark goes with it. */
  gbp: boolean;
  /** Frames say where they go, and are told where they come from, one by one (VXLAN_F_COLLECT_METADATA); the VNI is 0. */
  external: boolean;
  /** It takes the VNIs that it was told of, and no other (VXLAN_F_VNIFILTER); `external` comes with it. */
  vniFilter: boolean;
  /** The generic protocol extension: packets without an Ethernet header go and come (VXLAN_F_GPE); `external` comes with it. */
  gpe: boolean;
}

export const defaultSettings = (): VxlanSettings => ({
  vni: 0,
  remote: nowhere(),
  local: nowhere(),
  ifindex: 0,
  port: 8472,
  portLow: 0,
  portHigh: 0,
  ttl: 0,
  ttlInherit: false,
  tos: 0,
  df: 0,
  label: 0,
  learning: true,
  proxy: false,
  rsc: false,
  l2miss: false,
  l3miss: false,
  ageingS: 300,
  limit: 0,
  udpChecksum: true,
  zeroChecksum6Tx: false,
  zeroChecksum6Rx: false,
  remcsumTx: false,
  remcsumRx: false,
  remcsumNopartial: false,
  gbp: false,
  external: false,
  vniFilter: false,
  gpe: false,
});

/** It runs over IPv6 (VXLAN_F_IPV6): as the addresses say that were given; over IPv4 where none was. */
export const overIpv6 = ({ remote, local }: VxlanSettings): boolean =>
  isNowhere(remote) ? local.address6 !== null || remote.address6 !== null : remote.address6 !== null;

/** What devices must have in common to share a socket (VXLAN_F_RCV_FLAGS, VXLAN_F_IPV6), as a number. */
export const receiveFlags = (settings: VxlanSettings, ipv6 = overIpv6(settings)): number =>
  (ipv6 ? 1 : 0) |
  (settings.zeroChecksum6Rx ? 2 : 0) |
  (settings.gbp ? 4 : 0) |
  (settings.external ? 8 : 0) |
  (settings.vniFilter ? 16 : 0) |
  (settings.gpe ? 32 : 0) |
  (settings.remcsumRx ? 64 : 0) |
  (settings.remcsumNopartial ? 128 : 0);

/** How a vxlan device is set (struct vxlan_config); addresses are IPv4 numbers, 0 for none. */
export interface VxlanSettings {
  vni: number;
  remote: number;
  local: number;
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
}

export const defaultSettings = (): VxlanSettings => ({
  vni: 0,
  remote: 0,
  local: 0,
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
});

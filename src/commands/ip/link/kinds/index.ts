import type { LinkKindPart } from './kind.js';

/** Kinds by name, each loaded when a device of it is made or shown in detail. A kind that is not here has no words and no details. */
const kinds: Readonly<Record<string, () => Promise<LinkKindPart>>> = {
  bond: async () => (await import('./bond.js')).bond,
  bond_slave: async () => (await import('./bond-slave.js')).bondSlave,
  bridge: async () => (await import('./bridge.js')).bridge,
  bridge_slave: async () => (await import('./bridge-slave.js')).bridgeSlave,
  dummy: async () => (await import('./dummy.js')).dummy,
  ifb: async () => (await import('./ifb.js')).ifb,
  nlmon: async () => (await import('./nlmon.js')).nlmon,
  gre: async () => (await import('./gre.js')).gre,
  gretap: async () => (await import('./gre.js')).gretap,
  erspan: async () => (await import('./gre.js')).erspan,
  ipip: async () => (await import('./iptunnel.js')).ipip,
  sit: async () => (await import('./iptunnel.js')).sit,
  tun: async () => (await import('./tun.js')).tun,
  vxlan: async () => (await import('./vxlan.js')).vxlan,
  veth: async () => (await import('./veth.js')).veth,
  vlan: async () => (await import('./vlan.js')).vlan,
  ipvlan: async () => (await import('./ipvlan.js')).ipvlan,
  ipvtap: async () => (await import('./ipvlan.js')).ipvtap,
  macvlan: async () => (await import('./macvlan.js')).macvlan,
  macvtap: async () => (await import('./macvlan.js')).macvtap,
  vrf: async () => (await import('./vrf.js')).vrf,
  vrf_slave: async () => (await import('./vrf.js')).vrfSlave,
};

export const linkKindNames: readonly string[] = Object.keys(kinds);

export async function linkKind(name: string): Promise<LinkKindPart | undefined> {
  return Object.hasOwn(kinds, name) ? kinds[name]?.() : undefined;
}

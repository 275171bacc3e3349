import { BRIDGE_VLAN_INFO_MASTER, BRIDGE_VLAN_INFO_PVID, BRIDGE_VLAN_INFO_UNTAGGED } from '../../netlink/rtnl/bridge.js';
import type { BridgeStats } from '../../netlink/rtnl/stats.js';
import type { BridgeDevice } from './bridge-device.js';
import type { MulticastStatistics } from './multicast/statistics.js';
import type { BridgePort } from './port.js';

/** A VLAN that the bridge itself is in (linux/if_bridge.h). */
const BRIDGE_VLAN_INFO_BRENTRY = 1 << 5;

function describeMulticast({ received, sent }: MulticastStatistics): BridgeStats['multicast'] {
  const { igmpParseErrors, mldParseErrors, ...got } = received;
  const both = Object.entries(got).flatMap(([key, count]) => [
    [`${key}Rx`, count],
    [`${key}Tx`, sent[key as keyof typeof got]],
  ]);
  return { ...Object.fromEntries(both), igmpParseErrors, mldParseErrors };
}

/** What a bridge counts, or what is counted at a port of it. Linux: br_fill_linkxstats() */
export function describeStatistics(bridge: BridgeDevice, port: BridgePort | null): BridgeStats {
  const vlans = port?.vlans ?? bridge.vlanSet;
  const own = port === null ? BRIDGE_VLAN_INFO_MASTER | BRIDGE_VLAN_INFO_BRENTRY : 0;
  return {
    vlans: vlans.ids().map((vid) => ({
      ...(bridge.vlanStatisticsPerPort ? vlans : bridge.vlanSet).counters(vid),
      vid,
      flags: own | (vlans.untagged(vid) ? BRIDGE_VLAN_INFO_UNTAGGED : 0) | (vlans.pvid === vid ? BRIDGE_VLAN_INFO_PVID : 0),
    })),
    multicast: describeMulticast(port?.multicastStatistics ?? bridge.multicast.statistics),
    ...(port === null ? {} : { stp: port.stpStatistics }),
  };
}

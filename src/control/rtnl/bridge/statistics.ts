import { BridgeDevice } from '../../../net/bridge/bridge-device.js';
import { multicastCounters } from '../../../net/bridge/multicast/statistics.js';
import { BridgePort } from '../../../net/bridge/port.js';
import type { NetDevice } from '../../../net/core/device.js';
import { BRIDGE_VLAN_INFO_PVID, BRIDGE_VLAN_INFO_UNTAGGED } from '../../../netlink/rtnl/bridge.js';
import type { BridgeStatistics } from '../../../netlink/rtnl/stats.js';

// Flags of a VLAN that is the bridge's own (linux/if_bridge.h).
const BRIDGE_VLAN_INFO_MASTER = 1 << 0;
const BRIDGE_VLAN_INFO_BRENTRY = 1 << 5;

/** What a bridge counts, or (`asPort`) what is counted at a port. Undefined: it is none. Linux: br_fill_linkxstats() */
export function bridgeStatistics(device: NetDevice, asPort: boolean): BridgeStatistics | undefined {
  const port = asPort && device.port instanceof BridgePort ? device.port : null;
  const bridge = asPort ? port?.bridge : device;
  if (!(bridge instanceof BridgeDevice)) return undefined;
  const vlans = port?.vlans ?? bridge.vlanSet;
  const own = port === null ? BRIDGE_VLAN_INFO_MASTER | BRIDGE_VLAN_INFO_BRENTRY : 0;
  const { received, sent } = port?.multicastStatistics ?? bridge.multicast.statistics;
  return {
    vlans: vlans.ids().map((vid) => ({
      ...(bridge.vlanStatisticsPerPort ? vlans : bridge.vlanSet).counters(vid),
      vid,
      flags: own | (vlans.untagged(vid) ? BRIDGE_VLAN_INFO_UNTAGGED : 0) | (vlans.pvid === vid ? BRIDGE_VLAN_INFO_PVID : 0),
    })),
    mcast: multicastCounters.flatMap((counter) => [received[counter], sent[counter]]),
    ...(port === null ? {} : { stp: { ...port.stpStatistics } }),
  };
}

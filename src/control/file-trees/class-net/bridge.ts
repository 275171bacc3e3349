import { EINVAL } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { bridge as bridgeKind } from '../../../drivers/bridge.js';
import type { BridgeDevice } from '../../../net/bridge/bridge-device.js';
import { changePort, describePort } from '../../../net/bridge/port-settings.js';
import type { BridgePort } from '../../../net/bridge/port.js';
import { netdevStateChange } from '../../../net/core/device-notify.js';
import type { BridgeData, BridgePortData } from '../../../netlink/rtnl/link/bridge.js';
import { BR_BOOLOPT_NO_LL_LEARN } from '../../../netlink/rtnl/link/bridge.js';
import { formatMac, parseMac } from '../../../wire/mac-address.js';
import { number } from './writes.js';
import { type Files, refuse, type SettingFile } from './setting-file.js';

// What bridges and their ports have in /sys/class/net: Linux's br_sysfs_br.c and br_sysfs_if.c. The files are the attributes of
// IFLA_BR_* and IFLA_BRPORT_* under other names.

const describeBridge = (bridge: BridgeDevice): BridgeData => bridgeKind.describe?.(bridge) ?? fail(EINVAL);

/** Linux: store_bridge_parm() */
function changeBridge(bridge: BridgeDevice, data: BridgeData): void {
  bridgeKind.change?.(bridge, data);
  netdevStateChange(bridge);
}

/** Linux: brport_store() */
function changePortFile(port: BridgePort, data: BridgePortData): void {
  changePort(port, data);
  port.bridge.namespace.bridgeEvents.notify({ type: 'port', port });
}

/** "8000.020000000001". Linux: br_show_bridge_id() */
function identifier(id: Uint8Array | undefined): string {
  const digits = [...(id ?? new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0'));
  return `${digits.slice(0, 2).join('')}.${digits.slice(2).join('')}`;
}

const mask = (value: number | undefined): string => `0x${(value ?? 0).toString(16)}`;

type BridgeNumber = { [K in keyof BridgeData]-?: NonNullable<BridgeData[K]> extends number ? K : never }[keyof BridgeData];
type PortNumber = { [K in keyof BridgePortData]-?: NonNullable<BridgePortData[K]> extends number ? K : never }[keyof BridgePortData];

const setting = (key: BridgeNumber, show: (value: number) => string = String): SettingFile<BridgeDevice> => ({
  mode: 0o644,
  read: (bridge) => show(describeBridge(bridge)[key] ?? 0),
  write: (bridge, text) => changeBridge(bridge, { [key]: number(text) }),
});

const bridgeFact = (read: (data: BridgeData) => string): SettingFile<BridgeDevice> => ({
  mode: 0o444,
  read: (bridge) => read(describeBridge(bridge)),
  write: refuse,
});

const bridgeNumber = (key: BridgeNumber): SettingFile<BridgeDevice> => bridgeFact((data) => String(data[key] ?? 0));

/** BRIDGE/bridge/NAME */
export const bridgeFiles: Files<BridgeDevice> = {
  ageing_time: setting('ageingTime'),
  bridge_id: bridgeFact(({ bridgeId }) => identifier(bridgeId)),
  default_pvid: setting('vlanDefaultPvid'),
  flush: { mode: 0o200, read: refuse, write: (bridge) => changeBridge(bridge, { fdbFlush: true }) },
  forward_delay: setting('forwardDelay'),
  gc_timer: bridgeNumber('gcTimer'),
  group_addr: {
    mode: 0o644,
    read: ({ groupAddress }) => formatMac(groupAddress),
    write: (bridge, text) => changeBridge(bridge, { groupAddr: parseMac(text.trim()) ?? fail(EINVAL) }),
  },
  group_fwd_mask: setting('groupFwdMask', mask),
  hash_elasticity: setting('mcastHashElasticity'),
  hash_max: setting('mcastHashMax'),
  hello_time: setting('helloTime'),
  hello_timer: bridgeNumber('helloTimer'),
  max_age: setting('maxAge'),
  multicast_igmp_version: setting('mcastIgmpVersion'),
  multicast_last_member_count: setting('mcastLastMemberCnt'),
  multicast_last_member_interval: setting('mcastLastMemberIntvl'),
  multicast_membership_interval: setting('mcastMembershipIntvl'),
  multicast_mld_version: setting('mcastMldVersion'),
  multicast_querier: setting('mcastQuerier'),
  multicast_querier_interval: setting('mcastQuerierIntvl'),
  multicast_query_interval: setting('mcastQueryIntvl'),
  multicast_query_response_interval: setting('mcastQueryResponseIntvl'),
  multicast_query_use_ifaddr: setting('mcastQueryUseIfaddr'),
  multicast_router: setting('mcastRouter'),
  multicast_snooping: setting('mcastSnooping'),
  multicast_startup_query_count: setting('mcastStartupQueryCnt'),
  multicast_startup_query_interval: setting('mcastStartupQueryIntvl'),
  multicast_stats_enabled: setting('mcastStatsEnabled'),
  nf_call_arptables: setting('nfCallArptables'),
  nf_call_ip6tables: setting('nfCallIp6tables'),
  nf_call_iptables: setting('nfCallIptables'),
  no_linklocal_learn: {
    mode: 0o644,
    read: ({ noLinkLocalLearn }) => (noLinkLocalLearn ? '1' : '0'),
    write: (bridge, text) => {
      const value = number(text) === 0 ? 0 : BR_BOOLOPT_NO_LL_LEARN;
      changeBridge(bridge, { multiBoolopt: { value, mask: BR_BOOLOPT_NO_LL_LEARN } });
    },
  },
  priority: setting('priority'),
  root_id: bridgeFact(({ rootId }) => identifier(rootId)),
  root_path_cost: bridgeNumber('rootPathCost'),
  root_port: bridgeNumber('rootPort'),
  stp_state: setting('stpState'),
  tcn_timer: bridgeNumber('tcnTimer'),
  topology_change: bridgeNumber('topologyChange'),
  topology_change_detected: bridgeNumber('topologyChangeDetected'),
  topology_change_timer: bridgeNumber('topologyChangeTimer'),
  vlan_filtering: setting('vlanFiltering'),
  vlan_protocol: setting('vlanProtocol', (value) => `0x${value.toString(16).padStart(4, '0')}`),
  vlan_stats_enabled: setting('vlanStatsEnabled'),
  vlan_stats_per_port: setting('vlanStatsPerPort'),
};

const portSetting = (key: PortNumber, show: (value: number) => string = String): SettingFile<BridgePort> => ({
  mode: 0o644,
  read: (port) => show(describePort(port)[key] ?? 0),
  write: (port, text) => changePortFile(port, { [key]: number(text) }),
});

const portFact = (read: (data: BridgePortData) => string): SettingFile<BridgePort> => ({
  mode: 0o444,
  read: (port) => read(describePort(port)),
  write: refuse,
});

const portNumber = (key: PortNumber): SettingFile<BridgePort> => portFact((data) => String(data[key] ?? 0));

/** PORT/brport/NAME, and the same as BRIDGE/brif/PORT/NAME. */
export const portFiles: Files<BridgePort> = {
  backup_port: {
    mode: 0o644,
    read: ({ backupPort }) => backupPort?.device.name ?? '',
    write: (port, text) => {
      const name = text.trim();
      const backup = name === '' ? 0 : (port.device.namespace.deviceByName(name)?.ifindex ?? fail(EINVAL));
      changePortFile(port, { backupPort: backup });
    },
  },
  bpdu_guard: portSetting('guard'),
  broadcast_flood: portSetting('bcastFlood'),
  change_ack: portNumber('topologyChangeAck'),
  config_pending: portNumber('configPending'),
  designated_bridge: portFact(({ bridgeId }) => identifier(bridgeId)),
  designated_cost: portNumber('designatedCost'),
  designated_port: portNumber('designatedPort'),
  designated_root: portFact(({ rootId }) => identifier(rootId)),
  flush: { mode: 0o200, read: refuse, write: (port) => changePortFile(port, { flush: true }) },
  forward_delay_timer: portNumber('forwardDelayTimer'),
  group_fwd_mask: portSetting('groupFwdMask', mask),
  hairpin_mode: portSetting('hairpin'),
  hold_timer: portNumber('holdTimer'),
  isolated: portSetting('isolated'),
  learning: portSetting('learning'),
  message_age_timer: portNumber('messageAgeTimer'),
  multicast_fast_leave: portSetting('fastLeave'),
  multicast_flood: portSetting('mcastFlood'),
  multicast_router: portSetting('mcastRouter'),
  multicast_to_unicast: portSetting('mcastToUnicast'),
  neigh_suppress: portSetting('neighSuppress'),
  path_cost: portSetting('cost'),
  port_id: portFact(({ id }) => `0x${(id ?? 0).toString(16)}`),
  port_no: portFact(({ no }) => `0x${(no ?? 0).toString(16)}`),
  priority: portSetting('priority'),
  proxyarp: portSetting('proxyArp'),
  proxyarp_wifi: portSetting('proxyArpWifi'),
  root_block: portSetting('rootBlock'),
  state: portNumber('state'),
  unicast_flood: portSetting('flood'),
};

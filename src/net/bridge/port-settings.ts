import { EBUSY, EINVAL, ENETDOWN, ENOENT, EPERM, ERANGE } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Timer } from '../../base/timer-wheel.js';
import type { BridgePortData } from '../../netlink/rtnl/link/bridge.js';
import type { BridgeDevice } from './bridge-device.js';
import { operational, updatePromiscuity, updateProxies } from './members.js';
import { setPortRouter } from './multicast/routers.js';
import {
  BR_BCAST_FLOOD,
  BR_BPDU_GUARD,
  BR_FAST_LEAVE,
  BR_FLOOD,
  BR_HAIRPIN,
  BR_ISOLATED,
  BR_LEARNING,
  BR_LOCKED,
  BR_MCAST_FLOOD,
  BR_MCAST_TO_UNICAST,
  BR_NEIGH_SUPPRESS,
  BR_PROXYARP,
  BR_PROXYARP_WIFI,
  BR_ROOT_BLOCK,
  BR_STATE_BLOCKING,
  BR_STATE_DISABLED,
  BR_VLAN_TUNNEL,
  type BridgePort,
} from './port.js';
import { configurationUpdate, isDesignatedPort, portStateSelection, setPortState } from './stp.js';
import { CENTISECOND_US } from './units.js';

/** 802.1D: a port's priority has six bits here, its cost sixteen. */
const MAX_PRIORITY = 63;
const MAX_COST = 65_535;
const PROXIES = BR_PROXYARP | BR_PROXYARP_WIFI | BR_NEIGH_SUPPRESS;

/** Flags by the names of their attributes. */
const flags: readonly (readonly [keyof BridgePortData, number])[] = [
  ['hairpin', BR_HAIRPIN],
  ['guard', BR_BPDU_GUARD],
  ['rootBlock', BR_ROOT_BLOCK],
  ['fastLeave', BR_FAST_LEAVE],
  ['mcastToUnicast', BR_MCAST_TO_UNICAST],
  ['learning', BR_LEARNING],
  ['flood', BR_FLOOD],
  ['mcastFlood', BR_MCAST_FLOOD],
  ['bcastFlood', BR_BCAST_FLOOD],
  ['proxyArp', BR_PROXYARP],
  ['proxyArpWifi', BR_PROXYARP_WIFI],
  ['vlanTunnel', BR_VLAN_TUNNEL],
  ['neighSuppress', BR_NEIGH_SUPPRESS],
  ['isolated', BR_ISOLATED],
  ['locked', BR_LOCKED],
];

/** Time left, in 10 ms, as timers are told of. */
export function timerTicks(bridge: BridgeDevice, timer: Timer): number {
  return timer.armed ? Math.max(0, Math.round((timer.expiresUs - bridge.stack.nowUs) / CENTISECOND_US)) : 0;
}

/** Linux: br_port_fill_attrs() */
export function describePort(port: BridgePort): BridgePortData {
  const { bridge } = port;
  const on = Object.fromEntries(flags.map(([key, flag]) => [key, port.has(flag) ? 1 : 0]));
  return {
    ...on,
    state: port.state,
    priority: port.priority,
    cost: port.pathCost,
    rootId: port.designatedRoot,
    bridgeId: port.designatedBridge,
    designatedPort: port.designatedPort,
    designatedCost: port.designatedCost & 0xffff,
    id: port.id,
    no: port.number,
    topologyChangeAck: port.topologyChangeAck ? 1 : 0,
    configPending: port.configPending ? 1 : 0,
    groupFwdMask: port.groupForwardMask,
    messageAgeTimer: timerTicks(bridge, port.messageAgeTimer),
    forwardDelayTimer: timerTicks(bridge, port.forwardDelayTimer),
    holdTimer: timerTicks(bridge, port.holdTimer),
    mcastRouter: port.multicast.router,
    ...(port.backupPort === null ? {} : { backupPort: port.backupPort.device.ifindex }),
  };
}

/** IFLA_BRPORT_*. Throws as Linux's br_setport() refuses. */
export function changePort(port: BridgePort, data: BridgePortData): void {
  const { bridge } = port;
  const before = port.flags;
  for (const [key, flag] of flags) {
    const value = data[key];
    if (value === undefined) continue;
    port.flags = value !== 0 ? port.flags | flag : port.flags & ~flag;
  }
  const changed = before ^ port.flags;
  if ((changed & (BR_LEARNING | BR_FLOOD)) !== 0) updatePromiscuity(bridge);
  if ((changed & PROXIES) !== 0) updateProxies(bridge);
  if ((changed & BR_VLAN_TUNNEL) !== 0 && !port.has(BR_VLAN_TUNNEL)) for (const id of port.vlans.ids()) port.vlans.deleteTunnel(id);
  if (data.cost !== undefined) setCost(port, data.cost);
  if (data.priority !== undefined) setPriority(port, data.priority);
  if (data.state !== undefined) setState(port, data.state);
  if (data.flush === true) bridge.forgetLearned(port);
  if (data.mcastRouter !== undefined) setPortRouter(port.multicast, data.mcastRouter);
  if (data.groupFwdMask !== undefined) {
    // Pause frames are never forwarded.
    if ((data.groupFwdMask & 0x2) !== 0) fail(EINVAL);
    port.groupForwardMask = data.groupFwdMask;
  }
  if (data.backupPort !== undefined) setBackupPort(port, data.backupPort);
}

// Linux: nbp_backup_change()
function setBackupPort(port: BridgePort, ifindex: number): void {
  if (ifindex === 0) {
    port.backupPort = null;
    return;
  }
  const backup = port.bridge.ports.find(({ device }) => device.ifindex === ifindex) ?? fail(ENOENT);
  if (backup === port) fail(EINVAL);
  port.backupPort = backup;
}

// Linux: br_stp_set_path_cost()
function setCost(port: BridgePort, cost: number): void {
  if (cost < 1 || cost > MAX_COST) fail(ERANGE);
  port.ownCost = true;
  port.pathCost = cost;
  configurationUpdate(port.bridge);
  portStateSelection(port.bridge);
}

// Linux: br_stp_set_port_priority()
function setPriority(port: BridgePort, priority: number): void {
  if (priority > MAX_PRIORITY) fail(ERANGE);
  const designated = isDesignatedPort(port);
  port.priority = priority;
  if (designated) port.designatedPort = port.id;
  if (port.state !== BR_STATE_DISABLED && port.id < port.designatedPort) portStateSelection(port.bridge);
}

// Linux: br_set_port_state(). Where STP runs it is STP's to say.
function setState(port: BridgePort, state: number): void {
  if (state > BR_STATE_BLOCKING) fail(EINVAL);
  if (port.bridge.stp) fail(EBUSY);
  if (!port.bridge.up || (!operational(port.device) && state !== BR_STATE_DISABLED)) fail(ENETDOWN);
  if (!port.bridge.registered) fail(EPERM);
  setPortState(port, state);
  portStateSelection(port.bridge);
}

import type { BridgeDevice } from './bridge-device.js';
import { compareIds } from './bridge-id.js';
import { type ConfigBpdu, sendConfig, sendTopologyChange } from './bpdu.js';
import {
  BR_ROOT_BLOCK,
  BR_STATE_BLOCKING,
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  BR_STATE_LEARNING,
  BR_STATE_LISTENING,
  type BridgePort,
} from './port.js';
import { CENTISECOND_US } from './units.js';
import { setCarrier } from '../core/device-state.js';

// The spanning tree: IEEE 802.1D-1998 clause 8, its procedures (8.6) by their own names. A bridge without STP goes through the same
// ones, and every port of it forwards at once.

/** 802.1D 8.10.2: at least a second between two configuration messages. */
const HOLD_US = 1_000_000;
/** Linux: MESSAGE_AGE_INCR, a unit of the field */
const MESSAGE_AGE_INCREMENT_US = 4000;

export const isRootBridge = (bridge: BridgeDevice): boolean => compareIds(bridge.bridgeId, bridge.designatedRoot) === 0;

export const isDesignatedPort = (port: BridgePort): boolean =>
  port.designatedPort === port.id && compareIds(port.designatedBridge, port.bridge.bridgeId) === 0;

export const isDesignatedForSomePort = (bridge: BridgeDevice): boolean =>
  bridge.ports.some((port) => port.state !== BR_STATE_DISABLED && compareIds(port.designatedBridge, bridge.bridgeId) === 0);

/** Arms a timer of `bridge` so many microseconds from now. */
export const after = (bridge: BridgeDevice, timer: BridgePort['holdTimer'], us: number): void =>
  bridge.stack.timers.schedule(timer, bridge.stack.nowUs + us);

export function setPortState(port: BridgePort, state: number): void {
  if (port.state === state) return;
  port.state = state;
  if (port.bridge.stp && state === BR_STATE_FORWARDING) port.stpStatistics.transitionForwarding++;
  else if (port.bridge.stp && state === BR_STATE_BLOCKING) port.stpStatistics.transitionBlocking++;
  port.bridge.namespace.bridgeEvents.notify({ type: 'port', port });
}

/** 8.6.1: transmits what this bridge believes of the root, at most once a hold time. */
export function transmitConfig(port: BridgePort): void {
  const { bridge } = port;
  if (port.holdTimer.armed) {
    port.configPending = true;
    return;
  }
  const root = bridge.rootPort === 0 ? undefined : bridge.portByNumber(bridge.rootPort);
  let messageAgeUs = 0;
  if (!isRootBridge(bridge) && root !== undefined) {
    const left = root.messageAgeTimer.armed ? root.messageAgeTimer.expiresUs - bridge.stack.nowUs : 0;
    messageAgeUs = bridge.maxAge * CENTISECOND_US - left + MESSAGE_AGE_INCREMENT_US;
  }
  if (messageAgeUs >= bridge.maxAge * CENTISECOND_US) return;
  sendConfig(port, messageAgeUs);
  port.topologyChangeAck = false;
  port.configPending = false;
  if (bridge.stp) after(bridge, port.holdTimer, HOLD_US);
}

/** 8.6.2: is the message better than what the port knows? */
function supersedes(port: BridgePort, message: ConfigBpdu): boolean {
  let order = compareIds(message.root, port.designatedRoot);
  if (order !== 0) return order < 0;
  if (message.cost !== port.designatedCost) return message.cost < port.designatedCost;
  order = compareIds(message.bridge, port.designatedBridge);
  if (order !== 0) return order < 0;
  if (compareIds(message.bridge, port.bridge.bridgeId) !== 0) return true;
  return message.port <= port.designatedPort;
}

/** 8.6.4 */
export function configBpduGeneration(bridge: BridgeDevice): void {
  for (const port of bridge.ports) if (port.state !== BR_STATE_DISABLED && isDesignatedPort(port)) transmitConfig(port);
}

/** 8.6.7: which port leads to the root, and which ports are the best of their segments. */
export function configurationUpdate(bridge: BridgeDevice): void {
  selectRoot(bridge);
  for (const port of bridge.ports) if (port.state !== BR_STATE_DISABLED && shouldBecomeDesignated(port)) becomeDesignatedPort(port);
}

// 8.6.8
function selectRoot(bridge: BridgeDevice): void {
  let root: BridgePort | null = null;
  for (const port of bridge.ports) {
    if (!shouldBecomeRoot(port, root)) continue;
    if (port.has(BR_ROOT_BLOCK)) blockRootPort(port);
    else root = port;
  }
  bridge.rootPort = root?.number ?? 0;
  if (root === null) {
    bridge.designatedRoot = bridge.bridgeId.slice();
    bridge.rootPathCost = 0;
  } else {
    bridge.designatedRoot = root.designatedRoot.slice();
    bridge.rootPathCost = root.designatedCost + root.pathCost;
  }
}

function shouldBecomeRoot(port: BridgePort, root: BridgePort | null): boolean {
  if (port.state === BR_STATE_DISABLED || isDesignatedPort(port)) return false;
  if (compareIds(port.bridge.bridgeId, port.designatedRoot) <= 0) return false;
  if (root === null) return true;
  let order = compareIds(port.designatedRoot, root.designatedRoot);
  if (order !== 0) return order < 0;
  order = port.designatedCost + port.pathCost - (root.designatedCost + root.pathCost);
  if (order !== 0) return order < 0;
  order = compareIds(port.designatedBridge, root.designatedBridge);
  if (order !== 0) return order < 0;
  if (port.designatedPort !== root.designatedPort) return port.designatedPort < root.designatedPort;
  return port.id < root.id;
}

// Linux: br_root_port_block(). A port that must not lead to the root listens as long as it is told of a better one.
function blockRootPort(port: BridgePort): void {
  setPortState(port, BR_STATE_LISTENING);
  if (port.bridge.forwardDelay > 0) after(port.bridge, port.forwardDelayTimer, port.bridge.forwardDelay * CENTISECOND_US);
}

// 8.6.9
function shouldBecomeDesignated(port: BridgePort): boolean {
  const { bridge } = port;
  if (isDesignatedPort(port)) return true;
  if (compareIds(port.designatedRoot, bridge.designatedRoot) !== 0) return true;
  if (bridge.rootPathCost !== port.designatedCost) return bridge.rootPathCost < port.designatedCost;
  const order = compareIds(bridge.bridgeId, port.designatedBridge);
  return order !== 0 ? order < 0 : port.id < port.designatedPort;
}

/** 8.6.10 */
export function becomeDesignatedPort(port: BridgePort): void {
  const { bridge } = port;
  port.designatedRoot = bridge.designatedRoot.slice();
  port.designatedCost = bridge.rootPathCost;
  port.designatedBridge = bridge.bridgeId.slice();
  port.designatedPort = port.id;
}

/** 8.6.11. A bridge has carrier while a port of it forwards. */
export function portStateSelection(bridge: BridgeDevice): void {
  let live = 0;
  for (const port of bridge.ports) {
    if (port.state === BR_STATE_DISABLED) continue;
    if (port.number === bridge.rootPort) {
      port.configPending = false;
      port.topologyChangeAck = false;
      makeForwarding(port);
    } else if (isDesignatedPort(port)) {
      bridge.stack.timers.cancel(port.messageAgeTimer);
      makeForwarding(port);
    } else {
      port.configPending = false;
      port.topologyChangeAck = false;
      makeBlocking(port);
    }
    if (port.state === BR_STATE_FORWARDING) live++;
  }
  setCarrier(bridge, live > 0);
}

// 8.6.12
function makeForwarding(port: BridgePort): void {
  const { bridge } = port;
  if (port.state !== BR_STATE_BLOCKING) return;
  if (!bridge.stp || bridge.forwardDelay === 0) {
    setPortState(port, BR_STATE_FORWARDING);
    topologyChangeDetection(bridge);
    bridge.stack.timers.cancel(port.forwardDelayTimer);
  } else setPortState(port, BR_STATE_LISTENING);
  if (bridge.forwardDelay !== 0) after(bridge, port.forwardDelayTimer, bridge.forwardDelay * CENTISECOND_US);
}

// 8.6.13
function makeBlocking(port: BridgePort): void {
  const { bridge } = port;
  if (port.state === BR_STATE_DISABLED || port.state === BR_STATE_BLOCKING) return;
  if (port.state === BR_STATE_FORWARDING || port.state === BR_STATE_LEARNING) topologyChangeDetection(bridge);
  setPortState(port, BR_STATE_BLOCKING);
  bridge.stack.timers.cancel(port.forwardDelayTimer);
}

/** While the tree changes, addresses are forgotten sooner (8.5.3.10): what is too old by that is gone at once. */
export function setTopologyChange(bridge: BridgeDevice, changes: boolean): void {
  if (bridge.topologyChange === changes) return;
  bridge.topologyChange = changes;
  if (changes && bridge.up) bridge.age();
}

/** 8.6.14: the root tells all, others tell the root. */
export function topologyChangeDetection(bridge: BridgeDevice): void {
  if (!bridge.stp) return;
  if (isRootBridge(bridge)) {
    setTopologyChange(bridge, true);
    after(bridge, bridge.topologyChangeTimer, (bridge.bridgeForwardDelay + bridge.bridgeMaxAge) * CENTISECOND_US);
  } else if (!bridge.topologyChangeDetected) {
    transmitTopologyChange(bridge);
    after(bridge, bridge.tcnTimer, bridge.bridgeHelloTime * CENTISECOND_US);
  }
  bridge.topologyChangeDetected = true;
}

/** 8.6.6 */
export function transmitTopologyChange(bridge: BridgeDevice): void {
  const root = bridge.portByNumber(bridge.rootPort);
  if (root !== undefined) sendTopologyChange(root);
}

/** Linux: br_become_root_bridge() */
export function becomeRootBridge(bridge: BridgeDevice): void {
  bridge.maxAge = bridge.bridgeMaxAge;
  bridge.helloTime = bridge.bridgeHelloTime;
  bridge.forwardDelay = bridge.bridgeForwardDelay;
  topologyChangeDetection(bridge);
  bridge.stack.timers.cancel(bridge.tcnTimer);
  if (!bridge.up) return;
  configBpduGeneration(bridge);
  after(bridge, bridge.helloTimer, bridge.helloTime * CENTISECOND_US);
}

/** 8.7.1 */
export function receivedConfig(port: BridgePort, message: ConfigBpdu): void {
  const { bridge } = port;
  const { timers, nowUs } = bridge.stack;
  const wasRoot = isRootBridge(bridge);
  if (!supersedes(port, message)) {
    if (isDesignatedPort(port)) transmitConfig(port);
    return;
  }
  port.designatedRoot = message.root;
  port.designatedCost = message.cost;
  port.designatedBridge = message.bridge;
  port.designatedPort = message.port;
  timers.schedule(port.messageAgeTimer, nowUs + message.maxAgeUs - message.messageAgeUs);
  configurationUpdate(bridge);
  portStateSelection(bridge);
  if (wasRoot && !isRootBridge(bridge)) {
    timers.cancel(bridge.helloTimer);
    if (bridge.topologyChangeDetected) {
      timers.cancel(bridge.topologyChangeTimer);
      transmitTopologyChange(bridge);
      after(bridge, bridge.tcnTimer, bridge.bridgeHelloTime * CENTISECOND_US);
    }
  }
  if (port.number !== bridge.rootPort) return;
  bridge.maxAge = Math.round(message.maxAgeUs / CENTISECOND_US);
  bridge.helloTime = Math.round(message.helloTimeUs / CENTISECOND_US);
  bridge.forwardDelay = Math.round(message.forwardDelayUs / CENTISECOND_US);
  setTopologyChange(bridge, message.topologyChange);
  configBpduGeneration(bridge);
  if (message.topologyChangeAck) {
    bridge.topologyChangeDetected = false;
    timers.cancel(bridge.tcnTimer);
  }
}

/** 8.7.2 */
export function receivedTopologyChange(port: BridgePort): void {
  if (!isDesignatedPort(port)) return;
  topologyChangeDetection(port.bridge);
  port.topologyChangeAck = true;
  transmitConfig(port);
}

/** 8.8.2. Linux: br_stp_enable_port() */
export function enablePort(port: BridgePort): void {
  becomeDesignatedPort(port);
  port.state = BR_STATE_BLOCKING;
  port.topologyChangeAck = false;
  port.configPending = false;
  portStateSelection(port.bridge);
  port.bridge.multicast.enablePort(port);
  port.bridge.namespace.bridgeEvents.notify({ type: 'port', port });
}

/** 8.8.3. Linux: br_stp_disable_port() */
export function disablePort(port: BridgePort): void {
  const { bridge } = port;
  const wasRoot = isRootBridge(bridge);
  becomeDesignatedPort(port);
  setPortState(port, BR_STATE_DISABLED);
  port.topologyChangeAck = false;
  port.configPending = false;
  port.stopTimers();
  bridge.multicast.disablePort(port);
  bridge.forgetLearned(port);
  configurationUpdate(bridge);
  portStateSelection(bridge);
  if (!wasRoot && isRootBridge(bridge)) becomeRootBridge(bridge);
}

/** 8.8.4, 8.8.5: the bridge's own identifier, or that of a port, is another now. */
export function identifierChanged(bridge: BridgeDevice, wasRoot: boolean): void {
  configurationUpdate(bridge);
  portStateSelection(bridge);
  if (!wasRoot && isRootBridge(bridge)) becomeRootBridge(bridge);
}

import type { BridgeDevice } from './bridge-device.js';
import { BR_STATE_DISABLED, BR_STATE_FORWARDING, BR_STATE_LEARNING, BR_STATE_LISTENING, type BridgePort } from './port.js';
import {
  after,
  becomeDesignatedPort,
  becomeRootBridge,
  configBpduGeneration,
  configurationUpdate,
  isDesignatedForSomePort,
  isRootBridge,
  portStateSelection,
  setPortState,
  setTopologyChange,
  topologyChangeDetection,
  transmitConfig,
  transmitTopologyChange,
} from './stp.js';
import { CENTISECOND_US } from './units.js';
import { setCarrier } from '../core/device-state.js';

// What the timers of IEEE 802.1D-1998 8.7.3 to 8.7.8 do when they expire.

export function helloExpired(bridge: BridgeDevice): void {
  if (!bridge.up) return;
  configBpduGeneration(bridge);
  if (bridge.stp) after(bridge, bridge.helloTimer, bridge.helloTime * CENTISECOND_US);
}

/** Nothing was heard of the root by this port for too long. */
export function messageAgeExpired(port: BridgePort): void {
  const { bridge } = port;
  if (port.state === BR_STATE_DISABLED) return;
  const wasRoot = isRootBridge(bridge);
  becomeDesignatedPort(port);
  configurationUpdate(bridge);
  portStateSelection(bridge);
  if (!wasRoot && isRootBridge(bridge)) becomeRootBridge(bridge);
}

export function forwardDelayExpired(port: BridgePort): void {
  const { bridge } = port;
  if (port.state === BR_STATE_LISTENING) {
    setPortState(port, BR_STATE_LEARNING);
    after(bridge, port.forwardDelayTimer, bridge.forwardDelay * CENTISECOND_US);
  } else if (port.state === BR_STATE_LEARNING) {
    setPortState(port, BR_STATE_FORWARDING);
    if (isDesignatedForSomePort(bridge)) topologyChangeDetection(bridge);
    setCarrier(bridge, true);
  }
}

export function tcnExpired(bridge: BridgeDevice): void {
  if (isRootBridge(bridge) || !bridge.up) return;
  transmitTopologyChange(bridge);
  after(bridge, bridge.tcnTimer, bridge.bridgeHelloTime * CENTISECOND_US);
}

export function topologyChangeExpired(bridge: BridgeDevice): void {
  bridge.topologyChangeDetected = false;
  setTopologyChange(bridge, false);
}

export function holdExpired(port: BridgePort): void {
  if (port.configPending) transmitConfig(port);
}

import { ADDRESS_BYTES, HEADER } from '../../wire/ethernet.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes } from '../core/packet-pool.js';
import { devQueueXmit } from '../core/transmit.js';
import { type BridgeId, ID_BYTES } from './bridge-id.js';
import type { BridgePort } from './port.js';
import { CENTISECOND_US } from './units.js';

// Bridge protocol data units, IEEE 802.1D-1998 9.3, in an 802.3 frame with LLC 42 42 03:
//   0 protocol id 2 | 2 version | 3 type | 4 flags | 5 root id 8 | 13 root path cost 4 | 17 bridge id 8 | 25 port id 2
//   27 message age | 29 max age | 31 hello time | 33 forward delay, each in 1/256 s

const LLC = 3;
const LSAP_BRIDGE = 0x42;
const UNNUMBERED_INFORMATION = 0x03;
const TYPE_CONFIG = 0x00;
const TYPE_TCN = 0x80;
const CONFIG_BYTES = 35;
const TCN_BYTES = 4;
const TOPOLOGY_CHANGE = 0x01;
const TOPOLOGY_CHANGE_ACK = 0x80;
/** TC_PRIO_CONTROL */
const PRIORITY = 7;

/** 802.1D table 7-9: what bridges listen to. */
export const STP_GROUP_ADDRESS = Uint8Array.of(0x01, 0x80, 0xc2, 0x00, 0x00, 0x00);

export interface ConfigBpdu {
  readonly root: BridgeId;
  readonly cost: number;
  readonly bridge: BridgeId;
  readonly port: number;
  readonly messageAgeUs: number;
  readonly maxAgeUs: number;
  readonly helloTimeUs: number;
  readonly forwardDelayUs: number;
  readonly topologyChange: boolean;
  readonly topologyChangeAck: boolean;
}

/** 1/256 s; one unit short of nothing is nothing. */
const units = (us: number): number => Math.min(0xffff, Math.floor((us * 256) / 1_000_000));
const microseconds = (value: number): number => Math.ceil((value * 1_000_000) / 256);

/** The message behind the Ethernet header of `skb`: 'tcn', null where it is none. */
export function readBpdu(skb: PacketBuffer): ConfigBpdu | 'tcn' | null {
  const { bytes, view, data } = skb;
  if (skb.length < LLC + TCN_BYTES) return null;
  if (bytes[data] !== LSAP_BRIDGE || bytes[data + 1] !== LSAP_BRIDGE || bytes[data + 2] !== UNNUMBERED_INFORMATION) return null;
  const at = data + LLC;
  if (view.getUint16(at) !== 0 || bytes[at + 2] !== 0) return null;
  if (bytes[at + 3] === TYPE_TCN) return 'tcn';
  if (bytes[at + 3] !== TYPE_CONFIG || skb.length < LLC + CONFIG_BYTES) return null;
  const message: ConfigBpdu = {
    topologyChange: (bytes[at + 4]! & TOPOLOGY_CHANGE) !== 0,
    topologyChangeAck: (bytes[at + 4]! & TOPOLOGY_CHANGE_ACK) !== 0,
    root: bytes.slice(at + 5, at + 13),
    cost: view.getUint32(at + 13),
    bridge: bytes.slice(at + 17, at + 25),
    port: view.getUint16(at + 25),
    messageAgeUs: microseconds(view.getUint16(at + 27)),
    maxAgeUs: microseconds(view.getUint16(at + 29)),
    helloTimeUs: microseconds(view.getUint16(at + 31)),
    forwardDelayUs: microseconds(view.getUint16(at + 33)),
  };
  // 9.3.4: one that is older than it may be is not looked at.
  return message.messageAgeUs >= message.maxAgeUs ? null : message;
}

export function sendConfig(port: BridgePort, messageAgeUs: number): void {
  const { bridge } = port;
  if (!bridge.stp) return;
  const skb = frame(port, CONFIG_BYTES, TYPE_CONFIG);
  if (skb === null) return;
  const { bytes, view } = skb;
  const at = skb.data + HEADER + LLC;
  bytes[at + 4] = (bridge.topologyChange ? TOPOLOGY_CHANGE : 0) | (port.topologyChangeAck ? TOPOLOGY_CHANGE_ACK : 0);
  copyBytes(bridge.designatedRoot, 0, bytes, at + 5, ID_BYTES);
  view.setUint32(at + 13, bridge.rootPathCost);
  copyBytes(bridge.bridgeId, 0, bytes, at + 17, ID_BYTES);
  view.setUint16(at + 25, port.id);
  view.setUint16(at + 27, units(messageAgeUs));
  view.setUint16(at + 29, units(bridge.maxAge * CENTISECOND_US));
  view.setUint16(at + 31, units(bridge.helloTime * CENTISECOND_US));
  view.setUint16(at + 33, units(bridge.forwardDelay * CENTISECOND_US));
  port.stpStatistics.txBpdu++;
  devQueueXmit(skb);
}

export function sendTopologyChange(port: BridgePort): void {
  if (!port.bridge.stp) return;
  const skb = frame(port, TCN_BYTES, TYPE_TCN);
  if (skb === null) return;
  port.stpStatistics.txTcn++;
  devQueueXmit(skb);
}

/** Without memory nothing is sent: the next hello makes up for it. */
function frame(port: BridgePort, bytes: number, type: number): PacketBuffer | null {
  const { device } = port;
  const skb = device.stack.pool.allocate(HEADER + LLC + bytes);
  if (skb === null) return null;
  const at = skb.put(HEADER + LLC + bytes);
  skb.device = device;
  skb.macHeader = at;
  skb.networkHeader = at + HEADER;
  skb.priority = PRIORITY;
  skb.bytes.fill(0, at, skb.tail);
  copyBytes(port.bridge.groupAddress, 0, skb.bytes, at, ADDRESS_BYTES);
  copyBytes(device.address, 0, skb.bytes, at + ADDRESS_BYTES, ADDRESS_BYTES);
  skb.view.setUint16(at + 12, LLC + bytes);
  skb.bytes[at + HEADER] = LSAP_BRIDGE;
  skb.bytes[at + HEADER + 1] = LSAP_BRIDGE;
  skb.bytes[at + HEADER + 2] = UNNUMBERED_INFORMATION;
  skb.bytes[at + HEADER + LLC + 3] = type;
  return skb;
}

import { HEADER } from '../../../wire/ethernet.js';
import {
  ETH_P_SLOW,
  MARKER_INFORMATION,
  MARKER_RESPONSE,
  markerType,
  PDU,
  setMarkerType,
  SLOW_PROTOCOLS,
  SUBTYPE_LACP,
  SUBTYPE_MARKER,
  subtype,
  writeLacpdu,
} from '../../../wire/lacp.js';
import type { PacketBuffer } from '../../../net/core/packet-buffer.js';
import { copyBytes } from '../../../net/core/packet-pool.js';
import { devQueueXmit } from '../../../net/core/transmit.js';
import type { Slave } from '../slave.js';
import type { AdPort } from './port.js';
import { receiveMachine } from './receive-machine.js';

/** linux/pkt_sched.h: TC_PRIO_CONTROL */
const PRIORITY_CONTROL = 7;

/** A frame of the slow protocols, the PDU's bytes at the offset HEADER behind its data; null: no memory. */
function newFrame(slave: Slave): PacketBuffer | null {
  const { device } = slave;
  const skb = device.stack.pool.allocate(PDU);
  if (skb === null) return null;
  const at = skb.put(PDU);
  skb.bytes.fill(0, at, at + PDU);
  skb.device = device;
  skb.protocol = ETH_P_SLOW;
  skb.priority = PRIORITY_CONTROL;
  skb.networkHeader = at;
  device.createHeader(skb, ETH_P_SLOW, SLOW_PROTOCOLS, slave.permanentAddress);
  return skb;
}

/** Tells the partner what the port is and knows. False: it could not. Linux: ad_lacpdu_send() */
export function sendLacpdu(port: AdPort): boolean {
  const skb = newFrame(port.slave);
  if (skb === null) return false;
  writeLacpdu(skb.view, skb.data + HEADER, port.actor, port.partner);
  port.slave.bond.adStatistics.lacpduTx++;
  devQueueXmit(skb);
  return true;
}

/** A frame of the slow protocols that a slave received; it stays the caller's. Linux: bond_3ad_lacpdu_recv() */
export function receiveSlow(slave: Slave, skb: PacketBuffer): void {
  const { port } = slave;
  const { adStatistics } = slave.bond;
  const { view, data } = skb;
  if (port === null || !isForSlowProtocols(skb)) return;
  if (skb.tail - data < PDU) {
    adStatistics.lacpduIllegalRx++;
    return;
  }
  switch (subtype(view, data)) {
    case SUBTYPE_LACP:
      adStatistics.lacpduRx++;
      receiveMachine(port, view, data);
      break;
    case SUBTYPE_MARKER:
      receiveMarker(slave, skb);
      break;
    default:
      adStatistics.lacpduUnknownRx++;
  }
}

function isForSlowProtocols({ bytes, macHeader }: PacketBuffer): boolean {
  for (let i = 0; i < SLOW_PROTOCOLS.length; i++) if (bytes[macHeader + i] !== SLOW_PROTOCOLS[i]) return false;
  return true;
}

/** Answers a marker, so that the partner knows that nothing before it is still on the way: 6.5.4. Linux: ad_marker_info_received() */
function receiveMarker(slave: Slave, skb: PacketBuffer): void {
  const { adStatistics } = slave.bond;
  const type = markerType(skb.view, skb.data);
  if (type === MARKER_RESPONSE) {
    adStatistics.markerResponseRx++;
    return;
  }
  if (type !== MARKER_INFORMATION) {
    adStatistics.markerUnknownRx++;
    return;
  }
  adStatistics.markerRx++;
  const answer = newFrame(slave);
  if (answer === null) return;
  const at = answer.data + HEADER;
  copyBytes(skb.bytes, skb.data, answer.bytes, at, PDU);
  setMarkerType(answer.view, at, MARKER_RESPONSE);
  adStatistics.markerResponseTx++;
  devQueueXmit(answer);
}

import * as icmpv6 from '../../../wire/icmpv6.js';
import * as igmp from '../../../wire/igmp.js';
import * as ipv4 from '../../../wire/ipv4.js';
import * as ipv6 from '../../../wire/ipv6.js';
import * as mld from '../../../wire/mld.js';
import { ETH_P_IP } from '../../../wire/ethernet.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { BridgeDevice } from '../bridge-device.js';
import type { BridgePort } from '../port.js';
import type { MulticastCounter } from './statistics.js';

/** Counts an IGMP or MLD message whose IP header is at `at`. Linux: br_multicast_count() */
export function countMulticast(
  bridge: BridgeDevice,
  port: BridgePort | null,
  skb: PacketBuffer,
  at: number,
  type: number,
  sent: boolean,
): void {
  if (!bridge.multicast.statisticsEnabled) return;
  const counter = skb.protocol === ETH_P_IP ? igmpCounter(skb, at, type) : mldCounter(skb, at, type);
  if (counter === null) return;
  const { received, sent: out } = port === null ? bridge.multicast.statistics : port.multicastStatistics;
  if (sent) out[counter]++;
  else received[counter]++;
}

export function countParseError(bridge: BridgeDevice, port: BridgePort | null, six: boolean): void {
  if (!bridge.multicast.statisticsEnabled) return;
  const { received } = port === null ? bridge.multicast.statistics : port.multicastStatistics;
  if (six) received.mldParseErrors++;
  else received.igmpParseErrors++;
}

function igmpCounter({ view }: PacketBuffer, at: number, type: number): MulticastCounter | null {
  const header = ipv4.headerLength(view, at);
  switch (type) {
    case igmp.V1_REPORT:
      return 'igmpV1Reports';
    case igmp.V2_REPORT:
      return 'igmpV2Reports';
    case igmp.V3_REPORT:
      return 'igmpV3Reports';
    case igmp.V2_LEAVE:
      return 'igmpLeaves';
    case igmp.QUERY:
      if (ipv4.totalLength(view, at) - header !== igmp.HEADER) return 'igmpV3Queries';
      return igmp.code(view, at + header) === 0 ? 'igmpV1Queries' : 'igmpV2Queries';
    default:
      return null;
  }
}

function mldCounter({ view }: PacketBuffer, at: number, type: number): MulticastCounter | null {
  switch (type) {
    case icmpv6.MLD_REPORT:
      return 'mldV1Reports';
    case icmpv6.MLD2_REPORT:
      return 'mldV2Reports';
    case icmpv6.MLD_DONE:
      return 'mldLeaves';
    case icmpv6.MLD_QUERY:
      return ipv6.payloadLength(view, at) - mld.ROUTER_ALERT_HEADER.length === mld.HEADER ? 'mldV1Queries' : 'mldV2Queries';
    default:
      return null;
  }
}

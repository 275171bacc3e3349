import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import { LOCAL_IN } from '../core/hooks.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { ip6Count, routeOwner } from './count.js';
import type { Ipv6 } from './ipv6.js';
import { HEADER_DONE, nextHeader } from './receive-headers.js';
import { Ip6Mib } from './snmp.js';

const source = new Uint32Array(4);
const destination = new Uint32Array(4);

/** ip6_input(): the packet is for this host. */
export function ip6Input(ipv6: Ipv6, skb: PacketBuffer, device: NetDevice): void {
  if (ipv6.hooks.localIn.length !== 0 && !ipv6.hooks.pass(skb, LOCAL_IN, device, null)) return;
  ip6InputFinish(ipv6, skb, device);
}

/** ip6_protocol_deliver_rcu(): header by header, until it is somebody's payload. */
export function ip6InputFinish(ipv6: Ipv6, first: PacketBuffer, device: NetDevice): void {
  let skb: PacketBuffer = first;
  for (;;) {
    const protocol = skb.view.getUint8(skb.networkHeader + skb.cb2);
    skb.transportHeader = skb.networkHeader + skb.cb3;
    skb.data = skb.transportHeader;
    const raw = ipv6.rawReceiver?.deliver(skb, protocol) === true;
    if (ip6.isExtensionHeader(protocol) && protocol !== ip6.NEXTHDR_HOP) {
      const step = nextHeader(ipv6, skb, protocol, device);
      if (step === null) return;
      if (step !== HEADER_DONE) skb = step;
      continue;
    }
    deliver(ipv6, skb, protocol, raw, device);
    return;
  }
}

function deliver(ipv6: Ipv6, skb: PacketBuffer, protocol: number, raw: boolean, device: NetDevice): void {
  const { stack } = ipv6.namespace;
  const transport = ipv6.transports[protocol];
  if (transport === null || transport === undefined) {
    if (raw) {
      ip6Count(ipv6, routeOwner(ipv6, skb), Ip6Mib.InDelivers);
      stack.consume(skb);
      return;
    }
    ip6Count(ipv6, routeOwner(ipv6, skb), Ip6Mib.InUnknownProtos);
    skb.data = skb.networkHeader;
    ipv6.icmp.sendError(skb, icmpv6.PARAMETER_PROBLEM, icmpv6.UNKNOWN_NEXT_HEADER, skb.cb2);
    stack.drop(skb, DropReason.IP_NOPROTO);
    return;
  }
  ip6.readAddress(skb.view, skb.networkHeader + ip6.DESTINATION, destination);
  ip6.readAddress(skb.view, skb.networkHeader + ip6.SOURCE, source);
  if (ip6.isMulticast(destination) && !ipv6.multicast.isMember(device, destination, source) && !ipv6.multicast.isReport(skb)) {
    stack.drop(skb, DropReason.IP_INADDRERRORS);
    return;
  }
  ip6Count(ipv6, routeOwner(ipv6, skb), Ip6Mib.InDelivers);
  transport.receive(skb);
}

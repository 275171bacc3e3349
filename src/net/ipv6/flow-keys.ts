import { skipHeaders } from '../../wire/ipv6-extensions.js';
import { hasPorts } from '../../wire/ports.js';
import type { Flow } from '../core/flow.js';
import type { PacketBuffer } from '../core/packet-buffer.js';

/** Reads protocol and ports of the IPv6 header at `at` into `flow`, behind its extension headers; of a fragment there are no ports. */
export function readPorts(skb: PacketBuffer, at: number, flow: Flow): void {
  const { view, tail } = skb;
  const found = skipHeaders(view, at, tail);
  flow.protocol = found.protocol;
  flow.sourcePort = 0;
  flow.destinationPort = 0;
  if (found.fragmentOffset >= 0 || found.offset < 0 || !hasPorts(found.protocol) || tail - found.offset < 4) return;
  flow.sourcePort = view.getUint16(found.offset);
  flow.destinationPort = view.getUint16(found.offset + 2);
}

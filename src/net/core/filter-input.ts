import {
  AD_CPU,
  AD_HATYPE,
  AD_IFINDEX,
  AD_MARK,
  AD_PKTTYPE,
  AD_PROTOCOL,
  AD_QUEUE,
  AD_RANDOM,
  AD_RXHASH,
  AD_VLAN_TAG,
  AD_VLAN_TAG_PRESENT,
  AD_VLAN_TPID,
} from '../../bpf/ancillary.js';
import type { Filter } from '../../bpf/filter.js';
import type { FilterInput } from '../../bpf/input.js';
import type { NetDevice } from './device.js';
import type { PacketBuffer } from './packet-buffer.js';

/** A packet as the filter of a packet socket sees it. One object, filled for each packet. */
export class PacketFilterInput implements FilterInput {
  view: DataView = new DataView(new ArrayBuffer(0));
  start = 0;
  end = 0;
  length = 0;
  link = -1;
  network = -1;
  #skb: PacketBuffer | null = null;
  #device: NetDevice | null = null;
  #packetType = 0;

  set(skb: PacketBuffer, device: NetDevice, start: number, packetType: number): void {
    this.view = skb.view;
    this.start = start;
    this.end = skb.tail;
    this.length = skb.tail - start;
    this.link = skb.macHeader;
    this.network = skb.networkHeader;
    this.#skb = skb;
    this.#device = device;
    this.#packetType = packetType;
  }

  ancillary(extension: number): number {
    const skb = this.#skb!;
    switch (extension) {
      case AD_PROTOCOL:
        return skb.protocol;
      case AD_PKTTYPE:
        return this.#packetType;
      case AD_IFINDEX:
        return this.#device!.ifindex;
      case AD_HATYPE:
        return this.#device!.type;
      case AD_MARK:
        return skb.mark >>> 0;
      case AD_RXHASH:
        return skb.hash >>> 0;
      case AD_QUEUE:
      case AD_CPU:
        return 0;
      case AD_VLAN_TAG:
        return Math.max(skb.vlanTci, 0);
      case AD_VLAN_TAG_PRESENT:
        return skb.vlanTci < 0 ? 0 : 1;
      case AD_VLAN_TPID:
        return skb.vlanTci < 0 ? 0 : skb.vlanProtocol;
      case AD_RANDOM:
        return this.#device!.stack.random.u32();
      default:
        return -1;
    }
  }
}

const input = new PacketFilterInput();

/** What a program says of a packet, seen from `start` on. */
export function runFilter(filter: Filter, skb: PacketBuffer, start: number): number {
  input.set(skb, skb.device!, start, skb.packetType);
  return filter.run(input);
}

/**
 * Whether the filter of a socket lets a packet pass, seen from `start` on; what it wants less of is cut, but for `header` bytes.
 * Linux: sk_filter_trim_cap()
 */
export function passesFilter(filter: Filter, skb: PacketBuffer, start: number, header: number): boolean {
  const wanted = runFilter(filter, skb, start);
  if (wanted === 0) return false;
  skb.tail = Math.min(skb.tail, start + Math.max(wanted, header));
  return true;
}

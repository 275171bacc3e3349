/**
 * A packet as a filter sees it. Whoever runs filters keeps one such object and sets its fields for each packet, so that nothing is
 * allocated. Positions are absolute offsets into `view`.
 */
export interface FilterInput {
  readonly view: DataView;
  /** Where the filter's offset 0 lies. */
  readonly start: number;
  /** Where the bytes end that are at hand. */
  readonly end: number;
  /** What a length load yields (skb->len): the whole packet's, also where only a part of it was captured. */
  readonly length: number;
  /** Link-layer header, for offsets from SKF_LL_OFF; -1: unknown. */
  readonly link: number;
  /** Network header, for offsets from SKF_NET_OFF; -1: unknown. */
  readonly network: number;
  /**
   * The value of one of AD_PROTOCOL, AD_PKTTYPE, AD_IFINDEX, AD_MARK, AD_QUEUE, AD_HATYPE, AD_RXHASH, AD_CPU, AD_VLAN_TAG,
   * AD_VLAN_TAG_PRESENT, AD_PAY_OFFSET, AD_RANDOM and AD_VLAN_TPID, as a u32; -1: the packet has none, and the filter ends with 0.
   */
  ancillary(extension: number): number;
}

/** A packet that is bytes alone, as one of a capture file is. */
export class BytesInput implements FilterInput {
  view: DataView;
  start = 0;
  end: number;
  length: number;
  readonly link = -1;
  readonly network = -1;

  constructor(bytes: Uint8Array = new Uint8Array(0), length = bytes.length) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.end = bytes.length;
    this.length = length;
  }

  ancillary(): number {
    return -1;
  }
}

/** What a filter returns when it takes the whole packet, whatever its length. */
export const WHOLE_PACKET = 0xffffffff;

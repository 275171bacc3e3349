import type { PacketCapture } from '../../../client/capture-port.js';
import { DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NETLINK } from '../link-types.js';
import type { CapturedPacket } from '../print-packet.js';

const SLL_HEADER = 16;
const SLL2_HEADER = 20;
const TAG = 4;
const MACS = 12;
const OUTGOING = 4;

/** Packets of a capture as libpcap hands them over: cooked ones with their header before them, tags put back into frames. */
export class LivePacket implements CapturedPacket {
  readonly #capture: PacketCapture;
  readonly #linkType: number;
  readonly #nanoseconds: boolean;
  readonly #direction: 'in' | 'out' | 'inout';
  readonly #loopback: number;
  start = 0;
  length = 0;

  /** `loopback`: its index; packets there are seen twice, and the outgoing ones are left out. */
  constructor(capture: PacketCapture, linkType: number, nanoseconds: boolean, direction: 'in' | 'out' | 'inout', loopback: number) {
    this.#capture = capture;
    this.#linkType = linkType;
    this.#nanoseconds = nanoseconds;
    this.#direction = direction;
    this.#loopback = loopback;
  }

  get seconds(): number {
    return this.#capture.seconds;
  }

  get fraction(): number {
    return this.#nanoseconds ? this.#capture.nanoseconds : Math.floor(this.#capture.nanoseconds / 1000);
  }

  get bytes(): Uint8Array {
    return this.#capture.bytes;
  }

  get view(): DataView {
    return this.#capture.view;
  }

  get end(): number {
    return this.#capture.end;
  }

  /** Takes over the capture's present packet; false: it goes in a direction that is not wanted. */
  take(): boolean {
    const capture = this.#capture;
    const outgoing = capture.packetType === OUTGOING;
    if (outgoing && (capture.ifindex === this.#loopback || this.#direction === 'in')) return false;
    if (!outgoing && this.#direction === 'out') return false;
    this.start = capture.start;
    this.length = capture.length;
    if (this.#linkType === DLT_EN10MB && capture.tag >= 0 && capture.end - capture.start >= MACS) this.#insertTag(capture.tag);
    else if (this.#linkType === DLT_LINUX_SLL || this.#linkType === DLT_NETLINK) this.#cook(SLL_HEADER);
    else if (this.#linkType === DLT_LINUX_SLL2) this.#cook(SLL2_HEADER);
    return true;
  }

  #insertTag(tag: number): void {
    const { bytes, view } = this;
    bytes.copyWithin(this.start - TAG, this.start, this.start + MACS);
    this.start -= TAG;
    this.length += TAG;
    view.setUint32(this.start + MACS, tag);
  }

  #cook(header: number): void {
    const capture = this.#capture;
    const { view } = this;
    this.start -= header;
    this.length += header;
    const at = this.start;
    if (header === SLL_HEADER) {
      view.setUint16(at, capture.packetType);
      view.setUint16(at + 2, capture.hardwareType);
      view.setUint16(at + 4, capture.addressLength);
      this.bytes.set(capture.address, at + 6);
      view.setUint16(at + 14, capture.protocol);
      return;
    }
    view.setUint16(at, capture.protocol);
    view.setUint16(at + 2, 0);
    view.setUint32(at + 4, capture.ifindex);
    view.setUint16(at + 8, capture.hardwareType);
    view.setUint8(at + 10, capture.packetType);
    view.setUint8(at + 11, capture.addressLength);
    this.bytes.set(capture.address, at + 12);
  }
}

import { type DisplayOptions, Dissector, TRUNCATED } from './dissector.js';
import type { Names } from './names.js';
import { registry } from './printers/registry.js';
import type { Timestamps } from './timestamps.js';

/** -x and -A, and how often. */
export interface DumpOptions {
  readonly hex: number;
  readonly hexAndAscii: number;
  readonly ascii: number;
}

/** A packet as a file or a socket gave it. */
export interface CapturedPacket {
  readonly seconds: number;
  /** Microseconds, or nanoseconds where the reader was asked for them. */
  readonly fraction: number;
  /** Length on the wire. */
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The packet is `bytes[start .. end)`. */
  readonly start: number;
  readonly end: number;
}

const MAXIMUM_LENGTH = 262144;

/** Packets as lines of text: pretty_print_packet(). */
export class PacketPrinter {
  readonly #dissector: Dissector;
  readonly #timestamps: Timestamps;
  readonly #dump: DumpOptions;
  readonly #numbered: boolean;

  constructor(options: DisplayOptions, dump: DumpOptions, names: Names, timestamps: Timestamps, numbered: boolean) {
    this.#dissector = new Dissector(options, names, registry);
    this.#timestamps = timestamps;
    this.#dump = dump;
    this.#numbered = numbered;
  }

  /** The text of `packet`, newline included; `number` counts from one. */
  print(packet: CapturedPacket, linkType: number, number: number): string {
    const captured = packet.end - packet.start;
    const prefix = this.#numbered ? `${String(number).padStart(5)}  ` : '';
    const fault = headerFault(captured, packet.length);
    if (fault !== '') return `${prefix}[Invalid header:${fault}]\n`;
    const d = this.#dissector;
    d.bytes = packet.bytes;
    d.view = packet.view;
    d.start = packet.start;
    d.end = packet.end;
    d.protocol = '';
    d.depth = 0;
    d.text = prefix + this.#timestamps.text(packet.seconds, packet.fraction);
    let header = 0;
    try {
      header = this.#link(d, packet, linkType, captured);
    } catch (error) {
      if (error !== TRUNCATED) throw error;
      d.text += ` [|${d.protocol}]`;
    }
    d.end = packet.end;
    this.#dumpBytes(d, packet.start, captured, header);
    return `${d.text}\n`;
  }

  #link(d: Dissector, packet: CapturedPacket, linkType: number, captured: number): number {
    const printer = d.registry.links.get(linkType);
    if (printer !== undefined) return printer.print(d, packet.start, packet.length, captured);
    d.protocol = 'unsupported';
    d.put('UNSUPPORTED');
    d.hexAndAscii('\n\t', packet.start, captured);
    return captured;
  }

  #dumpBytes(d: Dissector, start: number, captured: number, header: number): void {
    const { hex, hexAndAscii, ascii } = this.#dump;
    const level = hexAndAscii > 0 ? hexAndAscii : hex > 0 ? hex : ascii;
    if (level === 0) return;
    const skip = level > 1 ? 0 : header;
    if (captured <= skip && level === 1) return;
    if (hexAndAscii > 0) d.hexAndAscii('\n\t', start + skip, captured - skip);
    else if (hex > 0) d.hex('\n\t', start + skip, captured - skip);
    else d.ascii(start + skip, captured - skip);
  }
}

function headerFault(captured: number, length: number): string {
  const faults: string[] = [];
  if (captured === 0) faults.push(' caplen==0');
  if (length === 0) faults.push(' len==0');
  else if (length < captured) faults.push(` len(${length}) < caplen(${captured})`);
  if (captured > MAXIMUM_LENGTH) faults.push(` caplen(${captured}) > ${MAXIMUM_LENGTH}`);
  if (length > MAXIMUM_LENGTH) faults.push(` len(${length}) > ${MAXIMUM_LENGTH}`);
  return faults.join(',');
}

// Packets made to break printers: random layers of headers that fit together, and mutations of packets that are given.
import { openCapture } from '../../src/commands/tcpdump/capture/open.js';
import { END, MORE } from '../../src/commands/tcpdump/capture/reader.js';
import type { DisplayOptions } from '../../src/commands/tcpdump/dissector.js';
import { DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_NULL, DLT_RAW } from '../../src/commands/tcpdump/link-types.js';
import { Names } from '../../src/commands/tcpdump/names.js';
import { PacketPrinter } from '../../src/commands/tcpdump/print-packet.js';
import { registry } from '../../src/commands/tcpdump/printers/registry.js';
import { Timestamps } from '../../src/commands/tcpdump/timestamps.js';

export interface Mutations {
  /** Characters of the longest text. */
  readonly longest: number;
  /** Milliseconds of the slowest packet, where a clock is given: the best of some runs, so that a pause of the machine is none of it. */
  readonly slowest: number;
  /** That packet: link type and bytes in hex. */
  readonly slowestPacket: string;
}

const display: DisplayOptions = {
  verbose: 0,
  quiet: 0,
  linkLayer: false,
  keepChecksums: false,
  numeric: 1,
  absoluteSequence: false,
  undecodedHandles: false,
  asDot: false,
  meshHeaders: false,
  secret: '',
  associations: [],
  packetType: '',
  suppressDump: false,
};

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed | 0) === 0 ? 1 : seed | 0;
  }

  /** 0 to limit - 1. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const ports = [
  ...new Set(
    registry.udp.flatMap(({ ports: both = [], sourcePorts = [], destinationPorts = [] }) => [...both, ...sourcePorts, ...destinationPorts]),
  ),
];
const tcpPorts = [
  ...new Set(
    registry.tcp.flatMap(({ ports: both = [], sourcePorts = [], destinationPorts = [] }) => [...both, ...sourcePorts, ...destinationPorts]),
  ),
];
const types = [...registry.ethertypes.keys()];
const protocols = [...registry.ipProtocols.keys()];
const links = [...registry.links.keys()];
const interesting = [0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 8, 12, 16, 17, 20, 32, 64, 0x45, 0x60, 0x7f, 0x80, 0xaa, 0xc0, 0xfe, 0xff];

/** Writes random headers into packets. */
class Maker {
  readonly bytes = new Uint8Array(2048);
  readonly view = new DataView(this.bytes.buffer);
  readonly #random: Random;
  #at = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Returns the length of a packet of `linkType`. */
  make(linkType: number): number {
    this.#at = 0;
    if (linkType === DLT_EN10MB) this.#ethernet();
    else if (linkType === DLT_RAW) this.#internet();
    else if (linkType === DLT_NULL) {
      this.#number(4, this.#random.of([2, 10, 30, 0x02000000]));
      this.#internet();
    } else if (linkType === DLT_LINUX_SLL) {
      this.#noise(14);
      this.#ethertype();
    } else if (linkType === DLT_LINUX_SLL2) {
      const type = this.#random.of(types);
      this.#number(2, type);
      this.#noise(18);
      this.#behind(type);
    }
    this.#noise(this.#random.below(300));
    return this.#at;
  }

  #number(size: 1 | 2 | 4, value: number): void {
    if (size === 1) this.view.setUint8(this.#at, value);
    else if (size === 2) this.view.setUint16(this.#at, value);
    else this.view.setUint32(this.#at, value);
    this.#at += size;
  }

  #noise(count: number): void {
    const random = this.#random;
    const plain = random.below(2) === 0;
    for (let i = 0; i < count && this.#at < 1600; i++) this.bytes[this.#at++] = plain ? random.of(interesting) : random.below(256);
  }

  #ethernet(): void {
    this.#noise(12);
    this.#ethertype();
  }

  #ethertype(): void {
    const type = this.#random.below(8) === 0 ? this.#random.below(0x700) : this.#random.of(types);
    this.#number(2, type);
    this.#behind(type);
  }

  #behind(type: number): void {
    if (this.#at > 400) return;
    if (type === 0x0800) this.#ip();
    else if (type === 0x86dd) this.#ip6();
    else if (type === 0x8100 || type === 0x88a8 || type === 0x9100) {
      this.#noise(2);
      this.#ethertype();
    }
  }

  #internet(): void {
    if (this.#random.below(2) === 0) this.#ip();
    else this.#ip6();
  }

  #ip(): void {
    const random = this.#random;
    const options = random.below(4) === 0 ? random.below(10) : 0;
    this.#number(1, 0x45 + options);
    this.#number(1, 0);
    this.#number(2, 20 + options * 4 + random.below(600));
    this.#number(4, random.below(10) === 0 ? random.below(0x10000) : 0);
    const protocol = random.of(protocols);
    this.#number(1, 64);
    this.#number(1, protocol);
    this.#noise(10 + options * 4);
    this.#transport(protocol);
  }

  #ip6(): void {
    const protocol = this.#random.of(protocols);
    this.#number(4, 0x60000000);
    this.#number(2, this.#random.below(700));
    this.#number(1, protocol);
    this.#number(1, 64);
    this.#noise(32);
    this.#transport(protocol);
  }

  #transport(protocol: number): void {
    if (this.#at > 400) return;
    const random = this.#random;
    if (protocol === 17) {
      this.#number(2, random.of(ports));
      this.#number(2, random.below(2) === 0 ? 1024 : random.of(ports));
      this.#number(2, 8 + random.below(500));
      this.#number(2, random.below(2));
    } else if (protocol === 6) {
      this.#number(2, random.below(2) === 0 ? 1024 : random.of(tcpPorts));
      this.#number(2, random.of(tcpPorts));
      this.#noise(8);
      const words = random.below(8) + 5;
      this.#number(1, words << 4);
      this.#noise(7 + (words - 5) * 4);
    } else if (protocol === 4) this.#ip();
    else if (protocol === 41) this.#ip6();
    else if (protocol === 0 || protocol === 43 || protocol === 44 || protocol === 60) {
      const next = random.of(protocols);
      this.#number(1, next);
      this.#number(1, 0);
      this.#noise(6);
      this.#transport(next);
    }
  }
}

/** A packet that took longer than all before it is printed so often. */
const TIMED_RUNS = 5;

/** A packet of a capture, to be mutated. */
export interface Given {
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The packets of a savefile, as far as it can be read. */
export async function packetsOf(file: Uint8Array): Promise<readonly Given[]> {
  const found: Given[] = [];
  try {
    const reader = await openCapture(inOnePiece(file), 'capture', false);
    for (;;) {
      const next = reader.next();
      if (next === END) return found;
      if (next === MORE) await reader.fill();
      else found.push({ linkType: reader.linkType, bytes: reader.bytes.slice(reader.start, reader.end) });
    }
  } catch {
    return found;
  }
}

/** Bytes changed, lengths cut, pieces doubled. */
export function mutate(random: Random, given: Uint8Array, into: Uint8Array): number {
  const length = Math.min(given.length, 1600);
  into.set(given.subarray(0, length));
  if (length === 0) return 0;
  for (let turns = 1 + random.below(6); turns > 0; turns--) {
    const at = random.below(length);
    switch (random.below(4)) {
      case 0:
        into[at] = random.of(interesting);
        break;
      case 1:
        into[at] = random.below(256);
        break;
      case 2:
        into[at]! ^= 1 << random.below(8);
        break;
      default:
        into.copyWithin(at, random.below(length), length);
    }
  }
  return random.below(4) === 0 ? random.below(length) : length;
}

/** Prints `count` packets, each with other options; throws what a printer throws. `clock`: milliseconds. */
export function mutatePackets(given: readonly Given[], count: number, seed: number, clock: () => number = () => 0): Mutations {
  const random = new Random(seed);
  const maker = new Maker(random);
  const none = { hex: 0, hexAndAscii: 0, ascii: 0 };
  const printers = [0, 1, 2, 3].flatMap((verbose) =>
    [0, 1].map(
      (quiet) =>
        new PacketPrinter(
          { ...display, verbose, quiet, linkLayer: verbose === 3, suppressDump: quiet === 1 },
          none,
          new Names(true),
          new Timestamps(0, false),
          false,
        ),
    ),
  );
  let longest = 0;
  let slowest = 0;
  let slowestPacket = '';
  for (let i = 0; i < count; i++) {
    const one = given.length > 0 && random.below(4) !== 0 ? random.of(given) : undefined;
    const linkType = one?.linkType ?? random.of(links);
    const made = one === undefined ? maker.make(linkType) : mutate(random, one.bytes, maker.bytes);
    const end = random.below(3) === 0 ? random.below(made + 1) : made;
    const packet = {
      seconds: i,
      fraction: 0,
      length: Math.max(made, end, 1),
      bytes: maker.bytes,
      view: maker.view,
      start: 0,
      end: Math.max(end, 1),
    };
    const printer = random.of(printers);
    const shown = () =>
      `link type ${linkType}: ${Array.from(maker.bytes.subarray(0, end), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
    try {
      let took = Number.POSITIVE_INFINITY;
      for (let run = 0; run < TIMED_RUNS && took > slowest; run++) {
        const began = clock();
        const text = printer.print(packet, linkType, i);
        took = Math.min(took, clock() - began);
        longest = Math.max(longest, text.length);
      }
      if (took > slowest) {
        slowest = took;
        slowestPacket = shown();
      }
    } catch (error) {
      throw new Error(`packet ${i} of ${shown()}`, { cause: error });
    }
  }
  return { longest, slowest, slowestPacket };
}

import { EBUSY, EINVAL, ENODEV } from '../../base/errno.js';
import { Timer } from '../../base/timer-wheel.js';
import type { Namespace } from '../../net/core/namespace.js';
import { ReceiveInfo, SOCK_DGRAM, type SocketAddress } from '../../net/core/socket.js';
import { intBytes, readInt } from '../../net/core/socket-options.js';
import { SOL_PACKET } from '../../net/packet/constants.js';
import type { PacketSocket as StackPacketSocket } from '../../net/packet/packet-socket.js';
import { DatagramSocket } from './datagram-socket.js';
import { PacketRing } from './packet-ring.js';
import type { MessageKind, ProgramCall } from './program-call.js';
import { HEADERS, type RingRequest, ringBytes, TPACKET_V1, TPACKET_V3 } from './ring-layout.js';
import { RingMemory } from './ring-memory.js';
import { TransmitRing } from './transmit-ring.js';
import { IO_BYTES, type Workbench } from './workbench.js';

// linux/if_packet.h
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_HDRLEN = 11;
const PACKET_RESERVE = 12;
const PACKET_TX_RING = 13;
const PACKET_LOSS = 14;
const PACKET_TX_HAS_OFF = 19;

const MSG_DONTWAIT = 0x40;
const PAGE = 4096;
/** Bytes of a ring: many times what libpcap asks for. */
const MOST_BYTES = 256 << 20;
/** How long a block is filled where the program does not say. */
const RETIRE_MS = 8;
/** How often it is looked whether the program has read its ring. */
const LOOK_US = 2000;
const ETHERNET_HEADER = 14;

const info = new ReceiveInfo();

/** A program's packet socket, with rings of packets where it wants them (PACKET_RX_RING, PACKET_TX_RING). */
export class PacketSocket extends DatagramSocket {
  declare readonly socket: StackPacketSocket;
  #version: typeof TPACKET_V1 | 1 | typeof TPACKET_V3 = TPACKET_V1;
  #reserve = 0;
  #ring: PacketRing | null = null;
  #transmit: TransmitRing | null = null;
  /** Of both rings, the receiving one first, as mmap() has them. */
  #memory: RingMemory | null = null;
  #loss = false;
  #hasOffset = false;
  #ringInode = -1;
  /** The program's end while its descriptor is the ring's memory: that is what mmap() maps. */
  #swapped = -1;
  #told = false;
  #freezes = 0;
  readonly #retire = new Timer(() => this.#retireBlock());
  readonly #look = new Timer(() => this.#lookWhetherRead());

  constructor(bench: Workbench, namespace: Namespace, socket: StackPacketSocket) {
    super(bench, namespace, socket);
  }

  override setOption(call: ProgramCall, level: number, option: number, value: Uint8Array): void {
    if (level !== SOL_PACKET) return super.setOption(call, level, option, value);
    switch (option) {
      case PACKET_VERSION: {
        if (value.length < 4) return call.fail(EINVAL);
        const version = readInt(value);
        if (this.#memory !== null) return call.fail(EBUSY);
        if (version !== TPACKET_V1 && version !== 1 && version !== TPACKET_V3) return call.fail(EINVAL);
        this.#version = version;
        return call.ok();
      }
      case PACKET_RESERVE:
        if (value.length < 4) return call.fail(EINVAL);
        if (this.#memory !== null) return call.fail(EBUSY);
        this.#reserve = readInt(value) >>> 0;
        return call.ok();
      case PACKET_RX_RING:
        return this.#makeRing(call, value, false);
      case PACKET_TX_RING:
        return this.#makeRing(call, value, true);
      case PACKET_LOSS:
      case PACKET_TX_HAS_OFF:
        if (value.length < 4) return call.fail(EINVAL);
        if (this.#memory !== null) return call.fail(EBUSY);
        if (option === PACKET_LOSS) this.#loss = readInt(value) !== 0;
        else this.#hasOffset = readInt(value) !== 0;
        return call.ok();
      default:
        super.setOption(call, level, option, value);
    }
  }

  override getOption(call: ProgramCall, level: number, option: number, given: Uint8Array): Uint8Array | number {
    if (level === SOL_PACKET) {
      if (option === PACKET_VERSION) return intBytes(this.#version);
      if (option === PACKET_RESERVE) return intBytes(this.#reserve);
      if (option === PACKET_LOSS) return intBytes(this.#loss ? 1 : 0);
      if (option === PACKET_TX_HAS_OFF) return intBytes(this.#hasOffset ? 1 : 0);
      if (option === PACKET_HDRLEN) {
        if (given.length < 4) return -EINVAL;
        const size = HEADERS[readInt(given)];
        return size === undefined ? -EINVAL : intBytes(size);
      }
      if (option === PACKET_STATISTICS && this.#version === TPACKET_V3) {
        const value = super.getOption(call, level, option, given);
        if (typeof value === 'number') return value;
        const bytes = new Uint8Array(12);
        bytes.set(value.subarray(0, 8));
        bytes.set(intBytes(this.#freezes), 8);
        this.#freezes = 0;
        return bytes;
      }
    }
    return super.getOption(call, level, option, given);
  }

  // -- the ring ----------------------------------------------------------------------------------------------------------------

  /** packet_set_ring(); struct tpacket_req: block size, blocks, frame size, frames; V3: retire time in ms, private bytes, features. */
  #makeRing(call: ProgramCall, value: Uint8Array, sends: boolean): void {
    if (value.length < (this.#version === TPACKET_V3 ? 28 : 16)) return call.fail(EINVAL);
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    const [blockSize, blockCount, frameSize, frames] = [0, 4, 8, 12].map((at) => view.getUint32(at, true)) as [
      number,
      number,
      number,
      number,
    ];
    const there = sends ? this.#transmit : this.#ring;
    if (blockCount === 0) {
      if (frames !== 0) return call.fail(EINVAL);
      if (there !== null) this.#layOut(sends ? (this.#ring?.request ?? null) : null, sends ? null : (this.#transmit?.request ?? null));
      return call.ok();
    }
    if (there !== null) return call.fail(EBUSY);
    const header = HEADERS[this.#version] + this.#reserve;
    if (blockSize === 0 || blockSize % PAGE !== 0 || frameSize < header || frameSize % 16 !== 0) return call.fail(EINVAL);
    if (Math.floor(blockSize / frameSize) * blockCount !== frames || blockSize * blockCount > MOST_BYTES) return call.fail(EINVAL);
    // Of what is sent no block is retired.
    if (sends && this.#version === TPACKET_V3 && [16, 20, 24].some((at) => view.getUint32(at, true) !== 0)) return call.fail(EINVAL);
    const retireMs = this.#version === TPACKET_V3 && !sends ? view.getUint32(16, true) || RETIRE_MS : 0;
    const request = { blockSize, blockCount, frameSize, retireMs };
    if (sends) this.#layOut(this.#ring?.request ?? null, request);
    else this.#layOut(request, this.#transmit?.request ?? null);
    call.ok();
    this.stackReady();
  }

  /** Gives both rings new memory, one behind the other: none of it is mapped yet, or no longer. Throws NetError ENOMEM. */
  #layOut(receive: RingRequest | null, transmit: RingRequest | null): void {
    this.#dropRings();
    const first = receive === null ? 0 : ringBytes(receive);
    const size = first + (transmit === null ? 0 : ringBytes(transmit));
    if (size === 0) return;
    const memory = new RingMemory(this.bench.libc, size);
    this.#memory = memory;
    if (receive !== null) this.#ring = new PacketRing(this.#version, receive, this.#reserve, memory);
    if (transmit !== null) this.#transmit = new TransmitRing(this.#version, transmit, memory, first);
    this.#ringInode = this.bench.access.ownInode(memory.fd);
    this.bench.sockets.set(this.#ringInode, this);
  }

  /** A send without data sends what waits in the ring. */
  override send(call: ProgramCall, kind: MessageKind): void {
    if (this.#transmit === null || kind === 'messages') return super.send(call, kind);
    this.remember(call);
    call.answer(this.#sendRing(this.destinationOf(call, kind === 'message' ? call.args[1]! : 0)));
  }

  /** write() and send() of nothing. */
  override take(length: number): void {
    if (this.#transmit === null) super.take(length);
    else this.#sendRing(null);
  }

  #sendRing(to: SocketAddress | number | null): number {
    if (typeof to === 'number') return to;
    const { socket } = this;
    const options = { loss: this.#loss, hasOffset: this.#hasOffset, datagrams: socket.type === SOCK_DGRAM };
    return this.#transmit!.transmit(options, (bytes, start, length) => socket.send(bytes, start, length, 0, to));
  }

  /** The descriptor becomes the ring's memory for this call; at the next one it is the socket again (settle()). */
  override map(call: ProgramCall): void {
    const memory = this.#memory;
    if (memory === null) return call.fail(ENODEV);
    const fd = call.ints[4]!;
    if (this.#swapped < 0) {
      const program = this.bench.access.take(call.tid, fd);
      if (program < 0) return call.fail(-program);
      const result = call.replace(memory.fd, fd);
      if (result < 0) {
        this.bench.libc.close(program);
        return call.fail(-result);
      }
      this.#swapped = program;
    }
    call.proceed();
  }

  override settle(call: ProgramCall, fd: number): void {
    super.settle(call, fd);
    if (this.#swapped < 0 || call.replace(this.#swapped, fd) < 0) return;
    this.bench.libc.close(this.#swapped);
    this.#swapped = -1;
    this.tid = call.tid;
    this.fd = fd;
  }

  protected override stackReady(): void {
    const ring = this.#ring;
    if (ring === null || this.closed) return super.stackReady();
    const { io, stack } = this.bench;
    const wall = stack.clock.wallUs() - stack.clock.monotonicUs();
    for (;;) {
      const count = this.socket.receive(io.bytes, 0, IO_BYTES, 0, info);
      if (count < 0) break;
      const linkHeader = this.socket.type === SOCK_DGRAM ? 0 : ETHERNET_HEADER;
      if (!ring.put(io.bytes, count, info, info.timestampUs + wall, linkHeader)) {
        this.socket.statisticsDrops++;
        this.socket.drops++;
        this.#freezes++;
      }
    }
    if (this.#version !== TPACKET_V3) this.#tell();
    else if (ring.filling && !this.#retire.armed) stack.timers.schedule(this.#retire, stack.nowUs + ring.request.retireMs * 1000);
    if (this.#version === TPACKET_V3 && !ring.read) this.#tell();
  }

  #retireBlock(): void {
    this.#ring?.retire(true);
    this.#tell();
  }

  /** Makes the program's end readable until it has read its ring. */
  #tell(): void {
    const { libc, io, stack } = this.bench;
    if (this.end < 0 || this.#ring?.read !== false) return;
    if (!this.#told) {
      io.bytes[0] = 0;
      this.#told = libc.sendAt(this.end, io.address, 1, MSG_DONTWAIT | 0x4000) === 1;
    }
    if (!this.#look.armed) stack.timers.schedule(this.#look, stack.nowUs + LOOK_US);
  }

  #lookWhetherRead(): void {
    const { libc, io, stack } = this.bench;
    if (this.closed || this.#ring === null) return;
    if (!this.#ring.read) {
      stack.timers.schedule(this.#look, stack.nowUs + LOOK_US);
      return;
    }
    const program = this.takeEnd();
    if (program < 0) return;
    libc.receiveAt(program, io.address, 1, MSG_DONTWAIT);
    libc.close(program);
    this.#told = false;
    this.#tell();
  }

  override peek(): number {
    return this.#ring === null ? super.peek() : -1;
  }

  override skip(): void {
    if (this.#ring === null) super.skip();
  }

  #dropRings(): void {
    const { stack, sockets } = this.bench;
    stack.timers.cancel(this.#retire);
    stack.timers.cancel(this.#look);
    if (this.#memory === null) return;
    sockets.delete(this.#ringInode);
    this.#memory.close();
    this.#memory = null;
    this.#ring = null;
    this.#transmit = null;
  }

  protected override release(): void {
    this.#dropRings();
    if (this.#swapped >= 0) this.bench.libc.close(this.#swapped);
    this.#swapped = -1;
    super.release();
  }
}

import { EBUSY, EINVAL, ENODEV, EOPNOTSUPP } from '../../base/errno.js';
import { Timer } from '../../base/timer-wheel.js';
import type { Namespace } from '../../net/core/namespace.js';
import { ReceiveInfo, SOCK_DGRAM } from '../../net/core/socket.js';
import { intBytes, readInt } from '../../net/core/socket-options.js';
import { SOL_PACKET } from '../../net/packet/constants.js';
import type { PacketSocket as StackPacketSocket } from '../../net/packet/packet-socket.js';
import { DatagramSocket } from './datagram-socket.js';
import { PacketRing, TPACKET_V1, TPACKET_V3 } from './packet-ring.js';
import type { ProgramCall } from './program-call.js';
import { IO_BYTES, type Workbench } from './workbench.js';

// linux/if_packet.h
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_HDRLEN = 11;
const PACKET_RESERVE = 12;
const PACKET_TX_RING = 13;
const HEADER_BYTES = [32, 32, 48] as const;

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

/** A program's packet socket, with a ring of packets where it wants one (PACKET_RX_RING). */
export class PacketSocket extends DatagramSocket {
  declare readonly socket: StackPacketSocket;
  #version = TPACKET_V1;
  #reserve = 0;
  #ring: PacketRing | null = null;
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
        if (this.#ring !== null) return call.fail(EBUSY);
        if (version < TPACKET_V1 || version > TPACKET_V3) return call.fail(EINVAL);
        this.#version = version;
        return call.ok();
      }
      case PACKET_RESERVE:
        if (value.length < 4) return call.fail(EINVAL);
        if (this.#ring !== null) return call.fail(EBUSY);
        this.#reserve = readInt(value) >>> 0;
        return call.ok();
      case PACKET_RX_RING:
        return this.#makeRing(call, value);
      case PACKET_TX_RING:
        return call.fail(EOPNOTSUPP);
      default:
        super.setOption(call, level, option, value);
    }
  }

  override getOption(call: ProgramCall, level: number, option: number, given: Uint8Array): Uint8Array | number {
    if (level === SOL_PACKET) {
      if (option === PACKET_VERSION) return intBytes(this.#version);
      if (option === PACKET_RESERVE) return intBytes(this.#reserve);
      if (option === PACKET_HDRLEN) {
        if (given.length < 4) return -EINVAL;
        const size = HEADER_BYTES[readInt(given)];
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
  #makeRing(call: ProgramCall, value: Uint8Array): void {
    if (value.length < (this.#version === TPACKET_V3 ? 28 : 16)) return call.fail(EINVAL);
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    const [blockSize, blockCount, frameSize, frames] = [0, 4, 8, 12].map((at) => view.getUint32(at, true)) as [
      number,
      number,
      number,
      number,
    ];
    if (blockCount === 0) {
      this.#dropRing();
      return frames === 0 ? call.ok() : call.fail(EINVAL);
    }
    if (this.#ring !== null) return call.fail(EBUSY);
    const header = HEADER_BYTES[this.#version]! + this.#reserve;
    if (blockSize === 0 || blockSize % PAGE !== 0 || frameSize < header || frameSize % 16 !== 0) return call.fail(EINVAL);
    if (Math.floor(blockSize / frameSize) * blockCount !== frames || blockSize * blockCount > MOST_BYTES) return call.fail(EINVAL);
    const retireMs = this.#version === TPACKET_V3 ? view.getUint32(16, true) || RETIRE_MS : 0;
    this.#ring = new PacketRing(this.bench.libc, this.#version, { blockSize, blockCount, frameSize, retireMs }, this.#reserve);
    this.#ringInode = this.bench.access.ownInode(this.#ring.fd);
    this.bench.sockets.set(this.#ringInode, this);
    call.ok();
    this.stackReady();
  }

  /** The descriptor becomes the ring's memory for this call; at the next one it is the socket again (settle()). */
  override map(call: ProgramCall): void {
    const ring = this.#ring;
    if (ring === null) return call.fail(ENODEV);
    const fd = call.ints[4]!;
    if (this.#swapped < 0) {
      const program = this.bench.access.take(call.tid, fd);
      if (program < 0) return call.fail(-program);
      this.#swapped = program;
      call.listener.addDescriptor(call, ring.fd, this.bench.access.closesOnExec(call.tid, fd), fd);
    }
    call.proceed();
  }

  override settle(call: ProgramCall, fd: number): void {
    super.settle(call, fd);
    if (this.#swapped < 0) return;
    call.listener.addDescriptor(call, this.#swapped, this.bench.access.closesOnExec(call.tid, fd), fd);
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

  #dropRing(): void {
    const { stack, sockets } = this.bench;
    stack.timers.cancel(this.#retire);
    stack.timers.cancel(this.#look);
    if (this.#ring === null) return;
    sockets.delete(this.#ringInode);
    this.#ring.close();
    this.#ring = null;
  }

  protected override release(): void {
    this.#dropRing();
    if (this.#swapped >= 0) this.bench.libc.close(this.#swapped);
    this.#swapped = -1;
    super.release();
  }
}

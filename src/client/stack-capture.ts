import { NetError } from '../base/net-error.js';
import { AF_PACKET } from '../netlink/constants.js';
import { type CaptureMaker, type CaptureRequest, HEADROOM, type PacketCapture } from './capture-port.js';
import { SocketCalls } from './socket-calls.js';
import { type CapturedPacket, int32, SOCK_DGRAM, SOCK_RAW, SOL_SOCKET, StackSocket } from './sockets.js';
import type { Transport } from './transport.js';

// linux/if_packet.h, linux/if_ether.h, asm-generic/socket.h
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_STATISTICS = 6;
const PACKET_MR_PROMISC = 1;
const ETH_P_ALL = 3;
const TPID_8021Q = 0x8100;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;
/** Packets that are asked for at a time. */
const BATCH = 256;
const ADDRESS = 8;

/** Packet sockets of the stack. */
export const stackCaptures = (transport: Transport): CaptureMaker => ({
  async open(request) {
    const calls = await SocketCalls.open(transport);
    try {
      const socket = await StackSocket.open(calls, request.cooked ? SOCK_DGRAM : SOCK_RAW, 0, AF_PACKET);
      await prepare(socket, request);
      return new StackCapture(calls, socket, request.snapshot);
    } catch (error) {
      calls.close();
      throw error;
    }
  },
});

async function prepare(socket: StackSocket, { ifindex, promiscuous, program, bufferBytes }: CaptureRequest): Promise<void> {
  if (program !== null) await socket.setOption(SOL_SOCKET, SO_ATTACH_FILTER, program);
  if (bufferBytes > 0) await socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, int32(bufferBytes));
  if (promiscuous && ifindex > 0) {
    // struct packet_mreq: i32 ifindex | u16 type | u16 length | 8 address.
    const membership = new DataView(new ArrayBuffer(16));
    membership.setInt32(0, ifindex, true);
    membership.setUint16(4, PACKET_MR_PROMISC, true);
    await socket.setOption(SOL_PACKET, PACKET_ADD_MEMBERSHIP, new Uint8Array(membership.buffer));
  }
  await socket.bind({ family: AF_PACKET, address: new Uint8Array(0), port: ETH_P_ALL, scopeId: ifindex });
}

class StackCapture implements PacketCapture {
  readonly #calls: SocketCalls;
  readonly #socket: StackSocket;
  readonly #snapshot: number;
  bytes: Uint8Array = new Uint8Array(HEADROOM + 2048);
  view = new DataView(this.bytes.buffer);
  readonly start = HEADROOM;
  end = HEADROOM;
  length = 0;
  seconds = 0;
  nanoseconds = 0;
  ifindex = 0;
  hardwareType = 0;
  packetType = 0;
  protocol = 0;
  addressLength = 0;
  readonly address = new Uint8Array(ADDRESS);
  tag = -1;
  #packets: readonly CapturedPacket[] = [];
  #at = 0;
  #asking: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(calls: SocketCalls, socket: StackSocket, snapshot: number) {
    this.#calls = calls;
    this.#socket = socket;
    this.#snapshot = snapshot;
  }

  next(): boolean {
    const packet = this.#packets[this.#at];
    if (packet !== undefined) {
      this.#at++;
      this.#take(packet);
      return true;
    }
    if (this.#failure === null) return false;
    const failure = this.#failure;
    this.#failure = null;
    throw failure;
  }

  #take(packet: CapturedPacket): void {
    const { data, stampUs } = packet;
    if (HEADROOM + data.length > this.bytes.length) {
      this.bytes = new Uint8Array(HEADROOM + data.length);
      this.view = new DataView(this.bytes.buffer);
    }
    this.bytes.set(data, HEADROOM);
    this.end = HEADROOM + data.length;
    this.length = packet.length;
    this.seconds = Math.floor(stampUs / 1_000_000);
    this.nanoseconds = (stampUs % 1_000_000) * 1000;
    this.ifindex = packet.ifindex;
    this.hardwareType = packet.hardwareType;
    this.packetType = packet.packetType;
    this.protocol = packet.protocol;
    this.addressLength = packet.address.length;
    this.address.fill(0);
    this.address.set(packet.address.subarray(0, ADDRESS));
    this.tag = packet.vlanTci === undefined ? -1 : (packet.vlanProtocol ?? TPID_8021Q) * 0x10000 + packet.vlanTci;
  }

  /** The question for packets stays open when the wait ends without them. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#asking ??= this.#ask();
    const asking = this.#asking;
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      void asking.then(resolve);
    });
  }

  async #ask(): Promise<void> {
    try {
      this.#packets = await this.#socket.receivePackets(BATCH, { length: this.#snapshot });
      this.#at = 0;
    } catch (error) {
      this.#failure = error instanceof NetError ? error : new Error('packets of the stack', { cause: error });
    }
    this.#asking = null;
  }

  async statistics(): Promise<{ readonly received: number; readonly dropped: number }> {
    // struct tpacket_stats: u32 packets, dropped ones too | u32 drops. Reading them sets them to zero.
    const bytes = await this.#socket.getOption(SOL_PACKET, PACKET_STATISTICS);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return { received: view.getUint32(0, true), dropped: view.getUint32(4, true) };
  }

  close(): void {
    this.#calls.close();
  }
}

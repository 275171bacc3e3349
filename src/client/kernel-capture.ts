import { EAGAIN, EINTR } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { check, type Libc, MSG_DONTWAIT, MSG_TRUNC, POLLIN, SO_RCVBUF, SO_RCVBUFFORCE, SOCK_CLOEXEC, SOL_SOCKET } from '../host/libc.js';
import { MessageReceiver } from '../host/message-receiver.js';
import { type CaptureMaker, type CaptureRequest, HEADROOM, type PacketCapture } from './capture-port.js';
import { int32 } from './sockets.js';

// linux/if_packet.h, linux/if_ether.h, asm-generic/socket.h
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const ETH_P_ALL = 3;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_STATISTICS = 6;
const PACKET_AUXDATA = 8;
const PACKET_MR_PROMISC = 1;
const SO_ATTACH_FILTER = 26;
const SO_TIMESTAMPNS = 35;
const TP_STATUS_VLAN_VALID = 0x10;
const TP_STATUS_VLAN_TPID_VALID = 0x40;
const TPID_8021Q = 0x8100;
/** struct sockaddr_ll: u16 family | be16 protocol | i32 ifindex | u16 hardware type | u8 packet type | u8 length | 8 address. */
const SOCKADDR_LL = 20;
/** Room for a time and struct tpacket_auxdata. */
const CONTROL_BYTES = 128;
const SOCK_FILTER = 8;
/** A GSO packet, whatever the snapshot: recvmsg() cuts the rest. */
const LARGEST = 262144;
/** poll(2) returns after so long at the latest. */
const POLL_MS = 50;

/** Packet sockets of the host's kernel, in the namespace that this process is in. */
export const kernelCaptures = (libc: Libc): CaptureMaker => ({ open: async (request) => new KernelCapture(libc, request) });

class KernelCapture implements PacketCapture {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #receiver: MessageReceiver;
  readonly #into: Uint8Array;
  readonly bytes: Uint8Array;
  readonly view: DataView;
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
  readonly address: Uint8Array;
  tag = -1;
  #closed = false;

  constructor(libc: Libc, request: CaptureRequest) {
    this.#libc = libc;
    const size = Math.min(request.snapshot, LARGEST);
    this.bytes = new Uint8Array(HEADROOM + size);
    this.view = new DataView(this.bytes.buffer);
    this.#into = this.bytes.subarray(HEADROOM);
    this.#receiver = new MessageReceiver(libc, SOCKADDR_LL, CONTROL_BYTES);
    this.address = new Uint8Array(this.#receiver.name.buffer, 12, 8);
    // Protocol 0: nothing comes before the filter is there.
    this.#fd = check(libc, libc.socket(AF_PACKET, (request.cooked ? SOCK_DGRAM : SOCK_RAW) | SOCK_CLOEXEC, 0));
    try {
      this.#prepare(request);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #prepare({ ifindex, promiscuous, program, bufferBytes }: CaptureRequest): void {
    const set = (level: number, option: number, value: Uint8Array) =>
      check(this.#libc, this.#libc.setsockopt(this.#fd, level, option, value, value.length));
    if (program !== null) {
      // struct sock_fprog of 64-bit Linux: u16 count | 8 address.
      const header = new DataView(new ArrayBuffer(16));
      header.setUint16(0, program.length / SOCK_FILTER, true);
      header.setBigUint64(8, BigInt(this.#libc.addressOf(program)), true);
      set(SOL_SOCKET, SO_ATTACH_FILTER, new Uint8Array(header.buffer));
    }
    set(SOL_SOCKET, SO_TIMESTAMPNS, int32(1));
    set(SOL_PACKET, PACKET_AUXDATA, int32(1));
    if (bufferBytes > 0) {
      const value = int32(bufferBytes);
      if (this.#libc.setsockopt(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, value, 4) < 0) set(SOL_SOCKET, SO_RCVBUF, value);
    }
    if (promiscuous && ifindex > 0) {
      // struct packet_mreq: i32 ifindex | u16 type | u16 length | 8 address.
      const membership = new DataView(new ArrayBuffer(16));
      membership.setInt32(0, ifindex, true);
      membership.setUint16(4, PACKET_MR_PROMISC, true);
      set(SOL_PACKET, PACKET_ADD_MEMBERSHIP, new Uint8Array(membership.buffer));
    }
    const address = new DataView(new ArrayBuffer(SOCKADDR_LL));
    address.setUint16(0, AF_PACKET, true);
    address.setUint16(2, ETH_P_ALL);
    address.setInt32(4, ifindex, true);
    check(this.#libc, this.#libc.bind(this.#fd, new Uint8Array(address.buffer), SOCKADDR_LL));
  }

  next(): boolean {
    if (this.#closed) return false;
    const taken = this.#receiver.receive(this.#fd, this.#into, MSG_DONTWAIT | MSG_TRUNC);
    if (taken < 0) {
      const errno = this.#libc.errno();
      if (errno === EAGAIN || errno === EINTR) return false;
      throw new NetError(errno);
    }
    const { name, control } = this.#receiver;
    this.end = HEADROOM + Math.min(taken, this.#into.length);
    this.length = taken;
    this.protocol = name.getUint16(2);
    this.ifindex = name.getInt32(4, true);
    this.hardwareType = name.getUint16(8, true);
    this.packetType = name.getUint8(10);
    this.addressLength = name.getUint8(11);
    const time = this.#receiver.find(SOL_SOCKET, SO_TIMESTAMPNS);
    if (time >= 0) {
      this.seconds = Number(control.getBigInt64(time, true));
      this.nanoseconds = Number(control.getBigInt64(time + 8, true));
    }
    this.#auxiliary();
    return true;
  }

  /** struct tpacket_auxdata: u32 status | u32 length | u32 snapshot | u16 mac | u16 net | u16 TCI | u16 TPID. */
  #auxiliary(): void {
    const { control } = this.#receiver;
    const at = this.#receiver.find(SOL_PACKET, PACKET_AUXDATA);
    this.tag = -1;
    if (at < 0) return;
    const status = control.getUint32(at, true);
    this.length = control.getUint32(at + 4, true);
    const tci = control.getUint16(at + 16, true);
    if ((status & TP_STATUS_VLAN_VALID) === 0 && tci === 0) return;
    const tpid = (status & TP_STATUS_VLAN_TPID_VALID) === 0 ? TPID_8021Q : control.getUint16(at + 18, true);
    this.tag = tpid * 0x10000 + tci;
  }

  /** Waits in the thread pool. */
  wait(signal: AbortSignal): Promise<void> {
    const pollfd = new DataView(new ArrayBuffer(8));
    pollfd.setInt32(0, this.#fd, true);
    pollfd.setInt16(4, POLLIN, true);
    return new Promise((resolve) => {
      const turn = () => {
        if (this.#closed || signal.aborted) return resolve();
        this.#libc.pollAsync(new Uint8Array(pollfd.buffer), 1, POLL_MS, (ready) => (ready === 0 ? turn() : resolve()));
      };
      turn();
    });
  }

  async statistics(): Promise<{ readonly received: number; readonly dropped: number }> {
    // struct tpacket_stats: u32 packets, dropped ones too | u32 drops. Reading them sets them to zero.
    const value = new DataView(new ArrayBuffer(8));
    check(this.#libc, this.#libc.getsockopt(this.#fd, SOL_PACKET, PACKET_STATISTICS, new Uint8Array(value.buffer), int32(8)));
    return { received: value.getUint32(0, true), dropped: value.getUint32(4, true) };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.close(this.#fd);
  }
}

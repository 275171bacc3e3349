import { DatagramSocket } from '../../net/core/datagram-socket.js';
import { InetSocket, isMappedAddress } from '../../net/core/inet-socket.js';
import { CMSGHDR } from '../../net/core/send-control.js';
import { MSG_CTRUNC, MSG_ERRQUEUE, type ReceiveInfo, type Socket } from '../../net/core/socket.js';
import { PacketSocket } from '../../net/packet/packet-socket.js';
import type { TcpSocket } from '../../net/tcp/socket.js';
import { UdpSocket } from '../../net/udp/udp-socket.js';
import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { writeAddress } from './socket-address.js';
import type { Workbench } from './workbench.js';

// struct cmsghdr: 0 length with this header, u64 | 8 level, i32 | 12 type, i32; the data behind it, aligned to 8.

// Levels and types: asm-generic/socket.h, linux/in.h, linux/in6.h, linux/if_packet.h
const SOL_SOCKET = 1;
const SOL_IP = 0;
const SOL_IPV6 = 41;
const SOL_PACKET = 263;
const SCM_TIMESTAMP = 29;
const SCM_TIMESTAMPNS = 35;
const SCM_TIMESTAMP_NEW = 63;
const SCM_TIMESTAMPNS_NEW = 64;
const SCM_TIMESTAMPING = 37;
const SCM_TIMESTAMPING_NEW = 65;
const SO_RXQ_OVFL = 40;
const SOL_TCP = 6;
const TCP_CM_INQ = 36;
/** SOF_TIMESTAMPING_SOFTWARE and SOF_TIMESTAMPING_RX_SOFTWARE, linux/net_tstamp.h */
const RECEIVED_BY_SOFTWARE = (1 << 4) | (1 << 3);
/** From it on nobody sent the error: timestamps, sends without a copy (linux/errqueue.h). */
const SO_EE_ORIGIN_TXSTATUS = 4;
const UDP_GRO = 104;
const SOL_UDP = 17;
const IP_TOS = 1;
const IP_TTL = 2;
const IP_PKTINFO = 8;
const IP_RECVERR = 11;
const IPV6_RECVERR = 25;
const IPV6_PKTINFO = 50;
const IPV6_HOPLIMIT = 52;
const IPV6_FLOWINFO = 11;
const IPV6_TCLASS = 67;
const PACKET_AUXDATA = 8;

const ETH_HEADER = 14;

/** Writes the control messages of one received message into `bench.control`, as far as the program has room. */
export class ControlWriter {
  readonly #bench: Workbench;
  #room = 0;
  length = 0;
  /** MSG_CTRUNC where the room did not do. */
  flags = 0;

  constructor(bench: Workbench) {
    this.#bench = bench;
  }

  begin(room: number): void {
    this.#room = room;
    this.length = 0;
    this.flags = 0;
  }

  /** What the options of `socket` want told of what was received. */
  tell(socket: Socket, info: ReceiveInfo): void {
    if (socket instanceof PacketSocket) this.#packet(socket, info);
    if (!(socket instanceof InetSocket)) return;
    const errors = (info.flags & MSG_ERRQUEUE) !== 0;
    if (!errors) {
      this.#timestamp(socket, info.timestampUs);
      if (socket.kept.get(SOL_SOCKET, SO_RXQ_OVFL) !== 0 && socket instanceof DatagramSocket)
        this.#int(SOL_SOCKET, SO_RXQ_OVFL, socket.drops);
      if (socket instanceof UdpSocket && socket.takesSuperPackets && info.segmentBytes !== 0)
        this.#int(SOL_UDP, UDP_GRO, info.segmentBytes);
    }
    if (errors && info.errorStampUs >= 0) this.#times(socket.timestampingWide, info.errorStampUs);
    // An IPv6 socket is told of an IPv4 packet at the level that its options are of.
    if (socket.family === AF_INET) this.#ipv4(socket, info, errors);
    else this.#ipv6(socket, info, errors);
  }

  /** What a TCP socket wants told: when the newest of what was read came, and how much is left (TCP_INQ). */
  tellStream(socket: TcpSocket, us: number, left: number): void {
    this.#timestamp(socket, us);
    if (socket.tellsQueue) this.#int(SOL_TCP, TCP_CM_INQ, left);
  }

  /** struct scm_timestamping: the software's time, two that only devices with a clock have. Microseconds since the epoch. */
  #times(wide: boolean, wallUs: number): void {
    const at = this.#add(SOL_SOCKET, wide ? SCM_TIMESTAMPING_NEW : SCM_TIMESTAMPING, 48);
    if (at < 0) return;
    this.#bench.memory.setWord(at, Math.floor(wallUs / 1_000_000));
    this.#bench.memory.setWord(at + 8, Math.floor(wallUs % 1_000_000) * 1000);
  }

  /** The stack's clock counts from its start; programs want the time of day. Linux: __sock_recv_timestamp() */
  #timestamp(socket: InetSocket, us: number): void {
    const { stack } = this.#bench;
    const wall = us + (stack.clock.wallUs() - stack.clock.monotonicUs());
    this.#stamp(socket, wall);
    if ((socket.timestampingFlags & RECEIVED_BY_SOFTWARE) === RECEIVED_BY_SOFTWARE) this.#times(socket.timestampingWide, wall);
  }

  #stamp({ timestamps: unit, timestampsWide: wide }: InetSocket, wall: number): void {
    if (unit === 0) return;
    const nano = unit === 'ns';
    const type = nano ? (wide ? SCM_TIMESTAMPNS_NEW : SCM_TIMESTAMPNS) : wide ? SCM_TIMESTAMP_NEW : SCM_TIMESTAMP;
    const at = this.#add(SOL_SOCKET, type, 16);
    if (at < 0) return;
    this.#bench.memory.setWord(at, Math.floor(wall / 1_000_000));
    this.#bench.memory.setWord(at + 8, Math.floor(wall % 1_000_000) * (nano ? 1000 : 1));
  }

  #ipv4(socket: InetSocket, info: ReceiveInfo, errors: boolean): void {
    const { view, bytes } = this.#bench.memory;
    if (socket.packetInfo && !errors) {
      // struct in_pktinfo: 0 ifindex | 4 the local address | 8 the header's destination
      const at = this.#add(SOL_IP, IP_PKTINFO, 12);
      if (at >= 0) {
        view.setInt32(at, info.ifindex, true);
        view.setUint32(at + 4, info.destination[3]!);
        view.setUint32(at + 8, info.destination[3]!);
      }
    }
    if (socket.receiveTtl && !errors) this.#int(SOL_IP, IP_TTL, info.ttl);
    if (socket.receiveTos && !errors) {
      const at = this.#add(SOL_IP, IP_TOS, 1);
      if (at >= 0) bytes[at] = info.tos;
    }
    if (errors) this.#error(SOL_IP, IP_RECVERR, info, AF_INET);
  }

  #ipv6(socket: InetSocket, info: ReceiveInfo, errors: boolean): void {
    const { view } = this.#bench.memory;
    if (socket.packetInfo && !errors) {
      // struct in6_pktinfo: 0 address | 16 ifindex
      const at = this.#add(SOL_IPV6, IPV6_PKTINFO, 20);
      if (at >= 0) {
        for (let i = 0; i < 4; i++) view.setUint32(at + 4 * i, info.destination[i]!);
        view.setInt32(at + 16, info.ifindex, true);
      }
    }
    if (socket.receiveTtl && !errors) this.#int(SOL_IPV6, IPV6_HOPLIMIT, info.ttl);
    if (socket.receiveTos && !errors) this.#int(SOL_IPV6, IPV6_TCLASS, info.tos);
    if (info.flowInfo !== 0 && !errors && socket.kept.get(SOL_IPV6, IPV6_FLOWINFO) !== 0) {
      const at = this.#add(SOL_IPV6, IPV6_FLOWINFO, 4);
      if (at >= 0) view.setUint32(at, info.flowInfo);
    }
    if (errors) this.#error(SOL_IPV6, IPV6_RECVERR, info, isMappedAddress(info.offender.words) ? AF_INET : AF_INET6);
  }

  /**
   * struct sock_extended_err: 0 errno, u32 | 4 origin | 5 type | 6 code | 8 info, u32 | 12 data; the offender's address behind it.
   */
  #error(level: number, type: number, info: ReceiveInfo, family: number): void {
    const { memory } = this.#bench;
    const at = this.#add(level, type, 16 + (level === SOL_IP ? 16 : 28));
    if (at < 0) return;
    memory.view.setUint32(at + 12, info.errorData, true);
    memory.view.setUint32(at, info.errorNumber, true);
    memory.bytes[at + 4] = info.errorOrigin;
    memory.bytes[at + 5] = info.errorType;
    memory.bytes[at + 6] = info.errorCode;
    memory.view.setUint32(at + 8, info.errorInfo, true);
    if (info.errorOrigin < SO_EE_ORIGIN_TXSTATUS) writeAddress(memory, at + 16, info.offender, family);
  }

  /**
   * struct tpacket_auxdata: 0 status, u32 | 4 length, u32 | 8 kept, u32 | 12 mac, u16 | 14 net, u16 | 16 VLAN TCI, u16 | 18 its
   * EtherType, u16.
   */
  #packet(socket: PacketSocket, info: ReceiveInfo): void {
    if (!socket.auxdata) return;
    const at = this.#add(SOL_PACKET, PACKET_AUXDATA, 20);
    if (at < 0) return;
    const { view } = this.#bench.memory;
    const tagged = info.vlanTci >= 0;
    view.setUint32(at, info.frameStatus, true);
    view.setUint32(at + 4, info.fullLength, true);
    view.setUint32(at + 8, info.fullLength, true);
    view.setUint16(at + 14, ETH_HEADER, true);
    view.setUint16(at + 16, tagged ? info.vlanTci : 0, true);
    view.setUint16(at + 18, tagged ? info.vlanProtocol : 0, true);
  }

  #int(level: number, type: number, value: number): void {
    const at = this.#add(level, type, 4);
    if (at >= 0) this.#bench.memory.view.setInt32(at, value, true);
  }

  /** Room for a message of `size` bytes, zeroed: where its data begin; -1: the program has none for it. */
  #add(level: number, type: number, size: number): number {
    const { memory, control } = this.#bench;
    const start = (this.length + 7) & ~7;
    if (start + CMSGHDR + size > this.#room) {
      this.flags = MSG_CTRUNC;
      return -1;
    }
    const at = control + start;
    memory.bytes.fill(0, control + this.length, at + CMSGHDR + ((size + 7) & ~7));
    memory.setWord(at, CMSGHDR + size);
    memory.view.setInt32(at + 8, level, true);
    memory.view.setInt32(at + 12, type, true);
    // The padding behind the last one counts where there is room for it (CMSG_SPACE).
    this.length = Math.min(start + CMSGHDR + ((size + 7) & ~7), this.#room);
    return at + CMSGHDR;
  }
}

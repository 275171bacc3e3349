import type { InetSocket } from '../../../net/core/inet-socket.js';
import { AF_INET6 } from '../../../netlink/constants.js';
import { TIMER_OFF } from '../../../netlink/diag/inet.js';

/** What is listed of one socket, handshake or TIME_WAIT entry. One object is filled again and again. */
export class InetEntry {
  /** What the cookie is of. */
  subject: object = this;
  /** The socket with its options; null for handshakes and TIME_WAIT. */
  socket: InetSocket | null = null;
  family = 0;
  /** TCP_* of net/tcp_states.h; sockets without connections are TCP_CLOSE. */
  state = 0;
  timer = TIMER_OFF;
  retrans = 0;
  /** Milliseconds. */
  expires = 0;
  readonly local = new Uint32Array(4);
  readonly remote = new Uint32Array(4);
  localPort = 0;
  remotePort = 0;
  ifindex = 0;
  rqueue = 0;
  wqueue = 0;
  uid = 0;
  inode = 0;
  mark = 0;
  /** The user chose the port (SOCK_BINDPORT_LOCK). */
  portLocked = false;

  /** Takes over what all IP sockets have; queues, state and timer are the protocol's affair. */
  takeSocket(socket: InetSocket): void {
    this.subject = socket;
    this.socket = socket;
    this.family = socket.family;
    this.local.set(socket.local.words);
    this.remote.set(socket.remote.words);
    this.localPort = socket.local.port;
    this.remotePort = socket.remote.port;
    this.ifindex = socket.boundIfindex;
    this.uid = socket.uid;
    this.inode = socket.inode;
    this.mark = socket.mark;
    this.portLocked = socket.portLocked;
    this.timer = TIMER_OFF;
    this.retrans = 0;
    this.expires = 0;
  }
}

/** An address as struct inet_diag_sockid has it: IPv4's in the first word, IPv6's in all four. */
export const diagWord = (family: number, words: Uint32Array, index: number): number =>
  family === AF_INET6 ? words[index]! : index === 0 ? words[3]! : 0;

import { EADDRINUSE, EFAULT, ENOTCONN, EPERM } from '../../base/errno.js';
import type { Namespace } from '../../net/core/namespace.js';
import { AF_INET6 } from '../../netlink/constants.js';
import { InetSocket } from '../../net/core/inet-socket.js';
import { SOL_IPV6 } from '../../net/core/ipv6-socket-options.js';
import { FLOWLABEL_MGR, REQUEST_BYTES, readFlowLabel } from '../../net/core/options/flow-label.js';
import { type Socket, SocketAddress } from '../../net/core/socket.js';
import { stateOf } from '../../net/ipv6/flow-label-table.js';
import { socketFilter } from './filter-option.js';
import type { ProgramCall } from './program-call.js';
import { ProgramSocket } from './program-socket.js';
import { giveAddress, parseAddress, takeAddress, writeAddress } from './socket-address.js';
import type { Workbench } from './workbench.js';

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SO_ATTACH_REUSEPORT_CBPF = 51;
/**
 * Options that the kernel looks at in read and write on the program's own end: SO_OOBINLINE, SO_RCVLOWAT, SO_RCVTIMEO, SO_SNDTIMEO and
 * their 64-bit forms.
 */
const KERNEL_OPTIONS: ReadonlySet<number> = new Set([10, 18, 20, 21, 66, 67]);
/** Options of SOL_SOCKET (1) and IPPROTO_IP (0) that want CAP_NET_ADMIN, by level and number. */
const PRIVILEGED: ReadonlySet<string> = new Set(['1:32', '1:33', '1:36', '0:19']);

const address = new SocketAddress();

/** A program's socket of which the stack has one: what TCP, UDP, raw and packet sockets have in common. */
export abstract class StackSocket extends ProgramSocket {
  readonly socket: Socket;

  constructor(bench: Workbench, namespace: Namespace, socket: Socket) {
    super(bench, namespace);
    this.socket = socket;
    socket.onReady = () => this.stackReady();
  }

  get family(): number {
    return this.socket.family;
  }

  protected override nameEnd(inode: number): void {
    super.nameEnd(inode);
    this.socket.inode = inode;
  }

  /** The stack's socket may have got new events. */
  protected abstract stackReady(): void;

  /** Reads a struct sockaddr of the program: the address (valid until the next one is read), or a negative errno. */
  addressOf(call: ProgramCall, pointer: number, length: number): SocketAddress | number {
    const { memory, address: at } = this.bench;
    const error = takeAddress(call, memory, pointer, length, at) || parseAddress(memory, at, length, this.socket.family, address);
    return error === 0 ? address : error;
  }

  bind(call: ProgramCall): void {
    const wanted = this.addressOf(call, call.args[1]!, call.ints[2]!);
    if (typeof wanted === 'number') return call.fail(-wanted);
    let result = this.socket.bind(wanted);
    if (result === -EADDRINUSE && this.bench.forgetClosed()) result = this.socket.bind(wanted);
    call.answer(result);
  }

  listen(call: ProgramCall): void {
    call.answer(this.socket.listen(call.ints[1]!));
  }

  accept(call: ProgramCall, _flags: number): void {
    const result = this.socket.accept();
    if (typeof result === 'number') call.fail(-result);
  }

  name(call: ProgramCall, peer: boolean): void {
    if (peer && !this.isConnected()) return call.fail(ENOTCONN);
    call.answer(this.giveName(call, peer ? this.socket.remote : this.socket.local, call.args[1]!, call.args[2]!));
  }

  protected abstract isConnected(): boolean;

  /** Hands an address out as this socket's family has it: 0 or a negative errno. */
  giveName(call: ProgramCall, name: SocketAddress, pointer: number, lengthPointer: number): number {
    const { memory, address: at, scratch } = this.bench;
    const length = writeAddress(memory, at, name, this.socket.family);
    return giveAddress(call, memory, at, length, pointer, lengthPointer, scratch);
  }

  setOption(call: ProgramCall, level: number, option: number, value: Uint8Array): void {
    if (PRIVILEGED.has(`${level}:${option}`) && !this.isPrivileged(call)) return call.fail(EPERM);
    let bytes = value;
    if (level === SOL_SOCKET && (option === SO_ATTACH_FILTER || option === SO_ATTACH_REUSEPORT_CBPF)) {
      const program = socketFilter(this.bench, call, value);
      if (program === null) return call.fail(EFAULT);
      bytes = program;
    }
    const manages = level === SOL_IPV6 && option === FLOWLABEL_MGR;
    if (manages && this.socket instanceof InetSocket) {
      const labels = stateOf(this.socket);
      labels.pid = call.tid;
      labels.uid = this.bench.credentialsOf(call.tid).uid;
    }
    const result = this.socket.setOption(level, option, bytes);
    if (result === 0 && manages && !this.#giveBack(call, bytes)) return call.fail(EFAULT);
    if (result === 0 && level === SOL_SOCKET && KERNEL_OPTIONS.has(option)) call.proceed();
    else call.answer(result);
  }

  /** The label that was chosen goes into the program's struct. */
  #giveBack(call: ProgramCall, bytes: Uint8Array): boolean {
    const { io } = this.bench;
    io.bytes.set(bytes.subarray(0, REQUEST_BYTES));
    return call.write(call.args[3]!, REQUEST_BYTES, io.address);
  }

  getOption(_call: ProgramCall, level: number, option: number, given: Uint8Array): Uint8Array | number {
    if (level === SOL_IPV6 && option === FLOWLABEL_MGR && this.socket instanceof InetSocket && this.socket.family === AF_INET6)
      return readFlowLabel(this.socket, given);
    return this.socket.getOption(level, option);
  }

  /** Holds the network capabilities now; a program may have changed its uid since it made the socket. */
  protected isPrivileged(call: ProgramCall): boolean {
    return this.bench.credentialsOf(call.tid).netAdmin;
  }

  control(_call: ProgramCall, _request: number): boolean {
    return false;
  }

  protected release(): void {
    this.socket.onReady = null;
    this.socket.close();
  }
}

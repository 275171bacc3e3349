import { EACCES, EAFNOSUPPORT, EBADF, EINVAL, EMFILE, ENOTCONN, EPERM, EPROTONOSUPPORT, ESOCKTNOSUPPORT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { SOCK_RAW, type Socket, SocketAddress } from '../../net/core/socket.js';
import { AF_PACKET } from '../../netlink/constants.js';
import { Command, type CommandNumber, type TapstackAttributes, tapstackMessage } from '../../netlink/genl/tapstack.js';
import type { GenlCommand } from '../genl/generic-netlink.js';
import type { NetlinkEndpoint } from '../netlink-endpoint.js';
import type { NetlinkRequest } from '../netlink-request.js';
import type { Credentials } from '../netlink-socket.js';
import { answer } from './answer.js';
import { ServedSocket } from './served-socket.js';
import { readSocketAddress, socketAddressAttributes } from './socket-addresses.js';

/** As many as a generous RLIMIT_NOFILE. */
const MOST_SOCKETS = 65_536;

/** Options of SOL_SOCKET (1) and IPPROTO_IP (0) that want CAP_NET_ADMIN or CAP_NET_RAW, by level and number. */
const privilegedOptions: ReadonlySet<string> = new Set([
  '1:32', // SO_SNDBUFFORCE
  '1:33', // SO_RCVBUFFORCE
  '1:36', // SO_MARK
  '0:19', // IP_TRANSPARENT
]);

/** The first port that anybody may bind to: net.ipv4.ip_unprivileged_port_start. */
export type UnprivilegedPortStart = (namespace: Namespace) => number;

/** Linux: inet_create(), which goes through inetsw[type]. Throws EAFNOSUPPORT, ESOCKTNOSUPPORT, EPROTONOSUPPORT, EPERM, EACCES. */
export function createSocket(namespace: Namespace, family: number, type: number, protocol: number, credentials: Credentials): Socket {
  const ofFamily = namespace.sockets.families.filter((entry) => entry.family === family);
  if (ofFamily.length === 0) fail(EAFNOSUPPORT);
  const ofType = ofFamily.filter((entry) => entry.type === type);
  if (ofType.length === 0) fail(ESOCKTNOSUPPORT);
  const found = ofType.find(
    (entry) =>
      (protocol === 0 && (entry.anyProtocol !== true || family === AF_PACKET)) ||
      entry.protocol === protocol ||
      (protocol !== 0 && entry.anyProtocol === true),
  );
  if (found === undefined) return fail(EPROTONOSUPPORT);
  if ((type === SOCK_RAW || family === AF_PACKET) && !credentials.netAdmin) fail(EPERM);
  const socket = found.create(namespace, protocol === 0 ? found.protocol : protocol, credentials.uid, credentials.netAdmin);
  return typeof socket === 'number' ? fail(-socket) : socket;
}

/** The sockets of one client: they live as long as its netlink socket. */
class SocketsOfClient {
  readonly #sockets = new Map<number, ServedSocket>();
  #nextId = 1;

  add(socket: Socket): ServedSocket {
    if (this.#sockets.size >= MOST_SOCKETS) fail(EMFILE);
    const served = new ServedSocket(this.#nextId++, socket, (connection) => this.add(connection).id);
    this.#sockets.set(served.id, served);
    return served;
  }

  get(request: TapstackAttributes): ServedSocket {
    return this.#sockets.get(request.socket ?? 0) ?? fail(EBADF);
  }

  close(served: ServedSocket): void {
    this.#sockets.delete(served.id);
    served.close();
  }

  closeAll(): void {
    for (const served of [...this.#sockets.values()]) this.close(served);
  }
}

/** SOCKET_*: the stack's sockets for programs. */
export class SocketServer {
  readonly commands: readonly GenlCommand[];
  readonly #unprivilegedPortStart: UnprivilegedPortStart;
  readonly #clients = new Map<NetlinkEndpoint, SocketsOfClient>();

  constructor(unprivilegedPortStart: UnprivilegedPortStart) {
    this.#unprivilegedPortStart = unprivilegedPortStart;
    const command = (number: CommandNumber, handle: (request: NetlinkRequest, attributes: TapstackAttributes) => void): GenlCommand => ({
      command: number,
      handle: (request) => handle(request, tapstackMessage.parseAttributes(request.message)),
    });
    const onSocket = (
      number: CommandNumber,
      handle: (request: NetlinkRequest, attributes: TapstackAttributes, served: ServedSocket) => void,
    ) => command(number, (request, attributes) => handle(request, attributes, this.#of(request.socket).get(attributes)));
    this.commands = [
      command(Command.SOCKET_OPEN, (request, attributes) => this.#open(request, attributes)),
      onSocket(Command.SOCKET_BIND, (request, attributes, { socket }) => {
        const address = readSocketAddress(attributes);
        const first = this.#unprivilegedPortStart(request.namespace);
        if (socket.type !== SOCK_RAW && address.port !== 0 && address.port < first && !request.credentials.netAdmin) fail(EACCES);
        check(socket.bind(address));
      }),
      onSocket(Command.SOCKET_CONNECT, (request, attributes, served) => served.connect(request, readSocketAddress(attributes))),
      onSocket(Command.SOCKET_LISTEN, (_request, attributes, { socket }) => check(socket.listen((attributes.backlog ?? 0) | 0))),
      onSocket(Command.SOCKET_ACCEPT, (request, _attributes, served) => served.accept(request)),
      onSocket(Command.SOCKET_SEND, (request, attributes, served) => {
        const to = attributes.address === undefined ? null : readSocketAddress(attributes, new SocketAddress());
        const data = attributes.data ?? fail(EINVAL);
        served.send(request, data, attributes.flags ?? 0, to, attributes.ttl);
      }),
      onSocket(Command.SOCKET_RECEIVE, (request, attributes, served) =>
        served.receive(request, attributes.length ?? fail(EINVAL), attributes.flags ?? 0),
      ),
      onSocket(Command.SOCKET_SHUTDOWN, (_request, attributes, { socket }) => check(socket.shutdown(attributes.how ?? fail(EINVAL)))),
      onSocket(Command.SOCKET_CLOSE, (request, _attributes, served) => this.#of(request.socket).close(served)),
      onSocket(Command.SOCKET_SETOPT, (request, attributes, { socket }) => {
        const { level, option, value } = optionOf(attributes);
        if (privilegedOptions.has(`${level}:${option}`) && !request.credentials.netAdmin) fail(EPERM);
        check(socket.setOption(level, option, value));
      }),
      onSocket(Command.SOCKET_GETOPT, (request, attributes, { socket }) => {
        const { level, option } = optionOf(attributes);
        const value = socket.getOption(level, option);
        if (typeof value === 'number') fail(-value);
        else answer(request, Command.SOCKET_GETOPT, { optionValue: value });
      }),
      onSocket(Command.SOCKET_NAME, (request, attributes, { socket }) => {
        if (attributes.peer === true && socket.remote.port === 0 && socket.type !== SOCK_RAW) fail(ENOTCONN);
        answer(
          request,
          Command.SOCKET_NAME,
          socketAddressAttributes(attributes.peer === true ? socket.remote : socket.local, socket.family),
        );
      }),
    ];
  }

  /** The client's netlink socket has closed, and with it its sockets. */
  closed(client: NetlinkEndpoint): void {
    this.#clients.get(client)?.closeAll();
    this.#clients.delete(client);
  }

  #open(request: NetlinkRequest, { family, type, protocol }: TapstackAttributes): void {
    const clients = this.#of(request.socket);
    const socket = createSocket(request.namespace, family ?? fail(EINVAL), type ?? fail(EINVAL), protocol ?? 0, request.credentials);
    answer(request, Command.SOCKET_OPEN, { socket: clients.add(socket).id });
  }

  #of(client: NetlinkEndpoint): SocketsOfClient {
    let sockets = this.#clients.get(client);
    if (sockets === undefined) {
      sockets = new SocketsOfClient();
      this.#clients.set(client, sockets);
    }
    return sockets;
  }
}

const check = (result: number): void => {
  if (result < 0) fail(-result);
};

const optionOf = ({ level, option, optionValue }: TapstackAttributes) => ({
  level: level ?? fail(EINVAL),
  option: option ?? fail(EINVAL),
  value: optionValue ?? new Uint8Array(0),
});

import { EACCES, EBADF, EINVAL, EMFILE, ENOTCONN, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { SOCK_RAW, type Socket } from '../../net/core/socket.js';
import { AF_PACKET, NLM_F_MULTI } from '../../netlink/constants.js';
import {
  Command,
  type CommandNumber,
  datagramOf,
  TAPSTACK_VERSION,
  type TapstackAttributes,
  tapstackMessage,
} from '../../netlink/genl/tapstack.js';
import type { GenlCommand } from '../genl/generic-netlink.js';
import type { NetlinkEndpoint } from '../netlink-endpoint.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { answer } from './answer.js';
import { createSocket } from './create-socket.js';
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

  [Symbol.iterator](): IterableIterator<ServedSocket> {
    return this.#sockets.values();
  }

  get(id: number): ServedSocket | undefined {
    return this.#sockets.get(id);
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
export function socketCommands(): readonly GenlCommand[] {
  const clients = new Map<NetlinkEndpoint, SocketsOfClient>();

  const socketsOf = (client: NetlinkEndpoint): SocketsOfClient => {
    let sockets = clients.get(client);
    if (sockets === undefined) {
      sockets = new SocketsOfClient();
      clients.set(client, sockets);
      client.onClose(() => {
        sockets?.closeAll();
        clients.delete(client);
      });
    }
    return sockets;
  };

  /** A command about a socket that the client has. */
  const onSocket = (command: CommandNumber, handle: SocketCall): GenlCommand => ({
    command,
    handle(request) {
      const attributes = tapstackMessage.parseAttributes(request.message);
      const served = clients.get(request.socket)?.get(attributes.socket ?? fail(EINVAL)) ?? fail(EBADF);
      handle(request, attributes, served);
    },
  });

  return [
    {
      command: Command.SOCKET_OPEN,
      handle(request) {
        const { family, type, protocol } = tapstackMessage.parseAttributes(request.message);
        const sockets = socketsOf(request.socket);
        const socket = createSocket(request.namespace, family ?? fail(EINVAL), type ?? fail(EINVAL), protocol ?? 0, request.credentials);
        answer(request, Command.SOCKET_OPEN, { socket: sockets.add(socket).id });
      },
    },
    onSocket(Command.SOCKET_BIND, bind),
    onSocket(Command.SOCKET_CONNECT, (request, attributes, served) => served.connect(request, readSocketAddress(attributes))),
    onSocket(Command.SOCKET_LISTEN, (_request, { backlog }, { socket }) => check(socket.listen((backlog ?? 0) | 0))),
    onSocket(Command.SOCKET_ACCEPT, (request, _attributes, served) => served.accept(request)),
    onSocket(Command.SOCKET_SEND, (request, attributes, served) => {
      const to = attributes.address === undefined && attributes.family === undefined ? null : readSocketAddress(attributes);
      served.send(request, datagramOf(attributes) ?? fail(EINVAL), attributes.flags ?? 0, to, attributes.ttl);
    }),
    onSocket(Command.SOCKET_RECEIVE, (request, { length, flags, batch }, served) =>
      served.receive(request, length ?? fail(EINVAL), flags ?? 0, batch ?? 0),
    ),
    onSocket(Command.SOCKET_SHUTDOWN, (_request, { how }, { socket }) => check(socket.shutdown(how ?? fail(EINVAL)))),
    onSocket(Command.SOCKET_CLOSE, (request, _attributes, served) => clients.get(request.socket)?.close(served)),
    onSocket(Command.SOCKET_SETOPT, setOption),
    onSocket(Command.SOCKET_GETOPT, getOption),
    onSocket(Command.SOCKET_NAME, name),
    {
      command: Command.SOCKET_HOLDERS,
      dump: (request) => ({
        *messages(writer) {
          const header = { command: Command.SOCKET_HOLDERS, version: TAPSTACK_VERSION };
          const { sequence } = request.message;
          for (const [client, sockets] of [...clients]) {
            if (client.namespace !== request.namespace) continue;
            const { pid } = client.credentials;
            for (const { id, socket } of sockets) {
              const held = { inode: socket.inode, pid, socket: id };
              tapstackMessage.build(writer, request.type, NLM_F_MULTI, sequence, request.socket.portId, header, held);
              yield;
            }
          }
        },
      }),
    },
  ];
}

type SocketCall = (request: NetlinkRequest, attributes: TapstackAttributes, served: ServedSocket) => void;

const bind: SocketCall = (request, attributes, { socket }) => {
  const address = readSocketAddress(attributes);
  const { namespace, credentials } = request;
  // Linux: inet_port_requires_bind_service()
  if (
    !credentials.netAdmin &&
    socket.type !== SOCK_RAW &&
    socket.family !== AF_PACKET &&
    address.port !== 0 &&
    address.port < namespace.ipv4.settings.ipUnprivilegedPortStart
  )
    fail(EACCES);
  check(socket.bind(address));
};

const setOption: SocketCall = (request, attributes, { socket }) => {
  const { level, option, value } = optionOf(attributes);
  if (privilegedOptions.has(`${level}:${option}`) && !request.credentials.netAdmin) fail(EPERM);
  check(socket.setOption(level, option, value));
};

const getOption: SocketCall = (request, attributes, { socket }) => {
  const { level, option } = optionOf(attributes);
  const value = socket.getOption(level, option);
  if (typeof value === 'number') fail(-value);
  else answer(request, Command.SOCKET_GETOPT, { optionValue: value });
};

const name: SocketCall = (request, { peer }, { socket }) => {
  if (peer !== true) answer(request, Command.SOCKET_NAME, socketAddressAttributes(socket.local, socket.family));
  else if (socket.remote.family === 0) fail(ENOTCONN);
  else answer(request, Command.SOCKET_NAME, socketAddressAttributes(socket.remote, socket.family));
};

const check = (result: number): void => {
  if (result < 0) fail(-result);
};

const optionOf = ({ level, option, optionValue }: TapstackAttributes) => ({
  level: level ?? fail(EINVAL),
  option: option ?? fail(EINVAL),
  value: optionValue ?? new Uint8Array(0),
});

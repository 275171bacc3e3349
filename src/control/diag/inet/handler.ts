import { EINVAL, ENOENT, EPERM } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { InetSocket } from '../../../net/core/inet-socket.js';
import type { Namespace } from '../../../net/core/namespace.js';
import { AF_INET, AF_INET6, NETLINK_SOCK_DIAG, NLM_F_MULTI } from '../../../netlink/constants.js';
import { INET_DIAG_CONG, INET_DIAG_INFO, type InetDiagAttributes, inetDiagMessage, inetDiagRequest } from '../../../netlink/diag/inet.js';
import {
  SKNLGRP_INET6_TCP_DESTROY,
  SKNLGRP_INET6_UDP_DESTROY,
  SKNLGRP_INET_TCP_DESTROY,
  SKNLGRP_INET_UDP_DESTROY,
  SOCK_DIAG_BY_FAMILY,
} from '../../../netlink/diag/sock-diag.js';
import { PROTOCOL as TCP } from '../../../wire/tcp.js';
import type { NetlinkServer } from '../../netlink-kernel.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import type { Cookies } from '../cookies.js';
import type { DiagHandler } from '../sock-diag.js';
import { type Bytecode, checkBytecode, passes } from './bytecode.js';
import { rawDiag, udpDiag } from './datagram.js';
import { attributesOf, headerOf } from './describe.js';
import { InetEntry } from './entry.js';
import type { InetDiagProtocol } from './protocol.js';
import { tcpDiag } from './tcp.js';

/** The transport protocols whose sockets can be looked into; a new one is one descriptor and one name here. */
const protocols: ReadonlyMap<number, InetDiagProtocol> = new Map([tcpDiag, udpDiag, rawDiag].map((one) => [one.protocol, one]));

/** INET_DIAG_REQ_PROTOCOL names what does not fit into eight bits. ENOENT: nothing is known of that protocol. */
function protocolOf(header: { readonly protocol: number }, wide: number | undefined): InetDiagProtocol {
  return protocols.get(wide ?? header.protocol) ?? fail(ENOENT);
}

const describe = (protocol: InetDiagProtocol, entry: InetEntry, ext: number, netAdmin: boolean): InetDiagAttributes => ({
  ...attributesOf(entry, ext, netAdmin),
  ...protocol.describe?.(entry, ext, netAdmin),
});

// Linux: inet_diag_dump_start(), inet_diag_dump()
function dump(request: NetlinkRequest, cookies: Cookies): Dump {
  const { header, attributes } = inetDiagRequest.parse(request.message);
  const { netAdmin } = request.credentials;
  const filter: Bytecode | null = attributes.bytecode === undefined ? null : checkBytecode(attributes.bytecode, netAdmin);
  return {
    *messages(writer) {
      const protocol = protocolOf(header, attributes.protocol);
      const entry = new InetEntry();
      const { sequence } = request.message;
      for (const _ of protocol.entries(request.namespace, header.family, header.states, entry)) {
        if (header.sport !== 0 && header.sport !== entry.localPort) continue;
        if (header.dport !== 0 && header.dport !== entry.remotePort) continue;
        if (filter !== null && !passes(filter, entry)) continue;
        inetDiagMessage.build(
          writer,
          SOCK_DIAG_BY_FAMILY,
          NLM_F_MULTI,
          sequence,
          request.socket.portId,
          headerOf(entry, cookies.of(entry.subject)),
          describe(protocol, entry, header.ext, netAdmin),
        );
        yield;
      }
    },
  };
}

/** The socket that a request names. EINVAL, ENOENT. */
function find(
  request: NetlinkRequest,
  cookies: Cookies,
): { readonly protocol: InetDiagProtocol; readonly entry: InetEntry; readonly ext: number } {
  const { header, attributes } = inetDiagRequest.parse(request.message);
  const protocol = protocolOf(header, attributes.protocol);
  if (header.family !== AF_INET && header.family !== AF_INET6) fail(EINVAL);
  const entry = new InetEntry();
  if (!protocol.find(request.namespace, header, entry)) fail(ENOENT);
  cookies.check(entry.subject, header);
  return { protocol, entry, ext: header.ext };
}

// Linux: inet_diag_dump_one_icsk()
function get(request: NetlinkRequest, cookies: Cookies): void {
  const { protocol, entry, ext } = find(request, cookies);
  const attributes = describe(protocol, entry, ext, request.credentials.netAdmin);
  request.answer(inetDiagMessage, headerOf(entry, cookies.of(entry.subject)), attributes, SOCK_DIAG_BY_FAMILY);
}

// Linux: sock_diag_destroy()
function destroy(request: NetlinkRequest, cookies: Cookies): void {
  const { protocol, entry } = find(request, cookies);
  if (!request.credentials.netAdmin) fail(EPERM);
  protocol.destroy(entry);
}

function destroyGroup({ family, protocol }: InetSocket): number {
  if (family === AF_INET6) return protocol === TCP ? SKNLGRP_INET6_TCP_DESTROY : SKNLGRP_INET6_UDP_DESTROY;
  return protocol === TCP ? SKNLGRP_INET_TCP_DESTROY : SKNLGRP_INET_UDP_DESTROY;
}

/** Tells of a socket that is over. Linux: sock_diag_broadcast_destroy_work(), inet_diag_handler_get_info() */
function tellOf(server: NetlinkServer, cookies: Cookies, socket: InetSocket): void {
  const { namespace } = socket;
  const group = destroyGroup(socket);
  const protocol = protocols.get(socket.protocol);
  if (protocol === undefined || !server.hasListeners(NETLINK_SOCK_DIAG, namespace, group)) return;
  const entry = new InetEntry();
  entry.takeSocket(socket);
  entry.state = TCP_CLOSE;
  entry.inode = 0;
  const ext = (1 << (INET_DIAG_INFO - 1)) | (1 << (INET_DIAG_CONG - 1));
  const attributes = { protocol: socket.protocol, info: protocol.describe?.(entry, ext, false).info, ...attributesOf(entry, 0, false) };
  server.notify({ protocol: NETLINK_SOCK_DIAG, namespace, group }, (writer, sequence, portId) => {
    inetDiagMessage.build(writer, SOCK_DIAG_BY_FAMILY, 0, sequence, portId, headerOf(entry, cookies.of(socket)), attributes);
  });
}

const TCP_CLOSE = 7;

function watch(server: NetlinkServer, cookies: Cookies): void {
  const listen = (namespace: Namespace) => {
    namespace.onSocketDestroyed = (socket) => tellOf(server, cookies, socket);
  };
  for (const namespace of server.stack.namespaces.values()) listen(namespace);
  server.stack.namespaceEvents.subscribe((event) => {
    if (event.type === 'created') listen(event.namespace);
  });
}

/** Sockets over IPv4: inet_diag. */
export const inetDiag: DiagHandler = { family: AF_INET, dump, get, destroy, watch };

/** Sockets over IPv6. */
export const inet6Diag: DiagHandler = { family: AF_INET6, dump, get, destroy };

import { EINVAL, ENOENT, EPERM } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { InetSocket } from '../../../net/core/inet-socket.js';
import type { Namespace } from '../../../net/core/namespace.js';
import { AF_INET, AF_INET6, AF_UNSPEC, NETLINK_SOCK_DIAG, NLM_F_DUMP, NLM_F_MULTI } from '../../../netlink/constants.js';
import {
  INET_DIAG_CONG,
  INET_DIAG_INFO,
  type InetDiagAttributes,
  inetDiagLegacyRequest,
  inetDiagMessage,
  type InetDiagRequest,
  inetDiagRequest,
} from '../../../netlink/diag/inet.js';
import {
  DCCPDIAG_GETSOCK,
  SKNLGRP_INET6_TCP_DESTROY,
  SKNLGRP_INET6_UDP_DESTROY,
  SKNLGRP_INET_TCP_DESTROY,
  SKNLGRP_INET_UDP_DESTROY,
  SOCK_DIAG_BY_FAMILY,
} from '../../../netlink/diag/sock-diag.js';
import type { MessageOf } from '../../../netlink/schema.js';
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

type RequestAttributes = MessageOf<typeof inetDiagRequest>['attributes'];

/** INET_DIAG_REQ_PROTOCOL names what does not fit into eight bits. ENOENT: nothing is known of that protocol. */
function protocolOf(header: { readonly protocol: number }, wide: number | undefined): InetDiagProtocol {
  return protocols.get(wide ?? header.protocol) ?? fail(ENOENT);
}

const describe = (protocol: InetDiagProtocol, entry: InetEntry, ext: number, netAdmin: boolean): InetDiagAttributes => ({
  ...attributesOf(entry, ext, netAdmin),
  ...protocol.describe?.(entry, ext, netAdmin),
});

/** The sockets that a request wants; with AF_UNSPEC of both families. Linux: inet_diag_dump_start(), inet_diag_dump() */
function dumpOf(request: NetlinkRequest, cookies: Cookies, wanted: InetDiagRequest, attributes: RequestAttributes): Dump {
  const { netAdmin } = request.credentials;
  const filter: Bytecode | null = attributes.bytecode === undefined ? null : checkBytecode(attributes.bytecode, netAdmin);
  const families = wanted.family === AF_UNSPEC ? [AF_INET, AF_INET6] : [wanted.family];
  return {
    *messages(writer) {
      const protocol = protocolOf(wanted, attributes.protocol);
      const entry = new InetEntry();
      const { sequence } = request.message;
      for (const family of families) {
        for (const _ of protocol.entries(request.namespace, family, wanted.states, entry)) {
          if (wanted.sport !== 0 && wanted.sport !== entry.localPort) continue;
          if (wanted.dport !== 0 && wanted.dport !== entry.remotePort) continue;
          if (filter !== null && !passes(filter, entry)) continue;
          inetDiagMessage.build(
            writer,
            request.type,
            NLM_F_MULTI,
            sequence,
            request.socket.portId,
            headerOf(entry, cookies.of(entry.subject)),
            describe(protocol, entry, wanted.ext, netAdmin),
          );
          yield;
        }
      }
    },
  };
}

function dump(request: NetlinkRequest, cookies: Cookies): Dump {
  const { header, attributes } = inetDiagRequest.parse(request.message);
  return dumpOf(request, cookies, header, attributes);
}

const DCCP = 33;

/** TCPDIAG_GETSOCK and DCCPDIAG_GETSOCK. Linux: inet_diag_rcv_msg_compat() */
export function legacyInetDiag(request: NetlinkRequest, cookies: Cookies): Dump | undefined {
  const { header, attributes } = inetDiagLegacyRequest.parse(request.message);
  const protocol = request.type === DCCPDIAG_GETSOCK ? DCCP : TCP;
  if ((request.flags & NLM_F_DUMP) === NLM_F_DUMP)
    return dumpOf(request, cookies, { ...header, family: AF_UNSPEC, protocol, rawProtocol: 0 }, attributes);
  answerOne(request, cookies, { ...header, protocol, rawProtocol: 0 }, attributes);
  return undefined;
}

/** The socket that a request names. EINVAL, ENOENT. */
function find(
  request: NetlinkRequest,
  cookies: Cookies,
  wanted: InetDiagRequest,
  attributes: RequestAttributes,
): { readonly protocol: InetDiagProtocol; readonly entry: InetEntry } {
  const protocol = protocolOf(wanted, attributes.protocol);
  if (wanted.family !== AF_INET && wanted.family !== AF_INET6) fail(EINVAL);
  const entry = new InetEntry();
  if (!protocol.find(request.namespace, wanted, entry)) fail(ENOENT);
  cookies.check(entry.subject, wanted);
  return { protocol, entry };
}

// Linux: inet_diag_dump_one_icsk()
function answerOne(request: NetlinkRequest, cookies: Cookies, wanted: InetDiagRequest, attributes: RequestAttributes): void {
  const { protocol, entry } = find(request, cookies, wanted, attributes);
  const described = describe(protocol, entry, wanted.ext, request.credentials.netAdmin);
  request.answer(inetDiagMessage, headerOf(entry, cookies.of(entry.subject)), described);
}

function get(request: NetlinkRequest, cookies: Cookies): void {
  const { header, attributes } = inetDiagRequest.parse(request.message);
  answerOne(request, cookies, header, attributes);
}

// Linux: sock_diag_destroy()
function destroy(request: NetlinkRequest, cookies: Cookies): void {
  const { header, attributes } = inetDiagRequest.parse(request.message);
  const { protocol, entry } = find(request, cookies, header, attributes);
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

import { EINVAL, ENOENT, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { NETLINK_SOCK_DIAG, NLM_F_DUMP } from '../../netlink/constants.js';
import {
  DCCPDIAG_GETSOCK,
  SKNLGRP_INET6_UDP_DESTROY,
  SOCK_DESTROY,
  SOCK_DIAG_BY_FAMILY,
  TCPDIAG_GETSOCK,
} from '../../netlink/diag/sock-diag.js';
import { payloadStart } from '../../netlink/message.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import type { Dump, NetlinkProtocol } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { Cookies } from './cookies.js';

/** Who answers for the sockets of one address family (struct sock_diag_handler). */
export interface DiagHandler {
  readonly family: number;
  dump(request: NetlinkRequest, cookies: Cookies): Dump;
  /** One socket, named exactly. Left out: EOPNOTSUPP. */
  get?(request: NetlinkRequest, cookies: Cookies): void;
  /** SOCK_DESTROY. Left out: EOPNOTSUPP. */
  destroy?(request: NetlinkRequest, cookies: Cookies): void;
  /** Called once a stack: tells of what its sockets come to. */
  watch?(server: NetlinkServer, cookies: Cookies): void;
}

const AF_MAX = 46;
/** sizeof(struct sock_diag_req) */
const REQUEST_BYTES = 2;

/** NETLINK_SOCK_DIAG: looking into sockets. `legacy` answers what older programs ask about TCP and DCCP. */
export function sockDiag(
  server: NetlinkServer,
  handlers: readonly DiagHandler[],
  legacy: (request: NetlinkRequest, cookies: Cookies) => Dump | undefined,
): NetlinkProtocol {
  const cookies = new Cookies();
  const byFamily = new Map(handlers.map((handler) => [handler.family, handler]));
  for (const handler of handlers) handler.watch?.(server, cookies);

  return {
    protocol: NETLINK_SOCK_DIAG,
    groups: SKNLGRP_INET6_UDP_DESTROY,
    nonRootReceive: true,

    // Linux: sock_diag_rcv_msg()
    receive(request) {
      const { type, flags, message } = request;
      if (type === TCPDIAG_GETSOCK || type === DCCPDIAG_GETSOCK) return legacy(request, cookies);
      if (type !== SOCK_DIAG_BY_FAMILY && type !== SOCK_DESTROY) fail(EINVAL);
      if (message.end - payloadStart(message) < REQUEST_BYTES) fail(EINVAL);
      const family = message.bytes[payloadStart(message)]!;
      if (family >= AF_MAX) fail(EINVAL);
      const handler = byFamily.get(family) ?? fail(ENOENT);
      if (type === SOCK_DESTROY) {
        if (handler.destroy === undefined) return fail(EOPNOTSUPP);
        handler.destroy(request, cookies);
        return undefined;
      }
      if ((flags & NLM_F_DUMP) === NLM_F_DUMP) return handler.dump(request, cookies);
      if (handler.get === undefined) return fail(EOPNOTSUPP);
      handler.get(request, cookies);
      return undefined;
    },
  };
}

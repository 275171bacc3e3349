import type { NetlinkEndpoint } from './netlink-endpoint.js';
import type { NetlinkRequest } from './netlink-request.js';
import type { NetlinkMessage } from '../netlink/message.js';
import type { MessageWriter } from '../netlink/writer.js';

/**
 * What one netlink protocol (NETLINK_ROUTE, NETLINK_GENERIC, ...) does with messages; one object an instance, made by the
 * composition root and handed to NetlinkServer.
 */
export interface NetlinkProtocol {
  /** NETLINK_*. */
  readonly protocol: number;
  /** The kernel module that brings it, loaded by the first socket; left out: it is built in. */
  readonly module?: string;
  /** How many multicast groups there are now; a group is a number from 1 on. */
  readonly groups: number;
  /** Whether anybody may join groups (NL_CFG_F_NONROOT_RECV). */
  readonly nonRootReceive: boolean;
  /**
   * Handles one message, from nlmsghdr on, whose type is at least NLMSG_MIN_TYPE and which has NLM_F_REQUEST. Throws NetError
   * for an NLMSG_ERROR. A dump is returned, and runs as the reader takes its datagrams; what it throws ends up in NLMSG_DONE.
   */
  receive(request: NetlinkRequest): Dump | undefined;
  /** Handles a whole datagram, where its messages belong together (nfnetlink's batches). False: receive() is to have each. */
  receiveBatch?(socket: NetlinkEndpoint, messages: readonly NetlinkMessage[]): boolean;
  /** Are messages of this type ours alone? Monitors (nlmon) do not see them: their own reading would be such messages without end. */
  isOwn?(type: number): boolean;
  /** A socket of this protocol has closed. */
  closed?(socket: NetlinkEndpoint): void;
}

export interface Dump {
  /** Writes one whole message (begin() to end(), with NLM_F_MULTI) before each yield. */
  messages(writer: MessageWriter): Iterator<void>;
  /** Changes whenever the dumped table does: a change during a dump sets NLM_F_DUMP_INTR. */
  generation?(): number;
}

import { EAGAIN, EINVAL, ENOMEM, EOPNOTSUPP, EPERM, ERESTART } from '../../base/errno.js';
import { fail, NetError } from '../../base/net-error.js';
import { NETLINK_NETFILTER, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_MIN_TYPE } from '../../netlink/constants.js';
import { type NetlinkMessage, payloadStart } from '../../netlink/message.js';
import {
  batchMessage,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NFNLGRP_NFTRACE,
  nfgenmsg,
  nfnlOperation,
  nfnlSubsystem,
} from '../../netlink/nfnl/nfnetlink.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { NetlinkEndpoint } from '../netlink-endpoint.js';
import type { NetlinkServer } from '../netlink-kernel.js';
import type { Dump, NetlinkProtocol } from '../netlink-protocol.js';
import { NetlinkRequest } from '../netlink-request.js';

/** What answers one operation of a subsystem (struct nfnl_callback). */
export interface NfnlHandler<T = unknown> {
  readonly operation: number;
  handle?(request: NetlinkRequest): void;
  dump?(request: NetlinkRequest): Dump;
  /** Part of a transaction: outside of one it is refused. */
  inBatch?(request: NetlinkRequest, transaction: T): void;
}

/** How a subsystem's transactions begin and end. */
export interface NfnlTransactions<T> {
  begin(namespace: Namespace): T;
  generation(namespace: Namespace): number;
  /** Throws where all together does not hold; then it is aborted. */
  commit(transaction: T, socket: NetlinkEndpoint, begin: NetlinkRequest): void;
  abort(transaction: T): void;
  /** What an attempt that ended with EAGAIN waited for is brought about; the batch begins once more with this. */
  beginAnew(namespace: Namespace, aborted: T): T;
}

/** A subsystem - nf_tables, ctnetlink - as one descriptor; the list of all is registry.ts. */
export interface NfnlSubsystem<T = unknown> {
  readonly subsystem: number;
  readonly handlers: readonly NfnlHandler<T>[];
  readonly transactions?: NfnlTransactions<T>;
  /** A message of its has come: what is loaded with it is there. */
  asked?(namespace: Namespace): void;
  /** Turns what happens in a namespace into notifications. Called once a namespace. */
  watch?(server: NetlinkServer, namespace: Namespace): void;
  closed?(socket: NetlinkEndpoint): void;
}

/** A subsystem with its handlers by operation. */
interface Known {
  readonly subsystem: NfnlSubsystem;
  readonly handlers: ReadonlyMap<number, NfnlHandler>;
}

/** NETLINK_NETFILTER: nfnetlink's messages, one by one or in batches. Linux: net/netfilter/nfnetlink.c */
export function nfnetlink(server: NetlinkServer, subsystems: readonly NfnlSubsystem<never>[]): NetlinkProtocol {
  const known: ReadonlyMap<number, Known> = new Map(
    (subsystems as readonly NfnlSubsystem[]).map((subsystem) => [
      subsystem.subsystem,
      { subsystem, handlers: new Map(subsystem.handlers.map((handler) => [handler.operation, handler])) },
    ]),
  );
  const watch = (namespace: Namespace) => {
    for (const { subsystem } of known.values()) subsystem.watch?.(server, namespace);
  };
  for (const namespace of server.stack.namespaces.values()) watch(namespace);
  server.stack.namespaceEvents.subscribe((event) => {
    if (event.type === 'created') watch(event.namespace);
  });

  /** Linux: nfnetlink_rcv_batch() */
  function runBatch(socket: NetlinkEndpoint, messages: readonly NetlinkMessage[]): void {
    const [first] = messages as readonly [NetlinkMessage];
    const begin = new NetlinkRequest(server, socket, first);
    let entry: Known | undefined;
    let transaction: unknown;
    let transactions: NfnlTransactions<unknown>;
    try {
      const { header, attributes } = batchMessage.parse(first);
      if (!socket.credentials.netAdmin) fail(EPERM);
      entry = known.get(header.resId) ?? fail(EOPNOTSUPP);
      transactions = entry.subsystem.transactions ?? fail(EOPNOTSUPP);
      const generation = attributes.genid;
      if (generation !== undefined && generation !== transactions.generation(socket.namespace) >>> 0) fail(ERESTART);
      transaction = transactions.begin(socket.namespace);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      socket.acknowledge(first, error);
      return;
    }
    while (!attempt(socket, messages, begin, entry, transaction)) transaction = transactions.beginAnew(socket.namespace, transaction);
  }

  /** Runs a batch, and answers. False: it has been undone, and wants to begin anew. */
  function attempt(
    socket: NetlinkEndpoint,
    messages: readonly NetlinkMessage[],
    begin: NetlinkRequest,
    { subsystem, handlers }: Known,
    transaction: unknown,
  ): boolean {
    const transactions = subsystem.transactions!;
    const [first] = messages as readonly [NetlinkMessage];
    const answers: [NetlinkMessage, NetError | null, string | undefined][] = [];
    if ((first.flags & NLM_F_ACK) !== 0) answers.push([first, null, undefined]);
    let failed = false;
    let ended = false;
    let lastRequest = begin;
    // What is told of the whole is told to who wants the first of its messages echoed. Linux: nf_tables_gen_notify()
    let firstRequest: NetlinkRequest | null = null;
    for (const message of messages.slice(1)) {
      if (message.type === NFNL_MSG_BATCH_END) {
        ended = true;
        if ((message.flags & NLM_F_ACK) !== 0) answers.push([message, null, undefined]);
        break;
      }
      if (message.type < NLMSG_MIN_TYPE) continue;
      const request = new NetlinkRequest(server, socket, message);
      lastRequest = request;
      firstRequest ??= request;
      try {
        if ((message.flags & NLM_F_REQUEST) === 0 || message.type === NFNL_MSG_BATCH_BEGIN) fail(EINVAL);
        if (nfnlSubsystem(message.type) !== subsystem.subsystem) fail(EINVAL);
        if (message.end - payloadStart(message) < nfgenmsg.size) fail(EINVAL);
        const handler = handlers.get(nfnlOperation(message.type)) ?? fail(EINVAL);
        if (handler.inBatch === undefined) fail(EINVAL);
        else server.during(request, () => handler.inBatch!(request, transaction));
        if ((message.flags & NLM_F_ACK) !== 0) answers.push([message, null, request.warning]);
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        if (error.errno === EAGAIN) {
          transactions.abort(transaction);
          return false;
        }
        // All that is wrong is told, not only what is wrong first.
        answers.push([message, error, undefined]);
        failed = true;
        if (error.errno === ENOMEM) break;
      }
    }
    if (!failed && ended) {
      try {
        server.during(firstRequest ?? begin, () => transactions.commit(transaction, socket, begin));
      } catch (error) {
        if (!(error instanceof NetError)) throw error;
        if (error.errno === EAGAIN) {
          transactions.abort(transaction);
          return false;
        }
        failed = true;
        // What does not hold together is told of with the last request.
        const { message } = lastRequest;
        const at = answers.findIndex(([answered]) => answered === message);
        answers.splice(at < 0 ? answers.length : at, at < 0 ? 0 : 1, [message, error, undefined]);
      }
    }
    if (failed || !ended) transactions.abort(transaction);
    for (const [message, error, warning] of answers) socket.acknowledge(message, error, warning);
    return true;
  }

  return {
    protocol: NETLINK_NETFILTER,
    module: 'nfnetlink',
    groups: NFNLGRP_NFTRACE,
    nonRootReceive: false,

    receiveBatch(socket, messages) {
      if (messages[0]?.type !== NFNL_MSG_BATCH_BEGIN) return false;
      runBatch(socket, messages);
      return true;
    },

    // Linux: nfnetlink_rcv_msg()
    receive(request) {
      const { message } = request;
      if (!request.credentials.netAdmin) fail(EPERM);
      if (message.end - payloadStart(message) < nfgenmsg.size) return undefined;
      const entry = known.get(nfnlSubsystem(message.type)) ?? fail(EINVAL);
      entry.subsystem.asked?.(request.namespace);
      const handler = entry.handlers.get(nfnlOperation(message.type)) ?? fail(EINVAL);
      if (handler.dump !== undefined && ((message.flags & NLM_F_DUMP) === NLM_F_DUMP || handler.handle === undefined))
        return handler.dump(request);
      if (handler.handle === undefined) return fail(EINVAL);
      handler.handle(request);
      return undefined;
    },

    closed(socket) {
      for (const { subsystem } of known.values()) subsystem.closed?.(socket);
    },
  };
}

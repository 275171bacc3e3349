import { EAGAIN, EOPNOTSUPP } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import { NETLINK_NETFILTER } from '../../../netlink/constants.js';
import { genMessage, NFT_MSG_DELCHAIN, NFT_MSG_GETGEN, NFT_MSG_NEWGEN, chainMessage } from '../../../netlink/nfnl/nf-tables.js';
import { NFNL_SUBSYS_NFTABLES, NFNLGRP_NFTABLES, nfnlOperation } from '../../../netlink/nfnl/nfnetlink.js';
import type { Namespace } from '../../../net/core/namespace.js';
import type { NfTables } from '../../../net/netfilter/nf_tables/nf-tables.js';
import { loadAsked } from '../../../net/netfilter/nf_tables/autoload.js';
import { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import { validateTable } from '../../../net/netfilter/nf_tables/validate.js';
import type { NetlinkEndpoint } from '../../netlink-endpoint.js';
import type { NetlinkServer } from '../../netlink-kernel.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import type { NfnlSubsystem } from '../nfnetlink.js';
import { chainHandlers, describeChain, removeChain } from './chains.js';
import { type Context, headerOf } from './context.js';
import { elementHandlers } from './elements.js';
import { flowtableHandlers } from './flowtables.js';
import { flushTable } from './flush.js';
import { objectHandlers } from './objects.js';
import { removeRule, ruleHandlers } from './rules.js';
import { setHandlers } from './sets.js';
import { tableHandlers } from './tables.js';
import { traces } from './trace.js';

const generation = (namespace: Namespace, pid: number) => ({
  id: namespace.nfTables.generation,
  procPid: pid,
  procName: 'nft',
});

/** nf_tables. Linux: net/netfilter/nf_tables_api.c */
export const nfTablesSubsystem: NfnlSubsystem<Transaction> = {
  subsystem: NFNL_SUBSYS_NFTABLES,
  handlers: [
    ...tableHandlers,
    ...chainHandlers,
    ...ruleHandlers,
    ...setHandlers,
    ...elementHandlers,
    ...objectHandlers,
    ...flowtableHandlers,
    {
      operation: nfnlOperation(NFT_MSG_GETGEN),
      handle(request) {
        const { namespace } = request;
        request.answer(genMessage, headerOf(namespace.nfTables, 0), generation(namespace, request.credentials.pid), NFT_MSG_NEWGEN);
      },
    },
  ],
  transactions: {
    begin: () => new Transaction(),
    generation: (namespace) => namespace.nfTables.generation,
    commit: (transaction, socket, begin) => commit(transaction, socket, begin),
    abort: (transaction) => transaction.abort(),
    beginAnew(namespace, aborted) {
      loadAsked({ modules: namespace.stack.modules, transaction: aborted });
      return new Transaction(aborted);
    },
  },
  watch,
  closed,
};

// Linux: nf_tables_commit()
function commit(transaction: Transaction, socket: NetlinkEndpoint, begin: NetlinkRequest): void {
  if (!transaction.changed) return;
  const { namespace } = socket;
  const tables = namespace.nfTables;
  for (const set of transaction.sets) set.backend.check?.();
  validate(transaction, tables);
  tables.generation = tables.generation === 0xffff_ffff ? 1 : tables.generation + 1;
  transaction.commit(true);
  begin.server.notify(
    { protocol: NETLINK_NETFILTER, namespace, group: NFNLGRP_NFTABLES, answersRequest: true },
    (writer, sequence, portId) =>
      genMessage.build(writer, NFT_MSG_NEWGEN, 0, sequence, portId, headerOf(tables, 0), generation(namespace, socket.credentials.pid)),
  );
}

/** EAGAIN: something may not be where it is, and the batch begins anew to find out what. Linux: nf_tables_validate() */
function validate(transaction: Transaction, tables: NfTables): void {
  try {
    if (transaction.invalid) fail(EOPNOTSUPP);
    if (transaction.needsValidation) for (const table of tables.tables) validateTable(table);
  } catch (error) {
    if (!(error instanceof NetError) || tables.validating) throw error;
    tables.validating = true;
    fail(EAGAIN);
  }
  tables.validating = false;
}

function watch(server: NetlinkServer, namespace: Namespace): void {
  traces(server, namespace);
  // The last device of a chain has gone, and the chain with it.
  namespace.nfTables.chainEvents.subscribe((chain) => {
    const transaction = new Transaction();
    const { table } = chain;
    const silent = { tables: namespace.nfTables, notify: () => undefined } as unknown as Context<never>;
    for (const rule of [...chain.rules]) removeRule(silent, rule, transaction);
    removeChain(silent, chain, transaction);
    transaction.commit(false);
    server.notify({ protocol: NETLINK_NETFILTER, namespace, group: NFNLGRP_NFTABLES }, (writer, sequence, portId) =>
      chainMessage.build(writer, NFT_MSG_DELCHAIN, 0, sequence, portId, headerOf(namespace.nfTables, table.family), describeChain(chain)),
    );
  });
}

/** Tables go with the socket that owns them. */
function closed(socket: NetlinkEndpoint): void {
  const { nfTables } = socket.namespace;
  for (const table of nfTables.tables.filter((other) => other.owner !== 0 && other.owner === socket.portId)) {
    const transaction = new Transaction();
    flushTable({ tables: nfTables, notify: () => undefined } as unknown as Context<never>, table, transaction);
    nfTables.tables.splice(nfTables.tables.indexOf(table), 1);
    transaction.commit(false);
  }
}

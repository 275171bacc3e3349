import type { Stack, NamespaceModule } from '../core/stack.js';
import { Conntrack } from './conntrack/conntrack.js';
import { ConntrackTable } from './conntrack/table.js';
import { Ipvs } from './ipvs/ipvs.js';
import { watchMasquerade } from './nat/masquerade.js';
import { registerKinds } from './nf_tables/expressions/lookup-kind.js';
import { expressionKinds } from './nf_tables/expressions/registry.js';
import { NfTables } from './nf_tables/nf-tables.js';

const tables = new WeakMap<Stack, ConntrackTable>();

/** Netfilter in each namespace: connections and rules. Behind IPv4 and IPv6 in the list of modules. */
export const netfilterModule: NamespaceModule = {
  name: 'netfilter',
  attach(stack) {
    registerKinds(expressionKinds);
    const table = new ConntrackTable(stack.random.u32());
    tables.set(stack, table);
    stack.pool.conntracks = table;
  },
  init(namespace) {
    namespace.conntrack = new Conntrack(namespace, tables.get(namespace.stack)!);
    namespace.nfTables = new NfTables(namespace);
    namespace.ipvs = new Ipvs(namespace);
    watchMasquerade(namespace.conntrack);
  },
  exit(namespace) {
    namespace.nfTables.flows.destroy();
    namespace.ipvs.destroy();
    namespace.conntrack.destroy();
  },
};

import { ENOENT, EOPNOTSUPP, EPERM } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { AttributeShape, StructCodec, ValuesOf } from '../../../netlink/attributes.js';
import { NETLINK_NETFILTER, NLM_F_MULTI, NLM_F_CREATE, NLM_F_EXCL } from '../../../netlink/constants.js';
import { familyNames } from '../../../netlink/nfnl/families.js';
import { NFNLGRP_NFTABLES, type nfgenmsg } from '../../../netlink/nfnl/nfnetlink.js';
import type { MessageSchema } from '../../../netlink/schema.js';
import type { Namespace } from '../../../net/core/namespace.js';
import type { Chain } from '../../../net/netfilter/nf_tables/chain.js';
import type { NfTables } from '../../../net/netfilter/nf_tables/nf-tables.js';
import type { NftSet } from '../../../net/netfilter/nf_tables/set.js';
import type { Table } from '../../../net/netfilter/nf_tables/table.js';
import type { Transaction } from '../../../net/netfilter/nf_tables/transaction.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';

type Nfgenmsg = typeof nfgenmsg extends StructCodec<infer F> ? F : never;

/** A message of nf_tables with what it says: what handlers work with. */
export class Context<S extends AttributeShape> {
  readonly request: NetlinkRequest;
  readonly schema: MessageSchema<Nfgenmsg, S>;
  readonly family: number;
  readonly values: ValuesOf<S>;
  readonly tables: NfTables;

  constructor(request: NetlinkRequest, schema: MessageSchema<Nfgenmsg, S>) {
    const { header, attributes } = schema.parse(request.message);
    this.request = request;
    this.schema = schema;
    this.family = header.family;
    this.values = attributes;
    this.tables = request.namespace.nfTables;
  }

  get namespace(): Namespace {
    return this.request.namespace;
  }

  has(flag: number): boolean {
    return (this.request.flags & flag) !== 0;
  }

  /** Of what tells of something new: how the request asked for it. */
  get createFlags(): number {
    return this.request.flags & (NLM_F_CREATE | NLM_F_EXCL);
  }

  /** An error about one attribute: NL_SET_BAD_ATTR(). */
  bad(errno: number, key: keyof S & string): never {
    return fail(errno, undefined, this.schema.offsetOf(this.request.message, key));
  }

  /** The table by its name; ENOENT, EPERM where it is another socket's. */
  table(name: string | undefined, key: keyof S & string, change: boolean): Table {
    if (!familyNames.has(this.family)) return this.bad(ENOENT, key);
    const table = name === undefined ? undefined : this.tables.findTable(this.family, name);
    if (table === undefined) return this.bad(ENOENT, key);
    if (change && table.owner !== 0 && table.owner !== this.request.socket.portId) return this.bad(EPERM, key);
    return table;
  }

  chain(table: Table, name: string | undefined, key: keyof S & string): Chain {
    return (name === undefined ? undefined : table.chains.get(name)) ?? this.bad(ENOENT, key);
  }

  set(table: Table, name: string | undefined, key: keyof S & string): NftSet {
    return (name === undefined ? undefined : table.sets.get(name)) ?? this.bad(ENOENT, key);
  }

  /** nfgenmsg of what is answered. */
  header(family = this.family) {
    return headerOf(this.tables, family);
  }

  /** Whether anybody would be told. */
  get isHeard(): boolean {
    const { server } = this.request;
    let heard = false;
    server.during(this.request, () => {
      heard = server.hasListeners(NETLINK_NETFILTER, this.namespace, NFNLGRP_NFTABLES);
    });
    return heard;
  }

  /** Tells who listens to the ruleset, as of this request. */
  notify<N extends AttributeShape>(
    schema: MessageSchema<Nfgenmsg, N>,
    type: number,
    flags: number,
    family: number,
    values: () => ValuesOf<N>,
  ): void {
    const { server } = this.request;
    const notification = { protocol: NETLINK_NETFILTER, namespace: this.namespace, group: NFNLGRP_NFTABLES, answersRequest: true };
    server.during(this.request, () => {
      if (!server.hasListeners(NETLINK_NETFILTER, this.namespace, NFNLGRP_NFTABLES)) return;
      server.notify(notification, (writer, sequence, portId) =>
        schema.build(writer, type, flags, sequence, portId, this.header(family), values()),
      );
    });
  }

  /** A dump of what `items` gives, each a message of its own. */
  dump<N extends AttributeShape, T>(
    schema: MessageSchema<Nfgenmsg, N>,
    type: number,
    items: () => Iterable<T>,
    describe: (item: T) => readonly [family: number, values: ValuesOf<N>],
  ): Dump {
    const { request, tables } = this;
    return {
      generation: () => tables.generation,
      *messages(writer) {
        for (const item of items()) {
          const [family, values] = describe(item);
          schema.build(writer, type, NLM_F_MULTI, request.message.sequence, request.socket.portId, headerOf(tables, family), values);
          yield;
        }
      },
    };
  }
}

export const headerOf = (tables: NfTables, family: number) => ({ family, version: 0, resId: tables.generation & 0xffff });

/** All tables of a family, or of all where it is 0. */
export function tablesOf(tables: NfTables, family: number, name?: string): Table[] {
  return tables.tables.filter((table) => (family === 0 || table.family === family) && (name === undefined || table.name === name));
}

export const unsupported = (): never => fail(EOPNOTSUPP);
export type { Transaction };

import { parseMessages } from '../../src/netlink/message.js';
import type { Transport } from '../../src/client/transport.js';
import {
  NETLINK_EXT_ACK,
  NETLINK_NETFILTER,
  NLM_F_ACK,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from '../../src/netlink/constants.js';
import { type WireExpression, wireExpression } from '../../src/netlink/nfnl/expression.js';
import { bitwise } from '../../src/netlink/nfnl/expressions/bitwise.js';
import { cmp } from '../../src/netlink/nfnl/expressions/cmp.js';
import { counter } from '../../src/netlink/nfnl/expressions/counter.js';
import { ct } from '../../src/netlink/nfnl/expressions/ct.js';
import { immediate } from '../../src/netlink/nfnl/expressions/immediate.js';
import { meta, NFT_META_L4PROTO } from '../../src/netlink/nfnl/expressions/meta.js';
import { payload } from '../../src/netlink/nfnl/expressions/payload.js';
import * as nft from '../../src/netlink/nfnl/nf-tables.js';
import {
  batchMessage,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NFNL_SUBSYS_NFTABLES,
  NFPROTO_IPV4,
} from '../../src/netlink/nfnl/nfnetlink.js';
import { MessageWriter } from '../../src/netlink/writer.js';

// nf_tables by its messages, as a test speaks to it.

/** Bytes of the number in network byte order. */
export const be = (value: number, bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) & 255);

export const ip = (text: string): Uint8Array => Uint8Array.from(text.split('.').map(Number));

/** A number as a little-endian host has it in its register. */
export const host = (value: number): Uint8Array => be(value, 4).reverse();

export const load = (base: number, offset: number, len: number, dreg = 1): WireExpression =>
  wireExpression(payload, { dreg, base, offset, len });
export const equals = (value: Uint8Array, op = 0, sreg = 1): WireExpression => wireExpression(cmp, { sreg, op, data: { value } });
export const protocol = (number: number): WireExpression[] => [
  wireExpression(meta, { key: NFT_META_L4PROTO, dreg: 1 }),
  equals(Uint8Array.of(number)),
];
export const saddr = (address: string): WireExpression[] => [load(1, 12, 4), equals(ip(address))];
export const daddr = (address: string): WireExpression[] => [load(1, 16, 4), equals(ip(address))];
export const dport = (port: number): WireExpression[] => [load(2, 2, 2), equals(be(port, 2))];
export const verdict = (code: number, chain?: string): WireExpression =>
  wireExpression(immediate, { dreg: 0, data: { verdict: { code: code >>> 0, ...(chain === undefined ? {} : { chain }) } } });
export const accept = verdict(1);
export const drop = verdict(0);
export const jump = (chain: string) => verdict(-3, chain);
export const counts = wireExpression(counter, { packets: 0, bytes: 0 });
export const into = (value: Uint8Array, dreg = 1): WireExpression => wireExpression(immediate, { dreg, data: { value } });
/** ct state with one of these bits: established 2, related 4, new 8, untracked 64, invalid 1. */
export const ctState = (bits: number): WireExpression[] => [
  wireExpression(ct, { key: 0, dreg: 1 }),
  wireExpression(bitwise, { sreg: 1, dreg: 1, len: 4, op: 0, mask: { value: host(bits) }, xor: { value: host(0) } }),
  equals(host(0), 1),
];

export interface Answer {
  readonly sequence: number;
  readonly errno: number;
}

/** A client of nf_tables in a namespace. Each call is a batch of its own; errors come back as numbers. */
export class NftClient {
  readonly #transport: Transport;
  readonly #family: number;
  readonly #writer = new MessageWriter();
  #sequence = 0;
  #sent = 0;

  constructor(transport: Transport, family = NFPROTO_IPV4) {
    this.#transport = transport;
    this.#family = family;
  }

  /** Sends what `build` writes as one batch; the errors that came back, in order. */
  async batch(build: (batch: NftClient) => void): Promise<number[]> {
    this.#writer.reset();
    this.#sent = 0;
    const header = { family: 0, version: 0, resId: NFNL_SUBSYS_NFTABLES };
    batchMessage.build(this.#writer, NFNL_MSG_BATCH_BEGIN, NLM_F_REQUEST, 0, 0, header, {});
    build(this);
    batchMessage.build(this.#writer, NFNL_MSG_BATCH_END, NLM_F_REQUEST, 0, 0, header, {});
    const connection = await this.#transport.open(NETLINK_NETFILTER);
    await connection.setOption(NETLINK_EXT_ACK, 1);
    await connection.setReceiveBuffer(64 << 20);
    await connection.send(this.#writer.take());
    const errors: number[] = [];
    for (let i = 0; i < this.#sent; ) {
      for (const message of parseMessages(await connection.receive())) {
        if (message.type !== NLMSG_ERROR) continue;
        i++;
        const errno = -message.view.getInt32(message.start + 16, true);
        if (errno !== 0) errors.push(errno);
      }
    }
    connection.close();
    return errors;
  }

  table(name: string, flags = 0): this {
    nft.tableMessage.build(this.#writer, nft.NFT_MSG_NEWTABLE, this.#flags(NLM_F_CREATE), this.#next(), 0, this.#header, { name, flags });
    return this;
  }

  deleteTable(name?: string): this {
    nft.tableMessage.build(
      this.#writer,
      nft.NFT_MSG_DELTABLE,
      this.#flags(0),
      this.#next(),
      0,
      this.#header,
      name === undefined ? {} : { name },
    );
    return this;
  }

  chain(table: string, name: string, base?: { type?: string; hook: number; priority: number; policy?: number; dev?: string }): this {
    nft.chainMessage.build(this.#writer, nft.NFT_MSG_NEWCHAIN, this.#flags(NLM_F_CREATE), this.#next(), 0, this.#header, {
      table,
      name,
      ...(base === undefined
        ? {}
        : {
            hook: { hooknum: base.hook, priority: base.priority, ...(base.dev === undefined ? {} : { dev: base.dev }) },
            type: base.type ?? 'filter',
            ...(base.policy === undefined ? {} : { policy: base.policy }),
          }),
    });
    return this;
  }

  rule(table: string, chain: string, ...expressions: (WireExpression | WireExpression[])[]): this {
    nft.ruleMessage.build(this.#writer, nft.NFT_MSG_NEWRULE, this.#flags(NLM_F_CREATE | NLM_F_APPEND), this.#next(), 0, this.#header, {
      table,
      chain,
      expressions: expressions.flat(),
    });
    return this;
  }

  deleteRule(table: string, chain: string, handle: number): this {
    nft.ruleMessage.build(this.#writer, nft.NFT_MSG_DELRULE, this.#flags(0), this.#next(), 0, this.#header, { table, chain, handle });
    return this;
  }

  set(table: string, name: string, values: nft.SetAttributes): this {
    nft.setMessage.build(this.#writer, nft.NFT_MSG_NEWSET, this.#flags(NLM_F_CREATE), this.#next(), 0, this.#header, {
      table,
      name,
      id: this.#sequence,
      ...values,
    });
    return this;
  }

  elements(table: string, set: string, elements: readonly nft.ElementAttributes[], flags = NLM_F_CREATE): this {
    nft.elementListMessage.build(this.#writer, nft.NFT_MSG_NEWSETELEM, this.#flags(flags), this.#next(), 0, this.#header, {
      table,
      set,
      elements,
    });
    return this;
  }

  /** All rules, as their expressions' names. */
  async rules(): Promise<{ chain: string; handle: number; names: string[]; values: nft.RuleAttributes }[]> {
    const found: { chain: string; handle: number; names: string[]; values: nft.RuleAttributes }[] = [];
    await this.#dump(nft.NFT_MSG_GETRULE, (message) => {
      const { attributes } = nft.ruleMessage.parse(message);
      found.push({
        chain: attributes.chain ?? '',
        handle: attributes.handle ?? 0,
        names: (attributes.expressions ?? []).map((one) => one.name ?? ''),
        values: attributes,
      });
    });
    return found;
  }

  async tables(): Promise<string[]> {
    const found: string[] = [];
    await this.#dump(nft.NFT_MSG_GETTABLE, (message) => found.push(nft.tableMessage.parse(message).attributes.name ?? ''));
    return found;
  }

  /** What the first counter of each rule says. */
  async counters(): Promise<{ packets: number; bytes: number }[]> {
    return (await this.rules()).map(({ values }) => {
      const found = values.expressions?.find((one) => one.name === 'counter');
      const parsed = found?.data?.parse(counter.attributes);
      return { packets: parsed?.packets ?? 0, bytes: parsed?.bytes ?? 0 };
    });
  }

  async #dump(type: number, take: (message: ReturnType<typeof parseMessages>[number]) => void): Promise<void> {
    const connection = await this.#transport.open(NETLINK_NETFILTER);
    const writer = new MessageWriter();
    nft.tableMessage.build(writer, type, NLM_F_REQUEST | NLM_F_DUMP, 1, 0, { family: 0 }, {});
    await connection.send(writer.take());
    for (let done = false; !done; )
      for (const message of parseMessages(await connection.receive())) {
        if (message.type === NLMSG_DONE) done = true;
        else take(message);
      }
    connection.close();
  }

  get #header() {
    return { family: this.#family, version: 0, resId: 0 };
  }

  #flags(flags: number): number {
    return NLM_F_REQUEST | NLM_F_ACK | flags;
  }

  #next(): number {
    this.#sent++;
    return ++this.#sequence;
  }
}

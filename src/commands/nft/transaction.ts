import type { NetError } from '../../base/net-error.js';
import { errorOf, type NetlinkClient } from '../../client/netlink-client.js';
import type { AttributeShape, ValuesOf } from '../../netlink/attributes.js';
import {
  align4,
  NLA_HDRLEN,
  NLA_TYPE_MASK,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_ECHO,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  NLMSG_ERROR,
} from '../../netlink/constants.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import {
  batchMessage,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NFNL_SUBSYS_NFTABLES,
  type nfgenmsg,
} from '../../netlink/nfnl/nfnetlink.js';
import type { MessageSchema } from '../../netlink/schema.js';
import { MessageWriter } from '../../netlink/writer.js';
import type { StructCodec } from '../../netlink/attributes.js';
import type { Command } from './command.js';
import type { Location } from './location.js';

type Header = typeof nfgenmsg extends StructCodec<infer F> ? F : never;

/** Where in the text an attribute came from. */
export interface Places {
  /** By attribute type. */
  readonly attributes?: ReadonlyMap<number, Location>;
  /** Of a list in an attribute, by place in it. */
  readonly list?: { readonly type: number; readonly items: readonly Location[] };
}

export interface Request<S extends AttributeShape> {
  readonly schema: MessageSchema<Header, S>;
  readonly type: number;
  readonly flags: number;
  readonly family: number;
  readonly attributes: ValuesOf<S>;
  readonly loc: Location;
  readonly places?: Places;
  /** The command that it is of; other names may be proposed for those that the kernel does not find. */
  readonly command?: Command;
}

interface Sent {
  readonly loc: Location;
  readonly command: Command | undefined;
  /** Offsets from the nlmsghdr. */
  readonly offsets: readonly (readonly [number, Location])[];
}

export interface Refusal {
  readonly error: NetError;
  /** What is underlined: the attribute that the kernel complains of, or the whole command. */
  readonly at: Location;
  readonly exact: boolean;
  readonly command: Command | undefined;
}

const NO_TYPE = 1 << 16;

/** Messages that take effect together, or not at all. */
export class Transaction {
  readonly #writer = new MessageWriter(1 << 16);
  readonly #sent: Sent[] = [];
  readonly #echo: boolean;
  #lastAt = 0;

  constructor(echo: boolean) {
    this.#echo = echo;
    this.#batch(NFNL_MSG_BATCH_BEGIN);
  }

  get empty(): boolean {
    return this.#sent.length === 0;
  }

  add<S extends AttributeShape>(request: Request<S>): void {
    const writer = this.#writer;
    this.#lastAt = writer.at;
    // What is deleted is not echoed.
    const echo = this.#echo && (request.flags & (NLM_F_CREATE | NLM_F_REPLACE)) !== 0 ? NLM_F_ECHO : 0;
    request.schema.build(writer, request.type, NLM_F_REQUEST | echo | request.flags, 0, 0, { family: request.family }, request.attributes);
    this.#sent.push({ loc: request.loc, command: request.command, offsets: this.#offsets(request.places) });
  }

  #batch(type: number): void {
    batchMessage.build(this.#writer, type, NLM_F_REQUEST, 0, 0, { resId: NFNL_SUBSYS_NFTABLES }, {});
  }

  #offsets(places: Places | undefined): (readonly [number, Location])[] {
    if (places === undefined) return [];
    const { view } = this.#writer;
    const start = this.#lastAt;
    const end = start + view.getUint32(start, true);
    const found: (readonly [number, Location])[] = [];
    for (let at = start + 20; at + NLA_HDRLEN <= end; at += align4(view.getUint16(at, true) || NO_TYPE)) {
      const type = view.getUint16(at + 2, true) & NLA_TYPE_MASK;
      const loc = places.attributes?.get(type);
      if (loc !== undefined) found.push([at - start, loc]);
      if (places.list?.type !== type) continue;
      const listEnd = at + view.getUint16(at, true);
      let index = 0;
      for (let item = at + NLA_HDRLEN; item + NLA_HDRLEN <= listEnd; item += align4(view.getUint16(item, true) || NO_TYPE)) {
        const itemLoc = places.list.items[index++];
        if (itemLoc === undefined) continue;
        const itemEnd = item + view.getUint16(item, true);
        found.push([item - start, itemLoc]);
        // What is inside of an item is of that item.
        for (let inner = item + NLA_HDRLEN; inner + NLA_HDRLEN <= itemEnd; inner += align4(view.getUint16(inner, true) || NO_TYPE))
          found.push([inner - start, itemLoc]);
      }
    }
    return found;
  }

  /**
   * Sends all. With `check` the end of the batch is left out: the kernel examines everything, and undoes it. `onEcho` gets what
   * the kernel tells of what was made.
   */
  async commit(client: NetlinkClient, check: boolean, onEcho?: (message: NetlinkMessage) => void): Promise<Refusal[]> {
    const writer = this.#writer;
    const { view: before } = writer;
    // The last message is answered in any case: then all answers are there.
    before.setUint16(this.#lastAt + 6, before.getUint16(this.#lastAt + 6, true) | NLM_F_ACK, true);
    if (!check) this.#batch(NFNL_MSG_BATCH_END);
    const count = this.#sent.length + 2;
    const first = client.takeSequences(count);
    const { view } = writer;
    let at = 0;
    for (let i = 0; at < writer.at; i++) {
      view.setUint32(at + 8, first + i, true);
      at += align4(view.getUint32(at, true));
    }
    await client.sendDatagram(writer.take());
    return this.#answers(client, first, onEcho);
  }

  async #answers(client: NetlinkClient, first: number, onEcho?: (message: NetlinkMessage) => void): Promise<Refusal[]> {
    const refusals: Refusal[] = [];
    const last = first + this.#sent.length;
    for (;;) {
      let ended = false;
      for (const message of await client.receiveMessages()) {
        if (message.type !== NLMSG_ERROR) {
          onEcho?.(message);
          continue;
        }
        const error = errorOf(message);
        const index = message.sequence - first - 1;
        if (index < -1 || message.sequence > last + 1) continue;
        if (error !== null) refusals.push(this.#refusal(error, index));
        if (message.sequence >= last || index === -1) ended = true;
      }
      if (ended) return refusals;
    }
  }

  #refusal(error: NetError, index: number): Refusal {
    const sent = this.#sent[Math.max(index, 0)]!;
    const { offset } = error;
    const found = offset === undefined ? undefined : sent.offsets.find(([place]) => place === offset);
    return { error, at: found?.[1] ?? sent.loc, exact: found !== undefined, command: sent.command };
  }
}

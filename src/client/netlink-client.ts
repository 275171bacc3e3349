import { ECONNRESET, EINTR, ENOBUFS, ENOPROTOOPT } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { type AttributeShape, attributes, type StructCodec, type StructValue, string, u32, type ValuesOf } from '../netlink/attributes.js';
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
} from '../netlink/constants.js';
import { type NetlinkMessage, parseMessages, payloadStart } from '../netlink/message.js';
import { type MessageSchema, sourceOf } from '../netlink/schema.js';
import { MessageWriter } from '../netlink/writer.js';
import { enlargeReceiveBuffer } from './receive-buffer.js';
import type { NetlinkConnection, Transport } from './transport.js';

const ackAttributes = attributes('NLMSGERR_ATTR', { message: string(1), offset: u32(2) });

/** What came back for a request: an error number (0: none) and the text and place of an extended ACK. */
interface Acknowledgement {
  readonly errno: number;
  readonly text: string | undefined;
  readonly offset: number | undefined;
}

/** A dump that its sender ended with an error; NetErrors of requests are plain. */
export class DumpError extends NetError {
  /** Came in NLMSG_DONE, as newer dumps report; else in an NLMSG_ERROR. */
  readonly inDone: boolean;

  constructor(acknowledgement: Acknowledgement, inDone: boolean) {
    super(acknowledgement.errno, acknowledgement.text, acknowledgement.offset);
    this.inDone = inDone;
  }
}

export interface NetlinkClientOptions {
  readonly protocol?: number;
  readonly namespace?: string | undefined;
  readonly receiveBuffer?: number;
  /** NETLINK_GET_STRICT_CHK: dumps may be filtered by their sender. On unless false. */
  readonly strict?: boolean;
  /** Extended ACKs that come with success. */
  readonly onWarning?: (text: string) => void;
  /** A dump went on while what it shows changed (NLM_F_DUMP_INTR). */
  readonly onInterrupted?: () => void;
  /** Aborts waits; they end in NetError(EINTR). */
  readonly signal?: AbortSignal;
}

type Fields = ConstructorParameters<typeof StructCodec>[0];

/** A request in the words of its schema. Header fields that are left out are zero. */
export interface Request<F extends Fields, S extends AttributeShape> {
  readonly type: number;
  readonly flags?: number;
  readonly header?: Partial<StructValue<F>>;
  readonly attributes?: ValuesOf<S>;
}

/** What became of a posted request. */
export interface PostedAnswer {
  readonly sequence: number;
  readonly error: NetError | null;
}

/** Requests, dumps and notifications over one netlink socket: what every command speaks through. */
export class NetlinkClient {
  readonly #connection: NetlinkConnection;
  readonly #options: NetlinkClientOptions;
  readonly #writer = new MessageWriter();
  /** The socket's options are set: requests may be sent before, they are heard in order. Null: that is known. */
  #configured: Promise<unknown> | null = null;
  #sequence = 0;
  readonly #posted = new MessageWriter();
  /** Where the last posted message begins. */
  #lastPosted = 0;

  private constructor(connection: NetlinkConnection, options: NetlinkClientOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Throws NetError: ENOENT for an unknown namespace, or why the stack cannot be reached. */
  static async open(transport: Transport, options: NetlinkClientOptions = {}): Promise<NetlinkClient> {
    const connection = await transport.open(options.protocol ?? NETLINK_ROUTE, { namespace: options.namespace });
    const client = new NetlinkClient(connection, options);
    client.#configured = Promise.all([
      enlargeReceiveBuffer(connection, options.receiveBuffer ?? 1 << 20),
      client.#setIfKnown(NETLINK_EXT_ACK),
      options.strict === false ? undefined : client.#setIfKnown(NETLINK_GET_STRICT_CHK),
    ]);
    // Whoever receives hears of it.
    client.#configured.catch(() => undefined);
    return client;
  }

  get portId(): number {
    return this.#connection.portId;
  }

  close(): void {
    this.#connection.close();
  }

  setOption(option: number, value: number): Promise<void> {
    return this.#connection.setOption(option, value);
  }

  setReceiveBuffer(bytes: number): Promise<void> {
    return this.#connection.setReceiveBuffer(bytes);
  }

  /** Sends one request and waits for its ACK. Throws NetError with the kernel's errno and extended ACK. */
  async request<F extends Fields, S extends AttributeShape>(schema: MessageSchema<F, S>, request: Request<F, S>): Promise<void> {
    const sequence = this.#build(schema, request, NLM_F_REQUEST | NLM_F_ACK);
    await this.#send();
    await this.#answer(sequence);
  }

  /** Puts a request to those that the next sendPosted() sends together. Only the failure of one is answered; its sequence. */
  post<F extends Fields, S extends AttributeShape>(schema: MessageSchema<F, S>, request: Request<F, S>): number {
    const sequence = ++this.#sequence;
    this.#lastPosted = this.#posted.at;
    this.#buildInto(this.#posted, schema, request, NLM_F_REQUEST, sequence);
    return sequence;
  }

  get postedBytes(): number {
    return this.#posted.at;
  }

  /** Sends what was posted as one datagram; the last request in it is answered in any case. */
  async sendPosted(): Promise<void> {
    const { view } = this.#posted;
    view.setUint16(this.#lastPosted + 6, view.getUint16(this.#lastPosted + 6, true) | NLM_F_ACK, true);
    const datagram = this.#posted.take();
    this.#posted.reset();
    await this.#connection.send(datagram);
  }

  /** The next answers to posted requests, of one datagram: their sequences, and errors where they failed. */
  async postedAnswers(): Promise<readonly PostedAnswer[]> {
    const answers: PostedAnswer[] = [];
    for (const message of parseMessages(await this.#receive())) {
      if (message.type !== NLMSG_ERROR) continue;
      const ack = readError(message);
      if (ack.errno === 0 && ack.text !== undefined) this.#options.onWarning?.(ack.text);
      answers.push({ sequence: message.sequence, error: ack.errno === 0 ? null : new NetError(ack.errno, ack.text, ack.offset) });
    }
    return answers;
  }

  /** Sends one request and gives the message that answers it; null when only an ACK came. */
  async get<F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    request: Request<F, S>,
  ): Promise<NetlinkMessage | null> {
    const sequence = this.#build(schema, request, NLM_F_REQUEST);
    await this.#send();
    return this.#answer(sequence, true);
  }

  /** Asks for a dump and gives its messages one by one. Throws DumpError. */
  async *dump<F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    request: Request<F, S>,
  ): AsyncGenerator<NetlinkMessage> {
    for await (const messages of this.dumpDatagrams(schema, request)) yield* messages;
  }

  /** As dump(), datagram by datagram: for dumps so long that waiting for each message would take most of the time. */
  async *dumpDatagrams<F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    request: Request<F, S>,
  ): AsyncGenerator<readonly NetlinkMessage[]> {
    const sequence = this.#build(schema, request, NLM_F_REQUEST | NLM_F_DUMP);
    await this.#send();
    let interrupted = false;
    for (;;) {
      const found: NetlinkMessage[] = [];
      for (const message of parseMessages(await this.#receive())) {
        if (message.sequence !== sequence) continue;
        if ((message.flags & NLM_F_DUMP_INTR) !== 0) interrupted = true;
        if (message.type === NLMSG_DONE) {
          if (found.length > 0) yield found;
          const done = readDone(message);
          if (done.errno !== 0) throw new DumpError(done, true);
          if (done.text !== undefined) this.#options.onWarning?.(done.text);
          if (interrupted) this.#options.onInterrupted?.();
          return;
        }
        if (message.type !== NLMSG_ERROR) {
          found.push(message);
          continue;
        }
        const error = readError(message);
        if (error.errno === 0) continue;
        if (found.length > 0) yield found;
        throw new DumpError(error, false);
      }
      if (found.length > 0) yield found;
    }
  }

  /** Raw messages (saved by `ip addr save`) sent as they are but for sequence numbers; waits for the ACK. */
  async replay(bytes: Uint8Array, flags: number): Promise<void> {
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    const sequence = ++this.#sequence;
    view.setUint16(6, flags | NLM_F_REQUEST | NLM_F_ACK, true);
    view.setUint32(8, sequence, true);
    view.setUint32(12, 0, true);
    await this.#connection.send(copy);
    await this.#answer(sequence);
  }

  /** The numbers of so many messages that the caller builds by itself: the first of them. */
  takeSequences(count: number): number {
    const first = this.#sequence + 1;
    this.#sequence += count;
    return first;
  }

  /** Sends messages that the caller built, as one datagram. */
  async sendDatagram(bytes: Uint8Array): Promise<void> {
    await this.#connection.send(bytes);
  }

  /** The messages of the next datagram, whatever they are. */
  async receiveMessages(): Promise<readonly NetlinkMessage[]> {
    return parseMessages(await this.#receive());
  }

  async subscribe(groups: Iterable<number>): Promise<void> {
    for (const group of groups) await this.#connection.setOption(NETLINK_ADD_MEMBERSHIP, group);
  }

  /** Of the notification that came last: the id of the namespace it is about, where that is another than ours. */
  get receivedNsid(): number | null {
    return this.#connection.receivedNsid ?? null;
  }

  /** Notifications as they come, until `signal` aborts. Lost ones are reported by `onLost`. */
  async *notifications(signal: AbortSignal, onLost?: () => void): AsyncGenerator<NetlinkMessage> {
    while (!signal.aborted) {
      let datagram: Uint8Array;
      try {
        datagram = await this.#receive(signal);
      } catch (error) {
        if (error instanceof NetError && error.errno === EINTR) return;
        if (error instanceof NetError && error.errno === ENOBUFS && onLost !== undefined) {
          onLost();
          continue;
        }
        throw error;
      }
      yield* parseMessages(datagram);
    }
  }

  #build<F extends Fields, S extends AttributeShape>(schema: MessageSchema<F, S>, request: Request<F, S>, flags: number): number {
    const sequence = ++this.#sequence;
    this.#writer.reset();
    this.#buildInto(this.#writer, schema, request, flags, sequence);
    return sequence;
  }

  #buildInto<F extends Fields, S extends AttributeShape>(
    writer: MessageWriter,
    schema: MessageSchema<F, S>,
    request: Request<F, S>,
    flags: number,
    sequence: number,
  ): void {
    schema.build(
      writer,
      request.type,
      flags | (request.flags ?? 0),
      sequence,
      0,
      request.header ?? {},
      request.attributes ?? ({} as ValuesOf<S>),
    );
  }

  #send(): Promise<void> {
    return this.#connection.send(this.#writer.take());
  }

  async #receive(signal = this.#options.signal): Promise<Uint8Array> {
    if (this.#configured !== null) {
      await this.#configured;
      this.#configured = null;
    }
    return this.#connection.receive(signal);
  }

  async #answer(sequence: number, wanted = false): Promise<NetlinkMessage | null> {
    for (;;) {
      for (const message of parseMessages(await this.#receive())) {
        if (message.sequence !== sequence || message.type === NLMSG_DONE) continue;
        if (message.type !== NLMSG_ERROR) {
          // A dump's worth of answers to a plain request ends in NLMSG_DONE. ctnetlink says so of single answers too, with no end.
          if (wanted || (message.flags & NLM_F_MULTI) === 0) return message;
          continue;
        }
        const ack = readError(message);
        if (ack.errno !== 0) throw new NetError(ack.errno, ack.text, ack.offset);
        if (ack.text !== undefined) this.#options.onWarning?.(ack.text);
        return null;
      }
    }
  }

  async #setIfKnown(option: number): Promise<void> {
    try {
      await this.#connection.setOption(option, 1);
    } catch (error) {
      // Kernels before 4.12 and 4.20, and transports without it, do not know these; texts are then plainer.
      if (!(error instanceof NetError) || error.errno !== ENOPROTOOPT) throw error;
    }
  }
}

/** What an NLMSG_ERROR says: null for an ACK. */
export function errorOf(message: NetlinkMessage): NetError | null {
  const { errno, text, offset } = readError(message);
  return errno === 0 ? null : new NetError(errno, text, offset);
}

/** Is the other side of the connection gone? */
export const isDisconnected = (error: unknown) => error instanceof NetError && error.errno === ECONNRESET;

/** NLMSG_ERROR: a negative errno, the request's header and perhaps its payload, then NLMSGERR_ATTR_*. */
function readError(message: NetlinkMessage): Acknowledgement {
  const start = payloadStart(message);
  if (message.end - start < 4 + NLMSG_HDRLEN)
    return { errno: message.end - start < 4 ? 0 : -message.view.getInt32(start, true), text: undefined, offset: undefined };
  const errno = -message.view.getInt32(start, true);
  const echoed = (message.flags & NLM_F_CAPPED) !== 0 || errno === 0 ? NLMSG_HDRLEN : message.view.getUint32(start + 4, true);
  return withExtendedAck(message, errno, start + 4 + ((echoed + 3) & ~3));
}

/** NLMSG_DONE: zero or a negative errno, then NLMSGERR_ATTR_*. */
function readDone(message: NetlinkMessage): Acknowledgement {
  const start = payloadStart(message);
  if (message.end - start < 4) return { errno: 0, text: undefined, offset: undefined };
  const result = message.view.getInt32(start, true);
  return withExtendedAck(message, result < 0 ? -result : 0, start + 4);
}

function withExtendedAck(message: NetlinkMessage, errno: number, at: number): Acknowledgement {
  if ((message.flags & NLM_F_ACK_TLVS) === 0 || at >= message.end) return { errno, text: undefined, offset: undefined };
  const values = ackAttributes.parse(sourceOf(message, false), at, message.end);
  return { errno, text: values.message, offset: values.offset };
}

import { ECONNRESET, EOPNOTSUPP } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { NETLINK_CAP_ACK, NETLINK_GENERIC, NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR } from '../netlink/constants.js';
import { CTRL_CMD_GETFAMILY, ctrlMessage, GENL_ID_CTRL } from '../netlink/genl/genl.js';
import {
  type CommandNumber,
  TAPSTACK_FAMILY,
  TAPSTACK_VERSION,
  type TapstackAttributes,
  tapstackMessage,
} from '../netlink/genl/tapstack.js';
import { type NetlinkMessage, parseMessages, payloadStart } from '../netlink/message.js';
import { MessageWriter } from '../netlink/writer.js';
import { enlargeReceiveBuffer } from './receive-buffer.js';
import type { NetlinkConnection, Transport } from './transport.js';

/** Answers of many sockets may wait at once, up to 64 KB each. */
const RECEIVE_BUFFER = 64 << 20;

interface Waiting {
  readonly resolve: (message: NetlinkMessage | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Any number of requests of the family `tapstack` at a time over one netlink socket, each answered when it completes.
 * The sockets opened by it close when it closes.
 */
export class SocketCalls {
  readonly #connection: NetlinkConnection;
  readonly #waiting = new Map<number, Waiting>();
  readonly #writer = new MessageWriter();
  #family = 0;
  #sequence = 0;
  #reading = false;
  #failure: unknown = null;

  private constructor(connection: NetlinkConnection) {
    this.#connection = connection;
  }

  /** Throws NetError: ENOENT for an unknown namespace, EOPNOTSUPP where the other side is no tapstack. */
  static async open(transport: Transport, namespace?: string): Promise<SocketCalls> {
    if (transport.target !== 'stack') throw new NetError(EOPNOTSUPP);
    const connection = await transport.open(NETLINK_GENERIC, { namespace });
    const calls = new SocketCalls(connection);
    try {
      await enlargeReceiveBuffer(connection, RECEIVE_BUFFER);
      // An error need not bring back the data that was to be sent.
      await connection.setOption(NETLINK_CAP_ACK, 1);
      await calls.#findFamily();
      return calls;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #findFamily(): Promise<void> {
    const answer = await this.#exchange((sequence) => {
      const header = { command: CTRL_CMD_GETFAMILY, version: 2 };
      ctrlMessage.build(this.#writer, GENL_ID_CTRL, NLM_F_REQUEST, sequence, 0, header, { familyName: TAPSTACK_FAMILY });
    });
    const id = answer === null ? undefined : ctrlMessage.parseAttributes(answer).familyId;
    if (id === undefined) throw new NetError(EOPNOTSUPP);
    this.#family = id;
  }

  /** A request that is answered by a message, whenever that comes. Throws NetError with the errno of the call. */
  async get(command: CommandNumber, attributes: TapstackAttributes): Promise<TapstackAttributes> {
    const answer = await this.#request(command, attributes, NLM_F_REQUEST);
    return answer === null ? {} : tapstackMessage.parseAttributes(answer);
  }

  /** A request that is answered by its acknowledgement. Throws NetError with the errno of the call. */
  async request(command: CommandNumber, attributes: TapstackAttributes): Promise<void> {
    await this.#request(command, attributes, NLM_F_REQUEST | NLM_F_ACK);
  }

  /** All that waits ends in ECONNRESET. */
  close(): void {
    this.#fail(new NetError(ECONNRESET));
    this.#connection.close();
  }

  #request(command: CommandNumber, attributes: TapstackAttributes, flags: number): Promise<NetlinkMessage | null> {
    return this.#exchange((sequence) =>
      tapstackMessage.build(this.#writer, this.#family, flags, sequence, 0, { command, version: TAPSTACK_VERSION }, attributes),
    );
  }

  #exchange(build: (sequence: number) => void): Promise<NetlinkMessage | null> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const sequence = ++this.#sequence;
    this.#writer.reset();
    build(sequence);
    const answer = new Promise<NetlinkMessage | null>((resolve, reject) => this.#waiting.set(sequence, { resolve, reject }));
    this.#connection.send(this.#writer.take()).catch((error: unknown) => this.#fail(error));
    if (!this.#reading) void this.#read();
    return answer;
  }

  /** Reads as long as somebody waits for an answer. What it throws is what all of them are told. */
  async #read(): Promise<void> {
    this.#reading = true;
    try {
      while (this.#waiting.size > 0) for (const message of parseMessages(await this.#connection.receive())) this.#take(message);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#reading = false;
    }
  }

  #take(message: NetlinkMessage): void {
    const waiting = this.#waiting.get(message.sequence);
    if (waiting === undefined) return;
    this.#waiting.delete(message.sequence);
    if (message.type !== NLMSG_ERROR) return waiting.resolve(message);
    const errno = -message.view.getInt32(payloadStart(message), true);
    if (errno === 0) waiting.resolve(null);
    else waiting.reject(new NetError(errno));
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}

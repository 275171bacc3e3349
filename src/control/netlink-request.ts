import type { NetError } from '../base/net-error.js';
import { NLM_F_ACK } from '../netlink/constants.js';
import type { NetlinkMessage } from '../netlink/message.js';
import type { AttributeShape, StructCodec, StructValue, ValuesOf } from '../netlink/attributes.js';
import type { MessageSchema } from '../netlink/schema.js';
import type { MessageWriter } from '../netlink/writer.js';
import type { Namespace } from '../net/core/namespace.js';
import type { NetlinkEndpoint } from './netlink-endpoint.js';
import type { NetlinkServer } from './netlink-kernel.js';
import type { Credentials } from './netlink-socket.js';

type Fields = ConstructorParameters<typeof StructCodec>[0];

/** One message that a client sent, and the ways to answer it. */
export class NetlinkRequest {
  readonly server: NetlinkServer;
  readonly socket: NetlinkEndpoint;
  readonly message: NetlinkMessage;
  /** Told with the acknowledgement of a request that succeeds (NL_SET_ERR_MSG without an error). */
  warning: string | undefined;
  #late = false;

  constructor(server: NetlinkServer, socket: NetlinkEndpoint, message: NetlinkMessage) {
    this.server = server;
    this.socket = socket;
    this.message = message;
  }

  get namespace(): Namespace {
    return this.socket.namespace;
  }

  get credentials(): Credentials {
    return this.socket.credentials;
  }

  get type(): number {
    return this.message.type;
  }

  get flags(): number {
    return this.message.flags;
  }

  /** The client wants dump requests checked strictly (NETLINK_GET_STRICT_CHK). */
  get strict(): boolean {
    return this.socket.strictCheck;
  }

  /** Sends one message to the client; `type` left out: the request's own. */
  answer<F extends Fields, S extends AttributeShape>(
    schema: MessageSchema<F, S>,
    header: Partial<StructValue<F>>,
    attributes: ValuesOf<S>,
    type = this.message.type,
    flags = 0,
  ): void {
    this.send((writer) => schema.build(writer, type, flags, this.message.sequence, this.socket.portId, header, attributes));
  }

  send(build: (writer: MessageWriter) => void): void {
    this.socket.deliverBuilt(build);
  }

  /** The handler answers later, by the object returned; no acknowledgement goes out until then. */
  later(): LateAnswer {
    this.#late = true;
    return new LateAnswer(this);
  }

  get answeredLater(): boolean {
    return this.#late;
  }
}

/** An answer that is still owed. It is given once, by done() or fail(); after the socket has closed both do nothing. */
export class LateAnswer {
  readonly #request: NetlinkRequest;
  #open = true;

  constructor(request: NetlinkRequest) {
    this.#request = request;
  }

  /** False once answered, or once the client's socket has closed. */
  get owed(): boolean {
    return this.#open && !this.#request.socket.closed;
  }

  /** Answers by messages built with request.answer() in `build`, and with the acknowledgement if the client asked for one. */
  done(build?: (request: NetlinkRequest) => void): void {
    if (!this.owed) return;
    this.#open = false;
    if (build !== undefined) build(this.#request);
    if ((this.#request.flags & NLM_F_ACK) !== 0) this.#request.socket.acknowledge(this.#request.message, null, this.#request.warning);
  }

  fail(error: NetError): void {
    if (!this.owed) return;
    this.#open = false;
    this.#request.socket.acknowledge(this.#request.message, error);
  }
}

import { EINVAL, EPERM, EPROTO } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { BUS_MAJOR, BUS_MINOR, controlFrame, datagramFrame, type ErrorBody, FrameReader, parseControl } from '../client/bus-frames.js';
import { ClientError } from '../client/client-error.js';
import type { Credentials, NetlinkSocket } from '../control/netlink-socket.js';
import type { ByteStream, StreamHandler } from '../host/event-loop.js';
import type { BusServerOptions } from './bus-server.js';

/**
 * Bytes towards a client at which its datagrams stay in their netlink socket: there the socket's receive buffer bounds them,
 * and a dump goes on only as they are taken.
 */
const OUTGOING_BOUND = 128 * 1024;
/** Bytes that one client is given before the others and the frames have their turn. */
const TURN_BYTES = 512 * 1024;

/** One connection: a hello, then a netlink socket's datagrams and options, or control requests. */
export class BusSession implements StreamHandler {
  readonly #stream: ByteStream;
  readonly #options: BusServerOptions;
  readonly #gone: () => void;
  readonly #reader = new FrameReader();
  #state: 'hello' | 'socket' | 'control' | 'closed' = 'hello';
  #socket: NetlinkSocket | null = null;
  #pumpDue = false;
  readonly credentials: Credentials;
  /** Called once when the connection ends. */
  readonly onClose: (() => void)[] = [];

  constructor(stream: ByteStream, options: BusServerOptions, gone: () => void) {
    this.#stream = stream;
    this.#options = options;
    this.#gone = gone;
    const { uid, gid, pid } = stream.peer ?? { uid: options.ownerUid, gid: 0, pid: 0 };
    this.credentials = { uid, gid, pid, netAdmin: uid === 0 || uid === options.ownerUid };
    stream.handler = this;
  }

  data(bytes: Uint8Array): void {
    this.#options.entering();
    const handler = {
      datagram: (payload: Uint8Array) => this.#datagram(payload),
      control: (payload: Uint8Array) => this.#control(payload),
    };
    if (!this.#reader.push(bytes, handler, () => this.#state === 'closed')) this.close();
    this.#pump();
  }

  drained(): void {
    this.#pump();
  }

  closed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#socket?.close();
    this.#socket = null;
    for (const run of this.onClose) run();
    this.#gone();
  }

  /** A descriptor that the client sent along; -1: there is none. */
  takeDescriptor(): number {
    return this.#stream.takeDescriptor();
  }

  close(): void {
    this.#stream.close();
    this.closed();
  }

  #datagram(payload: Uint8Array): void {
    // What a family keeps of a message must not change under it: the stream's buffer is used again.
    if (this.#state === 'socket') this.#socket?.send(payload.slice());
    else this.close();
  }

  #control(payload: Uint8Array): void {
    const body = parseControl(payload);
    if (body === null) this.close();
    else if (this.#state === 'hello') this.#hello(body['hello']);
    else if (typeof body['id'] !== 'number') this.close();
    else if (this.#state === 'socket') this.#answer(body['id'], () => this.#socketRequest(body));
    else this.#answer(body['id'], () => this.#controlRequest(body));
  }

  #hello(hello: unknown): void {
    try {
      const { major, socket, namespace, portId } = checkHello(hello);
      if (major !== BUS_MAJOR) throw new ClientError(EPROTO, otherClient(major, this.#options.version));
      if (socket === 'control') this.#state = 'control';
      else {
        this.#socket = this.#options.kernel.open({ protocol: socket, namespace, portId, credentials: this.credentials });
        this.#socket.onReadable = () => this.#schedulePump();
        this.#state = 'socket';
      }
      const { version } = this.#options;
      this.#write(controlFrame({ hello: { major: BUS_MAJOR, minor: BUS_MINOR, portId: this.#socket?.portId ?? 0, version } }));
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#write(controlFrame({ error: errorBody(error) }));
      this.#stream.end();
    }
  }

  #answer(id: number, work: () => unknown): void {
    try {
      this.#write(controlFrame({ id, result: work() ?? null }));
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      this.#write(controlFrame({ id, error: errorBody(error) }));
    }
  }

  #socketRequest(body: Readonly<Record<string, unknown>>): void {
    const option = body['setOption'];
    const bytes = body['setReceiveBuffer'];
    if (Array.isArray(option) && isInteger(option[0]) && isInteger(option[1])) this.#socket?.setOption(option[0], option[1]);
    else if (isInteger(bytes)) this.#socket?.setReceiveBuffer(bytes, this.credentials.netAdmin);
    else throw new NetError(EINVAL);
  }

  #controlRequest(body: Readonly<Record<string, unknown>>): unknown {
    if (!this.credentials.netAdmin) throw new NetError(EPERM);
    const name = body['request'];
    const request = typeof name === 'string' ? this.#options.control.get(name) : undefined;
    if (request === undefined)
      throw new ClientError(EINVAL, `the daemon (${this.#options.version}) does not know the request "${String(name)}"`);
    return request(body['argument'], this);
  }

  #write(frame: Uint8Array): void {
    if (this.#state !== 'closed') this.#stream.write(frame);
  }

  #schedulePump(): void {
    if (this.#pumpDue) return;
    this.#pumpDue = true;
    this.#options.loop.defer(() => {
      this.#pumpDue = false;
      this.#pump();
    });
  }

  /** Moves datagrams out while the client takes them. */
  #pump(): void {
    let turn = 0;
    while (this.#socket !== null && this.#stream.pending < OUTGOING_BOUND) {
      if (turn >= TURN_BYTES) {
        this.#schedulePump();
        return;
      }
      const frame = this.#nextFrame(this.#socket);
      if (frame === null) return;
      turn += frame.length;
      this.#stream.write(frame);
    }
  }

  #nextFrame(socket: NetlinkSocket): Uint8Array | null {
    try {
      const datagram = socket.receive();
      if (datagram === null) return null;
      const { receivedNsid } = socket;
      // Written, not returned: the caller's frame is the datagram's.
      if (receivedNsid !== null) this.#write(controlFrame({ nsid: receivedNsid }));
      return datagramFrame(datagram);
    } catch (error) {
      if (error instanceof NetError) return controlFrame({ error: errorBody(error) });
      throw error;
    }
  }
}

function errorBody(error: NetError): ErrorBody {
  if (error instanceof ClientError) return { errno: error.errno, text: error.message };
  return error.extack === undefined ? { errno: error.errno } : { errno: error.errno, text: error.extack };
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

interface CheckedHello {
  readonly major: number;
  readonly socket: number | 'control';
  readonly namespace: string | number | undefined;
  readonly portId: number | undefined;
}

/** A hello of any version has its major where it is here; the rest is of this version. */
function checkHello(hello: unknown): CheckedHello {
  const { major, socket, namespace, portId } = (typeof hello === 'object' && hello !== null ? hello : {}) as Record<string, unknown>;
  if (!isInteger(major)) throw new ClientError(EPROTO, 'this is not a hello of the bus');
  if (major !== BUS_MAJOR) return { major, socket: 0, namespace: undefined, portId: undefined };
  if (socket !== 'control' && !isInteger(socket)) throw new ClientError(EPROTO, 'the hello names no netlink protocol');
  if (namespace !== undefined && typeof namespace !== 'string' && !isInteger(namespace))
    throw new ClientError(EPROTO, 'the hello names no namespace');
  if (portId !== undefined && !(isInteger(portId) && portId >= 0 && portId <= 0xffff_ffff)) throw new NetError(EINVAL);
  return { major, socket, namespace, portId };
}

const otherClient = (major: number, version: string) =>
  `this daemon (${version}) speaks version ${BUS_MAJOR} of the bus, the command version ${major}: tapstack down && tapstack up`;

/**
 * The bus: a Unix stream socket that carries frames both ways.
 *
 *     u32 little-endian: bytes that follow, top bit set: control | payload
 *
 * A payload without the top bit is one netlink datagram. With it: JSON, one of the shapes below. The client speaks first, with
 * a hello; the server answers with a hello or an error, and closes after an error.
 */
export const BUS_MAJOR = 1;
/** 2: a connection says hello again, to become another socket; 'idle'. */
export const BUS_MINOR = 2;

export const FRAME_HEADER = 4;
export const CONTROL_BIT = 0x8000_0000;
/** More than any datagram that Linux would take; a longer frame is garbage. */
export const FRAME_LIMIT = 16 << 20;

/** What a client says first. */
export interface Hello {
  readonly hello: {
    readonly major: number;
    readonly minor: number;
    /** A netlink protocol; 'control': daemon requests instead of datagrams; 'idle': nothing until the next hello. */
    readonly socket: number | 'control' | 'idle';
    /** A namespace by name or by id; left out: the initial one. */
    readonly namespace?: string | number;
    /** Where the client was started, by id: counts if nothing else says where it is. */
    readonly inherited?: number;
    readonly portId?: number;
    /** The client's process, for whom it speaks. */
    readonly pid?: number;
  };
}

export interface HelloReply {
  readonly hello: { readonly major: number; readonly minor: number; readonly portId: number; readonly version: string };
}

/** Requests of a netlink socket; answered in order by Answer. */
export type SocketRequestFrame =
  | { readonly id: number; readonly setOption: readonly [option: number, value: number] }
  | { readonly id: number; readonly setReceiveBuffer: number };

/** Requests of a control connection; answered in order by Answer. */
export interface ControlRequestFrame {
  readonly id: number;
  readonly request: string;
  readonly argument?: unknown;
}

export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: ErrorBody;
}

export interface ErrorBody {
  readonly errno: number;
  readonly text?: string;
}

/** Server to client, unasked: the hello was refused, or messages were lost because the client did not read (ENOBUFS). */
export interface ErrorFrame {
  readonly error: ErrorBody;
}

/** Server to client, unasked: the next datagram is about the namespace with this id (NETLINK_LISTEN_ALL_NSID). */
export interface NsidFrame {
  readonly nsid: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function controlFrame(
  body: Hello | HelloReply | SocketRequestFrame | ControlRequestFrame | Answer | ErrorFrame | NsidFrame,
): Uint8Array {
  return frame(encoder.encode(JSON.stringify(body)), CONTROL_BIT);
}

export function datagramFrame(datagram: Uint8Array): Uint8Array {
  return frame(datagram, 0);
}

function frame(payload: Uint8Array, bit: number): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER + payload.length);
  new DataView(bytes.buffer).setUint32(0, (payload.length | bit) >>> 0, true);
  bytes.set(payload, FRAME_HEADER);
  return bytes;
}

/** A control frame's JSON as an object with unknown members; null for anything else. */
export function parseControl(payload: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(decoder.decode(payload));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export interface FrameHandler {
  datagram(payload: Uint8Array): void;
  control(payload: Uint8Array): void;
}

/** Cuts a byte stream into frames, whatever the pieces it comes in. */
export class FrameReader {
  /** The beginning of a frame whose end has not come: `#held` bytes, in a buffer that doubles as it must. */
  #buffer: Uint8Array = new Uint8Array(0);
  #held = 0;

  /**
   * Hands every complete frame to `handler`; a payload is valid during the call only. False: the stream is garbage from here on.
   * `stopped` is asked after each frame: a handler that closed the stream gets no more.
   */
  push(chunk: Uint8Array, handler: FrameHandler, stopped: () => boolean): boolean {
    const joined = this.#held > 0;
    if (joined) this.#append(chunk);
    const bytes = joined ? this.#buffer.subarray(0, this.#held) : chunk;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (bytes.length - at >= FRAME_HEADER) {
      const word = view.getUint32(at, true);
      const length = word & 0x7fff_ffff;
      if (length > FRAME_LIMIT) return false;
      const end = at + FRAME_HEADER + length;
      if (end > bytes.length) break;
      const payload = bytes.subarray(at + FRAME_HEADER, end);
      if (word >>> 31 === 1) handler.control(payload);
      else handler.datagram(payload);
      if (stopped()) return true;
      at = end;
    }
    if (!joined) {
      if (at < bytes.length) this.#append(bytes.subarray(at));
    } else {
      this.#buffer.copyWithin(0, at, this.#held);
      this.#held -= at;
      if (this.#held === 0) this.#buffer = new Uint8Array(0);
    }
    return true;
  }

  #append(bytes: Uint8Array): void {
    const need = this.#held + bytes.length;
    if (need > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(need, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#held));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#held);
    this.#held = need;
  }
}

import { EINVAL } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import type { AttributeCodec, AttributeShape, AttributeTable, Source, StructCodec, StructValue, ValuesOf } from './attributes.js';
import { align4, NLA_HDRLEN, NLA_TYPE_MASK } from './constants.js';
import { type NetlinkMessage, payloadStart } from './message.js';
import type { MessageWriter } from './writer.js';

type Fields = ConstructorParameters<typeof StructCodec>[0];

/** What a message says: its fixed header and its attributes. */
export interface Parsed<F extends Fields, S extends AttributeShape> {
  readonly header: StructValue<F>;
  readonly attributes: ValuesOf<S>;
}

/** One kind of message: the fixed header behind the nlmsghdr and the attributes behind that. */
export class MessageSchema<F extends Fields, S extends AttributeShape> {
  readonly name: string;
  readonly header: StructCodec<F>;
  readonly attributes: AttributeTable<S>;

  constructor(name: string, header: StructCodec<F>, attributes: AttributeTable<S>) {
    this.name = name;
    this.header = header;
    this.attributes = attributes;
  }

  /**
   * Linux: nlmsg_parse(), or with `strict` false nlmsg_parse_deprecated(). Throws NetError(EINVAL, "Invalid header length") for
   * a message that is shorter than its header.
   */
  parse(message: NetlinkMessage, strict = false): Parsed<F, S> {
    const header = this.readHeader(message);
    return { header, attributes: this.parseAttributes(message, strict) };
  }

  readHeader(message: NetlinkMessage): StructValue<F> {
    const start = payloadStart(message);
    if (message.end - start < this.header.size) throw new NetError(EINVAL, 'Invalid header length');
    return this.header.read(message.view, start);
  }

  parseAttributes(message: NetlinkMessage, strict = false): ValuesOf<S> {
    return this.attributes.parse(sourceOf(message, strict), this.attributesStart(message), message.end);
  }

  /** Appends a whole message. Header fields that are left out are zero. */
  build(
    writer: MessageWriter,
    type: number,
    flags: number,
    sequence: number,
    portId: number,
    header: Partial<StructValue<F>>,
    attributes: ValuesOf<S>,
  ): void {
    writer.begin(type, flags, sequence, portId);
    this.writeBody(writer, header, attributes);
    writer.end();
  }

  /** Appends header and attributes to the message that the writer has open. */
  writeBody(writer: MessageWriter, header: Partial<StructValue<F>>, attributes: ValuesOf<S>): void {
    this.header.write(writer, header);
    writer.pad();
    this.attributes.write(writer, attributes);
  }

  /** Where attribute `key` lies in the message, from its nlmsghdr on: what NLMSGERR_ATTR_OFFS says. */
  offsetOf(message: NetlinkMessage, key: keyof S & string): number | undefined {
    const wanted = this.attributes.shape[key]?.type;
    let found: number | undefined;
    let at = this.attributesStart(message);
    while (message.end - at >= NLA_HDRLEN) {
      const length = message.view.getUint16(at, true);
      if (length < NLA_HDRLEN || length > message.end - at) break;
      if ((message.view.getUint16(at + 2, true) & NLA_TYPE_MASK) === wanted) found = at - message.start;
      at += align4(length);
    }
    return found;
  }

  attributesStart(message: NetlinkMessage): number {
    return payloadStart(message) + align4(this.header.size);
  }
}

export function message<F extends Fields, S extends AttributeShape>(
  name: string,
  header: StructCodec<F>,
  attributes: AttributeTable<S>,
): MessageSchema<F, S> {
  return new MessageSchema(name, header, attributes);
}

export type HeaderOf<T> = T extends MessageSchema<infer F, infer _> ? StructValue<F> : never;
export type MessageOf<T> = T extends MessageSchema<infer F, infer S> ? Parsed<F, S> : never;

export function sourceOf(message: NetlinkMessage, strict: boolean): Source {
  return { bytes: message.bytes, view: message.view, base: message.start, strict };
}

const nothing: Source = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)), base: 0, strict: false };

/**
 * Nested attributes whose table depends on another attribute (IFLA_INFO_DATA's on IFLA_INFO_KIND): read later, by the table
 * that the reader has found meanwhile.
 */
export class Deferred {
  readonly #source: Source | null;
  readonly #start: number;
  readonly #end: number;
  readonly #write: (writer: MessageWriter) => void;
  /** What it was made of, for who reads it without its having been sent. */
  #made: { readonly table: unknown; readonly values: unknown } | null = null;

  private constructor(source: Source | null, start: number, end: number, write: (writer: MessageWriter) => void) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
    this.#write = write;
  }

  /** For writing. */
  static of<S extends AttributeShape>(table: AttributeTable<S>, values: ValuesOf<S>): Deferred {
    const made = new Deferred(null, 0, 0, (writer) => table.write(writer, values));
    made.#made = { table, values };
    return made;
  }

  /** No attributes at all: what an absent IFLA_INFO_DATA reads as. */
  static readonly empty = new Deferred(null, 0, 0, () => undefined);

  static from(source: Source, start: number, end: number): Deferred {
    return new Deferred(source, start, end, (writer) => writer.raw(source.bytes.subarray(start, end)));
  }

  /** For writing, by a function. */
  static by(write: (writer: MessageWriter) => void): Deferred {
    return new Deferred(null, 0, 0, write);
  }

  /** Its values by `table`, of a received attribute or one made of that table. Offsets in errors are relative to its message. */
  parse<T>(table: { parse(source: Source, start: number, end: number): T }): T {
    if (this.#made !== null && this.#made.table === table) return this.#made.values as T;
    return this.#source === null ? table.parse(nothing, 0, 0) : table.parse(this.#source, this.#start, this.#end);
  }

  /** The payload's bytes as received; empty for one made for writing. */
  get bytes(): Uint8Array {
    return this.#source === null ? new Uint8Array(0) : this.#source.bytes.subarray(this.#start, this.#end);
  }

  write(writer: MessageWriter): void {
    this.#write(writer);
  }
}

export function deferred(type: number): AttributeCodec<Deferred> {
  return { type, nested: true, read: Deferred.from, write: (writer, value) => value.write(writer) };
}

/** An array of u32 (IFLA_INET_CONF as dumps have it): read, it lies in the datagram. */
export function u32Array(type: number): AttributeCodec<readonly number[] | Uint32Array> {
  return {
    type,
    read(source, start, end) {
      const { bytes } = source;
      const at = bytes.byteOffset + start;
      const words = (end - start) >>> 2;
      if ((at & 3) === 0) return new Uint32Array(bytes.buffer, at, words);
      // A Buffer's slice() would be of the same memory.
      const copy = new Uint32Array(words);
      new Uint8Array(copy.buffer).set(bytes.subarray(start, start + words * 4));
      return copy;
    },
    write(writer, values) {
      writer.u32s(values);
    },
  };
}

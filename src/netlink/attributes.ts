import { EINVAL, ERANGE } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { align4, NLA_F_NESTED, NLA_HDRLEN, NLA_TYPE_MASK } from './constants.js';
import type { MessageWriter } from './writer.js';

/**
 * Declarative attribute tables. One description parses, builds, validates and names a family's attributes, on both sides of
 * the bus:
 *
 *   export const vlanData = attributes('IFLA_VLAN', { id: u16(1, { max: 4094 }), protocol: be16(5) });
 *   type VlanData = AttributesOf<typeof vlanData>;      // { readonly id?: number; readonly protocol?: number }
 *
 * Validation follows lib/nlattr.c: errno, offset and text of the extended ACK are Linux's.
 */

/** Bytes being read; `base` is the nlmsghdr's offset, to which offsets in extended ACKs are relative. */
export interface Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly base: number;
  /** NL_VALIDATE_STRICT of newer families and of NETLINK_GET_STRICT_CHK; otherwise NL_VALIDATE_LIBERAL. */
  readonly strict: boolean;
}

/** How one attribute is read and written. `start` and `end` bound its payload. */
export interface AttributeCodec<T> {
  readonly type: number;
  /** Nested attributes are written with NLA_F_NESTED. */
  readonly nested?: boolean;
  read(source: Source, start: number, end: number): T;
  write(writer: MessageWriter, value: T): void;
  /** Parsing adds to the earlier value instead of replacing it (an attribute that may come many times). */
  readonly repeated?: boolean;
}

export type AttributeShape = Readonly<Record<string, AttributeCodec<unknown>>>;
type ValueOf<C> = C extends AttributeCodec<infer T> ? T : never;
export type ValuesOf<S extends AttributeShape> = { readonly [K in keyof S]?: ValueOf<S[K]> | undefined };
export type AttributesOf<T> = T extends AttributeTable<infer S> ? ValuesOf<S> : never;

const failPolicy = (source: Source, start: number, errno = EINVAL, text = 'Attribute failed policy validation'): never => {
  throw new NetError(errno, text, start - NLA_HDRLEN - source.base);
};

export class AttributeTable<S extends AttributeShape> {
  readonly name: string;
  readonly shape: S;
  readonly #byType = new Map<number, readonly [string, AttributeCodec<unknown>]>();
  /** In the table's order. */
  readonly #codecs: readonly AttributeCodec<unknown>[];
  readonly #keys: readonly string[];
  readonly #placeOf = new Map<string, number>();

  constructor(name: string, shape: S) {
    this.name = name;
    this.shape = shape;
    this.#codecs = Object.values(shape);
    this.#keys = Object.keys(shape);
    for (const [place, key] of this.#keys.entries()) {
      const codec = this.#codecs[place]!;
      this.#placeOf.set(key, place);
      this.#byType.set(codec.type, [key, codec]);
    }
  }

  /** Reads the attributes in [start, end). Of an attribute that comes twice, the last counts, as in Linux. */
  parse(source: Source, start: number, end: number): ValuesOf<S> {
    const values: Record<string, unknown> = {};
    let at = start;
    while (end - at >= NLA_HDRLEN) {
      const length = source.view.getUint16(at, true);
      if (length < NLA_HDRLEN || length > end - at) break;
      const type = source.view.getUint16(at + 2, true);
      const entry = this.#byType.get(type & NLA_TYPE_MASK);
      if (entry === undefined) {
        if (source.strict) throw new NetError(EINVAL, 'Unknown attribute type', at - source.base);
      } else {
        const [key, codec] = entry;
        if (source.strict && codec.nested === true && (type & NLA_F_NESTED) === 0)
          throw new NetError(EINVAL, 'NLA_F_NESTED is missing', at - source.base);
        const value = codec.read(source, at + NLA_HDRLEN, at + length);
        if (codec.repeated === true) values[key] = [...((values[key] as unknown[] | undefined) ?? []), ...(value as unknown[])];
        else values[key] = value;
      }
      at += align4(length);
    }
    if (source.strict && at < end) throw new NetError(EINVAL, 'bytes leftover after parsing attributes');
    return values as ValuesOf<S>;
  }

  /** Writes the values that are there, in the table's order. */
  write(writer: MessageWriter, values: ValuesOf<S>): void {
    // Of the many that a table knows a message has a few: those are sorted, not all looked for.
    const places: number[] = [];
    for (const key in values) {
      const place = this.#placeOf.get(key);
      if (place === undefined || values[key] === undefined) continue;
      let at = places.length;
      places.push(place);
      for (; at > 0 && places[at - 1]! > place; at--) places[at] = places[at - 1]!;
      places[at] = place;
    }
    for (const place of places) {
      const codec = this.#codecs[place]!;
      const value: unknown = values[this.#keys[place]!];
      if (codec.repeated === true) {
        for (const item of value as unknown[]) this.#writeOne(writer, codec, [item]);
      } else this.#writeOne(writer, codec, value);
    }
  }

  /** The kernel's symbol for an attribute, for traces: "IFLA_MTU". */
  nameOf(type: number): string {
    const entry = this.#byType.get(type & NLA_TYPE_MASK);
    return entry === undefined
      ? `${this.name}_${type & NLA_TYPE_MASK}`
      : `${this.name}_${entry[0].replace(/([A-Z])/g, '_$1').toUpperCase()}`;
  }

  #writeOne(writer: MessageWriter, codec: AttributeCodec<unknown>, value: unknown): void {
    if (value === false && flagCodecs.has(codec)) return;
    const mark = codec.nested === true ? writer.beginNest(codec.type) : writer.beginAttribute(codec.type);
    codec.write(writer, value);
    writer.endAttribute(mark);
  }
}

export function attributes<S extends AttributeShape>(name: string, shape: S): AttributeTable<S> {
  return new AttributeTable(name, shape);
}

export interface NumberLimits {
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly number[];
  /** Only these bits may be set (NLA_POLICY_MASK). */
  readonly mask?: number;
}

function numberCodec(
  type: number,
  size: number,
  limits: NumberLimits | undefined,
  get: (view: DataView, at: number) => number,
  put: (writer: MessageWriter, value: number) => void,
): AttributeCodec<number> {
  return {
    type,
    read(source, start, end) {
      // A longer payload is legal in old families (the kernel warns in its log), a shorter one never is.
      if (end - start < size || (source.strict && end - start !== size))
        failPolicy(source, start, source.strict && end - start < size ? ERANGE : EINVAL);
      const value = get(source.view, start);
      if (limits !== undefined) {
        if ((limits.min !== undefined && value < limits.min) || (limits.max !== undefined && value > limits.max))
          failPolicy(source, start, ERANGE, 'integer out of range');
        if (limits.oneOf !== undefined && !limits.oneOf.includes(value)) failPolicy(source, start);
        if (limits.mask !== undefined && (value & ~limits.mask) !== 0) failPolicy(source, start, EINVAL, 'reserved bit set');
      }
      return value;
    },
    write: put,
  };
}

export const u8 = (type: number, limits?: NumberLimits) =>
  numberCodec(
    type,
    1,
    limits,
    (v, at) => v.getUint8(at),
    (w, value) => w.u8(value),
  );
export const s8 = (type: number, limits?: NumberLimits) =>
  numberCodec(
    type,
    1,
    limits,
    (v, at) => v.getInt8(at),
    (w, value) => w.u8(value & 0xff),
  );
export const u16 = (type: number, limits?: NumberLimits) =>
  numberCodec(
    type,
    2,
    limits,
    (v, at) => v.getUint16(at, true),
    (w, value) => w.u16(value),
  );
export const u32 = (type: number, limits?: NumberLimits) =>
  numberCodec(
    type,
    4,
    limits,
    (v, at) => v.getUint32(at, true),
    (w, value) => w.u32(value),
  );
export const s32 = (type: number, limits?: NumberLimits) =>
  numberCodec(
    type,
    4,
    limits,
    (v, at) => v.getInt32(at, true),
    (w, value) => w.s32(value),
  );
export const be16 = (type: number, limits?: NumberLimits) =>
  numberCodec(
    type,
    2,
    limits,
    (v, at) => v.getUint16(at),
    (w, value) => w.be16(value),
  );
export const be32 = (type: number, limits?: NumberLimits) =>
  numberCodec(
    type,
    4,
    limits,
    (v, at) => v.getUint32(at),
    (w, value) => w.be32(value),
  );
/** Exact up to 2^53. */
export const u64 = (type: number, limits?: NumberLimits) =>
  numberCodec(
    type,
    8,
    limits,
    (v, at) => v.getUint32(at, true) + v.getUint32(at + 4, true) * 0x1_0000_0000,
    (w, value) => w.u64(value),
  );

/** Big endian, as netfilter has it; exact up to 2^53. */
export const be64 = (type: number, limits?: NumberLimits) =>
  numberCodec(
    type,
    8,
    limits,
    (v, at) => v.getUint32(at) * 0x1_0000_0000 + v.getUint32(at + 4),
    (w, value) => {
      w.be32(Math.floor(value / 0x1_0000_0000));
      w.be32(value % 0x1_0000_0000);
    },
  );

const flagCodecs = new WeakSet<object>();

/** NLA_FLAG: there or not; `false` is not written. */
export function flag(type: number): AttributeCodec<boolean> {
  const codec: AttributeCodec<boolean> = {
    type,
    read: () => true,
    write: () => undefined,
  };
  flagCodecs.add(codec);
  return codec;
}

const decoder = new TextDecoder('utf-8', { fatal: false });
const encoder = new TextEncoder();
const SHORT = 32;

/** Short names are of ASCII, and many: no view of them is made for a decoder. */
function textOf(bytes: Uint8Array, start: number, stop: number): string {
  let text = '';
  if (stop - start > SHORT) return decoder.decode(bytes.subarray(start, stop));
  for (let at = start; at < stop; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return decoder.decode(bytes.subarray(start, stop));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** NLA_NUL_STRING (`nulTerminated`, the default) or NLA_STRING; `max` counts bytes without the NUL. */
export function string(type: number, options: { readonly max?: number; readonly nulTerminated?: boolean } = {}): AttributeCodec<string> {
  return {
    type,
    read(source, start, end) {
      let stop = start;
      while (stop < end && source.bytes[stop] !== 0) stop++;
      if (options.max !== undefined && stop - start > options.max) failPolicy(source, start, ERANGE);
      return textOf(source.bytes, start, stop);
    },
    write(writer, value) {
      if (!writer.ascii(value)) writer.raw(encoder.encode(value));
      if (options.nulTerminated !== false) writer.u8(0);
    },
  };
}

/** Bytes as they are; reading copies them out of the datagram. */
export function binary(type: number, options: { readonly min?: number; readonly max?: number } = {}): AttributeCodec<Uint8Array> {
  return {
    type,
    read(source, start, end) {
      if (end - start < (options.min ?? 0) || end - start > (options.max ?? Number.POSITIVE_INFINITY)) failPolicy(source, start, ERANGE);
      return source.bytes.slice(start, end);
    },
    write: (writer, value) => writer.raw(value),
  };
}

/** Attributes inside an attribute. */
export function nest<S extends AttributeShape>(type: number, table: AttributeTable<S>): AttributeCodec<ValuesOf<S>> {
  return {
    type,
    nested: true,
    read: (source, start, end) => table.parse(source, start, end),
    write: (writer, values) => table.write(writer, values),
  };
}

/** A nest of old: written without NLA_F_NESTED, and taken either way (nla_nest_start_noflag(), nla_parse_nested_deprecated()). */
export function plain<T>({ nested: _nested, ...codec }: AttributeCodec<T>): AttributeCodec<T> {
  return codec;
}

/** A nest whose table is built late, for tables that contain themselves or each other. */
export function lazyNest<S extends AttributeShape>(type: number, table: () => AttributeTable<S>): AttributeCodec<ValuesOf<S>> {
  return {
    type,
    nested: true,
    read: (source, start, end) => table().parse(source, start, end),
    write: (writer, values) => table().write(writer, values),
  };
}

/** A nest that holds one attribute type again and again (a list): `many(struct(1, ...))` goes inside `list(3, ...)`. */
export function list<T>(type: number, item: AttributeCodec<T>): AttributeCodec<readonly T[]> {
  return {
    type,
    nested: true,
    read(source, start, end) {
      const items: T[] = [];
      let at = start;
      while (end - at >= NLA_HDRLEN) {
        const length = source.view.getUint16(at, true);
        if (length < NLA_HDRLEN || length > end - at) break;
        items.push(item.read(source, at + NLA_HDRLEN, at + length));
        at += align4(length);
      }
      return items;
    },
    write(writer, items) {
      for (const value of items) {
        const mark = item.nested === true ? writer.beginNest(item.type) : writer.beginAttribute(item.type);
        item.write(writer, value);
        writer.endAttribute(mark);
      }
    },
  };
}

/** An attribute that may come several times in its table; its value is the array of all. */
export function many<T>(item: AttributeCodec<T>): AttributeCodec<readonly T[]> {
  return {
    type: item.type,
    repeated: true,
    ...(item.nested === true ? { nested: true } : {}),
    read: (source, start, end) => [item.read(source, start, end)],
    write: (writer, items) => {
      for (const value of items) item.write(writer, value);
    },
  };
}

/** Any payload by functions of one's own. */
export function custom<T>(type: number, codec: Omit<AttributeCodec<T>, 'type'>): AttributeCodec<T> {
  return { type, ...codec };
}

// C structs: fixed headers behind the nlmsghdr, and attributes whose payload is one.

type FieldType = 'u8' | 's8' | 'u16' | 's16' | 'u32' | 's32' | 'u64' | 'be16' | 'be32' | 'pad8' | 'pad16' | 'pad32';
type StructFields = Readonly<Record<string, FieldType>>;
type DataFields<F extends StructFields> = { [K in keyof F]: F[K] extends `pad${string}` ? never : K }[keyof F];
export type StructOf<T> = T extends StructCodec<infer F> ? StructValue<F> : never;
export type StructValue<F extends StructFields> = { readonly [K in DataFields<F>]: number };

// biome-ignore format: a table
const fieldSize: Readonly<Record<FieldType, number>> = {
  u8: 1, s8: 1, u16: 2, s16: 2, u32: 4, s32: 4, u64: 8, be16: 2, be32: 4, pad8: 1, pad16: 2, pad32: 4,
};

type ReadStruct = (view: DataView, start: number) => Record<string, number>;
type WriteStruct = (view: DataView, at: number, value: Readonly<Record<string, number | undefined>>) => void;

/** The JavaScript that reads a field of a struct at `view`, `start`. */
const reading = (type: FieldType, at: number): string => {
  const place = `start + ${at}`;
  if (type === 'u64') return `view.getUint32(${place}, true) + view.getUint32(${place} + 4, true) * 0x100000000`;
  return `view.get${accessor(type)}(${place}${type.startsWith('be') ? '' : ', true'})`;
};

/** The JavaScript that writes a field. */
const writing = (name: string, type: FieldType, at: number): string => {
  const place = `at + ${at}`;
  const value = type.startsWith('pad') ? '0' : `(value.${name} ?? 0)`;
  if (type === 'u64')
    return `{ const number = ${value}; view.setUint32(${place}, number % 0x100000000, true); view.setUint32(${place} + 4, Math.floor(number / 0x100000000), true); }`;
  return `view.set${accessor(type)}(${place}, ${value}${type.startsWith('be') ? '' : ', true'});`;
};

/** Of the accessor's name what stands behind get or set: Uint16 for u16, be16 and pad16. */
const accessor = (type: FieldType): string => `${type.startsWith('s') ? 'Int' : 'Uint'}${fieldSize[type] * 8}`;

/**
 * A C struct: fields one behind the other, paddings spelled out as fields of type pad8, pad16, pad32. It is read and written by
 * functions made for it at its first use: a loop over fields costs ten times as much, and dumps have a million of them.
 */
export class StructCodec<F extends StructFields> {
  readonly size: number;
  readonly #fields: readonly (readonly [name: string, type: FieldType, at: number])[];
  #read: ReadStruct | null = null;
  #write: WriteStruct | null = null;

  constructor(fields: F) {
    let at = 0;
    const placed: [string, FieldType, number][] = [];
    for (const [name, type] of Object.entries(fields)) {
      // Names become code.
      if (!/^[a-zA-Z]\w*$/.test(name)) throw new TypeError(`"${name}" is no name for a field`);
      placed.push([name, type, at]);
      at += fieldSize[type];
    }
    this.#fields = placed;
    this.size = at;
  }

  /** Reads at `start`; the caller has checked that `size` bytes are there. */
  read(view: DataView, start: number): StructValue<F> {
    this.#read ??= this.#makeRead();
    return this.#read(view, start) as StructValue<F>;
  }

  /** Writes all fields; those not given are zero. */
  write(writer: MessageWriter, value: Partial<StructValue<F>>): void {
    writer.reserve(this.size);
    this.#write ??= this.#makeWrite();
    this.#write(writer.view, writer.at, value as Readonly<Record<string, number | undefined>>);
    writer.at += this.size;
  }

  #makeRead(): ReadStruct {
    const data = this.#fields.filter(([, type]) => !type.startsWith('pad'));
    return new Function(
      'view',
      'start',
      `return { ${data.map(([name, type, at]) => `${name}: ${reading(type, at)}`).join(', ')} };`,
    ) as ReadStruct;
  }

  #makeWrite(): WriteStruct {
    return new Function('view', 'at', 'value', this.#fields.map(([name, type, at]) => writing(name, type, at)).join('\n')) as WriteStruct;
  }
}

export function layout<F extends StructFields>(fields: F): StructCodec<F> {
  return new StructCodec(fields);
}

/** An attribute whose payload is a C struct. A longer payload (a newer peer's) is read as far as we know it. */
export function struct<F extends StructFields>(type: number, fields: F | StructCodec<F>): AttributeCodec<StructValue<F>> {
  const codec = fields instanceof StructCodec ? fields : new StructCodec(fields);
  return {
    type,
    read(source, start, end) {
      if (end - start < codec.size) failPolicy(source, start);
      return codec.read(source.view, start);
    },
    write: (writer, value) => codec.write(writer, value),
  };
}

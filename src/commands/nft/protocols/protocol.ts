import type { Datatype } from '../datatypes/datatype.js';

/** NFT_PAYLOAD_*: where a header lies. */
export type PayloadBase = 0 | 1 | 2 | 3;
export const LINK: PayloadBase = 0;
export const NETWORK: PayloadBase = 1;
export const TRANSPORT: PayloadBase = 2;
export const INNER: PayloadBase = 3;

export interface Field {
  readonly name: string;
  readonly type: Datatype;
  /** Bits from the header's beginning. */
  readonly offset: number;
  readonly bits: number;
  /** ICMP: the types of message that have this field. */
  readonly onlyOf?: readonly number[];
}

export interface Protocol {
  readonly name: string;
  /** As typeof of sets carries it to the kernel: enum proto_desc_id of nft. */
  readonly id: number;
  readonly base: PayloadBase;
  /** Bits; what lies behind it at the same base begins there. Zero: nothing does. */
  readonly length: number;
  /** In the order of nft's templates: their places are in typeof of sets too. */
  readonly fields: readonly Field[];
  /** The field that says what follows. */
  readonly key?: string;
  /** What follows, by the value of the key field. */
  readonly upper: readonly (readonly [number, () => Protocol])[];
  /** Bit offset of an internet checksum over the header, or over what a pseudo header covers. */
  readonly checksum?: string;
}

export const field = (name: string, type: Datatype, offset: number, bits = type.bits, onlyOf?: readonly number[]): Field => ({
  name,
  type,
  offset,
  bits,
  ...(onlyOf === undefined ? {} : { onlyOf }),
});

export const fieldNamed = (protocol: Protocol, name: string): Field | undefined => protocol.fields.find((field) => field.name === name);

export const upperOf = (protocol: Protocol, value: number): Protocol | undefined =>
  protocol.upper.find(([number]) => number === value)?.[1]();

/** The value of the key field that says that `upper` follows. */
export const numberOf = (protocol: Protocol, upper: Protocol): number | undefined =>
  protocol.upper.find(([, found]) => found() === upper)?.[0];

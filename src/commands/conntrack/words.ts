import type { Labels } from './labels.js';

/** What a command line of conntrack asks for. Addresses are bytes; undefined: it says nothing of it. */
export interface ConntrackWords {
  /** The letter of the command; empty: none was given. */
  command: string;
  table: string;
  family: number | undefined;
  protocol: number | undefined;
  originalSource: AddressFilter | undefined;
  originalDestination: AddressFilter | undefined;
  replySource: AddressFilter | undefined;
  replyDestination: AddressFilter | undefined;
  sourcePort: number | undefined;
  destinationPort: number | undefined;
  replySourcePort: number | undefined;
  replyDestinationPort: number | undefined;
  icmpType: number | undefined;
  icmpCode: number | undefined;
  icmpId: number | undefined;
  state: number | undefined;
  /** By its name; what it means is known once the protocol is. */
  stateName: string | undefined;
  /** Keys of GRE, both directions. */
  sourceKey: number | undefined;
  destinationKey: number | undefined;
  replySourceKey: number | undefined;
  replyDestinationKey: number | undefined;
  /** Verification tags of SCTP. */
  originalTag: number | undefined;
  replyTag: number | undefined;
  /** Of DCCP: 0 client, 1 server. */
  role: number | undefined;
  sourceMask: Uint8Array | undefined;
  destinationMask: Uint8Array | undefined;
  /** Source, destination or either is changed by NAT, to this address where one is given. */
  nat: { readonly which: 'source' | 'destination' | 'any'; readonly address: Uint8Array | null; readonly port: number | null }[];
  timeout: number | undefined;
  status: number | undefined;
  /** `UNSET`: connections without any of these. */
  mark: { readonly value: number; readonly mask: number | undefined } | undefined;
  secmark: number | undefined;
  zone: number | undefined;
  originalZone: number | undefined;
  replyZone: number | undefined;
  events: Set<string>;
  zero: boolean;
  output: Set<string>;
  bufferSize: number | undefined;
  /** Names parted by commas, as written; of those taken away none stand for all. */
  labelNames: string | undefined;
  labelAddNames: string | undefined;
  labelDeleteNames: string | undefined;
  /** What they mean, once the file of names is read; null: it is not there. */
  labels: Labels | null;
  labelFilter: Uint8Array | undefined;
  labelAdd: Uint8Array | undefined;
  labelDelete: Uint8Array | undefined;
  /** How many connections it was is not told (`-R`). */
  quiet: boolean;
}

export interface AddressFilter {
  readonly bytes: Uint8Array;
  readonly prefix: number;
  /** In the prefix's stead. */
  readonly mask?: Uint8Array | undefined;
}

export const noWords = (): ConntrackWords => ({
  command: '',
  table: 'conntrack',
  family: undefined,
  protocol: undefined,
  originalSource: undefined,
  originalDestination: undefined,
  replySource: undefined,
  replyDestination: undefined,
  sourcePort: undefined,
  destinationPort: undefined,
  replySourcePort: undefined,
  replyDestinationPort: undefined,
  icmpType: undefined,
  icmpCode: undefined,
  icmpId: undefined,
  state: undefined,
  stateName: undefined,
  sourceKey: undefined,
  destinationKey: undefined,
  replySourceKey: undefined,
  replyDestinationKey: undefined,
  originalTag: undefined,
  replyTag: undefined,
  role: undefined,
  sourceMask: undefined,
  destinationMask: undefined,
  nat: [],
  timeout: undefined,
  status: undefined,
  mark: undefined,
  secmark: undefined,
  zone: undefined,
  originalZone: undefined,
  replyZone: undefined,
  events: new Set(),
  zero: false,
  output: new Set(),
  bufferSize: undefined,
  labelNames: undefined,
  labelAddNames: undefined,
  labelDeleteNames: undefined,
  labels: null,
  labelFilter: undefined,
  labelAdd: undefined,
  labelDelete: undefined,
  quiet: false,
});

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
}

export interface AddressFilter {
  readonly bytes: Uint8Array;
  readonly prefix: number;
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
});

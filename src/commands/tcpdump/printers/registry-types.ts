import type { Dissector, LinkAddresses } from '../dissector.js';

/** Prints the bytes at `at`, of which the layer above says that there are `length`. */
export type Printer = (d: Dissector, at: number, length: number) => void;

/** What follows an EtherType. */
export interface EthertypePrinter {
  readonly types: readonly number[];
  print(d: Dissector, at: number, length: number, captured: number, addresses: LinkAddresses): void;
}

/** What an IP header says of the payload that a protocol's printer gets. */
export interface IpContext {
  /** 4 or 6. */
  readonly version: number;
  /** Where the IP header lies. */
  readonly header: number;
  /** The payload is the first of several fragments. */
  readonly fragmented: boolean;
  /** TTL or hop limit. */
  readonly hops: number;
}

export interface IpProtocolPrinter {
  readonly protocols: readonly number[];
  /** Where it belongs to one version alone. */
  readonly version?: 4 | 6;
  print(d: Dissector, at: number, length: number, ip: IpContext): void;
}

/** What UDP's or TCP's ports say. */
export interface PortPrinter {
  /** Source or destination. */
  readonly ports?: readonly number[];
  readonly destinationPorts?: readonly number[];
  readonly sourcePorts?: readonly number[];
  /** The word of -T for it. */
  readonly type?: string;
  print(d: Dissector, at: number, length: number, context: PortContext): void;
}

export interface PortContext extends IpContext {
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Frames of a link type: DLT_* numbers. Returns how long the link-layer header was. */
export interface LinkPrinter {
  readonly types: readonly number[];
  print(d: Dissector, at: number, length: number, captured: number): number;
}

/** Prints a frame and returns how long its headers were; negative: nothing knows what follows them. */
export type FramePrinter = (d: Dissector, at: number, length: number, captured: number, addresses: LinkAddresses) => number;

/** All printers. They reach each other through it alone: tunnels make circles, which imports may not. */
export interface Registry {
  readonly ethertypes: ReadonlyMap<number, EthertypePrinter>;
  readonly ipProtocols: ReadonlyMap<number, IpProtocolPrinter>;
  readonly udp: readonly PortPrinter[];
  readonly tcp: readonly PortPrinter[];
  readonly links: ReadonlyMap<number, LinkPrinter>;
  readonly ip: Printer;
  readonly ip6: Printer;
  /** IP of the version that the first nibble says. */
  readonly anyIp: Printer;
  readonly ethernet: (d: Dissector, at: number, length: number, captured: number) => number;
  readonly llc: FramePrinter;
  readonly ppp: Printer;
  readonly mpls: Printer;
  readonly isoclns: Printer;
  readonly forces: Printer;
  /** False: nothing knows the protocol. */
  readonly snap: (d: Dissector, at: number, length: number, captured: number, addresses: LinkAddresses) => boolean;
}

import type { Family } from '../ast.js';
import type { Location } from '../location.js';
import { ether, inet, netdev } from '../protocols/link.js';
import { arp, ip, ip6 } from '../protocols/network.js';
import { LINK, NETWORK, type PayloadBase, type Protocol, TRANSPORT } from '../protocols/protocol.js';

interface Layer {
  readonly protocol: Protocol;
  readonly loc: Location | undefined;
}

/** What a rule knows of its packets' headers so far. */
export class ProtocolContext {
  readonly #layers = new Map<PayloadBase, Layer>();
  /** Headers of the link layer that lie before the last one: bits. */
  linkOffset = 0;
  /** Several transports are possible. */
  severalTransports = false;

  constructor(family: Family) {
    const first: Readonly<Record<Family, Protocol>> = { ip, ip6, arp, inet, netdev, bridge: ether };
    const protocol = first[family];
    this.#layers.set(protocol.base, { protocol, loc: undefined });
  }

  at(base: PayloadBase): Protocol | undefined {
    return this.#layers.get(base)?.protocol;
  }

  locAt(base: PayloadBase): Location | undefined {
    return this.#layers.get(base)?.loc;
  }

  set(protocol: Protocol, loc?: Location): void {
    const before = this.at(LINK);
    if (protocol.base === LINK && before !== undefined && before.length > 0 && (before !== protocol || protocol.name === 'vlan'))
      this.linkOffset += before.length;
    this.#layers.set(protocol.base, { protocol, loc });
  }

  get hasTransport(): boolean {
    return this.at(TRANSPORT) !== undefined || this.severalTransports;
  }

  get network(): Protocol | undefined {
    return this.at(NETWORK);
  }
}

export const conflict = (a: string, b: string) => `conflicting protocols specified: ${a} vs. ${b}`;

import { AF_INET } from '../../netlink/constants.js';
import type { DestinationAttributes, ServiceAttributes } from '../../netlink/genl/ip-vs.js';
import { formatAddress } from '../shared/address.js';
import type { Resolver } from './resolve.js';

/** Turns addresses and ports into texts; without a resolver they are numbers. */
export class NameWriter {
  readonly #resolver: Resolver | null;

  constructor(resolver: Resolver | null) {
    this.#resolver = resolver;
  }

  /** "10.0.0.1:http", "[2001:db8::1]:80"; ports of no protocol, as services by mark have them, have no names. */
  endpoint(family: number, bytes: Uint8Array, port: number, protocol: number): string {
    const own = family === AF_INET ? bytes.subarray(0, 4) : bytes;
    const name = this.#resolver?.nameOf({ family, bytes: own }) ?? formatAddress(family, own);
    const host = family === AF_INET ? name : `[${name}]`;
    return `${host}:${this.#resolver?.portName(port, protocol) ?? port}`;
  }

  service({ af = AF_INET, addr = new Uint8Array(16), port = 0, protocol = 0 }: ServiceAttributes): string {
    return this.endpoint(af, addr, port, protocol);
  }

  server({ addrFamily = AF_INET, addr = new Uint8Array(16), port = 0 }: DestinationAttributes, protocol: number): string {
    return this.endpoint(addrFamily, addr, port, protocol);
  }
}

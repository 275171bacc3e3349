import type { Dst } from '../../core/dst.js';
import { IP_VS_CONN_F_FWD_MASK } from '../../../netlink/genl/ip-vs.js';
import { IpvsStats } from './stats.js';

/** What a user says of a real server (struct ip_vs_dest_user_kern). */
export interface DestinationOptions {
  /** AF_* */
  readonly family: number;
  readonly address: Uint32Array;
  readonly port: number;
  /** IP_VS_CONN_F_MASQ, _TUNNEL, _DROUTE, ... */
  readonly forward: number;
  readonly weight: number;
  readonly upper: number;
  readonly lower: number;
  /** TUNNEL_IPIP, _GUE, _GRE */
  readonly tunnelType: number;
  readonly tunnelPort: number;
  /** ENCAP_* */
  readonly tunnelFlags: number;
}

/** The virtual service that a server was of, for who comes back to it. */
export interface ServiceName {
  readonly family: number;
  readonly protocol: number;
  readonly address: Uint32Array;
  readonly port: number;
  readonly fwmark: number;
}

/** A real server (struct ip_vs_dest). It outlives its service while connections refer to it. */
export class Destination {
  /** Its number in connections. */
  readonly id: number;
  readonly family: number;
  readonly address = new Uint32Array(4);
  readonly port: number;
  readonly service: ServiceName;
  /** How connections to it are forwarded, and what else they begin with: IP_VS_CONN_F_*. */
  connectionFlags = 0;
  weight = 1;
  upper = 0;
  lower = 0;
  tunnelType = 0;
  tunnelPort = 0;
  tunnelFlags = 0;
  activeConns = 0;
  inactConns = 0;
  persistConns = 0;
  /** It is of a service (IP_VS_DEST_F_AVAILABLE). */
  available = true;
  /** It has as many connections as it takes (IP_VS_DEST_F_OVERLOAD). */
  overloaded = false;
  readonly stats = new IpvsStats();
  /** The counters of its service; set while it is of one. */
  serviceStats: IpvsStats | null = null;
  /** Connections and templates that refer to it. */
  references = 0;
  /** The way to it, as long as that holds, and the address that tunnels leave from. */
  dst: Dst | null = null;
  readonly source = new Uint32Array(4);

  constructor(id: number, options: DestinationOptions, service: ServiceName) {
    this.id = id;
    this.family = options.family;
    this.address.set(options.address);
    this.port = options.port;
    this.service = service;
  }

  /** IP_VS_CONN_F_MASQ, _TUNNEL, ... */
  get forward(): number {
    return this.connectionFlags & IP_VS_CONN_F_FWD_MASK;
  }

  get connections(): number {
    return this.activeConns + this.inactConns;
  }

  /** Takes no new connections now. */
  get unavailable(): boolean {
    return this.overloaded || this.weight <= 0;
  }

  is(family: number, address: Uint32Array, port: number): boolean {
    if (this.family !== family || this.port !== port) return false;
    for (let i = 0; i < 4; i++) if (this.address[i] !== address[i]) return false;
    return true;
  }

  /** A connection has come: perhaps it is the last that it takes. Linux: ip_vs_bind_dest() */
  grown(): void {
    if (this.upper !== 0 && this.connections >= this.upper) this.overloaded = true;
  }

  /** A connection has gone: below the lower threshold, or three quarters of the upper, it takes others again. Linux: ip_vs_unbind_dest() */
  shrunk(): void {
    if (!this.overloaded) return;
    if (this.lower !== 0) {
      if (this.connections < this.lower) this.overloaded = false;
    } else if (this.upper !== 0) {
      if (this.connections * 4 < this.upper * 3) this.overloaded = false;
    } else this.overloaded = false;
  }
}

import type { Timer } from '../../base/timer-wheel.js';
import type { In6 } from '../../wire/ipv6.js';
import type { NetDevice } from '../core/device.js';
import type { NeighbourParameters } from '../core/neighbour-parameters.js';
import type { Ipv6Address } from './address.js';
import { Ipv6Config } from './config.js';
import { type Icmp6Stats, IP6_MIB_MAX } from './snmp.js';

// if_flags of inet6_dev, linux/if_inet6.h
/** A router solicitation was sent, its answer awaited. */
export const IF_RS_SENT = 0x10;
export const IF_RA_RCVD = 0x20;
export const IF_RA_MANAGED = 0x40;
export const IF_RA_OTHERCONF = 0x80;
export const IF_READY = 0x8000_0000;

/** IPv6 on one device (struct inet6_dev): its addresses, groups, settings and counters. */
export class Ipv6Device {
  readonly device: NetDevice;
  /** In Linux's order: narrower scopes behind wider ones. */
  addresses: Ipv6Address[] = [];
  /** Anycast addresses that it answers to. */
  anycast: { readonly address: In6; users: number }[] = [];
  readonly config: Ipv6Config;
  readonly all: Ipv6Config;
  readonly ndParameters: NeighbourParameters;
  /** IF_* */
  flags = 0;
  /** inet6_dev->dead: it was taken down and not brought up again. */
  dead = false;
  /** `ip token`: the interface identifier for SLAAC; null: none. */
  token: In6 | null = null;
  /** Microseconds of the stack's clock; goes into IFLA_INET6_CACHEINFO. */
  createdUs: number;
  updatedUs: number;
  /** The MTU that a router announced; 0: none. */
  raMtu = 0;
  /** Router solicitations sent, and milliseconds until the next. */
  rsProbes = 0;
  rsIntervalMs = 0;
  rsTimer: Timer | null = null;
  /** By Ip6Mib. */
  readonly stats = new Float64Array(IP6_MIB_MAX);
  /** null: no message of ICMPv6 has come or gone yet. */
  icmpStats: Icmp6Stats | null = null;

  constructor(device: NetDevice, all: Ipv6Config, defaults: Ipv6Config, ndParameters: NeighbourParameters) {
    this.device = device;
    this.all = all;
    this.config = new Ipv6Config().copyFrom(defaults);
    this.config.mtu = device.mtu;
    this.ndParameters = ndParameters;
    this.createdUs = device.stack.nowUs;
    this.updatedUs = this.createdUs;
  }

  forwards(): boolean {
    return this.config.forwarding !== 0;
  }

  disabled(): boolean {
    return this.config.disableIpv6 !== 0;
  }

  /** What fits on the link: the device's MTU, or less where a router has said so (idev->cnf.mtu6). */
  get mtu(): number {
    return Math.min(this.config.mtu, this.device.mtu);
  }

  /** 0: the version of the querier. Linux: mld_force_mld_version() */
  forcedMldVersion(): number {
    return this.all.forceMldVersion !== 0 ? this.all.forceMldVersion : this.config.forceMldVersion;
  }

  /** Linux: ipv6_accept_redirects: a router takes none. */
  acceptsRedirects(): boolean {
    return this.config.acceptRedirects !== 0 && !this.forwards();
  }

  proxies(): boolean {
    return (this.all.proxyNdp | this.config.proxyNdp) !== 0;
  }
}

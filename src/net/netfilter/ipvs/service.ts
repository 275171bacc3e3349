import { AF_INET } from '../../../netlink/constants.js';
import { IP_VS_SVC_F_HASHED, IP_VS_SVC_F_ONEPACKET, IP_VS_SVC_F_PERSISTENT } from '../../../netlink/genl/ip-vs.js';
import type { RandomSource } from '../../../base/random.js';
import type { Destination, ServiceName } from './destination.js';
import type { RunningScheduler, ScheduledService, Scheduler } from './scheduler.js';
import { foldAddress } from './schedulers/buckets.js';
import type { IpvsSettings } from './settings.js';
import { IpvsStats } from './stats.js';

/** What a user says of a virtual service (struct ip_vs_service_user_kern), but for its name. */
export interface ServiceOptions {
  /** Empty or "none": no scheduler. */
  readonly scheduler: string;
  /** IP_VS_SVC_F_* */
  readonly flags: number;
  /** Seconds. */
  readonly timeout: number;
  /** Which clients count as one: as an address; of IPv6 how many bits. */
  readonly netmask: number;
  readonly engine: string;
}

/** What a service needs of its namespace. */
export interface ServiceSurroundings {
  readonly settings: IpvsSettings;
  readonly random: RandomSource;
  nowMs(): number;
}

/** A virtual service: an address and port, or the mark of a firewall (struct ip_vs_service). */
export class Service implements ServiceName, ScheduledService {
  readonly family: number;
  readonly protocol: number;
  readonly address = new Uint32Array(4);
  readonly port: number;
  readonly fwmark: number;
  flags = 0;
  timeoutMs = 0;
  netmask = 0xffff_ffff;
  /** The persistence engine; empty: none. */
  engine = '';
  /** The newest first. */
  destinations: readonly Destination[] = [];
  readonly stats = new IpvsStats();
  scheduler: Scheduler | null = null;
  running: RunningScheduler | null = null;
  /** It has netfilter track connections. */
  tracked = false;
  readonly #surroundings: ServiceSurroundings;

  constructor(name: ServiceName, surroundings: ServiceSurroundings) {
    this.family = name.family;
    this.protocol = name.protocol;
    this.address.set(name.address);
    this.port = name.port;
    this.fwmark = name.fwmark;
    this.#surroundings = surroundings;
  }

  get settings(): IpvsSettings {
    return this.#surroundings.settings;
  }

  get random(): RandomSource {
    return this.#surroundings.random;
  }

  nowMs(): number {
    return this.#surroundings.nowMs();
  }

  get persistent(): boolean {
    return (this.flags & IP_VS_SVC_F_PERSISTENT) !== 0;
  }

  get onePacket(): boolean {
    return (this.flags & IP_VS_SVC_F_ONEPACKET) !== 0;
  }

  change(options: ServiceOptions, scheduler: Scheduler | null): void {
    this.flags = (options.flags | IP_VS_SVC_F_HASHED) >>> 0;
    this.timeoutMs = options.timeout * 1000;
    this.netmask = options.netmask;
    this.engine = options.engine;
    if (scheduler === this.scheduler) return;
    this.scheduler = scheduler;
    this.running = scheduler === null ? null : scheduler.start(this);
  }

  add(server: Destination): void {
    this.destinations = [server, ...this.destinations];
    this.running?.changed?.();
  }

  remove(server: Destination): void {
    const index = this.destinations.indexOf(server);
    this.destinations = this.destinations.filter((other) => other !== server);
    this.running?.changed?.(server, index);
  }

  find(family: number, address: Uint32Array, port: number): Destination | undefined {
    return this.destinations.find((server) => server.is(family, address, port));
  }

  /** The part of a client's address that counts. */
  maskClient(client: Uint32Array, into: Uint32Array): Uint32Array {
    if (this.family === AF_INET) {
      into[0] = client[0]! & this.netmask;
      for (let i = 1; i < 4; i++) into[i] = 0;
      return into;
    }
    for (let i = 0; i < 4; i++) {
      const bits = Math.min(Math.max(this.netmask - 32 * i, 0), 32);
      into[i] = bits === 0 ? 0 : client[i]! & (0xffff_ffff << (32 - bits));
    }
    return into;
  }
}

/** CONFIG: ip_vs_svc_table and ip_vs_svc_fwm_table, of which listings show the order. */
const BUCKETS = 256;
/** Where in the tables a namespace's services lie depends on an address in Linux; one such. */
const NAMESPACE_BITS = 0x80;

export const FTP = 21;
const FTP_DATA = 20;
const PROTOCOL_TCP = 6;

/** The virtual services of a namespace. */
export class ServiceTable {
  readonly #named: Service[][] = Array.from({ length: BUCKETS }, () => []);
  readonly #marked: Service[][] = Array.from({ length: BUCKETS }, () => []);
  count = 0;
  /** Services for any port, for FTP's, and by mark: those that packets need not be looked up for while there are none. */
  #anyPort = 0;
  #ftp = 0;
  #marks = 0;

  insert(service: Service): void {
    this.#bucket(service).unshift(service);
    this.#count(service, 1);
  }

  remove(service: Service): void {
    const bucket = this.#bucket(service);
    bucket.splice(bucket.indexOf(service), 1);
    this.#count(service, -1);
  }

  /** The service of exactly that name. Linux: __ip_vs_service_find(), __ip_vs_svc_fwm_find() */
  get(name: ServiceName): Service | undefined {
    if (name.fwmark !== 0) return this.#byMark(name.family, name.fwmark) ?? undefined;
    return this.#byName(name.family, name.protocol, name.address, name.port) ?? undefined;
  }

  /** The service that a packet is for. Linux: ip_vs_service_find() */
  find(family: number, fwmark: number, protocol: number, address: Uint32Array, port: number): Service | null {
    if (fwmark !== 0 && this.#marks !== 0) {
      const service = this.#byMark(family, fwmark);
      if (service !== null) return service;
    }
    let service = this.#byName(family, protocol, address, port);
    if (service === null && this.#ftp !== 0 && protocol === PROTOCOL_TCP && (port === FTP_DATA || port >= 1024))
      service = this.#byName(family, protocol, address, FTP);
    if (service === null && this.#anyPort !== 0) service = this.#byName(family, protocol, address, 0);
    return service;
  }

  /** In the order of listings: those with a name, then those with a mark. */
  *all(): Iterable<Service> {
    for (const bucket of this.#named) yield* bucket;
    for (const bucket of this.#marked) yield* bucket;
  }

  #byMark(family: number, fwmark: number): Service | null {
    const bucket = this.#marked[(fwmark ^ NAMESPACE_BITS) & (BUCKETS - 1)]!;
    for (let i = 0; i < bucket.length; i++) {
      const service = bucket[i]!;
      if (service.fwmark === fwmark && service.family === family) return service;
    }
    return null;
  }

  #byName(family: number, protocol: number, address: Uint32Array, port: number): Service | null {
    const bucket = this.#named[hashOf(family, protocol, address, port)]!;
    for (let i = 0; i < bucket.length; i++) {
      const service = bucket[i]!;
      const a = service.address;
      if (
        service.port === port &&
        service.protocol === protocol &&
        service.family === family &&
        a[0] === address[0] &&
        a[1] === address[1] &&
        a[2] === address[2] &&
        a[3] === address[3]
      )
        return service;
    }
    return null;
  }

  #bucket(service: Service): Service[] {
    if (service.fwmark !== 0) return this.#marked[(service.fwmark ^ NAMESPACE_BITS) & (BUCKETS - 1)]!;
    return this.#named[hashOf(service.family, service.protocol, service.address, service.port)]!;
  }

  #count(service: Service, by: number): void {
    this.count += by;
    if (service.fwmark !== 0) this.#marks += by;
    else if (service.port === 0) this.#anyPort += by;
    else if (service.port === FTP) this.#ftp += by;
  }
}

/** Linux: ip_vs_svc_hashkey() */
const hashOf = (family: number, protocol: number, address: Uint32Array, port: number): number =>
  (protocol ^ foldAddress(family, address) ^ NAMESPACE_BITS ^ (port >>> 8) ^ port) & (BUCKETS - 1);

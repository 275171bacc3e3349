import { EAFNOSUPPORT, EEXIST, EINVAL, ENOENT, ERANGE, ESRCH } from '../../../base/errno.js';
import { loadModule } from '../../../base/kernel-modules.js';
import { fail } from '../../../base/net-error.js';
import { Timer } from '../../../base/timer-wheel.js';
import { AF_INET, AF_INET6 } from '../../../netlink/constants.js';
import {
  IP_VS_CONN_F_FWD_MASK,
  IP_VS_CONN_F_INACTIVE,
  IP_VS_CONN_F_MASQ,
  IP_VS_CONN_F_NOOUTPUT,
  IP_VS_CONN_F_TUNNEL,
  TUNNEL_GUE,
} from '../../../netlink/genl/ip-vs.js';
import { RTN_LOCAL, RTN_UNICAST } from '../../../netlink/rtnl/constants.js';
import * as ip6 from '../../../wire/ipv6.js';
import type { Namespace } from '../../core/namespace.js';
import { Connections } from './connections.js';
import { Defence } from './defence.js';
import { Destination, type DestinationOptions, type ServiceName } from './destination.js';
import { registerIpvsHooks } from './hooks.js';
import { DEST } from './layout.js';
import { ipvsProtocols } from './protocols/registry.js';
import type { Scheduler } from './scheduler.js';
import { schedulers } from './schedulers/registry.js';
import { FTP, Service, type ServiceOptions, ServiceTable } from './service.js';
import { IpvsSettings } from './settings.js';
import { IpvsStats } from './stats.js';
import { SyncDaemons } from './sync/daemons.js';

/** The persistence engines there are. SIP's is kept and listed; its packets are told apart by address alone. */
const ENGINES = ['sip'];
/** Counters are added up, and rates estimated, each two seconds. */
const ESTIMATE_US = 2_000_000;
const US_PER_MS = 1000;
/** CONFIG_IP_VS_TAB_BITS, and the limits of the module's conn_tab_bits. */
const TABLE_BITS = 12;
const LEAST_TABLE_BITS = 8;
const MOST_TABLE_BITS = 20;

/** IPVS of one namespace (struct netns_ipvs): services, real servers, connections, settings, counters. */
export class Ipvs {
  readonly namespace: Namespace;
  readonly settings = new IpvsSettings();
  readonly services = new ServiceTable();
  readonly connections: Connections;
  readonly sync: SyncDaemons;
  readonly defence: Defence;
  /** Of all services together. */
  readonly stats = new IpvsStats();
  /** By number; null: free. */
  readonly #destinations: (Destination | null)[] = [null];
  readonly #freeNumbers: number[] = [];
  /** Servers that are of no service any more, while connections refer to them. */
  readonly #trash = new Set<Destination>();
  readonly #timeouts: (number[] | undefined)[] = [];
  readonly #estimator: Timer;
  readonly #startedUs: number;
  #unhook4: (() => void) | null = null;
  #unhook6: (() => void) | null = null;

  constructor(namespace: Namespace) {
    this.namespace = namespace;
    this.connections = new Connections(this);
    this.sync = new SyncDaemons(this);
    this.defence = new Defence(this);
    this.#startedUs = namespace.stack.nowUs;
    this.#estimator = new Timer(() => this.#estimate());
    for (const { protocol, timeoutsMs } of ipvsProtocols) this.#timeouts[protocol] = [...timeoutsMs];
  }

  destroy(): void {
    this.sync.stopAll();
    this.flush();
    this.connections.flush();
    this.#unhook4?.();
    this.#unhook6?.();
    this.namespace.stack.timers.cancel(this.#estimator);
  }

  /** Buckets of the table of connections, as listings have it; ours grows by itself. */
  get tableSize(): number {
    const told = Number(this.namespace.stack.moduleParameters.get('ip_vs')?.get('conn_tab_bits') ?? TABLE_BITS);
    return 2 ** (told >= LEAST_TABLE_BITS && told <= MOST_TABLE_BITS ? told : TABLE_BITS);
  }

  nowMs(): number {
    return Math.floor(this.namespace.stack.nowUs / US_PER_MS);
  }

  /** Milliseconds by state, of a protocol. */
  timeoutsMs(protocol: number): number[] {
    return this.#timeouts[protocol]!;
  }

  destinationOf(id: number): Destination | null {
    return this.#destinations[this.connections.table.get(id, DEST)] ?? null;
  }

  /** EEXIST, ENOENT (no such scheduler or engine), EINVAL. Linux: ip_vs_add_service() */
  addService(name: ServiceName, options: ServiceOptions): void {
    if (name.family !== AF_INET && name.family !== AF_INET6) fail(EAFNOSUPPORT);
    if (this.services.get(name) !== undefined) fail(EEXIST);
    const scheduler = this.#schedulerOf(options);
    this.#checkMask(name, options);
    loadModule('ip_vs', this.namespace.stack.modules);
    const service = new Service(name, { settings: this.settings, random: this.namespace.stack.random, nowMs: () => this.nowMs() });
    service.change(options, scheduler);
    this.services.insert(service);
    this.#hook(name.family);
  }

  /** ESRCH, ENOENT, EINVAL. Linux: ip_vs_edit_service() */
  editService(name: ServiceName, options: ServiceOptions): void {
    const service = this.services.get(name) ?? fail(ESRCH);
    const scheduler = this.#schedulerOf(options);
    this.#checkMask(name, options);
    service.change(options, scheduler);
  }

  /** ESRCH */
  deleteService(name: ServiceName): void {
    this.#dropService(this.services.get(name) ?? fail(ESRCH));
  }

  flush(): void {
    for (const service of [...this.services.all()]) this.#dropService(service);
  }

  /** The counters of a service and its servers begin anew. */
  zeroService(service: Service): void {
    for (const server of service.destinations) server.stats.zero();
    service.stats.zero();
  }

  zeroAll(): void {
    for (const service of this.services.all()) this.zeroService(service);
    this.stats.zero();
  }

  /** ERANGE, EEXIST, EINVAL. Linux: ip_vs_add_dest() */
  addDestination(service: Service, options: DestinationOptions): void {
    this.#checkDestination(service, options);
    if (service.find(options.family, options.address, options.port) !== undefined) fail(EEXIST);
    let server = this.#fromTrash(service, options);
    if (server === undefined) {
      if (!this.#isUnicast(options)) fail(EINVAL);
      const id = this.#freeNumbers.pop() ?? this.#destinations.length;
      server = new Destination(id, options, service);
      this.#destinations[id] = server;
    }
    if (server.serviceStats !== service.stats) server.stats.zero();
    server.serviceStats = service.stats;
    this.#change(server, service, options);
    service.add(server);
  }

  /** ERANGE, ENOENT. Linux: ip_vs_edit_dest() */
  editDestination(service: Service, options: DestinationOptions): void {
    this.#checkDestination(service, options);
    const server = service.find(options.family, options.address, options.port) ?? fail(ENOENT);
    this.#change(server, service, options);
    service.running?.changed?.();
  }

  /** ENOENT */
  deleteDestination(service: Service, family: number, address: Uint32Array, port: number): void {
    const server = service.find(family, address, port) ?? fail(ENOENT);
    service.remove(server);
    this.#discard(server);
  }

  /** No connection refers to a server that is of no service: it is gone. */
  forget(server: Destination): void {
    this.#trash.delete(server);
    this.#destinations[server.id] = null;
    this.#freeNumbers.push(server.id);
  }

  /** Of all servers the one that a backup's connection is to; null: there is none. Linux: ip_vs_find_dest() */
  findDestination(name: ServiceName, family: number, address: Uint32Array, port: number): Destination | null {
    const service = this.services.find(name.family, name.fwmark, name.protocol, name.address, name.port);
    if (service === null) return null;
    return (
      service.find(family, address, port) ??
      service.find(family, address, 0) ??
      service.destinations.find((server) => port === 0 && server.is(family, address, service.port)) ??
      null
    );
  }

  /** Whether any service has the server: its packets that belong to no connection are then refused (nat_icmp_send). */
  hasRealServer(family: number, protocol: number, address: Uint32Array, port: number): boolean {
    for (const service of this.services.all())
      if (service.protocol === protocol)
        for (const server of service.destinations)
          if (server.is(family, address, port) && (server.connectionFlags & IP_VS_CONN_F_FWD_MASK) === IP_VS_CONN_F_MASQ) return true;
    return false;
  }

  /** Something has been counted: it is added up at the next full two seconds. */
  counted(): void {
    if (this.#estimator.armed) return;
    const { stack } = this.namespace;
    const rounds = Math.floor((stack.nowUs - this.#startedUs) / ESTIMATE_US) + 1;
    stack.timers.schedule(this.#estimator, this.#startedUs + rounds * ESTIMATE_US);
  }

  #estimate(): void {
    if (this.settings.runEstimation === 0) return;
    let moving = this.stats.estimate();
    for (const service of this.services.all()) {
      if (service.stats.estimate()) moving = true;
      for (const server of service.destinations) if (server.stats.estimate()) moving = true;
    }
    if (moving) this.counted();
  }

  #schedulerOf({ scheduler: name, engine }: ServiceOptions): Scheduler | null {
    if (engine !== '') {
      if (!ENGINES.includes(engine)) fail(ENOENT);
      loadModule(`ip_vs_pe_${engine}`, this.namespace.stack.modules);
    }
    if (name === 'none') return null;
    const scheduler = schedulers.find((known) => known.name === name) ?? fail(ENOENT);
    const { modules } = this.namespace.stack;
    if (scheduler.loadedByName === true && !modules.has(`ip_vs_${name}`)) fail(ENOENT);
    loadModule(`ip_vs_${name}`, modules);
    return scheduler;
  }

  #checkMask({ family }: ServiceName, { netmask }: ServiceOptions): void {
    if (family === AF_INET6 && (netmask < 1 || netmask > 128)) fail(EINVAL);
  }

  #checkDestination(service: Service, options: DestinationOptions): void {
    if (options.family !== service.family && (options.forward & IP_VS_CONN_F_FWD_MASK) !== IP_VS_CONN_F_TUNNEL) fail(EINVAL);
    if (options.family !== service.family && this.sync.running) fail(EINVAL);
    if (options.weight < 0 || options.lower > options.upper) fail(ERANGE);
    if (options.tunnelType === TUNNEL_GUE && options.tunnelPort === 0) fail(EINVAL);
  }

  #isUnicast({ family, address }: DestinationOptions): boolean {
    if (family === AF_INET6) return !ip6.isMulticast(address) && !ip6.isAny(address);
    const type = this.namespace.ipv4.addressType(address[0]!);
    return type === RTN_LOCAL || type === RTN_UNICAST;
  }

  // Linux: __ip_vs_update_dest()
  #change(server: Destination, service: Service, options: DestinationOptions): void {
    const forward = options.forward & IP_VS_CONN_F_FWD_MASK;
    server.connectionFlags = forward | IP_VS_CONN_F_INACTIVE | (forward === IP_VS_CONN_F_MASQ ? 0 : IP_VS_CONN_F_NOOUTPUT);
    server.weight = options.weight;
    server.tunnelType = options.tunnelType;
    server.tunnelPort = options.tunnelPort;
    server.tunnelFlags = options.tunnelFlags;
    server.available = true;
    if (options.upper === 0 || options.upper > server.upper) server.overloaded = false;
    server.upper = options.upper;
    server.lower = options.lower;
    server.dst = null;
    server.serviceStats = service.stats;
    // The addresses in the texts of a masqueraded FTP are for netfilter to keep account of. Linux: ip_vs_register_conntrack()
    if (forward === IP_VS_CONN_F_MASQ && service.port === FTP && !service.tracked) {
      service.tracked = true;
      this.namespace.conntrack.use();
    }
  }

  #fromTrash(service: Service, { family, address, port }: DestinationOptions): Destination | undefined {
    for (const server of this.#trash) {
      const { service: name } = server;
      if (!server.is(family, address, port) || name.family !== service.family || name.fwmark !== service.fwmark) continue;
      if (name.protocol !== service.protocol) continue;
      if (name.fwmark === 0 && (name.port !== service.port || !name.address.every((word, i) => word === service.address[i]))) continue;
      this.#trash.delete(server);
      return server;
    }
    return undefined;
  }

  #dropService(service: Service): void {
    this.services.remove(service);
    const { destinations } = service;
    service.destinations = [];
    for (const server of destinations) this.#discard(server);
    service.running = null;
    if (service.tracked) this.namespace.conntrack.unuse();
    service.tracked = false;
  }

  #discard(server: Destination): void {
    server.available = false;
    server.dst = null;
    if (server.references === 0) this.forget(server);
    else this.#trash.add(server);
  }

  /** The first service of a family: packets pass here from now on. Linux: ip_vs_register_hooks() */
  #hook(family: number): void {
    if (family === AF_INET) this.#unhook4 ??= registerIpvsHooks(this, AF_INET);
    else this.#unhook6 ??= registerIpvsHooks(this, AF_INET6);
  }
}

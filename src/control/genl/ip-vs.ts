import { EINVAL, ESRCH } from '../../base/errno.js';
import { loadModule } from '../../base/kernel-modules.js';
import { fail } from '../../base/net-error.js';
import { AF_INET, NLM_F_MULTI } from '../../netlink/constants.js';
import {
  type DestinationAttributes,
  IP_VS_CONN_F_FWD_MASK,
  IP_VS_VERSION_CODE,
  IPVS_CMD_ATTR_MAX,
  IPVS_GENL_NAME,
  IPVS_GENL_VERSION,
  IpvsCommand,
  ipvsInfoMessage,
  ipvsMessage,
  type ServiceAttributes,
  type StatsAttributes,
} from '../../netlink/genl/ip-vs.js';
import type { Destination, DestinationOptions, ServiceName } from '../../net/netfilter/ipvs/destination.js';
import type { Ipvs } from '../../net/netfilter/ipvs/ipvs.js';
import type { Service, ServiceOptions } from '../../net/netfilter/ipvs/service.js';
import type { IpvsStats } from '../../net/netfilter/ipvs/stats.js';
import { addressToBytes, readAddress } from '../../wire/ipv6.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { daemonCommands } from './ip-vs-daemons.js';
import type { GenlCommand, GenlFamilyMaker } from './generic-netlink.js';

const parse = (request: NetlinkRequest) => ipvsMessage.parse(request.message).attributes;
const ipvsOf = (request: NetlinkRequest): Ipvs => request.namespace.ipvs;
const headerOf = (command: number) => ({ command, version: IPVS_GENL_VERSION });

// Seconds of TCP's states ESTABLISHED and FIN_WAIT, and of UDP's one, may be no more (MAX_SCHEDULE_TIMEOUT in jiffies of an int).
const MOST_SECONDS = Math.floor(0x7fff_ffff / 250);
const TCP = 6;
const UDP = 17;
const ESTABLISHED = 1;
const FIN_WAIT = 4;

/** An address as IPVS keeps it: four words, of IPv4 the first. */
function words(bytes: Uint8Array): Uint32Array {
  const whole = new Uint8Array(16);
  whole.set(bytes.subarray(0, 16));
  return readAddress(new DataView(whole.buffer), 0, new Uint32Array(4));
}

/** struct in6_addr, of IPv4 with zeros behind. */
export const addressBytes = (address: Uint32Array): Uint8Array => addressToBytes(address);

/** EINVAL, EAFNOSUPPORT by who makes the service. Linux: ip_vs_genl_parse_service() */
function nameOf(values: ServiceAttributes | undefined): ServiceName {
  const { af, fwmark, protocol, addr, port } = values ?? fail(EINVAL);
  if (af === undefined || (fwmark === undefined && (protocol === undefined || addr === undefined || port === undefined))) fail(EINVAL);
  if (fwmark !== undefined) return { family: af!, protocol: TCP, address: new Uint32Array(4), port: 0, fwmark };
  const address = words(addr!);
  if (af === AF_INET) address.fill(0, 1);
  return { family: af!, protocol: protocol!, address, port: port!, fwmark: 0 };
}

/** A mask of IPv4 travels as it lies in memory, whichever way that is; of IPv6 as a number. */
const swapped = (value: number): number =>
  (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
const maskOf = (family: number | undefined, mask: number): number => (family === AF_INET ? swapped(mask) : mask);

function optionsOf(values: ServiceAttributes, before: number): ServiceOptions {
  const { schedName, flags, timeout, netmask, peName } = values;
  if (schedName === undefined || flags === undefined || timeout === undefined || netmask === undefined) return fail(EINVAL);
  return {
    scheduler: schedName,
    flags: (before & ~flags.mask) | (flags.flags & flags.mask),
    timeout,
    netmask: maskOf(values.af, netmask),
    engine: peName ?? '',
  };
}

/** ESRCH. Linux: ip_vs_genl_find_service() */
const serviceOf = (request: NetlinkRequest): Service => ipvsOf(request).services.get(nameOf(parse(request).service)) ?? fail(ESRCH);

/** EINVAL. Linux: ip_vs_genl_parse_dest() */
function destinationOf(values: DestinationAttributes | undefined, service: Service, full: boolean): DestinationOptions {
  const { addr, port, addrFamily, fwdMethod, weight, uThresh, lThresh, tunType, tunPort, tunFlags } = values ?? fail(EINVAL);
  if (addr === undefined || port === undefined) return fail(EINVAL);
  const family = addrFamily === undefined || addrFamily === 0 ? service.family : addrFamily;
  const address = words(addr);
  if (family === AF_INET) address.fill(0, 1);
  if (full && (fwdMethod === undefined || weight === undefined || uThresh === undefined || lThresh === undefined)) fail(EINVAL);
  return {
    family,
    address,
    port,
    forward: fwdMethod ?? 0,
    weight: (weight ?? 0) | 0,
    upper: uThresh ?? 0,
    lower: lThresh ?? 0,
    tunnelType: tunType ?? 0,
    tunnelPort: tunPort ?? 0,
    tunnelFlags: tunFlags ?? 0,
  };
}

function statsOf(stats: IpvsStats): StatsAttributes {
  return {
    conns: stats.total(0),
    inpkts: stats.total(1),
    outpkts: stats.total(2),
    inbytes: stats.total(3),
    outbytes: stats.total(4),
    cps: stats.rate(0),
    inpps: stats.rate(1),
    outpps: stats.rate(2),
    inbps: stats.rate(3),
    outbps: stats.rate(4),
  };
}

/** The counters of the old kind have 32 bits, but for bytes. */
const narrow = (stats: StatsAttributes): StatsAttributes => ({
  ...stats,
  conns: stats.conns! % 2 ** 32,
  inpkts: stats.inpkts! % 2 ** 32,
  outpkts: stats.outpkts! % 2 ** 32,
});

/** Linux: ip_vs_genl_fill_service() */
function describeService(service: Service): ServiceAttributes {
  const stats = statsOf(service.stats);
  return {
    af: service.family,
    ...(service.fwmark !== 0
      ? { fwmark: service.fwmark }
      : { protocol: service.protocol, addr: addressBytes(service.address), port: service.port }),
    schedName: service.scheduler?.name ?? 'none',
    ...(service.engine === '' ? {} : { peName: service.engine }),
    flags: { flags: service.flags, mask: 0xffff_ffff },
    timeout: service.timeoutMs / 1000,
    netmask: maskOf(service.family, service.netmask),
    stats: narrow(stats),
    stats64: stats,
  };
}

/** Linux: ip_vs_genl_fill_dest() */
function describeDestination(server: Destination): DestinationAttributes {
  const stats = statsOf(server.stats);
  return {
    addr: addressBytes(server.address),
    port: server.port,
    fwdMethod: server.connectionFlags & IP_VS_CONN_F_FWD_MASK,
    weight: server.weight,
    tunType: server.tunnelType,
    tunPort: server.tunnelPort,
    tunFlags: server.tunnelFlags,
    uThresh: server.upper,
    lThresh: server.lower,
    activeConns: server.activeConns,
    inactConns: server.inactConns,
    persistConns: server.persistConns,
    addrFamily: server.family,
    stats: narrow(stats),
    stats64: stats,
  };
}

const serviceCommands: readonly GenlCommand[] = [
  {
    command: IpvsCommand.NEW_SERVICE,
    admin: true,
    handle(request) {
      const { service } = parse(request);
      const name = nameOf(service);
      const options = optionsOf(service!, 0);
      ipvsOf(request).addService(name, options);
    },
  },
  {
    command: IpvsCommand.SET_SERVICE,
    admin: true,
    handle(request) {
      const { service } = parse(request);
      const name = nameOf(service);
      const known = ipvsOf(request).services.get(name);
      const options = optionsOf(service!, known?.flags ?? 0);
      ipvsOf(request).editService(name, options);
    },
  },
  {
    command: IpvsCommand.DEL_SERVICE,
    admin: true,
    handle(request) {
      ipvsOf(request).deleteService(nameOf(parse(request).service));
    },
  },
  {
    command: IpvsCommand.GET_SERVICE,
    admin: true,
    handle(request) {
      request.answer(ipvsMessage, headerOf(IpvsCommand.NEW_SERVICE), { service: describeService(serviceOf(request)) });
    },
    dump: (request) => ({
      *messages(writer) {
        const { type, sequence } = request.message;
        for (const service of [...ipvsOf(request).services.all()]) {
          const values = { service: describeService(service) };
          ipvsMessage.build(writer, type, NLM_F_MULTI, sequence, request.socket.portId, headerOf(IpvsCommand.NEW_SERVICE), values);
          yield;
        }
      },
    }),
  },
];

const destinationCommands: readonly GenlCommand[] = [
  {
    command: IpvsCommand.NEW_DEST,
    admin: true,
    handle(request) {
      const service = serviceOf(request);
      ipvsOf(request).addDestination(service, destinationOf(parse(request).dest, service, true));
    },
  },
  {
    command: IpvsCommand.SET_DEST,
    admin: true,
    handle(request) {
      const service = serviceOf(request);
      ipvsOf(request).editDestination(service, destinationOf(parse(request).dest, service, true));
    },
  },
  {
    command: IpvsCommand.DEL_DEST,
    admin: true,
    handle(request) {
      const service = serviceOf(request);
      const { family, address, port } = destinationOf(parse(request).dest, service, false);
      ipvsOf(request).deleteDestination(service, family, address, port);
    },
  },
  {
    command: IpvsCommand.GET_DEST,
    admin: true,
    dump: (request) => ({
      *messages(writer) {
        const { type, sequence } = request.message;
        const { service: named } = parse(request);
        // A service that is not there, or not named, has no servers: that is no error.
        const service = named === undefined ? undefined : ipvsOf(request).services.get(nameOf(named));
        for (const server of service?.destinations ?? []) {
          const values = { dest: describeDestination(server) };
          ipvsMessage.build(writer, type, NLM_F_MULTI, sequence, request.socket.portId, headerOf(IpvsCommand.NEW_DEST), values);
          yield;
        }
      },
    }),
  },
];

const otherCommands: readonly GenlCommand[] = [
  {
    command: IpvsCommand.SET_CONFIG,
    admin: true,
    // Linux: ip_vs_genl_set_config(), ip_vs_set_timeout()
    handle(request) {
      const { timeoutTcp = 0, timeoutTcpFin = 0, timeoutUdp = 0 } = parse(request);
      for (const seconds of [timeoutTcp, timeoutTcpFin, timeoutUdp]) if (seconds > MOST_SECONDS) fail(EINVAL);
      const ipvs = ipvsOf(request);
      if (timeoutTcp !== 0) ipvs.timeoutsMs(TCP)[ESTABLISHED] = timeoutTcp * 1000;
      if (timeoutTcpFin !== 0) ipvs.timeoutsMs(TCP)[FIN_WAIT] = timeoutTcpFin * 1000;
      if (timeoutUdp !== 0) ipvs.timeoutsMs(UDP)[0] = timeoutUdp * 1000;
    },
  },
  {
    command: IpvsCommand.GET_CONFIG,
    admin: true,
    handle(request) {
      const ipvs = ipvsOf(request);
      request.answer(ipvsMessage, headerOf(IpvsCommand.SET_CONFIG), {
        timeoutTcp: ipvs.timeoutsMs(TCP)[ESTABLISHED]! / 1000,
        timeoutTcpFin: ipvs.timeoutsMs(TCP)[FIN_WAIT]! / 1000,
        timeoutUdp: ipvs.timeoutsMs(UDP)[0]! / 1000,
      });
    },
  },
  {
    command: IpvsCommand.GET_INFO,
    admin: true,
    handle(request) {
      // The family is looked for by who uses it: as on a machine, that loads the module.
      loadModule('ip_vs', request.namespace.stack.modules);
      request.answer(ipvsInfoMessage, headerOf(IpvsCommand.SET_INFO), {
        version: IP_VS_VERSION_CODE,
        connTabSize: ipvsOf(request).tableSize,
      });
    },
  },
  {
    command: IpvsCommand.ZERO,
    admin: true,
    handle(request) {
      const ipvs = ipvsOf(request);
      if (parse(request).service === undefined) ipvs.zeroAll();
      else ipvs.zeroService(serviceOf(request));
    },
  },
  {
    command: IpvsCommand.FLUSH,
    admin: true,
    handle(request) {
      ipvsOf(request).flush();
    },
  },
];

/** "IPVS": virtual services and their servers. */
export const ipvsFamily: GenlFamilyMaker = () => ({
  name: IPVS_GENL_NAME,
  version: IPVS_GENL_VERSION,
  maxAttribute: IPVS_CMD_ATTR_MAX,
  policy: true,
  commands: [...serviceCommands, ...destinationCommands, ...daemonCommands, ...otherCommands],
});

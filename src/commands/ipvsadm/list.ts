import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import {
  type DestinationAttributes,
  ENCAP_CSUM,
  ENCAP_REMCSUM,
  IP_VS_CONN_F_TUNNEL,
  IP_VS_SVC_F_ONEPACKET,
  IP_VS_SVC_F_PERSISTENT,
  type ServiceAttributes,
  type StatsAttributes,
  TUNNEL_GRE,
  TUNNEL_GUE,
} from '../../netlink/genl/ip-vs.js';
import { formatIpv4 } from '../../wire/ipv4-address.js';
import { formatFlags } from './flags.js';
import type { NameWriter } from './names.js';
import type { OptionName } from './words.js';

export type ListKind = 'plain' | 'tunnels' | 'thresholds' | 'persistent' | 'stats' | 'rate';

/** What is listed: of several kinds the first of these. */
export function kindOf(options: ReadonlySet<OptionName>): ListKind {
  if (options.has('stats')) return 'stats';
  if (options.has('rate')) return 'rate';
  if (options.has('thresholds')) return 'thresholds';
  if (options.has('persistent-conn')) return 'persistent';
  return options.has('tun-info') ? 'tunnels' : 'plain';
}

const protocolNames: Readonly<Record<number, string>> = { 6: 'TCP', 17: 'UDP', 132: 'SCTP' };
const protocolText = (protocol: number): string => (protocolNames[protocol] ?? String(protocol)).padEnd(4);
const methods = ['Masq', 'Local', 'Tunnel', 'Route', 'Bypass'];
export const methodText = (method: number): string => methods[method] ?? 'Unknown';

const counters = ['conns', 'inpkts', 'outpkts', 'inbytes', 'outbytes'] as const;
const rates = ['cps', 'inpps', 'outpps', 'inbps', 'outbps'] as const;

const head = (names: readonly string[], widths: readonly number[]): string => names.map((name, i) => name.padEnd(widths[i]!)).join(' ');
const numbersHead = (names: readonly string[]) =>
  `${'Prot LocalAddress:Port'.padEnd(33)}${names.map((name) => ` ${name.padStart(8)}`).join('')}`;

const titles: Readonly<Record<ListKind, readonly [string, string]>> = {
  plain: ['Prot LocalAddress:Port Scheduler Flags', '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn'],
  tunnels: [
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port           Forward TunnelInfo    Weight ActiveConn InActConn',
  ],
  thresholds: [
    head(['Prot LocalAddress:Port', 'Uthreshold', 'Lthreshold', 'ActiveConn', 'InActConn'], [33, 10, 10, 10, 10]),
    '  -> RemoteAddress:Port',
  ],
  persistent: [
    head(['Prot LocalAddress:Port', 'Weight', 'PersistConn', 'ActiveConn', 'InActConn'], [33, 9, 11, 10, 10]),
    '  -> RemoteAddress:Port',
  ],
  stats: [numbersHead(['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes']), '  -> RemoteAddress:Port'],
  rate: [numbersHead(['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS']), '  -> RemoteAddress:Port'],
};

/** The two lines above a list. */
export const titleOf = (kind: ListKind): string => `${titles[kind].join('\n')}\n`;

/** Numbers of more than eight digits are shortened, unless they are to be exact. */
export function largeNumber(value: number, exact: boolean): string {
  if (exact || value < 100_000_000) return ` ${String(value).padStart(8)}`;
  if (value < 1_000_000_000) return ` ${`${Math.floor(value / 1000)}`.padStart(7)}K`;
  if (value < 100_000_000_000) return ` ${`${Math.floor(value / 1_000_000)}`.padStart(7)}M`;
  if (value < 100_000_000_000_000) return ` ${`${Math.floor(value / 1_000_000_000)}`.padStart(7)}G`;
  return ` ${`${Math.floor(value / 1_000_000_000_000)}`.padStart(7)}T`;
}

const numbersOf = (stats: StatsAttributes = {}, kind: ListKind, exact: boolean): string =>
  (kind === 'stats' ? counters : rates).map((key) => largeNumber(stats[key] ?? 0, exact)).join('');

/** "TCP  10.0.0.1:80", "FWM  7 IPv6". */
export function serviceName(service: ServiceAttributes, names: NameWriter): string {
  if (service.fwmark !== undefined && service.fwmark !== 0) return `FWM  ${service.fwmark | 0}${service.af === AF_INET6 ? ' IPv6' : ''}`;
  return `${protocolText(service.protocol ?? 0)} ${names.service(service)}`;
}

/** Whether the mask of a persistent service is another than the usual. */
export const hasMask = ({ af, netmask = 0 }: ServiceAttributes): boolean => netmask !== (af === AF_INET6 ? 128 : 0xffff_ffff);
export const maskText = ({ af = AF_INET, netmask = 0 }: ServiceAttributes): string =>
  af === AF_INET6 ? String(netmask) : formatIpv4(ntohl(netmask));

/** A mask travels as it lies in memory. */
export const ntohl = (value: number): number =>
  (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;

/** A line for a service. */
export function serviceLine(service: ServiceAttributes, kind: ListKind, names: NameWriter, exact: boolean): string {
  const name = serviceName(service, names);
  if (kind === 'stats' || kind === 'rate') return `${name.padEnd(33)}${numbersOf(service.stats64 ?? service.stats, kind, exact)}\n`;
  const { schedName = '', timeout = 0, peName } = service;
  const bits = service.flags?.flags ?? 0;
  let text = `${name} ${schedName}`;
  const flags = formatFlags(bits, schedName);
  if (flags !== undefined) text += ` (${flags})`;
  if ((bits & IP_VS_SVC_F_PERSISTENT) !== 0) {
    text += ` persistent ${timeout}`;
    if (hasMask(service)) text += ` mask ${maskText(service)}`;
    if (peName !== undefined && peName !== '') text += ` pe ${peName}`;
  }
  if ((bits & IP_VS_SVC_F_ONEPACKET) !== 0) text += ' ops';
  return `${text}\n`;
}

/** "gue:6080:+c" */
export function tunnelText({ fwdMethod, tunType, tunPort = 0, tunFlags = 0 }: DestinationAttributes): string {
  if (fwdMethod !== IP_VS_CONN_F_TUNNEL) return 'n/a';
  const sums = (tunFlags & ENCAP_REMCSUM) !== 0 ? 'r+c' : (tunFlags & ENCAP_CSUM) !== 0 ? '+c' : '-c';
  if (tunType === TUNNEL_GUE) return `gue:${tunPort}:${sums}`;
  return tunType === TUNNEL_GRE ? `gre:${sums}` : 'ipip';
}

/** A line for a server. */
export function serverLine(server: DestinationAttributes, protocol: number, kind: ListKind, names: NameWriter, exact: boolean): string {
  const name = `  -> ${names.server(server, protocol).padEnd(28)}`;
  if (kind === 'stats' || kind === 'rate') return `${name}${numbersOf(server.stats64 ?? server.stats, kind, exact)}\n`;
  const { weight = 0, activeConns = 0, inactConns = 0, persistConns = 0, uThresh = 0, lThresh = 0, fwdMethod = 0 } = server;
  const cells = (values: readonly (string | number)[], widths: readonly number[]) =>
    `${name} ${values.map((value, i) => String(value).padEnd(widths[i]!)).join(' ')}\n`;
  switch (kind) {
    case 'thresholds':
      return cells([uThresh, lThresh, activeConns, inactConns], [10, 10, 10, 10]);
    case 'persistent':
      return cells([weight, persistConns, activeConns, inactConns], [9, 11, 10, 10]);
    case 'tunnels':
      return cells([methodText(fwdMethod), tunnelText(server), weight, activeConns, inactConns], [7, 13, 6, 10, 10]);
    default:
      return cells([methodText(fwdMethod), weight, activeConns, inactConns], [7, 6, 10, 10]);
  }
}

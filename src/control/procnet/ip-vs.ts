import { AF_INET } from '../../netlink/constants.js';
import { IP_VS_CONN_F_FWD_MASK, IP_VS_CONN_F_SYNC, IP_VS_CONN_F_TEMPLATE, IP_VS_SVC_F_ONEPACKET } from '../../netlink/genl/ip-vs.js';
import type { Namespace } from '../../net/core/namespace.js';
import { portsOf } from '../../net/netfilter/ipvs/apps/bind.js';
import { applications } from '../../net/netfilter/ipvs/apps/registry.js';
import type { Ipvs } from '../../net/netfilter/ipvs/ipvs.js';
import { CLIENT, DESTINATION, FLAGS, VIRTUAL } from '../../net/netfilter/ipvs/layout.js';
import { protocolOf } from '../../net/netfilter/ipvs/protocols/registry.js';
import type { IpvsStats } from '../../net/netfilter/ipvs/stats.js';
import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

const HZ = 250;
const protocolNames: Readonly<Record<number, string>> = { 0: 'IP', 6: 'TCP', 17: 'UDP', 132: 'SCTP' };
const methods = ['Masq', 'Local', 'Tunnel', 'Route', 'Bypass'];
const nameOf = (protocol: number): string => protocolNames[protocol] ?? `IP_${protocol}`;
const upper = (value: number, digits: number): string => hex(value, digits).toUpperCase();

/** Eight groups of four digits (%pI6). */
function sixText(address: Uint32Array): string {
  const groups: string[] = [];
  for (const word of address) groups.push(hex(word >>> 16, 4), hex(word & 0xffff, 4));
  return groups.join(':');
}

const addressText = (family: number, address: Uint32Array): string => (family === AF_INET ? upper(address[0]!, 8) : sixText(address));
const bracketed = (family: number, address: Uint32Array): string => (family === AF_INET ? upper(address[0]!, 8) : `[${sixText(address)}]`);

/** Virtual services and their servers. Linux: ip_vs_info_seq_show() */
function services({ ipvs }: Namespace): string {
  let text = `IP Virtual Server version 1.2.1 (size=${ipvs.tableSize})\nProt LocalAddress:Port Scheduler Flags\n`;
  text += '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n';
  for (const service of ipvs.services.all()) {
    const { family, flags } = service;
    const scheduler = service.scheduler?.name ?? 'none';
    const ops = (flags & IP_VS_SVC_F_ONEPACKET) !== 0 ? 'ops ' : '';
    if (service.fwmark !== 0) text += `FWM  ${upper(service.fwmark, 8)} ${scheduler} ${ops}`;
    else if (family === AF_INET)
      text += `${nameOf(service.protocol)}  ${upper(service.address[0]!, 8)}:${upper(service.port, 4)} ${scheduler} ${ops} `;
    else text += `${nameOf(service.protocol)}  [${sixText(service.address)}]:${upper(service.port, 4)} ${scheduler} `;
    const mask = family === AF_INET ? service.netmask : swapped(service.netmask);
    text += service.persistent ? `persistent ${(service.timeoutMs / 1000) * HZ} ${upper(mask, 8)}\n` : '\n';
    for (const server of service.destinations) {
      const method = (methods[server.connectionFlags & IP_VS_CONN_F_FWD_MASK] ?? 'Unknown').padEnd(7);
      const counts = `${String(server.weight).padEnd(6)} ${String(server.activeConns).padEnd(10)} ${String(server.inactConns).padEnd(10)}`;
      text += `  -> ${bracketed(server.family, server.address)}:${upper(server.port, 4)}      ${method} ${counts}\n`;
    }
  }
  return text;
}

const swapped = (value: number): number =>
  (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;

const scratch = new Uint32Array(4);

function stateOf(ipvs: Ipvs, id: number): string {
  const { table } = ipvs.connections;
  if ((table.get(id, FLAGS) & IP_VS_CONN_F_TEMPLATE) !== 0) return table.state(id) === 0 ? 'NONE' : 'ASSURED';
  return protocolOf(table.protocol(id))?.states[table.state(id)] ?? 'NONE';
}

/** One connection, up to its state. */
function connection(ipvs: Ipvs, id: number): string {
  const { table } = ipvs.connections;
  const family = table.family(id);
  const endpoint = (field: number, of: number, port: number) =>
    `${addressText(of, table.readAddress(id, field, scratch))} ${upper(port, 4)}`;
  return [
    nameOf(table.protocol(id)).padEnd(3),
    endpoint(CLIENT, family, table.clientPort(id)),
    endpoint(VIRTUAL, family, table.virtualPort(id)),
    endpoint(DESTINATION, table.serverFamily(id), table.serverPort(id)),
    stateOf(ipvs, id).padEnd(11),
  ].join(' ');
}

/** Linux: ip_vs_conn_seq_show() */
function connections({ ipvs }: Namespace): string {
  let text = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n';
  for (const id of ipvs.connections.table.ids())
    text += `${connection(ipvs, id)} ${String(ipvs.connections.secondsLeft(id)).padStart(7)}${call(ipvs, id)}\n`;
  return text;
}

/** What a persistence engine knows of a connection: the name of a call. */
function call(ipvs: Ipvs, id: number): string {
  const callId = ipvs.connections.calls.callIdOf(id);
  return callId === '' ? '' : ` sip ${callId}`;
}

/** Linux: ip_vs_conn_sync_seq_show() */
function synced({ ipvs }: Namespace): string {
  let text = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires\n';
  const { table } = ipvs.connections;
  for (const id of table.ids()) {
    const origin = (table.get(id, FLAGS) & IP_VS_CONN_F_SYNC) === 0 ? 'LOCAL' : 'SYNC';
    text += `${connection(ipvs, id)} ${origin.padEnd(6)} ${String(ipvs.connections.secondsLeft(id)).padStart(7)}\n`;
  }
  return text;
}

const widths = [8, 8, 8, 16, 16];
const cells = (value: (which: number) => number): string => widths.map((width, i) => hexOf(value(i)).padStart(width)).join(' ');
const hexOf = (value: number): string => value.toString(16).toUpperCase();
const total = (stats: IpvsStats) => cells((i) => stats.total(i));
const rate = (stats: IpvsStats) => cells((i) => stats.rate(i));

/** All services together, in hexadecimal. Linux: ip_vs_stats_show() */
const stats = ({ ipvs }: Namespace): string =>
  [
    '   Total Incoming Outgoing         Incoming         Outgoing',
    '   Conns  Packets  Packets            Bytes            Bytes',
    total(ipvs.stats),
    '',
    ' Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s',
    rate(ipvs.stats),
    '',
  ].join('\n');

/** The same by CPU, of which there is one. Linux: ip_vs_stats_percpu_show() */
const statsByCpu = ({ ipvs }: Namespace): string => {
  const { stats: all } = ipvs;
  const now = [all.conns, all.inPackets, all.outPackets, all.inBytes, all.outBytes];
  return [
    '       Total Incoming Outgoing         Incoming         Outgoing',
    'CPU    Conns  Packets  Packets            Bytes            Bytes',
    `  0 ${cells((i) => now[i]!)}`,
    `  ~ ${total(all)}`,
    '',
    '     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s',
    `    ${rate(all)}`,
    '',
  ].join('\n');
};

/** Those whose modules are loaded, by port. Linux: ip_vs_app_seq_show() */
function applicationsText({ ipvs }: Namespace): string {
  let text = 'prot port    usecnt name\n';
  for (const [index, application] of applications.entries())
    for (const port of portsOf(ipvs, application)) {
      const users = ipvs.connections.usersOfApplication(index + 1, port);
      text += `${nameOf(application.protocol).padEnd(3)}  ${String(port).padEnd(7)} ${String(users).padEnd(6)} ${application.name.padEnd(17)}\n`;
    }
  return text;
}

const texts: readonly (readonly [path: string, text: (namespace: Namespace) => string])[] = [
  ['ip_vs', services],
  ['ip_vs_app', applicationsText],
  ['ip_vs_conn', connections],
  ['ip_vs_conn_sync', synced],
  ['ip_vs_stats', stats],
  ['ip_vs_stats_percpu', statsByCpu],
];

/** What /proc/net tells of IPVS; there once it is used. */
export const ipVsViews: readonly ProcNetView[] = texts.map(([path, text]) => ({
  path,
  text,
  there: ({ stack }) => stack.modules.has('ip_vs'),
}));

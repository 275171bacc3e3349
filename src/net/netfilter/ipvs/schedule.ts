import { AF_INET } from '../../../netlink/constants.js';
import { IP_VS_CONN_F_ONE_PACKET, IP_VS_CONN_F_TEMPLATE } from '../../../netlink/genl/ip-vs.js';
import { IFF_LOOPBACK } from '../../../netlink/rtnl/constants.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { ConnectionKey } from './connection-table.js';
import type { Destination } from './destination.js';
import type { Ipvs } from './ipvs.js';
import { DEST, PORTS, SERVER } from './layout.js';
import type { IpvsPacket } from './packet.js';
import { callIdOf } from './sip.js';
import { FTP, type Service } from './service.js';
import { countConnection } from './stats-of.js';

/** The packet is not for this service after all: it goes on as if there were none. */
export const IGNORED = -1;
/** No connection could be made: the packet is dropped. */
export const REFUSED = -2;

const UDP = 17;
/** Where a template that is not used any more has its ports: no packet has such. */
const NOWHERE = 0xffff;

const templateKey = new ConnectionKey();
const outKey = new ConnectionKey();
const client = new Uint32Array(4);
const mark = new Uint32Array(4);

/**
 * A connection begins with this packet, whose name is in `key`: its number; 0: no server takes it; IGNORED, REFUSED.
 * Linux: ip_vs_schedule()
 */
export function schedule(ipvs: Ipvs, service: Service, skb: PacketBuffer, packet: IpvsPacket, key: ConnectionKey): number {
  const { connections } = ipvs;
  // What a real server on this host answers is no beginning.
  if (skb.device === null || (skb.device.flags & IFF_LOOPBACK) !== 0) {
    outKey.set(packet.family, packet.protocol, packet.destination, packet.destinationPort, packet.source, packet.sourcePort);
    if (connections.table.findOut(outKey) !== 0) return IGNORED;
  }
  if (service.persistent) return schedulePersistent(ipvs, service, skb, packet, key);
  // A service for any port is there for persistent ones alone.
  if (service.fwmark === 0 && packet.destinationPort !== service.port) return IGNORED;
  const server = service.running?.choose(packet) ?? null;
  if (server === null) return 0;
  const id = connections.create(
    key,
    server,
    server.family,
    server.address,
    server.port || packet.destinationPort,
    flagsOf(service, packet),
    skb.mark,
  );
  countConnection(ipvs, id);
  return id;
}

const flagsOf = (service: Service, packet: IpvsPacket): number =>
  service.onePacket && packet.protocol === UDP ? IP_VS_CONN_F_ONE_PACKET : 0;

/** The client, or its net, stays with the server that it had. Linux: ip_vs_sched_persist() */
function schedulePersistent(ipvs: Ipvs, service: Service, skb: PacketBuffer, packet: IpvsPacket, key: ConnectionKey): number {
  const { connections } = ipvs;
  const { table } = connections;
  service.maskClient(packet.source, client);
  const port = packet.destinationPort;
  // FTP's data goes where its commands go.
  const whole = port !== service.port || service.port === FTP;
  if (service.fwmark !== 0) {
    mark.fill(0);
    mark[packet.family === AF_INET ? 0 : 3] = service.fwmark;
    templateKey.set(packet.family, 0, client, 0, mark, whole ? 0 : port);
  } else templateKey.set(packet.family, packet.protocol, client, 0, packet.destination, whole ? 0 : port);
  const callId = service.engine === '' ? '' : callIdOf(skb, packet);
  // What is of no call is none of its service's.
  if (service.engine !== '' && callId === '') return REFUSED;
  let template = callId === '' ? table.findTemplate(templateKey) : connections.calls.find(templateKey, callId);
  let server: Destination | null;
  if (template === 0 || !templateHolds(ipvs, template)) {
    server = service.running?.choose(packet) ?? null;
    if (server === null) return 0;
    template = connections.create(
      templateKey,
      server,
      server.family,
      server.address,
      whole ? 0 : server.port,
      IP_VS_CONN_F_TEMPLATE,
      skb.mark,
    );
    connections.setTimeout(template, service.timeoutMs);
    if (callId !== '') connections.calls.remember(templateKey, callId, template);
  } else server = ipvs.destinationOf(template)!;
  const serverPort = port === service.port && server.port !== 0 ? server.port : port;
  const id = connections.create(key, server, server.family, server.address, serverPort, flagsOf(service, packet), skb.mark);
  connections.control(id, template);
  connections.put(template);
  countConnection(ipvs, id);
  return id;
}

/** The template's server still takes its client; else the template is not found again. Linux: ip_vs_check_template() */
function templateHolds(ipvs: Ipvs, template: number): boolean {
  const { table } = ipvs.connections;
  const server = ipvs.destinationOf(template);
  const quiescent = server !== null && ipvs.settings.expireQuiescentTemplate !== 0 && server.weight === 0;
  if (table.get(template, DEST) !== 0 && server !== null && server.available && !quiescent) return true;
  if ((table.get(template, PORTS) & 0xffff) !== NOWHERE) {
    table.remove(template);
    table.set(template, PORTS, (NOWHERE << 16) | NOWHERE);
    table.set(template, SERVER, (table.get(template, SERVER) & 0xffff) | (NOWHERE << 16));
    table.insert(template);
  }
  return false;
}

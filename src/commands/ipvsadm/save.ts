import { AF_INET6 } from '../../netlink/constants.js';
import {
  type DestinationAttributes,
  ENCAP_CSUM,
  ENCAP_REMCSUM,
  IP_VS_CONN_F_MASQ,
  IP_VS_CONN_F_TUNNEL,
  IP_VS_SVC_F_ONEPACKET,
  IP_VS_SVC_F_PERSISTENT,
  type ServiceAttributes,
  TUNNEL_GRE,
  TUNNEL_GUE,
} from '../../netlink/genl/ip-vs.js';
import { formatFlags } from './flags.js';
import { hasMask, maskText } from './list.js';
import type { NameWriter } from './names.js';

const protocolOptions: Readonly<Record<number, string>> = { 6: '-t', 17: '-u', 132: '--sctp-service' };

/** How a service is named on the command line: "-t 10.0.0.1:80", "-f 7 -6". */
function naming(service: ServiceAttributes, names: NameWriter, full: boolean): string {
  if (service.fwmark !== undefined && service.fwmark !== 0)
    return `-f ${service.fwmark | 0}${full && service.af === AF_INET6 ? ' -6' : ''}`;
  return `${protocolOptions[service.protocol ?? 0] ?? '-t'} ${names.service(service)}`;
}

/** The command that makes the service again. */
export function saveService(service: ServiceAttributes, names: NameWriter): string {
  const { schedName = '', timeout = 0, peName } = service;
  const bits = service.flags?.flags ?? 0;
  let text = `-A ${naming(service, names, true)} -s ${schedName}`;
  if ((bits & IP_VS_SVC_F_PERSISTENT) !== 0) {
    text += ` -p ${timeout}`;
    if (hasMask(service)) text += ` -M ${maskText(service)}`;
  }
  if (peName !== undefined && peName !== '') text += ` --pe ${peName}`;
  if ((bits & IP_VS_SVC_F_ONEPACKET) !== 0) text += ' -o';
  const flags = formatFlags(bits, schedName);
  if (flags !== undefined) text += ` -b ${flags}`;
  return `${text}\n`;
}

/** The command that adds the server again. */
export function saveServer(service: ServiceAttributes, server: DestinationAttributes, names: NameWriter): string {
  const { fwdMethod = 0, weight = 0, tunType = 0, tunPort = 0, tunFlags = 0 } = server;
  const method = fwdMethod === IP_VS_CONN_F_MASQ ? '-m' : fwdMethod === IP_VS_CONN_F_TUNNEL ? '-i' : '-g';
  const text = `-a ${naming(service, names, true)} -r ${names.server(server, service.protocol ?? 0)} ${method} -w ${weight}`;
  if (fwdMethod !== IP_VS_CONN_F_TUNNEL) return `${text}\n`;
  const sums = (tunFlags & ENCAP_REMCSUM) !== 0 ? '--tun-remcsum' : (tunFlags & ENCAP_CSUM) !== 0 ? '--tun-csum' : '--tun-nocsum';
  if (tunType === TUNNEL_GUE) return `${text} --tun-type gue --tun-port ${tunPort} ${sums}\n`;
  return tunType === TUNNEL_GRE ? `${text} --tun-type gre ${sums}\n` : `${text} --tun-type ipip\n`;
}

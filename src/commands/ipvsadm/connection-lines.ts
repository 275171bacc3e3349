import { AF_INET, AF_INET6 } from '../../netlink/constants.js';
import { ipv4Bytes } from '../../wire/ipv4-address.js';
import { parseIpv6 } from '../../wire/ipv6-address.js';
import type { NameWriter } from './names.js';

/** The lines above connections. */
export const connectionsTitle = (engines: boolean): string =>
  `IPVS connection entries\npro expire state       source             virtual            destination${engines ? '        pe name          pe_data' : ''}\n`;

const protocols: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

function address(text: string): { readonly family: number; readonly bytes: Uint8Array } {
  const six = text.startsWith('[') || text.includes(':') ? parseIpv6(text.replace(/[[\]]/g, '')) : null;
  return six === null ? { family: AF_INET, bytes: ipv4Bytes(Number.parseInt(text, 16)) } : { family: AF_INET6, bytes: six };
}

/** Lines of /proc/net/ip_vs_conn as `ipvsadm -Lc` shows them; `engines`: with what persistence engines know. */
export function connectionLines(text: string, names: NameWriter, engines: boolean): string {
  let lines = '';
  for (const line of text.split('\n').slice(1)) {
    const [protocol, from, fromPort, to, toPort, server, serverPort, state = '', expires, peName, ...peData] = line.trim().split(/\s+/);
    if (serverPort === undefined) continue;
    const number = protocols[protocol!] ?? 0;
    const at = (host: string, port: string) => {
      const { family, bytes } = address(host);
      return names.endpoint(family, bytes, Number.parseInt(port, 16), number);
    };
    const seconds = Number(expires);
    const left = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
    const destination = at(server!, serverPort);
    const last = engines && peName !== undefined ? `${destination.padEnd(16)} ${peName.padEnd(18)} ${peData.join(' ')}` : destination;
    lines += `${protocol!.padEnd(3)} ${left}  ${state.padEnd(11)} ${at(from!, fromPort!).padEnd(18)} ${at(to!, toPort!).padEnd(18)} ${last}\n`;
  }
  return lines;
}

import { IP_VS_CONN_F_FWD_MASK, IP_VS_CONN_F_MASQ, IP_VS_CONN_F_NFCT } from '../../../../netlink/genl/ip-vs.js';
import type { Ipvs } from '../ipvs.js';
import { APPLICATION, FLAGS } from '../layout.js';
import type { IpvsApplication } from './application.js';
import { NUMBER } from './memory.js';
import { applications } from './registry.js';

/** Virtual ports at which an application is at work in the stack: none while its module is not loaded. */
export function portsOf(ipvs: Ipvs, { module, ports }: IpvsApplication): readonly number[] {
  const { modules, moduleParameters } = ipvs.namespace.stack;
  if (!modules.has(module)) return [];
  const told = moduleParameters.get(module)?.get('ports');
  return told === undefined ? ports : told.split(',').map(Number);
}

/** A masqueraded connection begins: perhaps an application looks at what it carries. Linux: ip_vs_bind_app() */
export function bindApplication(ipvs: Ipvs, id: number): void {
  const { table } = ipvs.connections;
  if ((table.get(id, FLAGS) & IP_VS_CONN_F_FWD_MASK) !== IP_VS_CONN_F_MASQ) return;
  const protocol = table.protocol(id);
  const port = table.virtualPort(id);
  for (const [index, application] of applications.entries()) {
    if (application.protocol !== protocol || !portsOf(ipvs, application).includes(port)) continue;
    table.set(id, APPLICATION, index + 1);
    // Texts become longer or shorter, which netfilter keeps account of (ip_vs_ftp_init_conn()).
    table.addFlags(id, IP_VS_CONN_F_NFCT);
    return;
  }
}

/** Null: none. */
export const applicationOf = (ipvs: Ipvs, id: number): IpvsApplication | null =>
  applications[(ipvs.connections.table.get(id, APPLICATION) & NUMBER) - 1] ?? null;

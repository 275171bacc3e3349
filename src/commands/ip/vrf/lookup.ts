import { ENODEV } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { IFNAMSIZ, RTEXT_FILTER_SKIP_STATS, RTEXT_FILTER_VF, RTM_GETLINK, RT_TABLE_MAIN } from '../../../netlink/rtnl/constants.js';
import { linkMessage } from '../../../netlink/rtnl/link/link.js';
import { vrfData } from '../../../netlink/rtnl/link/vrf.js';
import type { IpContext } from '../context.js';

export interface Vrf {
  readonly index: number;
  readonly name: string;
  readonly table: number;
}

/** The table of a VRF for routes; null: there is none. What is no device may be "default", the table main. iproute2: ipvrf_get_table() */
export async function vrfTable(context: IpContext, name: string): Promise<number | null> {
  const vrf = await vrfByName(context, name);
  if (vrf !== null) return vrf.table;
  return name === 'default' ? RT_TABLE_MAIN : null;
}

/** The VRF of that name; null: no device has it, or one that is no VRF. iproute2: ipvrf_get_table(), name_is_vrf() */
export async function vrfByName(context: IpContext, name: string): Promise<Vrf | null> {
  if (name.length >= IFNAMSIZ) return null;
  const client = await context.client();
  try {
    const answer = await client.get(linkMessage, {
      type: RTM_GETLINK,
      header: {},
      attributes: { ifname: name, extMask: RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS },
    });
    if (answer === null) return null;
    const { header, attributes } = linkMessage.parse(answer);
    const { kind, data } = attributes.linkinfo ?? {};
    const table = kind === 'vrf' ? data?.parse(vrfData).table : undefined;
    return table === undefined ? null : { index: header.index, name, table };
  } catch (error) {
    if (error instanceof NetError && error.errno === ENODEV) return null;
    throw error;
  }
}

import type { NetlinkMessage } from '../../../netlink/message.js';
import { NETCONFA_IFINDEX_ALL, NETCONFA_IFINDEX_DEFAULT, RTM_DELNETCONF } from '../../../netlink/rtnl/constants.js';
import { netconfMessage } from '../../../netlink/rtnl/netconf.js';
import { familyName } from '../../shared/families.js';
import type { IpContext } from '../context.js';

const reversePath = ['off', 'strict', 'loose'];

/** The settings of a device, or of `all` and `default`. Devices must be loaded. */
export function printNetconf(context: IpContext, message: NetlinkMessage): void {
  const { out, links } = context;
  const { header, attributes } = netconfMessage.parse(message);
  if (message.type === RTM_DELNETCONF) out.flag('deleted', 'Deleted ');
  const family = familyName(header.family);
  out.field('family', family, `${family} `);
  const { ifindex } = attributes;
  if (ifindex !== undefined) {
    const name = ifindex === NETCONFA_IFINDEX_ALL ? 'all' : ifindex === NETCONFA_IFINDEX_DEFAULT ? 'default' : links.nameOf(ifindex);
    out.field('interface', name, `${name} `);
  }
  const onOff = (key: string, value: number | undefined) => {
    if (value !== undefined) out.onOff(key, value !== 0);
  };
  onOff('forwarding', attributes.forwarding);
  if (attributes.rpFilter !== undefined) {
    const mode = reversePath[attributes.rpFilter] ?? attributes.rpFilter;
    out.field('rp_filter', mode, `rp_filter ${mode} `);
  }
  onOff('mc_forwarding', attributes.mcForwarding);
  onOff('proxy_neigh', attributes.proxyNeigh);
  onOff('ignore_routes_with_linkdown', attributes.ignoreRoutesWithLinkdown);
  onOff('input', attributes.input);
  out.text('\n');
}

import type { NetlinkMessage } from '../../../netlink/message.js';
import { addressLabelMessage } from '../../../netlink/rtnl/address-label.js';
import { RTM_DELADDRLABEL } from '../../../netlink/rtnl/constants.js';
import { familyColor } from '../../shared/color.js';
import type { IpContext } from '../context.js';

/** One label; the names of devices must be loaded. */
export function printAddressLabel(context: IpContext, message: NetlinkMessage): void {
  const { out, links } = context;
  const { header, attributes } = addressLabelMessage.parse(message);
  if (message.type === RTM_DELADDRLABEL) out.flag('deleted', 'Deleted ');
  if (attributes.address !== undefined) {
    const text = context.host(header.family, attributes.address);
    out.text('prefix ');
    out.field('address', text, text, familyColor(header.family));
    out.field('prefixlen', header.prefixlen, `/${header.prefixlen} `);
  }
  if (header.index !== 0) {
    const device = links.nameOf(header.index);
    out.named('ifname', device, 'dev', 'interface');
  }
  if (attributes.label !== undefined) out.field('label', attributes.label, `label ${attributes.label} `);
  out.text('\n');
}

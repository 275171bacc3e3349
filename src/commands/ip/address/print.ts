import { AF_INET6, AF_UNSPEC } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { type AddressAttributes, type AddressHeader, addressMessage } from '../../../netlink/rtnl/address.js';
import { IFA_F_DEPRECATED, IFA_F_PERMANENT, IFA_F_SECONDARY, INFINITY_LIFE_TIME, RTM_DELADDR } from '../../../netlink/rtnl/constants.js';
import { formatAddress, sameBits } from '../../shared/address.js';
import { familyColor } from '../../shared/color.js';
import { familyName } from '../../shared/families.js';
import { globMatches } from '../../shared/glob.js';
import type { IpContext } from '../context.js';
import { addressFlags, type DeviceFilter } from '../link/filter.js';

export interface AddressView {
  readonly message: NetlinkMessage;
  readonly header: AddressHeader;
  readonly attributes: AddressAttributes;
  readonly flags: number;
  readonly local: Uint8Array;
  /** The other end of a point-to-point address, else the same. */
  readonly address: Uint8Array;
  readonly deleted: boolean;
}

export function viewOf(message: NetlinkMessage): AddressView {
  const { header, attributes } = addressMessage.parse(message);
  const none = new Uint8Array(0);
  return {
    message,
    header,
    attributes,
    flags: attributes.flags ?? header.flags,
    local: attributes.local ?? attributes.address ?? none,
    address: attributes.address ?? attributes.local ?? none,
    deleted: message.type === RTM_DELADDR,
  };
}

/** Does the selection take the address? `deviceName` stands for a label it does not have. */
export function selects(filter: DeviceFilter, view: AddressView, deviceName: string): boolean {
  const { header } = view;
  if (filter.index !== 0 && filter.index !== header.index) return false;
  if (filter.family !== 0 && filter.family !== header.family) return false;
  if (filter.scoped && filter.scope !== header.scope) return false;
  if (((filter.flags ^ view.flags) & filter.flagMask) !== 0) return false;
  if (filter.label !== undefined && !globMatches(filter.label, view.attributes.label ?? deviceName)) return false;
  const { prefix } = filter;
  return (
    prefix === undefined ||
    prefix.family === AF_UNSPEC ||
    (prefix.family === header.family && sameBits(prefix.bytes, view.local, prefix.length))
  );
}

export interface AddressStyle {
  /** "2: eth0" before it, on its own line: -oneline, monitor, flush -s -s. */
  readonly withDevice: boolean;
}

/** One address; the names of devices and scopes must be loaded. */
export function printAddress(context: IpContext, view: AddressView, style: AddressStyle): void {
  const { out, options } = context;
  const { header, attributes } = view;
  if (view.deleted) out.flag('deleted', 'Deleted ');
  if (!options.brief) {
    if (style.withDevice) {
      const name = context.links.nameOf(header.index);
      out.field('index', header.index, `${header.index}: `);
      out.field('dev', name, name);
    }
    const family = familyName(header.family);
    out.field('family', family, `    ${family} `);
  }
  printEnds(context, view);
  if (options.brief) return;
  if (attributes.broadcast !== undefined) {
    const text = formatAddress(header.family, attributes.broadcast);
    out.text('brd ');
    out.field('broadcast', text, text, familyColor(header.family));
    out.text(' ');
  }
  if (attributes.anycast !== undefined) {
    const text = formatAddress(header.family, attributes.anycast);
    out.text('any ');
    out.field('anycast', text, text, familyColor(header.family));
    out.text(' ');
  }
  const scope = context.names.text('rt_scopes', header.scope);
  out.field('scope', scope, `scope ${scope} `);
  printFlags(context, view);
  if (attributes.label !== undefined) out.field('label', attributes.label, attributes.label);
  printLifetimes(context, view);
  out.text('\n');
}

function printEnds(context: IpContext, { header, attributes, local, address }: AddressView): void {
  const { out } = context;
  const { family } = header;
  if (local.length === 0) return;
  const text = context.host(family, local);
  out.field('local', text, text, familyColor(family));
  if (!sameBits(local, address, local.length * 8)) {
    const peer = context.host(family, address);
    out.text(' peer ');
    out.field('address', peer, peer, familyColor(family));
  }
  out.field('prefixlen', header.prefixlen, `/${header.prefixlen} `);
  if (attributes.rtPriority !== undefined) out.field('metric', attributes.rtPriority, `metric ${attributes.rtPriority} `);
}

function printFlags({ out, options }: IpContext, { header, flags }: AddressView): void {
  let left = flags;
  for (const { name, mask } of addressFlags) {
    if (mask === IFA_F_PERMANENT) {
      if ((flags & mask) === 0) out.flag('dynamic');
    } else if ((left & mask) !== 0) out.flag(mask === IFA_F_SECONDARY && header.family === AF_INET6 ? 'temporary' : name);
    left &= ~mask;
  }
  if (left !== 0) out.field('ifa_flags', `0x${left.toString(16)}`, `flags ${left.toString(16).padStart(2, '0')} `);
  else if (options.details > 1) out.json('ifa_flags', `0x${flags.toString(16)}`);
}

function printLifetimes({ out }: IpContext, { attributes, flags }: AddressView): void {
  const info = attributes.cacheinfo;
  if (info === undefined) return;
  out.newLine();
  const text = (seconds: number, signed: boolean) => (seconds === INFINITY_LIFE_TIME ? 'forever' : `${signed ? seconds | 0 : seconds}sec`);
  out.field('valid_life_time', info.valid, `       valid_lft ${text(info.valid, false)}`);
  const deprecated = (flags & IFA_F_DEPRECATED) !== 0;
  out.field('preferred_life_time', deprecated ? info.prefered | 0 : info.prefered, ` preferred_lft ${text(info.prefered, deprecated)}`);
}

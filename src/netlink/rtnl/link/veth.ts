import { EINVAL } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import { type AttributeCodec, type AttributesOf, attributes } from '../../attributes.js';
import { NLA_HDRLEN } from '../../constants.js';
import { ifinfomsg, type LinkAttributes, type LinkHeader, linkAttributes } from './link.js';

export interface LinkPeer {
  readonly header: Partial<LinkHeader>;
  readonly attributes: LinkAttributes;
}

/** An ifinfomsg and link attributes inside an attribute: how the other end of a pair is described. */
function peer(type: number): AttributeCodec<LinkPeer> {
  return {
    type,
    read(source, start, end) {
      if (end - start < ifinfomsg.size) throw new NetError(EINVAL, 'Attribute failed policy validation', start - NLA_HDRLEN - source.base);
      return {
        header: ifinfomsg.read(source.view, start),
        attributes: linkAttributes.parse(source, start + ifinfomsg.size, end),
      };
    },
    write(writer, value) {
      ifinfomsg.write(writer, value.header);
      linkAttributes.write(writer, value.attributes);
    },
  };
}

/** IFLA_INFO_DATA of kind "veth": linux/veth.h. */
export const vethData = attributes('VETH_INFO', { peer: peer(1) });
export type VethData = AttributesOf<typeof vethData>;

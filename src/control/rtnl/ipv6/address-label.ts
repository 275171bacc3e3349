import { EINVAL, ESRCH } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { AddressLabel } from '../../../net/ipv6/addrlabel.js';
import { AF_INET6, NLM_F_MULTI, NLM_F_REPLACE } from '../../../netlink/constants.js';
import { addressLabelMessage } from '../../../netlink/rtnl/address-label.js';
import { RTM_DELADDRLABEL, RTM_GETADDRLABEL, RTM_NEWADDRLABEL } from '../../../netlink/rtnl/constants.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import type { RtnetlinkModule } from '../rtnetlink.js';
import { in6, in6Bytes } from './in6.js';

const labelsOf = (request: NetlinkRequest) => request.namespace.ipv6.addresses.labels;

// Linux: ip6addrlbl_newdel()
function change(request: NetlinkRequest): void {
  const { header, attributes } = addressLabelMessage.parse(request.message);
  const { address, label } = attributes;
  if (header.prefixlen > 128 || address === undefined || label === undefined || label === 0xffff_ffff) fail(EINVAL);
  if (request.type === RTM_DELADDRLABEL) {
    labelsOf(request).delete(in6(address), header.prefixlen, header.index);
    return;
  }
  if (header.index !== 0 && request.namespace.deviceByIndex(header.index) === undefined) fail(EINVAL);
  labelsOf(request).add(in6(address), header.prefixlen, header.index, label, (request.flags & NLM_F_REPLACE) !== 0);
}

const describe = (entry: AddressLabel, seq: number) => ({
  header: { family: AF_INET6, prefixlen: entry.prefixLength, index: entry.ifindex, seq },
  attributes: { address: in6Bytes(entry.prefix), label: entry.label },
});

// Linux: ip6addrlbl_get()
function get(request: NetlinkRequest): void {
  const { header, attributes } = addressLabelMessage.parse(request.message);
  if (header.prefixlen !== 128 || attributes.address === undefined) fail(EINVAL);
  const address = in6(attributes.address);
  const entry = labelsOf(request).find(address, header.index) ?? fail(ESRCH);
  const found = describe({ ...entry, prefix: address }, labelsOf(request).sequence);
  request.answer(addressLabelMessage, found.header, found.attributes, RTM_NEWADDRLABEL);
}

/** The policy table of RFC 6724: RTM_*ADDRLABEL. */
export const addressLabelModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_NEWADDRLABEL, family: AF_INET6, handle: change },
    { type: RTM_DELADDRLABEL, family: AF_INET6, handle: change },
    {
      type: RTM_GETADDRLABEL,
      family: AF_INET6,
      handle: get,
      dump: (request) => ({
        *messages(writer) {
          const labels = labelsOf(request);
          for (const entry of [...labels.entries]) {
            const { header, attributes } = describe(entry, labels.sequence);
            addressLabelMessage.build(
              writer,
              RTM_NEWADDRLABEL,
              NLM_F_MULTI,
              request.message.sequence,
              request.socket.portId,
              header,
              attributes,
            );
            yield;
          }
        },
      }),
    },
  ],
};

import { NETLINK_ROUTE } from '../../netlink/constants.js';
import { RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK, RTM_SETLINK } from '../../netlink/rtnl/constants.js';

const NLMSG_HDRLEN = 16;
const IFINFOMSG = 16;
const RTGENMSG = 4;
// linux/if_link.h, linux/net_namespace.h, linux/veth.h
const IFLA_LINKINFO = 18;
const IFLA_NET_NS_FD = 28;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const NETNSA_FD = 3;
const RTM_NEWNSID = 88;
const RTM_GETNSID = 90;
const NLA_TYPE_MASK = 0x3fff;

/** What of no namespace a descriptor stands for: the servers refuse it as they refuse any number that they do not know. */
const NO_NAMESPACE = 0xffff_ffff;

/**
 * Messages of a program name namespaces by its descriptors; the servers know their ids. Changes them in place: `idOf` gives the id
 * behind a descriptor, or undefined.
 */
export function translateDescriptors(protocol: number, datagram: Uint8Array, idOf: (fd: number) => number | undefined): void {
  if (protocol !== NETLINK_ROUTE) return;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const put = (at: number) => view.setUint32(at, idOf(view.getInt32(at, true)) ?? NO_NAMESPACE, true);
  const attributes = (start: number, end: number, visit: (type: number, start: number, end: number) => void) => {
    for (let at = start; at + 4 <= end; ) {
      const length = view.getUint16(at, true);
      if (length < 4 || at + length > end) return;
      visit(view.getUint16(at + 2, true) & NLA_TYPE_MASK, at + 4, at + length);
      at += (length + 3) & ~3;
    }
  };
  const ofLink = (type: number, start: number, end: number): void => {
    if (type === IFLA_NET_NS_FD && end - start >= 4) put(start);
    else if (type === IFLA_LINKINFO)
      attributes(start, end, (info, from, to) => {
        if (info !== IFLA_INFO_DATA) return;
        // A pair's peer: a struct ifinfomsg and attributes of its own. No other kind has so long an attribute of that number.
        attributes(from, to, (data, peer, peerEnd) => {
          if (data === VETH_INFO_PEER && peerEnd - peer >= IFINFOMSG) attributes(peer + IFINFOMSG, peerEnd, ofLink);
        });
      });
  };
  for (let at = 0; at + NLMSG_HDRLEN <= datagram.length; ) {
    const length = view.getUint32(at, true);
    if (length < NLMSG_HDRLEN || at + length > datagram.length) return;
    const type = view.getUint16(at + 4, true);
    const body = at + NLMSG_HDRLEN;
    if (type === RTM_NEWLINK || type === RTM_SETLINK || type === RTM_DELLINK || type === RTM_GETLINK)
      attributes(body + IFINFOMSG, at + length, ofLink);
    else if (type >= RTM_NEWNSID && type <= RTM_GETNSID)
      attributes(body + RTGENMSG, at + length, (attribute, start, end) => {
        if (attribute === NETNSA_FD && end - start >= 4) put(start);
      });
    at += (length + 3) & ~3;
  }
}

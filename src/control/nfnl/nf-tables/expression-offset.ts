import { align4, NLA_HDRLEN, NLA_TYPE_MASK, NLMSG_HDRLEN } from '../../../netlink/constants.js';
import type { NetlinkMessage } from '../../../netlink/message.js';

const NFGENMSG_BYTES = 4;
const NFTA_RULE_EXPRESSIONS = 4;
const NFTA_SET_ELEM_LIST_ELEMENTS = 3;

/** Where the `index`th item of a list attribute lies, from the nlmsghdr on: what an error about it points to. */
function itemOffset(message: NetlinkMessage, list: number, index: number): number | undefined {
  const { view, start, end } = message;
  for (let at = start + NLMSG_HDRLEN + NFGENMSG_BYTES; end - at >= NLA_HDRLEN; ) {
    const length = view.getUint16(at, true);
    if (length < NLA_HDRLEN || length > end - at) return undefined;
    if ((view.getUint16(at + 2, true) & NLA_TYPE_MASK) === list) {
      let item = at + NLA_HDRLEN;
      for (let i = 0; i < index && item + NLA_HDRLEN <= at + length; i++) item += align4(Math.max(view.getUint16(item, true), NLA_HDRLEN));
      return item < at + length ? item - start : undefined;
    }
    at += align4(length);
  }
  return undefined;
}

export const expressionOffset = (message: NetlinkMessage, index: number) => itemOffset(message, NFTA_RULE_EXPRESSIONS, index);

/** Where the list of elements of a message begins and ends, absolute; 0: it has none. */
export function elementsOf({ view, start, end }: NetlinkMessage): readonly [from: number, to: number] {
  for (let at = start + NLMSG_HDRLEN + NFGENMSG_BYTES; end - at >= NLA_HDRLEN; ) {
    const length = view.getUint16(at, true);
    if (length < NLA_HDRLEN || length > end - at) break;
    if ((view.getUint16(at + 2, true) & NLA_TYPE_MASK) === NFTA_SET_ELEM_LIST_ELEMENTS) return [at + NLA_HDRLEN, at + length];
    at += align4(length);
  }
  return [0, 0];
}

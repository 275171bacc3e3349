import { EINVAL } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { align4, NLMSG_HDRLEN } from './constants.js';

/**
 * One message inside a datagram: struct nlmsghdr and where its payload lies. `view` and `bytes` span the whole datagram;
 * offsets are into them.
 */
export interface NetlinkMessage {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset of the nlmsghdr. */
  readonly start: number;
  /** Offset behind the message's last byte (nlmsg_len, padding not counted). */
  readonly end: number;
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly portId: number;
}

/** Offset of what follows the nlmsghdr: the family's fixed header. */
export const payloadStart = (message: NetlinkMessage) => message.start + NLMSG_HDRLEN;

/**
 * The messages of a datagram, in order. As netlink_rcv_skb() does, it stops at the first header that is truncated or whose
 * length does not fit; `strict` throws there instead.
 */
export function parseMessages(datagram: Uint8Array, strict = false): NetlinkMessage[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const messages: NetlinkMessage[] = [];
  let at = 0;
  while (datagram.length - at >= NLMSG_HDRLEN) {
    const length = view.getUint32(at, true);
    if (length < NLMSG_HDRLEN || length > datagram.length - at) {
      if (strict) throw new NetError(EINVAL, `message of ${length} bytes at ${at} of ${datagram.length}`);
      return messages;
    }
    messages.push({
      bytes: datagram,
      view,
      start: at,
      end: at + length,
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      portId: view.getUint32(at + 12, true),
    });
    at += align4(length);
  }
  if (strict && at < datagram.length) throw new NetError(EINVAL, `${datagram.length - at} bytes behind the last message`);
  return messages;
}

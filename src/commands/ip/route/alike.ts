import { AF_INET, AF_INET6, align4, NLA_HDRLEN, NLA_TYPE_MASK, NLMSG_HDRLEN } from '../../../netlink/constants.js';
import { type NetlinkMessage, payloadStart } from '../../../netlink/message.js';
import { routeAttributes, routeMessage, rtmsg } from '../../../netlink/rtnl/route.js';
import { formatIpv4, readIpv4 } from '../../../wire/ipv4-address.js';
import { formatIpv6 } from '../../../wire/ipv6-address.js';

/** What stands before and behind the destination where a route was printed. */
export interface Line {
  readonly before: string;
  readonly after: string;
}

interface Printed {
  readonly type: number;
  /** The whole message. */
  readonly view: DataView;
  /** Offset in the message of RTA_DST's payload, and of what is behind it. */
  readonly destination: number;
  readonly behind: number;
  /** Null: the selection leaves such routes out. */
  readonly line: Line | null;
}

const SLOTS = 256;
const RTA_DST = routeAttributes.shape.dst.type;
/** The first word of a struct rtmsg: family, length of the destination, length of the source, tos. */
const ALL_BUT_LENGTH = 0xffff_00ff;

/**
 * Routes of a long dump are mostly alike: the same but for the destination and its length. Who has printed one of them prints the
 * others without reading them. Of each kind the message that came last is kept, in the slot that its hash names.
 */
export class AlikeRoutes {
  readonly #slots: (Printed | undefined)[] = new Array<Printed | undefined>(SLOTS).fill(undefined);
  // Of the message that find() was asked about last: itself, its slot, and where in the datagram its destination lies (0: it has none).
  #message: NetlinkMessage | null = null;
  #slot = 0;
  #destination = 0;

  /** The line of a route like this one; null: it is not shown; undefined: none like it was kept. */
  find(message: NetlinkMessage): Line | null | undefined {
    const { view, start, end } = message;
    const destination = destinationOf(message);
    this.#message = message;
    this.#destination = destination;
    if (destination === 0) return undefined;
    const header = payloadStart(message);
    let hash = (view.getUint32(header, true) & ALL_BUT_LENGTH) ^ message.type;
    for (let at = header + 4; at < destination; at += 4) hash = (Math.imul(hash, 31) + view.getUint32(at, true)) | 0;
    for (let at = behindAttribute(view, destination); at + 4 <= end; at += 4) hash = (Math.imul(hash, 31) + view.getUint32(at, true)) | 0;
    this.#slot = (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SLOTS - 1);
    const printed = this.#slots[this.#slot];
    return printed !== undefined && isLike(printed, message, destination - start) ? printed.line : undefined;
  }

  /** Keeps how the route came out that find() did not know; null: not at all. */
  keep(text: string | null): void {
    const message = this.#message;
    if (message === null || this.#destination === 0) return;
    const view = new DataView(message.bytes.slice(message.start, message.end).buffer);
    const destination = this.#destination - message.start;
    const line = text === null ? null : around(text, this.destination());
    if (line === undefined) return;
    this.#slots[this.#slot] = { type: message.type, view, destination, behind: behindAttribute(view, destination), line };
  }

  /** The destination of the route that find() was asked about, as it is printed. */
  destination(): string {
    if (this.#message === null) return '';
    const { bytes, view, start } = this.#message;
    const header = start + NLMSG_HDRLEN;
    const length = view.getUint8(header + 1);
    const at = this.#destination;
    if (view.getUint8(header) === AF_INET)
      return length === 32 ? formatIpv4(readIpv4(bytes, at)) : `${formatIpv4(readIpv4(bytes, at))}/${length}`;
    const text = formatIpv6(bytes, at);
    return length === 128 ? text : `${text}/${length}`;
  }
}

/** `text` without its destination. Before that stand words alone, as "Deleted unicast ". */
function around(text: string, destination: string): Line | undefined {
  const at = text.indexOf(destination);
  return at < 0 ? undefined : { before: text.slice(0, at), after: text.slice(at + destination.length) };
}

/** Are the two the same but for the destination, which lies `place` bytes into this message? */
function isLike({ type, view: like, destination, behind }: Printed, message: NetlinkMessage, place: number): boolean {
  const { view, start, end } = message;
  const size = end - start;
  if (type !== message.type || like.byteLength !== size || destination !== place) return false;
  if (((like.getUint32(NLMSG_HDRLEN, true) ^ view.getUint32(start + NLMSG_HDRLEN, true)) & ALL_BUT_LENGTH) !== 0) return false;
  for (let at = NLMSG_HDRLEN + 4; at < destination; at += 4)
    if (like.getUint32(at, true) !== view.getUint32(start + at, true)) return false;
  let at = behind;
  for (; at + 4 <= size; at += 4) if (like.getUint32(at, true) !== view.getUint32(start + at, true)) return false;
  for (; at < size; at++) if (like.getUint8(at) !== view.getUint8(start + at)) return false;
  return true;
}

/** Offset of RTA_DST's payload in the datagram; 0: the route has none of IPv4 or IPv6, or the message is not whole. */
function destinationOf(message: NetlinkMessage): number {
  const { view, end } = message;
  const header = payloadStart(message);
  if (end - header < rtmsg.size) return 0;
  const family = view.getUint8(header);
  if (family !== AF_INET && family !== AF_INET6) return 0;
  for (let at = routeMessage.attributesStart(message); end - at >= NLA_HDRLEN; ) {
    const length = view.getUint16(at, true);
    if (length < NLA_HDRLEN || length > end - at) return 0;
    if ((view.getUint16(at + 2, true) & NLA_TYPE_MASK) === RTA_DST)
      return length === NLA_HDRLEN + (family === AF_INET ? 4 : 16) ? at + NLA_HDRLEN : 0;
    at += align4(length);
  }
  return 0;
}

/** Where the attribute begins that stands behind the one with this payload. */
const behindAttribute = (view: DataView, payload: number): number =>
  payload - NLA_HDRLEN + align4(view.getUint16(payload - NLA_HDRLEN, true));

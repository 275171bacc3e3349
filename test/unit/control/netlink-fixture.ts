import { VirtualClock } from '../../../src/base/clock.js';
import { SeededRandom } from '../../../src/base/random.js';
import { NamespaceNames } from '../../../src/control/namespace-names.js';
import { NetlinkServer } from '../../../src/control/netlink-kernel.js';
import type { Credentials, NetlinkSocket } from '../../../src/control/netlink-socket.js';
import { Stack } from '../../../src/net/core/stack.js';
import { NLMSG_ERROR } from '../../../src/netlink/constants.js';
import { type NetlinkMessage, parseMessages, payloadStart } from '../../../src/netlink/message.js';
import { MessageWriter } from '../../../src/netlink/writer.js';

export const root: Credentials = { uid: 0, gid: 0, pid: 100, netAdmin: true };
export const user: Credentials = { uid: 1000, gid: 1000, pid: 101, netAdmin: false };

/** A stack without any protocol: what the netlink machinery alone needs. */
export function bareServer(): NetlinkServer {
  const stack = new Stack({ clock: new VirtualClock(), random: new SeededRandom(1), modules: [], linkKinds: [] }, () => undefined);
  return new NetlinkServer(stack, new NamespaceNames(stack));
}

export function build(write: (writer: MessageWriter) => void): Uint8Array {
  const writer = new MessageWriter();
  write(writer);
  return writer.take();
}

/** All messages that wait in a socket. */
export function drain(socket: NetlinkSocket): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  for (let datagram = socket.receive(); datagram !== null; datagram = socket.receive()) messages.push(...parseMessages(datagram, true));
  return messages;
}

/** The errno of an NLMSG_ERROR or NLMSG_DONE: 0 for success. */
export function errnoOf(message: NetlinkMessage): number {
  return 0 - message.view.getInt32(payloadStart(message), true);
}

export interface ExtendedAck {
  readonly errno: number;
  readonly text?: string;
  readonly offset?: number;
}

/** An NLMSG_ERROR taken apart. */
export function answerOf(message: NetlinkMessage): ExtendedAck {
  expect(message.type).toBe(NLMSG_ERROR);
  const errno = errnoOf(message);
  let at = payloadStart(message) + 4;
  const capped = (message.flags & 0x100) !== 0;
  at += capped ? 16 : (message.view.getUint32(at, true) + 3) & ~3;
  let text: string | undefined;
  let offset: number | undefined;
  while ((message.flags & 0x200) !== 0 && at < message.end) {
    const length = message.view.getUint16(at, true);
    const type = message.view.getUint16(at + 2, true);
    if (type === 1) text = new TextDecoder().decode(message.bytes.subarray(at + 4, at + length - 1));
    if (type === 2) offset = message.view.getUint32(at + 4, true);
    at += (length + 3) & ~3;
  }
  return { errno, ...(text === undefined ? {} : { text }), ...(offset === undefined ? {} : { offset }) };
}

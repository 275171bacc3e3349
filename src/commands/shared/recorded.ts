import { EISDIR, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { FilePort } from '../../client/command.js';
import { align4, NLMSG_HDRLEN } from '../../netlink/constants.js';
import { type NetlinkMessage, payloadStart } from '../../netlink/message.js';
import { MessageWriter } from '../../netlink/writer.js';
import { failure } from './failure.js';
import { asctime } from './timestamp.js';

/** rtmon's own message between the others (NLMSG_TSTAMP): seconds and microseconds, each 32 bits. */
export const TIME_STAMP = 15;
/** What the real tools read a message into. */
const LONGEST = 16_384;

/** The message that says when what follows it came. */
export function timeStampMessage(nowUs: number): Uint8Array {
  const writer = new MessageWriter();
  writer.begin(TIME_STAMP, 0, 0, 0);
  writer.u32(Math.floor(nowUs / 1_000_000));
  writer.u32(Math.floor(nowUs % 1_000_000));
  writer.end();
  return writer.take();
}

export function timeStampText(message: NetlinkMessage): string {
  const at = payloadStart(message);
  const seconds = message.view.getUint32(at, true);
  return `Timestamp: ${asctime(new Date(seconds * 1000))} ${message.view.getUint32(at + 4, true)} us\n`;
}

/**
 * The messages of a file that rtmon has written, one after the other. A file that cannot be read, or holds something else, ends
 * the command where that shows: what came before has been given. iproute2: rtnl_from_file()
 */
export async function* recordedMessages(files: FilePort, path: string): AsyncGenerator<NetlinkMessage> {
  let bytes: Uint8Array;
  try {
    bytes = await files.read(path);
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    if (error.errno === EISDIR) throw failure(`rtnl_from_file: fread: ${strerror(EISDIR)}`);
    throw failure(`Cannot fopen: ${strerror(error.errno)}`, 255);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0; start < bytes.length; ) {
    if (bytes.length - start < NLMSG_HDRLEN) throw failure('rtnl-from_file: truncated message');
    const length = view.getUint32(start, true);
    if (length < NLMSG_HDRLEN || length > LONGEST) throw failure(`!!!malformed message: len=${length | 0} @${start + NLMSG_HDRLEN}`);
    if (align4(length) > bytes.length - start) throw failure('rtnl-from_file: truncated message');
    yield {
      bytes,
      view,
      start,
      end: start + length,
      type: view.getUint16(start + 4, true),
      flags: view.getUint16(start + 6, true),
      sequence: view.getUint32(start + 8, true),
      portId: view.getUint32(start + 12, true),
    };
    start += align4(length);
  }
}

import { EEXIST } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { type NetlinkMessage, parseMessages } from '../../netlink/message.js';
import { failure } from '../shared/failure.js';
import type { IpContext } from './context.js';

// Files of `save`: four magic bytes in host order, then netlink messages as a dump gave them.

export async function writeSaved(context: IpContext, magic: number, messages: readonly NetlinkMessage[]): Promise<number> {
  const { stdout } = context.io;
  if (stdout.isTerminal) throw failure('Not sending a binary stream to stdout');
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, magic, true);
  await stdout.write(head);
  for (const { bytes, start, end } of messages) await stdout.write(bytes.slice(start, start + ((end - start + 3) & ~3)));
  return 0;
}

/** The messages of a file on standard input. */
export async function readSaved(context: IpContext, magic: number): Promise<NetlinkMessage[]> {
  const { stdin } = context.io;
  if (stdin.isTerminal) throw failure("Can't restore from a terminal");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdin.chunks()) {
    chunks.push(chunk);
    size += chunk.length;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  const found = size >= 4 ? new DataView(bytes.buffer).getUint32(0, true) : 0;
  if (found !== magic) throw failure(`Magic mismatch (${size >= 4 ? 1 : 0} elems, ${found.toString(16)} magic)`);
  return parseMessages(bytes.slice(4));
}

/** Sends saved messages as requests; what is there already is left as it is. */
export async function restoreSaved(context: IpContext, messages: readonly NetlinkMessage[], flags: number): Promise<number> {
  const client = await context.client();
  for (const { bytes, start, end } of messages) {
    try {
      await client.replay(bytes.subarray(start, end), flags);
    } catch (error) {
      if (!(error instanceof NetError) || error.errno !== EEXIST) throw context.refused(error);
    }
  }
  return 0;
}

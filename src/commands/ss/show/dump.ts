import { NetError } from '../../../base/net-error.js';
import { DumpError } from '../../../client/netlink-client.js';
import { fatal } from '../../shared/failure.js';
import type { SsContext } from '../context.js';
import { askInet, inetFamilies, inetProtocols } from './inet.js';

/** -D: the answers about TCP sockets as they came, one behind the other, into a file; "-" is standard output. */
export async function dumpRaw(context: SsContext, file: string): Promise<number> {
  const client = await context.openDiag();
  const pieces: Uint8Array[] = [];
  for (const family of inetFamilies(context.options)) {
    try {
      for await (const { bytes, start, end } of askInet(context, client, inetProtocols.tcp.protocol, family))
        pieces.push(bytes.slice(start, (end + 3) & ~3));
    } catch (error) {
      if (!(error instanceof DumpError)) throw error;
    }
  }
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  if (file === '-') {
    await context.io.stdout.write(whole);
    return 0;
  }
  try {
    await context.io.files.write(file, whole);
  } catch (error) {
    if (error instanceof NetError) throw fatal(`fopen dump file: ${error.message}`);
    throw error;
  }
  return 0;
}

import { strerror } from '../../../base/errno.js';
import { NetError } from '../../../base/net-error.js';
import type { LinkAttributes } from '../../../netlink/rtnl/link/link.js';
import type { Cursor } from '../../shared/cursor.js';
import { fatal } from '../../shared/failure.js';
import type { IpContext } from '../context.js';

/** XDP_FLAGS_*: where the program is to run. */
const modes: Readonly<Record<string, number>> = { xdp: 0, xdpgeneric: 2, xdpdrv: 4, xdpoffload: 8 };
export const xdpWords: readonly string[] = Object.keys(modes);

/** `xdp off` takes a program away. A program is machine code for the kernel's own machine, which no stack of ours has. */
export async function readXdp(context: IpContext, cursor: Cursor, word: string): Promise<NonNullable<LinkAttributes['xdp']>> {
  const mode = modes[word] ?? 0;
  const what = cursor.next();
  if (what === 'off' || what === 'none') return { fd: -1, ...(mode === 0 ? {} : { flags: mode }) };
  const file = /^(obj|object|pin|pinned|object-pinned|object-file)$/.test(what) ? cursor.next() : what;
  try {
    await context.io.files.read(file);
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    throw fatal(`Error opening object ${file}: ${strerror(error.errno)}\nCannot initialize ELF context!`);
  }
  throw fatal(`Error: XDP programs cannot be loaded: ${file}`);
}

import { DumpError } from '../../../client/netlink-client.js';
import { AF_UNIX } from '../../../netlink/constants.js';
import { SOCK_DIAG_BY_FAMILY } from '../../../netlink/diag/sock-diag.js';
import {
  UDIAG_SHOW_ICONS,
  UDIAG_SHOW_MEMINFO,
  UDIAG_SHOW_NAME,
  UDIAG_SHOW_PEER,
  UDIAG_SHOW_RQLEN,
  UDIAG_SHOW_VFS,
  type UnixDiagAttributes,
  unixDiagMessage,
  unixDiagRequest,
} from '../../../netlink/diag/unix.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { LOCAL, LOCAL_PORT, NETID, newRow, PEER, PEER_PORT, PROCESS, RECVQ, SENDQ, STATE } from '../columns.js';
import type { SsContext } from '../context.js';
import type { SocketSeen } from '../filter/expression.js';
import { matches } from '../filter/match.js';
import { stateName } from '../states.js';
import type { KindName } from '../tables.js';
import { memoryText, shutdownText } from './stats.js';

/** By SOCK_*. */
const types: Readonly<Record<number, readonly [netid: string, kind: KindName]>> = {
  1: ['u_str', 'unixStream'],
  2: ['u_dgr', 'unixDgram'],
  5: ['u_seq', 'unixSeqpacket'],
};

const decoder = new TextDecoder();

/** A name without a file begins with a zero byte: all of them are shown as "@". */
function nameText(bytes: Uint8Array): string {
  if (bytes[0] === 0) return decoder.decode(bytes.map((byte) => (byte === 0 ? 0x40 : byte)));
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Shows Unix sockets. */
export async function showUnix(context: SsContext): Promise<void> {
  const { options } = context;
  let show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN;
  if (options.memory) show |= UDIAG_SHOW_MEMINFO;
  if (options.details > 0) show |= UDIAG_SHOW_VFS | UDIAG_SHOW_ICONS;
  const client = await context.openDiag();
  const request = { type: SOCK_DIAG_BY_FAMILY, header: { family: AF_UNIX, states: options.selection.states, show } };
  try {
    for await (const message of client.dump(unixDiagRequest, request)) await showOne(context, message);
  } catch (error) {
    if (!(error instanceof DumpError)) throw error;
  }
}

async function showOne(context: SsContext, message: NetlinkMessage): Promise<void> {
  const { header, attributes } = unixDiagMessage.parse(message);
  const { options, filter, holders } = context;
  const [netid, kind] = types[header.type] ?? ['???', 'unixStream'];
  if (!options.selection.wants(kind)) return;
  const name = attributes.name === undefined || attributes.name.length === 0 ? undefined : nameText(attributes.name);
  const none = new Uint8Array(0);
  const socket: SocketSeen = {
    family: AF_UNIX,
    local: none,
    peer: none,
    localPort: header.inode,
    peerPort: attributes.peer ?? 0,
    ...(name === undefined ? {} : { name }),
    ifindex: 0,
    mark: 0,
    cgroupId: 0,
    ephemeral: false,
  };
  if (filter !== null && !matches(filter, socket)) return;
  const row = newRow();
  row[NETID] = netid;
  row[STATE] = stateName(header.state);
  row[RECVQ] = String(attributes.rqlen?.rqueue ?? 0);
  row[SENDQ] = String(attributes.rqlen?.wqueue ?? 0);
  row[LOCAL] = `${name ?? '*'} `;
  row[LOCAL_PORT] = String(header.inode);
  row[PEER] = '* ';
  row[PEER_PORT] = String(attributes.peer ?? 0);
  const users = holders?.describe(header.inode) ?? '';
  row[PROCESS] = (users === '' ? '' : ` ${users}`) + detailsText(context, attributes);
  await context.columns.add(row);
}

function detailsText({ options }: SsContext, attributes: UnixDiagAttributes): string {
  let text = '';
  if (options.memory && attributes.meminfo !== undefined) text += ` ${memoryText(attributes.meminfo)}`;
  if (options.details === 0) return text;
  if (attributes.shutdown !== undefined) text += ` ${shutdownText(attributes.shutdown)}`;
  if (attributes.vfs !== undefined) {
    const { inode, device } = attributes.vfs;
    // Major and minor number as glibc takes a dev_t of its own apart; the kernel's is another.
    text += ` ino:${inode} dev:${(device >>> 8) & 0xfff}/${((device & 0xff) | ((device >>> 12) & 0xffff_ff00)) >>> 0}`;
  }
  if (attributes.icons !== undefined) {
    const { buffer, byteOffset, byteLength } = attributes.icons;
    const view = new DataView(buffer, byteOffset, byteLength);
    text += ' peers:';
    for (let at = 0; at + 4 <= byteLength; at += 4) text += ` ${view.getUint32(at, true)}`;
  }
  return text;
}

import { DumpError } from '../../../client/netlink-client.js';
import { AF_NETLINK } from '../../../netlink/constants.js';
import {
  NDIAG_PROTO_ALL,
  NDIAG_SHOW_GROUPS,
  NDIAG_SHOW_MEMINFO,
  NETLINK_CONNECTED,
  netlinkDiagMessage,
  netlinkDiagRequest,
} from '../../../netlink/diag/netlink.js';
import { SOCK_DIAG_BY_FAMILY } from '../../../netlink/diag/sock-diag.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { LOCAL, LOCAL_PORT, NETID, newRow, PEER, PEER_PORT, PROCESS, RECVQ, SENDQ, STATE } from '../columns.js';
import type { SsContext } from '../context.js';
import type { SocketSeen } from '../filter/expression.js';
import { matches } from '../filter/match.js';
import { processName } from '../../shared/socket-holders.js';
import { SS_CLOSE, stateName } from '../states.js';
import { memoryText } from './stats.js';

const none = new Uint8Array(0);

/** Shows netlink sockets, the kernel's own ends among them. */
export async function showNetlink(context: SsContext): Promise<void> {
  if ((context.options.selection.states & (1 << SS_CLOSE)) === 0) return;
  await context.protocols.load('nl_protos');
  context.closeFiles();
  const client = await context.openDiag();
  const header = { family: AF_NETLINK, protocol: NDIAG_PROTO_ALL, show: NDIAG_SHOW_GROUPS | NDIAG_SHOW_MEMINFO };
  try {
    for await (const message of client.dump(netlinkDiagRequest, { type: SOCK_DIAG_BY_FAMILY, header })) await showOne(context, message);
  } catch (error) {
    if (!(error instanceof DumpError)) throw error;
  }
}

/** Whose port it is: the kernel's, a process's by its name, or but a number. */
async function ownerText({ options, io }: SsContext, portId: number): Promise<string> {
  const pid = portId | 0;
  if (options.numeric) return String(pid);
  if (pid === 0) return 'kernel';
  const name = pid > 0 ? await processName(io.files, pid) : null;
  return name === null ? String(pid) : `${name}/${pid}`;
}

async function showOne(context: SsContext, message: NetlinkMessage): Promise<void> {
  const { header, attributes } = netlinkDiagMessage.parse(message);
  const { options, filter, protocols } = context;
  const socket: SocketSeen = {
    family: AF_NETLINK,
    local: none,
    peer: none,
    protocol: header.protocol,
    localPort: header.portId | 0,
    peerPort: header.destinationPortId | 0,
    ifindex: 0,
    mark: 0,
    cgroupId: 0,
    ephemeral: false,
  };
  if (filter !== null && !matches(filter, socket)) return;
  const row = newRow();
  row[NETID] = 'nl';
  row[STATE] = stateName(SS_CLOSE);
  row[RECVQ] = String(attributes.meminfo?.rmemAlloc ?? 0);
  row[SENDQ] = String(attributes.meminfo?.wmemAlloc ?? 0);
  row[LOCAL] = `${protocols.text('nl_protos', header.protocol)}:`;
  row[LOCAL_PORT] = await ownerText(context, header.portId);
  if (header.state === NETLINK_CONNECTED) {
    row[PEER] = `${header.destinationGroup === 0 ? '' : String(header.destinationGroup)}:`;
    row[PEER_PORT] = header.destinationPortId === 0 ? 'kernel' : String(header.destinationPortId | 0);
  } else row[PEER] = '*';
  if (options.details > 0) row[PROCESS] += ` sk=0 cb=0 groups=0x${firstGroups(attributes.groups)}`;
  if (options.memory && attributes.meminfo !== undefined) row[PROCESS] += `\t ${memoryText(attributes.meminfo)}`;
  await context.columns.add(row);
}

/** The first 32 groups, as a number in hexadecimal. */
function firstGroups(bytes: Uint8Array | undefined): string {
  const word = bytes === undefined || bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return word.toString(16).padStart(8, '0');
}

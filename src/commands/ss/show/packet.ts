import { DumpError } from '../../../client/netlink-client.js';
import { AF_PACKET } from '../../../netlink/constants.js';
import {
  PACKET_SHOW_FANOUT,
  PACKET_SHOW_FILTER,
  PACKET_SHOW_INFO,
  PACKET_SHOW_MEMINFO,
  PACKET_SHOW_RING_CFG,
  type PacketDiagAttributes,
  packetDiagMessage,
  packetDiagRequest,
  PDI_AUXDATA,
  PDI_LOSS,
  PDI_ORIGDEV,
  PDI_RUNNING,
  PDI_VNETHDR,
} from '../../../netlink/diag/packet.js';
import { SOCK_DIAG_BY_FAMILY } from '../../../netlink/diag/sock-diag.js';
import type { NetlinkMessage } from '../../../netlink/message.js';
import { etherProtocolName } from '../../shared/ether-protocols.js';
import { LOCAL, LOCAL_PORT, NETID, newRow, PEER, PROCESS, RECVQ, SENDQ, STATE } from '../columns.js';
import type { SsContext } from '../context.js';
import type { SocketSeen } from '../filter/expression.js';
import { matches } from '../filter/match.js';
import type { SsOptions } from '../options.js';
import { SS_CLOSE, stateName } from '../states.js';
import { cookieText } from './inet.js';
import { memoryText } from './stats.js';

const SOCK_RAW = 3;
const ETH_P_ALL = 3;
const none = new Uint8Array(0);

/** Shows packet sockets. */
export async function showPacket(context: SsContext): Promise<void> {
  if ((context.options.selection.states & (1 << SS_CLOSE)) === 0) return;
  const show = PACKET_SHOW_INFO | PACKET_SHOW_MEMINFO | PACKET_SHOW_FILTER | PACKET_SHOW_RING_CFG | PACKET_SHOW_FANOUT;
  const client = await context.openDiag();
  try {
    const request = { type: SOCK_DIAG_BY_FAMILY, header: { family: AF_PACKET, show } };
    for await (const message of client.dump(packetDiagRequest, request)) await showOne(context, message);
  } catch (error) {
    if (!(error instanceof DumpError)) throw error;
  }
}

async function showOne(context: SsContext, message: NetlinkMessage): Promise<void> {
  const { header, attributes } = packetDiagMessage.parse(message);
  const { options, filter, links, holders } = context;
  const ifindex = attributes.info?.index ?? 0;
  const socket: SocketSeen = {
    family: AF_PACKET,
    local: none,
    peer: none,
    protocol: header.number,
    localPort: ifindex,
    peerPort: 0,
    ifindex,
    mark: 0,
    cgroupId: 0,
    ephemeral: false,
  };
  if (filter !== null && !matches(filter, socket)) return;
  if (ifindex !== 0) await links.load();
  const row = newRow();
  row[NETID] = header.type === SOCK_RAW ? 'p_raw' : 'p_dgr';
  row[STATE] = stateName(SS_CLOSE);
  row[RECVQ] = String(attributes.meminfo?.rmemAlloc ?? 0);
  row[SENDQ] = String(attributes.meminfo?.wmemAlloc ?? 0);
  row[LOCAL] = `${header.number === ETH_P_ALL ? '*' : etherProtocolName(header.number, options.numeric)}:`;
  row[LOCAL_PORT] = links.nameOf(ifindex);
  row[PEER] = '*';
  const users = holders?.describe(header.inode) ?? '';
  row[PROCESS] = users === '' ? '' : ` ${users}`;
  if (options.details > 0) {
    if (attributes.uid !== undefined && attributes.uid !== 0) row[PROCESS] += ` uid:${attributes.uid}`;
    row[PROCESS] += ` ino:${header.inode} sk:${cookieText(header)}${detailsText(options, attributes)}`;
  }
  if (options.bpf > 0 && attributes.filter !== undefined) row[PROCESS] += filterText(options, attributes.filter);
  if (options.memory && attributes.meminfo !== undefined) row[PROCESS] += ` ${memoryText(attributes.meminfo)}`;
  await context.columns.add(row);
}

const flags: readonly (readonly [bit: number, name: string])[] = [
  [PDI_RUNNING, 'running'],
  [PDI_AUXDATA, 'auxdata'],
  [PDI_ORIGDEV, 'origdev'],
  [PDI_VNETHDR, 'vnethdr'],
  [PDI_LOSS, 'loss'],
];

/** PACKET_FANOUT_* */
const fanouts = ['hash', 'lb', 'cpu', 'roll', 'random', 'qm', 'cbpf', 'ebpf'];

function detailsText(options: SsOptions, { info, rxRing, txRing, fanout }: PacketDiagAttributes): string {
  const newLine = options.oneline ? ' ' : '\n\t';
  let text = '';
  if (info !== undefined) {
    const set = flags.filter(([bit]) => (info.flags & bit) !== 0).map(([, name]) => ` ${name}`);
    text += `${newLine}ver:${info.version} cpy_thresh:${info.copyThreshold} flags(${set.join('')} )`;
  }
  for (const [name, ring] of [
    ['rx', rxRing],
    ['tx', txRing],
  ] as const) {
    if (ring === undefined) continue;
    const { blockSize, blockCount, frameSize, frameCount, retireTimeout, features } = ring;
    text += `${newLine}ring_${name}(blk_size:${blockSize},blk_nr:${blockCount},frm_size:${frameSize},frm_nr:${frameCount}`;
    text += `,tmo:${retireTimeout},features:0x${features.toString(16)})`;
  }
  if (fanout !== undefined) {
    const type = (fanout >>> 16) & 0xff;
    text += `${newLine}fanout(id:${fanout & 0xffff},type:${fanouts[type] ?? `0x${type.toString(16)}`})`;
  }
  return text;
}

/** struct sock_filter: u16 code, u8 jt, u8 jf, u32 k. */
function filterText(options: SsOptions, bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.floor(bytes.length / 8);
  let text = `${options.oneline ? ' ' : '\n\t'}bpf filter (${count}): `;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const code = view.getUint16(at, true).toString(16).padStart(2, '0');
    text += ` 0x${code} ${view.getUint8(at + 2)} ${view.getUint8(at + 3)} ${view.getUint32(at + 4, true)},`;
  }
  return text;
}

import { IP_VS_CONN_F_NOOUTPUT } from '../../../../netlink/genl/ip-vs.js';
import type { PacketBuffer } from '../../../core/packet-buffer.js';
import { FLAGS } from '../layout.js';
import type { IpvsPacket } from '../packet.js';
import { INPUT, type IpvsProtocol, OUTPUT } from '../protocol.js';

const PROTOCOL = 132;
const HEADER = 12;
const CHUNK_HEADER = 4;

// Chunks, RFC 9260 3.2.
const DATA = 0;
const INIT = 1;
const ABORT = 6;
const COOKIE_ECHO = 10;
const COOKIE_ACK = 11;

const names = [
  'NONE',
  'INIT1',
  'INIT',
  'C-SENT',
  'C-REPLIED',
  'C-WAIT',
  'COOKIE',
  'C-ECHOED',
  'ESTABLISHED',
  'S-SENT',
  'S-RECEIVED',
  'S-ACK-SENT',
  'REJECTED',
  'CLOSED',
];
// biome-ignore format: in the order of the states
const seconds = [2, 4, 61, 61, 61, 61, 61, 61, 900, 61, 61, 61, 4, 61];
const ESTABLISHED = 8;
const SHUTDOWN_SENT = 9;
const SHUTDOWN_RECEIVED = 10;
const SHUTDOWN_ACK_SENT = 11;
const REJECTED = 12;
const CLOSED = 13;

/**
 * What each state becomes, a letter a state in their order: n NONE, 1 INIT1, I INIT, S C-SENT, R C-REPLIED, W C-WAIT, k COOKIE,
 * e C-ECHOED, E ESTABLISHED, s S-SENT, r S-RECEIVED, a S-ACK-SENT, J REJECTED, C CLOSED; columns in this order, rows the chunks
 * below. As Linux 6.1 was seen to do it, chunk by chunk.
 */
const letters = 'n1ISRWkeEsraJC';
const row = (text: string): readonly number[] => [...text].map((letter) => letters.indexOf(letter));
const rowOfChunk = [0, 1, 2, 0, 0, 0, 9, 5, 6, 8, 3, 4, 0, 0, 7];
// DATA and all others, INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE, ERROR, ABORT
// biome-ignore format: tables
const tables = [
  // From the client.
  [row('E1ISRWkeEsraJC'), row('1IISRWkeEsraI1'), row('WWWSRkkeEsraJC'), row('RIIRRWkeEsraJC'), row('E1ISRWkEEsraJC'),
   row('r1ISRWkersraJC'), row('CIISRWkeECrCJC'), row('CCCSRWkeEsrCJC'), row('C1ISRWkCEsraJC'), row('CCCCCJCCCCCCCC')],
  // From the server.
  [row('E1ISRWkeEsraJC'), row('WWWWWWWWEWWWWW'), row('SSSSRWkeEsraJC'), row('eeeeeeeeEsraJC'), row('EEEEEEEEEsraJC'),
   row('ssssssssssraJC'), row('aaaaaWkeEaaaJC'), row('C1ISRWkeEsraJC'), row('CCCCCWkeEsraJC'), row('CJCCCCCCCCCCCC')],
  // From the client, where answers do not pass here.
  [row('E1ISRWkeEsraJC'), row('1IISRWkeEsraI1'), row('eeeSRkkeEsraJC'), row('EEERRWkeEsraJC'), row('E1ISRWkEEsraJC'),
   row('r1ISRWkersraJC'), row('CIISRWkeCCrCJC'), row('CCCSRWkeEsCCJC'), row('C1ISRWkeEsraJC'), row('CCCCCJCCCCCCCC')],
];
const INPUT_ONLY = 2;

/** The chunk that states go by: the first, but for an ABORT behind a cookie's. -1: there is none. */
function chunkOf(skb: PacketBuffer, { transportAt }: IpvsPacket): number {
  const { view, tail } = skb;
  const at = transportAt + HEADER;
  if (at + CHUNK_HEADER > tail) return -1;
  const type = view.getUint8(at);
  if (type !== COOKIE_ECHO && type !== COOKIE_ACK) return type;
  const bytes = view.getUint16(at + 2);
  const next = at + ((bytes + 3) & ~3);
  return bytes >= CHUNK_HEADER && next + CHUNK_HEADER <= tail && view.getUint8(next) === ABORT ? ABORT : type;
}

/** SCTP, RFC 9260, as one in the middle sees it (ip_vs_proto_sctp.c). */
export const sctp: IpvsProtocol = {
  protocol: PROTOCOL,
  name: 'SCTP',
  states: names,
  timeoutsMs: seconds.map((value) => value * 1000),
  headerBytes: HEADER + CHUNK_HEADER,

  // Linux: sctp_conn_schedule()
  begins(ipvs, skb, packet) {
    const type = skb.view.getUint8(packet.transportAt + HEADER);
    return type === INIT || (ipvs.settings.sloppySctp !== 0 && type !== ABORT);
  },

  isNew: (skb, packet) => skb.view.getUint8(packet.transportAt + HEADER) === INIT,

  isOver: (ipvs, id) => ipvs.connections.table.state(id) === CLOSED,

  // Linux: set_sctp_state()
  advance(ipvs, id, direction, skb, packet) {
    const { connections } = ipvs;
    const { table } = connections;
    const chunk = chunkOf(skb, packet);
    if (chunk < 0) return;
    let way = direction;
    if ((table.get(id, FLAGS) & IP_VS_CONN_F_NOOUTPUT) !== 0) {
      // Answers do pass here, after all.
      if (direction === OUTPUT) table.clearFlags(id, IP_VS_CONN_F_NOOUTPUT);
      else way = INPUT_ONLY;
    }
    const before = table.state(id);
    const after = tables[way]![rowOfChunk[chunk] ?? DATA]![before]!;
    if (after !== before) {
      connections.setActive(id, after === ESTABLISHED);
      if (direction === OUTPUT && after === ESTABLISHED) connections.assureTemplate(id);
      table.setState(id, after);
    }
    if (direction === INPUT && after === ESTABLISHED) connections.assureTemplate(id);
    connections.setTimeout(id, ipvs.timeoutsMs(PROTOCOL)[after]!);
  },

  established: ESTABLISHED,
  syncedStates: [ESTABLISHED, SHUTDOWN_SENT, SHUTDOWN_RECEIVED, SHUTDOWN_ACK_SENT, CLOSED, REJECTED],
};

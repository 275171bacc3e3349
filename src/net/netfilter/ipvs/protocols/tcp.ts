import type { PacketBuffer } from '../../../core/packet-buffer.js';
import type { IpvsPacket } from '../packet.js';
import { INPUT, type IpvsProtocol, OUTPUT } from '../protocol.js';
import { FLAGS } from '../layout.js';
import { IP_VS_CONN_F_NOOUTPUT } from '../../../../netlink/genl/ip-vs.js';

export const NONE = 0;
export const ESTABLISHED = 1;
export const FIN_WAIT = 4;
export const TIME_WAIT = 5;
export const CLOSE = 6;
export const CLOSE_WAIT = 7;
export const LISTEN = 9;

const names = [
  'NONE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'SYNACK',
];
// biome-ignore format: in the order of the states
const seconds = [2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120];
/** States in which a connection counts as active. */
const active = [false, true, true, true, false, false, false, false, false, false, true];

const letters: Readonly<Record<string, number>> = { n: 0, E: 1, S: 2, R: 3, F: 4, T: 5, C: 6, W: 7, L: 8, l: 9, A: 10 };
const row = (text: string): readonly number[] => [...text].map((letter) => letters[letter]!);

/**
 * What each state becomes, by the flag that a packet has - SYN, FIN, ACK, RST - and the way it goes: from the client, from the server,
 * and from the client where answers do not pass here. n NONE, E ESTABLISHED, S SYN_SENT, R SYN_RECV, F FIN_WAIT, T TIME_WAIT, C CLOSE,
 * W CLOSE_WAIT, L LAST_ACK, l LISTEN, A SYNACK; columns in this order.
 */
// biome-ignore format: tables
const usual = [
  //    nESRFTCWLlA
  row('REERRRRRRRR'), row('CWSTTTCWLlT'), row('EESEFTCWClE'), row('CCCRCCCCLlR'),
  row('SESRSSSSSlR'), row('TFSTFTCTLlT'), row('EESEFTCWLEE'), row('CCSCCTCCCCC'),
  row('REERRRRRRRR'), row('CFSTFTCWLlT'), row('EESEFTCWClE'), row('CCCRCCCCLlC'),
];
/** The same in defence against floods of SYNs (secure_tcp). */
// biome-ignore format: tables
const secure = [
  row('REERRRRRRRA'), row('CWSTTTCWLlA'), row('EESRFTCWClA'), row('CCCRCCCCLlC'),
  row('SESASSSSSlA'), row('TFSTFTCTLlT'), row('EESEFTCWLEE'), row('CCSCCTCCCCC'),
  row('AEERAAAAAAA'), row('CFSTFTCWLlT'), row('EESEFTCWClE'), row('CCCRCCCCLlC'),
];
const INPUT_ONLY = 2;

const SYN = 0x02;
const FIN = 0x01;
const RST = 0x04;
const ACK = 0x10;

const flagsOf = (skb: PacketBuffer, packet: IpvsPacket): number =>
  packet.transportAt + 14 > skb.tail ? 0 : skb.view.getUint8(packet.transportAt + 13);

/** What the change of state goes by; -1: the packet changes nothing. Linux: tcp_state_idx() */
function flagOf(flags: number): number {
  if ((flags & RST) !== 0) return 3;
  if ((flags & SYN) !== 0) return 0;
  if ((flags & FIN) !== 0) return 1;
  return (flags & ACK) !== 0 ? 2 : -1;
}

/** TCP (ip_vs_proto_tcp.c). */
export const tcp: IpvsProtocol = {
  protocol: 6,
  name: 'TCP',
  states: names,
  timeoutsMs: seconds.map((value) => value * 1000),
  headerBytes: 20,

  // Linux: tcp_conn_schedule()
  begins: (ipvs, skb, packet) => {
    const flags = flagsOf(skb, packet);
    return (flags & RST) === 0 && ((flags & SYN) !== 0 || ipvs.settings.sloppyTcp !== 0);
  },

  isNew: (skb, packet) => (flagsOf(skb, packet) & SYN) !== 0,

  isOver(ipvs, id, mode) {
    const { table } = ipvs.connections;
    const state = table.state(id);
    return state === TIME_WAIT || ((mode & 2) !== 0 && state === FIN_WAIT && (table.get(id, FLAGS) & IP_VS_CONN_F_NOOUTPUT) !== 0);
  },

  // Linux: set_tcp_state()
  advance(ipvs, id, direction, skb, packet) {
    const { connections } = ipvs;
    const { table } = connections;
    const flag = flagOf(flagsOf(skb, packet));
    let way = direction;
    if ((table.get(id, FLAGS) & IP_VS_CONN_F_NOOUTPUT) !== 0) {
      // Answers do pass here, after all.
      if (direction === OUTPUT) table.clearFlags(id, IP_VS_CONN_F_NOOUTPUT);
      else way = INPUT_ONLY;
    }
    const before = table.state(id);
    const rows = ipvs.defence.securesTcp ? secure : usual;
    const after = flag < 0 ? CLOSE : rows[way * 4 + flag]![before]!;
    if (after !== before) {
      connections.setActive(id, active[after]!);
      if (direction === OUTPUT && after === ESTABLISHED) connections.assureTemplate(id);
      table.setState(id, after);
    }
    if (direction === INPUT && after === ESTABLISHED) connections.assureTemplate(id);
    connections.setTimeout(id, ipvs.timeoutsMs(6)[after]!);
  },

  established: ESTABLISHED,
  syncedStates: [ESTABLISHED, FIN_WAIT, CLOSE, CLOSE_WAIT, TIME_WAIT],
};

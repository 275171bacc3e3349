import type { Socket } from '../../net/core/socket.js';
import type { Value } from './ast.js';

const SOL_TCP = 6;
const TCP_INFO = 11;
const TCP_CC_INFO = 26;
const SOL_SOCKET = 1;
const SO_MEMINFO = 55;

/** struct tcp_info, linux/tcp.h: name, offset, bytes. The two scales share a byte. */
const layout: readonly (readonly [string, number, 1 | 4 | 8])[] = [
  ['tcpi_state', 0, 1],
  ['tcpi_ca_state', 1, 1],
  ['tcpi_retransmits', 2, 1],
  ['tcpi_probes', 3, 1],
  ['tcpi_backoff', 4, 1],
  ['tcpi_options', 5, 1],
  ['tcpi_rto', 8, 4],
  ['tcpi_ato', 12, 4],
  ['tcpi_snd_mss', 16, 4],
  ['tcpi_rcv_mss', 20, 4],
  ['tcpi_unacked', 24, 4],
  ['tcpi_sacked', 28, 4],
  ['tcpi_lost', 32, 4],
  ['tcpi_retrans', 36, 4],
  ['tcpi_fackets', 40, 4],
  ['tcpi_last_data_sent', 44, 4],
  ['tcpi_last_ack_sent', 48, 4],
  ['tcpi_last_data_recv', 52, 4],
  ['tcpi_last_ack_recv', 56, 4],
  ['tcpi_pmtu', 60, 4],
  ['tcpi_rcv_ssthresh', 64, 4],
  ['tcpi_rtt', 68, 4],
  ['tcpi_rttvar', 72, 4],
  ['tcpi_snd_ssthresh', 76, 4],
  ['tcpi_snd_cwnd', 80, 4],
  ['tcpi_advmss', 84, 4],
  ['tcpi_reordering', 88, 4],
  ['tcpi_rcv_rtt', 92, 4],
  ['tcpi_rcv_space', 96, 4],
  ['tcpi_total_retrans', 100, 4],
  ['tcpi_pacing_rate', 104, 8],
  ['tcpi_max_pacing_rate', 112, 8],
  ['tcpi_bytes_acked', 120, 8],
  ['tcpi_bytes_received', 128, 8],
  ['tcpi_segs_out', 136, 4],
  ['tcpi_segs_in', 140, 4],
  ['tcpi_notsent_bytes', 144, 4],
  ['tcpi_min_rtt', 148, 4],
  ['tcpi_data_segs_in', 152, 4],
  ['tcpi_data_segs_out', 156, 4],
  ['tcpi_delivery_rate', 160, 8],
  ['tcpi_busy_time', 168, 8],
  ['tcpi_rwnd_limited', 176, 8],
  ['tcpi_sndbuf_limited', 184, 8],
  ['tcpi_delivered', 192, 4],
  ['tcpi_delivered_ce', 196, 4],
  ['tcpi_bytes_sent', 200, 8],
  ['tcpi_bytes_retrans', 208, 8],
  ['tcpi_dsack_dups', 216, 4],
  ['tcpi_reord_seen', 220, 4],
  ['tcpi_rcv_ooopack', 224, 4],
  ['tcpi_snd_wnd', 228, 4],
];

/** Names that go with them. */
const constants: Readonly<Record<string, number>> = {
  TCP_ESTABLISHED: 1,
  TCP_SYN_SENT: 2,
  TCP_SYN_RECV: 3,
  TCP_FIN_WAIT1: 4,
  TCP_FIN_WAIT2: 5,
  TCP_TIME_WAIT: 6,
  TCP_CLOSE: 7,
  TCP_CLOSE_WAIT: 8,
  TCP_LAST_ACK: 9,
  TCP_LISTEN: 10,
  TCP_CLOSING: 11,
  TCP_CA_Open: 0,
  TCP_CA_Disorder: 1,
  TCP_CA_CWR: 2,
  TCP_CA_Recovery: 3,
  TCP_CA_Loss: 4,
  TCPI_OPT_TIMESTAMPS: 1,
  TCPI_OPT_SACK: 2,
  TCPI_OPT_WSCALE: 4,
  TCPI_OPT_ECN: 8,
  TCPI_OPT_ECN_SEEN: 16,
  TCPI_OPT_SYN_DATA: 32,
};

const memoryNames = ['RMEM_ALLOC', 'RCVBUF', 'WMEM_ALLOC', 'SNDBUF', 'FWD_ALLOC', 'WMEM_QUEUED', 'OPTMEM', 'BACKLOG', 'DROPS'];

const bbrNames = ['bbr_bw_lo', 'bbr_bw_hi', 'bbr_min_rtt', 'bbr_pacing_gain', 'bbr_cwnd_gain'];

/** Gives code its names: what TCP_INFO, TCP_CC_INFO and SO_MEMINFO tell of a socket now. */
export function nameSocket(socket: Socket | null, names: Map<string, Value>): void {
  for (const [name, value] of Object.entries(constants)) names.set(name, value);
  if (socket === null) return;
  const info = socket.getOption(SOL_TCP, TCP_INFO);
  if (typeof info !== 'number') nameTcpInfo(info, names);
  const congestion = socket.getOption(SOL_TCP, TCP_CC_INFO);
  if (typeof congestion !== 'number') nameCongestion(congestion, names);
  const memory = socket.getOption(SOL_SOCKET, SO_MEMINFO);
  if (typeof memory !== 'number') for (const [i, name] of memoryNames.entries()) names.set(`SK_MEMINFO_${name}`, word(memory, 4 * i));
}

function nameTcpInfo(info: Uint8Array, names: Map<string, Value>): void {
  for (const [name, at, bytes] of layout) {
    if (at + bytes > info.length) continue;
    names.set(name, bytes === 1 ? info[at]! : bytes === 4 ? word(info, at) : word(info, at) + word(info, at + 4) * 0x1_0000_0000);
  }
  names.set('tcpi_snd_wscale', info[6]! & 0xf);
  names.set('tcpi_rcv_wscale', info[6]! >> 4);
  names.set('tcpi_delivery_rate_app_limited', info[7]! & 1);
  names.set('tcpi_fastopen_client_fail', (info[7]! >> 1) & 3);
}

/** struct tcp_bbr_info has 20 bytes, tcp_dctcp_info and tcpvegas_info 16: only the first is made here. */
function nameCongestion(info: Uint8Array, names: Map<string, Value>): void {
  if (info.length < 20) return;
  for (const [i, name] of bbrNames.entries()) names.set(name, word(info, 4 * i));
  names.set('bbr_bw', word(info, 0) + word(info, 4) * 0x1_0000_0000);
}

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;

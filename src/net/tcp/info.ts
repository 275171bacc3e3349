import { INFINITE_SSTHRESH, TCP_LISTEN } from './constants.js';
import { unsentBytes } from './output.js';
import type { Tcb } from './tcb.js';

// tcpi_options, linux/tcp.h
const TCPI_OPT_TIMESTAMPS = 1;
const TCPI_OPT_SACK = 2;
const TCPI_OPT_WSCALE = 4;

/** sizeof(struct tcp_info) of Linux 6.1. */
const TCP_INFO_BYTES = 240;

/** struct tcp_info as getsockopt(TCP_INFO) and sock_diag give it, host byte order (little-endian). Times are microseconds unless said otherwise. */
export function tcpInfo(sk: Tcb): Uint8Array {
  const bytes = new Uint8Array(TCP_INFO_BYTES);
  const v = new DataView(bytes.buffer);
  const u32 = (at: number, value: number) => v.setUint32(at, Math.max(0, Math.min(Math.floor(value), 0xffff_ffff)), true);
  const u64 = (at: number, value: number) => {
    v.setUint32(at, value >>> 0, true);
    v.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
  };
  const nowUs = sk.tcp.stack.nowUs;
  const sinceMs = (us: number) => (us === 0 ? 0 : (nowUs - us) / 1000);
  v.setUint8(0, sk.state);
  if (sk.state === TCP_LISTEN) {
    // tcpi_unacked and tcpi_sacked carry the accept queue and its limit.
    u32(24, sk.listenQueue === null ? 0 : sk.listenQueue.length);
    u32(28, sk.listenQueue === null ? 0 : sk.listenQueue.maxBacklog);
    return bytes;
  }
  v.setUint8(1, sk.caState);
  v.setUint8(2, sk.retransmits);
  v.setUint8(3, sk.probesOut);
  v.setUint8(4, sk.backoff);
  let options = 0;
  if (sk.timestampsOk) options |= TCPI_OPT_TIMESTAMPS;
  if (sk.sackOk) options |= TCPI_OPT_SACK;
  if (sk.wscaleOk) options |= TCPI_OPT_WSCALE;
  v.setUint8(5, options);
  v.setUint8(6, sk.wscaleOk ? sk.sndWscale | (sk.rcvWscale << 4) : 0);
  u32(8, sk.rtoUs);
  u32(12, sk.atoUs);
  u32(16, sk.mssCache);
  u32(20, sk.rcvMss);
  u32(24, sk.packetsOut);
  u32(28, sk.sackedOut);
  u32(32, sk.lostOut);
  u32(36, sk.retransOut);
  u32(44, sinceMs(sk.lastSentUs));
  u32(52, sinceMs(sk.lastReceivedUs));
  u32(56, sinceMs(sk.lastAckUs));
  u32(60, sk.pmtu);
  u32(64, sk.rcvSsthresh);
  u32(68, sk.srtt8 / 8);
  u32(72, sk.mdev4 / 4);
  u32(76, Math.min(sk.ssthresh, INFINITE_SSTHRESH));
  u32(80, sk.cwnd);
  u32(84, sk.advMss);
  u32(88, sk.reordering);
  u32(92, sk.rcvRtt8 / 8);
  u32(96, sk.spaceBytes);
  u32(100, sk.totalRetrans);
  // No pacing: its rates are unlimited.
  u32(104, 0xffff_ffff);
  u32(108, 0xffff_ffff);
  u32(112, 0xffff_ffff);
  u32(116, 0xffff_ffff);
  u64(120, sk.bytesAcked);
  u64(128, sk.bytesReceived);
  u32(136, sk.segmentsOut);
  u32(140, sk.segmentsIn);
  u32(144, Math.max(0, unsentBytes(sk)));
  u32(148, sk.minRttUs === 0 ? 0xffff_ffff : sk.minRttUs);
  u32(152, sk.dataSegmentsIn);
  u32(156, sk.dataSegmentsOut);
  u32(192, sk.delivered);
  u64(200, sk.bytesSent);
  u64(208, sk.bytesRetrans);
  u32(220, sk.reordSeen);
  u32(224, sk.receivedOutOfOrder);
  u32(228, sk.sndWnd);
  u32(232, sk.rcvWnd);
  return bytes;
}

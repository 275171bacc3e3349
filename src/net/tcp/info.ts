import { BUFFER_LIMITED, BUSY, chronoTotal, WINDOW_LIMITED } from './chrono.js';
import { INFINITE_SSTHRESH, TCP_LISTEN } from './constants.js';
import { deliveryRate } from './delivery-rate.js';
import { seqDiff } from './sequence.js';
import type { Tcb } from './tcb.js';

// tcpi_options, linux/tcp.h
const TCPI_OPT_TIMESTAMPS = 1;
const TCPI_OPT_SACK = 2;
const TCPI_OPT_WSCALE = 4;
const TCPI_OPT_ECN = 8;
const TCPI_OPT_ECN_SEEN = 16;
const TCPI_OPT_SYN_DATA = 32;

/** sizeof(struct tcp_info) of Linux 6.1: tcpi_snd_wnd is its last field. */
export const TCP_INFO_BYTES = 232;

function options(sk: Tcb): number {
  return (
    (sk.timestampsOk ? TCPI_OPT_TIMESTAMPS : 0) |
    (sk.sackOk ? TCPI_OPT_SACK : 0) |
    (sk.wscaleOk ? TCPI_OPT_WSCALE : 0) |
    (sk.ecnOk ? TCPI_OPT_ECN : 0) |
    (sk.ecnSeen ? TCPI_OPT_ECN_SEEN : 0) |
    (sk.synDataAcked ? TCPI_OPT_SYN_DATA : 0)
  );
}

/** Writes numbers of the host's (little-endian) order; what does not fit is cut to the largest. */
class Fields {
  readonly bytes = new Uint8Array(TCP_INFO_BYTES);
  readonly #view = new DataView(this.bytes.buffer);

  u8(at: number, value: number): void {
    this.bytes[at] = value;
  }

  u32(at: number, value: number): void {
    this.#view.setUint32(at, Math.max(0, Math.min(Math.floor(value), 0xffff_ffff)), true);
  }

  u64(at: number, value: number): void {
    if (value === Number.POSITIVE_INFINITY) {
      this.bytes.fill(0xff, at, at + 8);
      return;
    }
    const whole = Math.floor(value);
    this.#view.setUint32(at, whole >>> 0, true);
    this.#view.setUint32(at + 4, Math.floor(whole / 0x1_0000_0000), true);
  }
}

/**
 * struct tcp_info as getsockopt(TCP_INFO) and sock_diag give it (tcp_get_info()). Times are microseconds, but the four of
 * "last", which are milliseconds ago; rates are bytes a second; unacked, sacked, lost, retrans, ssthresh, cwnd and delivered are packets.
 */
export function tcpInfo(sk: Tcb): Uint8Array {
  const f = new Fields();
  f.u8(0, sk.state);
  f.u32(80, sk.cwnd);
  f.u32(88, sk.reordering);
  f.u64(104, sk.pacingRate);
  f.u64(112, sk.maxPacingRate);
  if (sk.state === TCP_LISTEN) {
    // tcpi_unacked and tcpi_sacked carry the accept queue and its limit.
    f.u32(24, sk.listenQueue === null ? 0 : sk.listenQueue.length);
    f.u32(28, sk.listenQueue === null ? 0 : sk.listenQueue.maxBacklog);
    return f.bytes;
  }
  const nowUs = sk.tcp.stack.nowUs;
  const connected = sk.transport !== null;
  f.u8(1, sk.caState);
  f.u8(2, sk.retransmits);
  f.u8(3, sk.probesOut);
  f.u8(4, sk.backoff);
  f.u8(5, options(sk));
  f.u8(6, sk.wscaleOk ? sk.sndWscale | (sk.rcvWscale << 4) : 0);
  f.u8(7, (sk.rateAppLimited ? 1 : 0) | (sk.fastopenFail << 1));
  f.u32(8, sk.rtoUs);
  f.u32(12, sk.atoUs);
  f.u32(16, sk.mssCache);
  f.u32(20, connected ? sk.rcvMss : 0);
  f.u32(24, sk.packetsOut);
  f.u32(28, sk.sackedOut);
  f.u32(32, sk.lostOut);
  f.u32(36, sk.retransOut);
  f.u32(44, (nowUs - sk.lastSentUs) / 1000);
  f.u32(52, (nowUs - sk.lastReceivedUs) / 1000);
  f.u32(56, (nowUs - sk.lastAckUs) / 1000);
  f.u32(60, sk.pmtu);
  f.u32(64, sk.rcvSsthresh);
  f.u32(68, sk.srtt8 / 8);
  f.u32(72, sk.mdev4 / 4);
  f.u32(76, Math.min(sk.ssthresh, INFINITE_SSTHRESH));
  f.u32(84, connected ? sk.advMss : 0);
  f.u32(92, sk.rcvRtt8 / 8);
  f.u32(96, sk.spaceBytes);
  f.u32(100, sk.totalRetrans);
  f.u64(120, sk.bytesAcked);
  f.u64(128, sk.bytesReceived);
  f.u32(136, sk.segmentsOut);
  f.u32(140, sk.segmentsIn);
  f.u32(144, seqDiff(sk.writeSeq, sk.sndNxt));
  f.u32(148, sk.minRttUs === 0 ? 0xffff_ffff : sk.minRttUs);
  f.u32(152, sk.dataSegmentsIn);
  f.u32(156, sk.dataSegmentsOut);
  f.u64(160, deliveryRate(sk));
  f.u64(168, chronoTotal(sk, BUSY));
  f.u64(176, chronoTotal(sk, WINDOW_LIMITED));
  f.u64(184, chronoTotal(sk, BUFFER_LIMITED));
  f.u32(192, sk.delivered);
  f.u32(196, sk.deliveredCe);
  f.u64(200, sk.bytesSent);
  f.u64(208, sk.bytesRetrans);
  f.u32(216, sk.duplicateSacks);
  f.u32(220, sk.reordSeen);
  f.u32(224, sk.receivedOutOfOrder);
  f.u32(228, sk.sndWnd);
  return f.bytes;
}

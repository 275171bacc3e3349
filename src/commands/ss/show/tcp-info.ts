import type { InetDiagAttributes } from '../../../netlink/diag/inet.js';
import { general } from '../../shared/general-format.js';
import { SS_LISTEN } from '../states.js';
import { memoryText } from './stats.js';

const TCPI_OPT_TIMESTAMPS = 1;
const TCPI_OPT_SACK = 2;
const TCPI_OPT_WSCALE = 4;
const TCPI_OPT_ECN = 8;
const TCPI_OPT_ECN_SEEN = 16;
const TCPI_OPT_SYN_DATA = 32;
/** Not shown: what stands for "not known yet". */
const UNKNOWN_RTO_US = 3_000_000;
const UNLIMITED = 0xffff_ffff;

/** Bits per second: whole with -n, else three digits and a letter. */
export function bandwidth(bps: number, numeric: boolean): string {
  if (numeric) return bps.toFixed(0);
  let value = bps;
  for (const unit of ['', 'K', 'M', 'G', 'T', 'P']) {
    if (value < 1000 || unit === 'P') return `${general(value, 3)}${unit}`;
    value /= 1000;
  }
  return '';
}

/** struct tcp_info, as far as the sender has it: what it lacks reads as 0. */
class TcpInfo {
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(at: number): number {
    return at < this.#view.byteLength ? this.#view.getUint8(at) : 0;
  }

  u32(at: number): number {
    return at + 4 <= this.#view.byteLength ? this.#view.getUint32(at, true) : 0;
  }

  u64(at: number): number {
    return this.u32(at) + this.u32(at + 4) * 0x1_0000_0000;
  }

  /** A rate in bytes a second; 0 where there is none or no limit. */
  rate(at: number): number {
    return this.u32(at) === UNLIMITED && this.u32(at + 4) === UNLIMITED ? 0 : this.u64(at);
  }
}

/** Which numbers are wanted how. */
interface InfoOptions {
  readonly numeric: boolean;
  readonly timers: boolean;
}

/** What TCP knows of a connection, each with a space before it. */
export function tcpInfoText(attributes: InetDiagAttributes, state: number, options: InfoOptions): string {
  let text = '';
  if (attributes.skmeminfo !== undefined) text += ` ${memoryText(attributes.skmeminfo)}`;
  else if (attributes.meminfo !== undefined) {
    const { rmem, wmem, fmem, tmem } = attributes.meminfo;
    text += ` mem:(r${rmem},w${wmem},f${fmem},t${tmem})`;
  }
  if (attributes.info !== undefined) text += infoText(new TcpInfo(attributes.info), attributes, state, options);
  if (attributes.md5sig !== undefined) text += ` md5keys:${md5Keys(attributes.md5sig)}`;
  const { ulpInfo } = attributes;
  if (ulpInfo?.name !== undefined) text += ` tcp-ulp-${ulpInfo.name}`;
  return text;
}

const shown = (name: string, value: number, text = String(value)) => (value === 0 ? '' : ` ${name}:${text}`);
const ms = (us: number) => general(us / 1000);

function infoText(info: TcpInfo, attributes: InetDiagAttributes, state: number, { numeric, timers }: InfoOptions): string {
  const options = info.u8(5);
  // What was negotiated is shown with -o alone; that windows are scaled, always.
  const negotiated = timers ? options : 0;
  const rttUs = info.u32(68);
  const mss = info.u32(16);
  const cwnd = info.u32(80);
  const rto = info.u32(8);
  const ssthresh = info.u32(76);
  const minRtt = info.u32(148);
  const bps = (bytes: number) => `${bandwidth(bytes * 8, numeric)}bps`;
  const rate = (name: string, bytes: number) => (bytes === 0 ? '' : ` ${name} ${bps(bytes)}`);
  const vegas = attributes.vegasinfo;
  const pathRttUs = vegas !== undefined && vegas.enabled !== 0 && vegas.rttcnt !== 0 && vegas.rtt !== 0x7fff_ffff ? vegas.rtt : rttUs;
  let text = '';
  if ((negotiated & TCPI_OPT_TIMESTAMPS) !== 0) text += ' ts';
  if ((negotiated & TCPI_OPT_SACK) !== 0) text += ' sack';
  if ((negotiated & TCPI_OPT_ECN) !== 0) text += ' ecn';
  if ((negotiated & TCPI_OPT_ECN_SEEN) !== 0) text += ' ecnseen';
  if ((negotiated & TCPI_OPT_SYN_DATA) !== 0) text += ' fastopen';
  if (attributes.cong !== undefined) text += ` ${attributes.cong}`;
  if ((options & TCPI_OPT_WSCALE) !== 0) text += ` wscale:${info.u8(6) & 15},${info.u8(6) >> 4}`;
  if (rto !== UNKNOWN_RTO_US) text += shown('rto', rto, ms(rto));
  text += shown('backoff', info.u8(4));
  text += shown('rtt', rttUs, `${ms(rttUs)}/${ms(info.u32(72))}`);
  text += shown('ato', info.u32(12), ms(info.u32(12)));
  text += shown('mss', mss) + shown('pmtu', info.u32(60)) + shown('rcvmss', info.u32(20)) + shown('advmss', info.u32(84));
  text += shown('cwnd', cwnd);
  if (ssthresh < 0xffff) text += shown('ssthresh', ssthresh);
  text += shown('bytes_sent', info.u64(200)) + shown('bytes_retrans', info.u64(208));
  text += shown('bytes_acked', info.u64(120)) + shown('bytes_received', info.u64(128));
  text += shown('segs_out', info.u32(136)) + shown('segs_in', info.u32(140));
  text += shown('data_segs_out', info.u32(156)) + shown('data_segs_in', info.u32(152));
  text += congestionText(attributes, numeric);
  if (pathRttUs > 0 && mss > 0 && cwnd > 0) text += rate('send', (cwnd * mss * 1_000_000) / pathRttUs);
  text += shown('lastsnd', info.u32(44)) + shown('lastrcv', info.u32(52)) + shown('lastack', info.u32(56));
  const pacing = info.rate(104);
  if (pacing !== 0) text += `${rate('pacing_rate', pacing)}${info.rate(112) === 0 ? '' : `/${bps(info.rate(112))}`}`;
  text += rate('delivery_rate', info.u64(160));
  text += shown('delivered', info.u32(192)) + shown('delivered_ce', info.u32(196));
  if ((info.u8(7) & 1) !== 0) text += ' app_limited';
  text += busyText(info);
  text += shown('unacked', info.u32(24));
  if (info.u32(36) !== 0 || info.u32(100) !== 0) text += ` retrans:${info.u32(36)}/${info.u32(100)}`;
  text += shown('lost', info.u32(32));
  if (state !== SS_LISTEN) text += shown('sacked', info.u32(28));
  text += shown('dsack_dups', info.u32(216)) + shown('fackets', info.u32(40));
  if (info.u32(88) !== 3) text += ` reordering:${info.u32(88)}`;
  text += shown('reord_seen', info.u32(220));
  text += shown('rcv_rtt', info.u32(92), ms(info.u32(92)));
  text += shown('rcv_space', info.u32(96)) + shown('rcv_ssthresh', info.u32(64)) + shown('notsent', info.u32(144));
  if (minRtt !== UNLIMITED) text += shown('minrtt', minRtt, ms(minRtt));
  text += shown('rcv_ooopack', info.u32(224)) + shown('snd_wnd', info.u32(228));
  return text;
}

/** What a congestion control tells of itself. */
function congestionText({ dctcpinfo: dctcp, bbrinfo: bbr }: InetDiagAttributes, numeric: boolean): string {
  let text = '';
  if (dctcp !== undefined) {
    const { ceState, alpha, abEcn, abTot } = dctcp;
    text += dctcp.enabled === 0 ? ' dctcp:fallback_mode' : ` dctcp:(ce_state:${ceState},alpha:${alpha},ab_ecn:${abEcn},ab_tot:${abTot})`;
  }
  if (bbr !== undefined) {
    const bytes = bbr.bwLo + bbr.bwHi * 0x1_0000_0000;
    text += ` bbr:(bw:${bandwidth(bytes * 8, numeric)}bps,mrtt:${ms(bbr.minRtt)}`;
    if (bbr.pacingGain !== 0) text += `,pacing_gain:${general(bbr.pacingGain / 256)}`;
    if (bbr.cwndGain !== 0) text += `,cwnd_gain:${general(bbr.cwndGain / 256)}`;
    text += ')';
  }
  return text;
}

/** How long there was something to send, and what of it waited for the peer's window or for memory. */
function busyText(info: TcpInfo): string {
  const busyUs = info.u64(168);
  if (busyUs === 0) return '';
  const part = (name: string, us: number) => (us === 0 ? '' : ` ${name}:${Math.floor(us / 1000)}ms(${((100 * us) / busyUs).toFixed(1)}%)`);
  return ` busy:${Math.floor(busyUs / 1000)}ms${part('rwnd_limited', info.u64(176))}${part('sndbuf_limited', info.u64(184))}`;
}

/** struct tcp_diag_md5sig: u8 family, u8 prefix length, u16 key length, 16 bytes address, 80 bytes key. */
function md5Keys(bytes: Uint8Array): string {
  const keys: string[] = [];
  for (let at = 0; at + 100 <= bytes.length; at += 100) {
    const family = bytes[at]!;
    const address = [...bytes.subarray(at + 4, at + (family === 2 ? 8 : 20))];
    const text = family === 2 ? address.join('.') : address.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const length = bytes[at + 2]! | (bytes[at + 3]! << 8);
    const key = [...bytes.subarray(at + 20, at + 20 + length)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    keys.push(`${text}/${bytes[at + 1]}=0x${key}`);
  }
  return keys.join(',');
}

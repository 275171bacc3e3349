import { EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import * as tcp from '../../../../wire/tcp.js';
import { FORWARD, LOCAL_IN, LOCAL_OUT } from '../../../core/hooks.js';
import { logPacket } from '../../log/log-packet.js';
import { replaceBytes } from '../../nf_tables/replace-bytes.js';
import type { PacketInfo } from '../../nf_tables/packet-info.js';
import { CONTINUE, NF_DROP } from '../../nf_tables/verdict.js';
import { sendReset4, sendReset6 } from '../../reject/reset.js';
import { sendUnreachable4, sendUnreachable6 } from '../../reject/unreachable.js';
import type { Target } from '../extension.js';

// linux/netfilter_ipv4/ipt_REJECT.h and its like

/** ICMP codes of enum ipt_reject_with, by number; null: no ICMP error. */
const codes4: readonly (number | null)[] = [0, 1, 2, 3, null, 9, 10, null, 13];
const TCP_RESET4 = 7;
/** ICMPv6 codes of enum ip6t_reject_with. */
const codes6: readonly (number | null)[] = [0, 1, 2, 3, 4, null, null, 5, 6];
const TCP_RESET6 = 6;

export const reject: Target = {
  name: 'REJECT',
  bytes: [4],
  validate({ type, hook }) {
    if (type !== 'filter' || (hook !== LOCAL_IN && hook !== FORWARD && hook !== LOCAL_OUT)) fail(EINVAL);
  },
  make(info, _revision, { family }) {
    const how = info.u32(0);
    const four = family === NFPROTO_IPV4;
    const code = (four ? codes4 : codes6)[how] ?? null;
    const reset = how === (four ? TCP_RESET4 : TCP_RESET6);
    return (packet) => {
      if (reset) (four ? sendReset4 : sendReset6)(packet);
      else if (code !== null) (four ? sendUnreachable4 : sendUnreachable6)(packet, code);
      return NF_DROP;
    };
  },
};

/** Prefix and level go to whoever listens to the instance's log. */
export const log: Target = {
  name: 'LOG',
  bytes: [32],
  make(info) {
    const values = { level: info.u8(0), flags: info.u8(1), prefix: info.text(2, 30) };
    return (packet) => {
      logPacket(packet, values);
      return CONTINUE;
    };
  },
};

export const nflog: Target = {
  name: 'NFLOG',
  bytes: [80],
  make(info) {
    const snaplen = info.u32(0);
    const values = {
      group: info.u16(4),
      qthreshold: info.u16(6),
      prefix: info.text(12, 64),
      ...(snaplen === 0 ? {} : { snaplen }),
    };
    return (packet) => {
      logPacket(packet, values);
      return CONTINUE;
    };
  },
};

const TTL_SET = 0;
const TTL_INCREASE = 1;
const one = new Uint8Array(1);

const hops = (name: string, offset: number, checksumOffset: number): Target => ({
  name,
  bytes: [2],
  mangles: true,
  make(info) {
    const mode = info.u8(0);
    const value = info.u8(1);
    return (packet) => {
      const { skb } = packet;
      const at = skb.networkHeader + offset;
      const before = skb.bytes[at]!;
      const after = mode === TTL_SET ? value : mode === TTL_INCREASE ? Math.min(before + value, 255) : Math.max(before - value, 0);
      if (after === before) return CONTINUE;
      one[0] = after;
      const checksumAt = checksumOffset < 0 ? -1 : skb.networkHeader + checksumOffset;
      return replaceBytes(packet, at, one, 0, 1, checksumAt, false) ? CONTINUE : NF_DROP;
    };
  },
});
export const ttl = hops('TTL', 8, 10);
export const hl = hops('HL', 7, -1);

/** Bits of the traffic class: of IPv6 they lie across two bytes. */
function setTrafficClass(packet: PacketInfo, keep: number, value: number): number {
  const { skb } = packet;
  const at = skb.networkHeader;
  if (packet.networkFamily === NFPROTO_IPV4) {
    one[0] = (skb.bytes[at + 1]! & keep) ^ value;
    return replaceBytes(packet, at + 1, one, 0, 1, at + 10, false) ? CONTINUE : NF_DROP;
  }
  if (skb.shared && !packet.tables.namespace.stack.pool.makeWritable(skb)) return NF_DROP;
  const word = skb.view.getUint16(skb.networkHeader);
  const after = (((word >>> 4) & keep) ^ value) & 0xff;
  skb.view.setUint16(skb.networkHeader, (word & 0xf00f) | (after << 4));
  return CONTINUE;
}

export const dscp: Target = {
  name: 'DSCP',
  bytes: [1],
  mangles: true,
  make(info) {
    const value = info.u8(0) << 2;
    return (packet) => setTrafficClass(packet, 3, value);
  },
};

export const tos: Target = {
  name: 'TOS',
  bytes: [0, 2],
  mangles: true,
  make(info) {
    const value = info.u8(0);
    const keep = ~info.u8(1) & 0xff;
    return (packet) => setTrafficClass(packet, keep, value);
  },
};

/** The segment size is the path's (--clamp-mss-to-pmtu). */
const CLAMP = 0xffff;
const TCP_HEADERS4 = 40;
const TCP_HEADERS6 = 60;
const two = new Uint8Array(2);

export const tcpmss: Target = {
  name: 'TCPMSS',
  bytes: [2],
  mangles: true,
  make(info) {
    const wanted = info.u16(0);
    return (packet) => {
      const { skb, transport } = packet;
      if (packet.protocol !== tcp.PROTOCOL || packet.fragmentOffset !== 0 || transport + tcp.HEADER > skb.tail) return CONTINUE;
      if ((tcp.flags(skb.view, transport) & tcp.SYN) === 0) return CONTINUE;
      let mss = wanted;
      if (wanted === CLAMP) {
        const { dst } = skb;
        if (dst === null) return CONTINUE;
        const { ipv4, ipv6 } = packet.tables.namespace;
        const four = packet.networkFamily === NFPROTO_IPV4;
        // The narrower of both ways counts; the one back is that of the device it came in by.
        const mtu = Math.min(four ? ipv4.pathMtu(dst) : ipv6.pathMtu(dst), packet.input?.mtu ?? 0xffff);
        mss = Math.max(mtu - (four ? TCP_HEADERS4 : TCP_HEADERS6), 0);
      }
      const end = Math.min(transport + tcp.headerBytes(skb.view, transport), skb.tail);
      for (let at = transport + tcp.HEADER; at + 4 <= end; ) {
        const kind = skb.bytes[at]!;
        if (kind === 0) break;
        if (kind === 2) {
          // It is never made larger.
          if (skb.view.getUint16(at + 2) <= mss) return CONTINUE;
          two[0] = mss >>> 8;
          two[1] = mss;
          return replaceBytes(packet, at + 2, two, 0, 2, transport + 16, false) ? CONTINUE : NF_DROP;
        }
        at += kind === 1 ? 1 : Math.max(skb.bytes[at + 1]!, 1);
      }
      return CONTINUE;
    };
  },
};

/** Checksums of packets for hosts that do not know of offloads: here they are filled in where packets leave. */
export const checksum: Target = { name: 'CHECKSUM', bytes: [1], make: () => () => CONTINUE };

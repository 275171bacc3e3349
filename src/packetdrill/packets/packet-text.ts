import * as tcp from '../../wire/tcp.js';
import type { IpInfo, PacketAction, TcpOption } from '../language/ast.js';
import { AE } from '../language/parse-packet.js';
import { icmpText } from './icmp-names.js';
import type { LivePacket } from './live-packet.js';
import { optionText } from './tcp-options.js';

const ECN = ['noecn', 'ect1', 'ect0', 'ce'] as const;

function flagText(flags: number, ace: number | null): string {
  let text = '';
  if ((flags & tcp.FIN) !== 0) text += 'F';
  if ((flags & tcp.SYN) !== 0) text += 'S';
  if ((flags & tcp.RST) !== 0) text += 'R';
  if ((flags & tcp.PSH) !== 0) text += 'P';
  if ((flags & tcp.URG) !== 0) text += 'U';
  if (ace === null) {
    if ((flags & tcp.ECE) !== 0) text += 'E';
    if ((flags & tcp.CWR) !== 0) text += 'W';
    if ((flags & AE) !== 0) text += 'A';
  }
  if ((flags & tcp.ACK) !== 0) text += '.';
  return `${text}${ace ?? ''}` || '-';
}

interface Segment {
  readonly flags: number;
  readonly ace: number | null;
  readonly sequence: number;
  readonly payload: number;
  readonly ack: number;
  readonly window: number | null;
  readonly urgent: number;
  readonly options: readonly TcpOption[] | null;
}

function segmentText(segment: Segment): string {
  const { flags, sequence, payload, ack, window, urgent, options } = segment;
  const parts = [flagText(flags, segment.ace), `${sequence}:${(sequence + payload) % 0x1_0000_0000}(${payload})`];
  if ((flags & tcp.ACK) !== 0) parts.push(`ack ${ack}`);
  if (window !== null) parts.push(`win ${window}`);
  if (urgent !== 0) parts.push(`urg ${urgent}`);
  if (options === null) parts.push('<...>');
  else if (options.length > 0) parts.push(`<${options.map(optionText).join(',')}>`);
  return parts.join(' ');
}

function infoText(info: IpInfo): string {
  const parts: string[] = [];
  if (info.tosCheck === 'ecn') parts.push(ECN[info.tos & 3]!);
  else if (info.tosCheck === 'ect01') parts.push('ect01');
  else if (info.tosCheck === 'tos') parts.push(`tos 0x${info.tos.toString(16).padStart(2, '0')}`);
  if (info.flowLabel !== 0) parts.push(`flowlabel 0x${info.flowLabel.toString(16)}`);
  if (info.ttl !== 0) parts.push(`ttl ${info.ttl}`);
  return parts.length === 0 ? '' : `[${parts.join(', ')}] `;
}

/** A packet of the script, as it is written there. */
export function scriptText(packet: PacketAction): string {
  const info = infoText(packet.ip);
  if (packet.protocol === 'tcp') return info + segmentText(packet);
  if (packet.protocol === 'udp') return `${info}udp (${packet.payload})`;
  const echoed =
    packet.echoed === null
      ? ''
      : ` [${packet.echoed.protocol === 'tcp' ? '' : packet.echoed.protocol}${packet.echoed.sequence}(${packet.echoed.payload})]`;
  return `${info}icmp ${packet.type}${packet.code === null ? '' : ` ${packet.code}`}${packet.mtu === null ? '' : ` mtu ${packet.mtu}`}${echoed}`;
}

/** A packet of the stack in the script's way of writing; `like`: what was expected says which parts of its header are of interest. */
export function liveText(packet: LivePacket, like: IpInfo | null): string {
  const { transport } = packet;
  const ecn =
    like !== null && like.tosCheck !== 'none'
      ? `[${like.tosCheck === 'tos' ? `tos 0x${packet.tos.toString(16).padStart(2, '0')}` : ECN[packet.tos & 3]}] `
      : '';
  const bytes = packet.payload.length;
  if (transport.protocol === 'tcp') return ecn + segmentText({ ...transport, ace: null, payload: bytes });
  if (transport.protocol === 'udp') return `${ecn}udp ${packet.source.port} > ${packet.destination.port} (${bytes})`;
  if (transport.protocol === 'icmp') return `${ecn}icmp ${icmpText(packet.version === 6, transport.type, transport.code)} (${bytes})`;
  return `${ecn}protocol ${transport.number} (${bytes})`;
}

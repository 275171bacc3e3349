import * as udp from '../../../wire/udp.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { IpvsPacket } from './packet.js';

/** What of a call's name is kept. Linux: IP_VS_PEDATA_MAXLEN */
const MOST = 255;
/** Headers stand at the beginning; a call's name that comes later is not looked for. */
const LOOKED_AT = 4096;
/** RFC 3261 20.8: Call-ID, of which "i" is the compact form. */
const CALL_ID = /^(?:Call-ID|i)[ \t]*:[ \t]*([^\r\n]*[^\s])[ \t]*$/im;

/** The name of the call that a datagram of SIP, RFC 3261, is of; empty: it has none. Linux: ip_vs_sip_fill_param() */
export function callIdOf(skb: PacketBuffer, { protocol, transportAt }: IpvsPacket): string {
  if (protocol !== udp.PROTOCOL) return '';
  const start = transportAt + udp.HEADER;
  if (start >= skb.tail) return '';
  const text = String.fromCharCode(...skb.bytes.subarray(start, Math.min(skb.tail, start + LOOKED_AT)));
  const [head = ''] = text.split('\r\n\r\n');
  const name = CALL_ID.exec(head)?.[1] ?? '';
  return name.length > MOST ? '' : name;
}

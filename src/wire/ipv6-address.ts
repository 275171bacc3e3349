import { formatIpv4, parseIpv4 } from './ipv4-address.js';

// IPv6 addresses as text (RFC 4291 2.2, RFC 5952) and as sixteen bytes in network order.

/** "2001:db8::1" or "::ffff:10.0.0.1" as sixteen bytes; null when it is no IPv6 address (inet_pton(3)). */
export function parseIpv6(text: string): Uint8Array | null {
  const gap = text.indexOf('::');
  if (gap === -1) return groups(text, 8, true);
  if (text.indexOf('::', gap + 1) !== -1) return null;
  const head = gap === 0 ? new Uint8Array(0) : groups(text.slice(0, gap), -1, false);
  const tail = gap + 2 === text.length ? new Uint8Array(0) : groups(text.slice(gap + 2), -1, true);
  if (head === null || tail === null || head.length + tail.length > 14) return null;
  const bytes = new Uint8Array(16);
  bytes.set(head);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** Groups of hexadecimal digits between colons, the last of them perhaps an IPv4 address; `count` of them, or any number for -1. */
function groups(text: string, count: number, mayEndInIpv4: boolean): Uint8Array | null {
  const parts = text.split(':');
  const bytes: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes('.')) {
      const ipv4 = parseIpv4(part);
      if (ipv4 === null) return null;
      bytes.push(ipv4 >>> 24, (ipv4 >>> 16) & 255, (ipv4 >>> 8) & 255, ipv4 & 255);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return null;
      const value = Number.parseInt(part, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  if (bytes.length > 16 || (count !== -1 && bytes.length !== count * 2)) return null;
  return Uint8Array.from(bytes);
}

/** As inet_ntop(3) of glibc writes it: lower case, the first longest run of two or more zero groups as "::". */
export function formatIpv6(bytes: Uint8Array, at = 0): string {
  let bestStart = -1;
  let bestLength = 1;
  let start = -1;
  for (let i = 0; i < 8; i++) {
    if (group(bytes, at, i) !== 0) start = -1;
    else {
      if (start === -1) start = i;
      if (i - start + 1 > bestLength) {
        bestStart = start;
        bestLength = i - start + 1;
      }
    }
  }
  let text = '';
  for (let i = 0; i < 8; i++) {
    if (i === bestStart) {
      text += '::';
      i += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    // IPv4-compatible and IPv4-mapped addresses end in dotted form.
    if (i === 6 && bestStart === 0 && (bestLength === 6 || (bestLength === 5 && group(bytes, at, 5) === 0xffff))) {
      return text + formatIpv4(((group(bytes, at, 6) << 16) | group(bytes, at, 7)) >>> 0);
    }
    text += group(bytes, at, i).toString(16);
  }
  return text;
}

const group = (bytes: Uint8Array, at: number, index: number) => (bytes[at + index * 2]! << 8) | bytes[at + index * 2 + 1]!;

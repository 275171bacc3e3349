// TCP's MD5 signature option, RFC 2385, verified with the secret of -M.
import { Md5 } from '../../../base/md5.js';
import type { Dissector } from '../dissector.js';
import type { IpContext } from './registry-types.js';
import { latin1Bytes } from './signature.js';

const DIGEST = 16;
const HEADER = 20;
const PROTOCOL = 6;

/** A segment: where its header and its data lie, and how much data there is. */
export interface Segment {
  readonly header: number;
  readonly data: number;
  readonly length: number;
  readonly ip: IpContext;
}

/** Says whether the signature at `signature` is right, or why that cannot be said. */
export function verifySignature(d: Dissector, segment: Segment, signature: number): void {
  const obstacle =
    segment.data + segment.length > d.end ? 'snaplen too short' : d.options.secret === '' ? 'shared secret not supplied with -M' : '';
  d.put(' ');
  if (obstacle !== '') {
    d.put(`${obstacle}, can't check - `);
    for (let i = 0; i < DIGEST; i++) d.put(d.hexOf(signature + i, 1));
  } else if (isValid(d, segment, signature)) d.put('valid');
  else d.invalid();
}

function isValid(d: Dissector, { header, data, length, ip }: Segment, signature: number): boolean {
  const md5 = new Md5();
  md5.begin();
  const add = (bytes: Uint8Array) => md5.update(bytes, 0, bytes.length);
  if (ip.version === 4) {
    md5.update(d.bytes, ip.header + 12, 8);
    const size = d.be16(ip.header + 2) - (d.u8(ip.header) & 0xf) * 4;
    add(Uint8Array.of(0, d.u8(ip.header + 9), size >>> 8, size));
  } else {
    md5.update(d.bytes, ip.header + 8, 32);
    const size = d.be16(ip.header + 4);
    add(Uint8Array.of(0, 0, size >>> 8, size, 0, 0, 0, PROTOCOL));
  }
  const plain = d.bytes.slice(header, header + HEADER);
  plain.fill(0, 16, 18);
  add(plain);
  md5.update(d.bytes, data, length);
  add(latin1Bytes(d.options.secret));
  const digest = new Uint8Array(DIGEST);
  md5.end(new DataView(digest.buffer), 0);
  return digest.every((byte, i) => byte === d.bytes[signature + i]);
}

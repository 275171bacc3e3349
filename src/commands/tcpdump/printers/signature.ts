// Signatures of packets that -M gives the secret of: HMAC-MD5, RFC 2104.
import { hmacMd5 } from '../../../base/md5.js';
import type { Dissector } from '../dissector.js';

const DIGEST = 16;

/** "valid", "invalid" behind what it should be, or "unchecked"; `clear` takes out of the message what was not signed. */
export function checkSignature(
  d: Dissector,
  message: number,
  length: number,
  signature: number,
  clear: (bytes: Uint8Array) => void,
): string {
  const { secret } = d.options;
  if (secret === '' || !d.has(message, length) || !d.has(signature, DIGEST) || signature + DIGEST > message + length) return 'unchecked';
  const bytes = d.bytes.slice(message, message + length);
  bytes.fill(0, signature - message, signature - message + DIGEST);
  clear(bytes);
  const computed = hmacMd5(latin1Bytes(secret), bytes);
  for (let i = 0; i < DIGEST; i++) {
    if (computed[i] === d.bytes[signature + i]) continue;
    d.put(Array.from(computed, (byte) => byte.toString(16).padStart(2, '0')).join(''));
    return 'invalid';
  }
  return 'valid';
}

export const latin1Bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

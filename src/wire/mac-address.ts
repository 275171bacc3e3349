// Link-layer addresses as text: "02:00:00:00:00:01".

/** Six bytes of a MAC address; null when `text` is none. One or two hexadecimal digits a byte, colons between them. */
export function parseMac(text: string): Uint8Array | null {
  const parts = text.split(':');
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-fA-F]{1,2}$/.test(part))) return null;
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Any number of bytes, two hexadecimal digits each, colons between them. */
export function formatMac(bytes: Uint8Array, at = 0, length = bytes.length - at): string {
  let text = length > 0 ? HEX[bytes[at]!]! : '';
  for (let i = 1; i < length; i++) text += `:${HEX[bytes[at + i]!]}`;
  return text;
}

// Link-layer addresses as text: "02:00:00:00:00:01".

/** Six bytes of a MAC address; null when `text` is none. One or two hexadecimal digits a byte, colons between them. */
export function parseMac(text: string): Uint8Array | null {
  const parts = text.split(':');
  if (parts.length !== 6 || !parts.every((part) => /^[0-9a-fA-F]{1,2}$/.test(part))) return null;
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

/** Any number of bytes, two hexadecimal digits each, colons between them. */
export function formatMac(bytes: Uint8Array, at = 0, length = bytes.length - at): string {
  let text = '';
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i]!;
    text += `${i === 0 ? '' : ':'}${byte < 16 ? '0' : ''}${byte.toString(16)}`;
  }
  return text;
}

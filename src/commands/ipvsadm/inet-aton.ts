/** An IPv4 address as inet_aton(3) reads it - one to four numbers, decimal, octal or hexadecimal, the last filling what is left; null: it is none. */
export function parseInetAton(text: string): number | null {
  const parts = text.split('.');
  if (parts.length > 4) return null;
  let address = 0;
  for (const [index, part] of parts.entries()) {
    const value = numberOf(part);
    const last = index === parts.length - 1;
    const most = last ? 2 ** (8 * (5 - parts.length)) - 1 : 255;
    if (value === null || value > most) return null;
    address = last ? address * 2 ** (8 * (5 - parts.length)) + value : address * 256 + value;
  }
  return address;
}

function numberOf(part: string): number | null {
  if (/^0[xX][0-9a-fA-F]+$/.test(part)) return Number.parseInt(part, 16);
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8);
  return /^[1-9]\d*$/.test(part) ? Number(part) : null;
}

// How ethtool -m writes what a module's memory holds: one line a value.

/** "\tVendor name                               : ACME" */
export const line = (label: string, value: string) => `\t${label.padEnd(41)} : ${value}\n`;

export const yesNo = (is: boolean) => (is ? 'Yes' : 'No');
export const onOff = (is: boolean) => (is ? 'On' : 'Off');

/** "0x0d" */
export const hexByte = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;
export const hexBytes = (bytes: Uint8Array) => Array.from(bytes, hexByte).join(' ');

/** A code and what it stands for: "0x07 (LC)". */
export const coded = (label: string, code: number, names: Readonly<Record<number, string>>, other = 'reserved or unknown') =>
  line(label, `${hexByte(code)} (${names[code] ?? other})`);

/** Bytes `start` to `end` as text: blanks at the end are none of it, and what is not ASCII is shown as "_". */
export function text(label: string, memory: Uint8Array, start: number, end: number): string {
  let last = end;
  while (last >= start && memory[last] === 0x20) last--;
  const shown = Array.from(memory.subarray(start, last + 1), (byte) => (byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : '_'));
  return line(label, shown.join(''));
}

export const oui = (memory: Uint8Array, at: number) =>
  line('Vendor OUI', Array.from(memory.subarray(at, at + 3), (byte) => byte.toString(16).padStart(2, '0')).join(':'));

/** The names of the bits that are set, in the order of the table: [byte, bit, name]. */
export function bitLines(label: string, memory: Uint8Array, table: readonly (readonly [at: number, bit: number, name: string])[]): string {
  let lines = '';
  for (const [at, bit, name] of table) if ((memory[at]! & (1 << bit)) !== 0) lines += line(label, name);
  return lines;
}

/** printf("%.*f"): ties, which only fractions of two have, go to the even digit; what is no number has a name. */
export function fixed(value: number, digits: number): string {
  if (Number.isNaN(value)) return '-nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const scaled = Math.abs(value) * 10 ** digits;
  const isTie = Number.isInteger(value * 2 ** (digits + 1)) && scaled % 1 === 0.5;
  if (!isTie) return value.toFixed(digits);
  const below = Math.floor(scaled);
  const even = below % 2 === 0 ? below : below + 1;
  return `${value < 0 ? '-' : ''}${(even / 10 ** digits).toFixed(digits)}`;
}

/** Big-endian, as the standards lay numbers down. */
export const be16 = (memory: Uint8Array, at: number) => (memory[at]! << 8) | memory[at + 1]!;
export const beS16 = (memory: Uint8Array, at: number) => (be16(memory, at) << 16) >> 16;

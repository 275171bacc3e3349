import type { Dissector } from '../dissector.js';

/** A system's identifier of six bytes, one of seven with a pseudonode's number, or an LSP's of eight. */
export function isisId(d: Dissector, at: number, length: number): string {
  let text = '';
  const six = Math.min(length, 6);
  for (let i = 0; i < six; i++) text += d.hexOf(at + i, 1) + (i === 1 || i === 3 ? '.' : '');
  if (length > 6) text += `.${d.hexOf(at + 6, 1)}`;
  if (length === 8) text += `-${d.hexOf(at + 7, 1)}`;
  return text;
}

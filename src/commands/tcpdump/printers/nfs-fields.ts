// What calls and replies of NFS have in common: handles, names, and attributes to set.
import { type Dissector, TRUNCATED } from '../dissector.js';
import { showHandle } from './nfs-handle.js';

const V2_HANDLE = 32;
const GIVEN_BY_CLIENT = 2;

/** Shows a handle; returns where it ends. */
export function handle(d: Dissector, at: number, isV3: boolean): number {
  const length = isV3 ? d.be32(at) & ~3 : V2_HANDLE;
  const start = isV3 ? at + 4 : at;
  d.need(start, length >>> 0);
  showHandle(d, start, length >>> 0);
  return start + (length >>> 0);
}

/** Shows a name in quotes; returns where it ends with its padding. */
export function fileName(d: Dissector, at: number): number {
  const length = d.be32(at);
  if (length > 0xfffffffc) {
    d.put('[cannot pad to 32-bit boundaries]');
    d.invalid();
    throw TRUNCATED;
  }
  const end = at + 4 + Math.ceil(length / 4) * 4;
  d.need(at + 4, end - at - 4);
  d.put('"');
  d.chars(at + 4, length);
  d.put('"');
  return end;
}

/** Attributes that a call sets: what is shown of them with -v, and where they end. */
export function attributesToSet(d: Dissector, from: number): { readonly text: string; readonly end: number } {
  let at = from;
  let text = '';
  for (const show of [(n: number) => ` mode ${n.toString(8)}`, (n: number) => ` uid ${n}`, (n: number) => ` gid ${n}`]) {
    const isSet = d.be32(at) !== 0;
    at += 4;
    if (!isSet) continue;
    text += show(d.be32(at));
    at += 4;
  }
  if (d.be32(at) !== 0) {
    // As tcpdump, which has four bytes for it.
    d.need(at + 4, 4);
    at += 4;
  }
  at += 4;
  for (const name of ['atime', 'mtime']) {
    const how = d.be32(at);
    at += 4;
    if (how !== GIVEN_BY_CLIENT) continue;
    if (d.options.verbose > 1) text += ` ${name} ${d.be32(at)}.${String(d.be32(at + 4)).padStart(6, '0')}`;
    d.need(at, 8);
    at += 8;
  }
  return { text, end: at };
}

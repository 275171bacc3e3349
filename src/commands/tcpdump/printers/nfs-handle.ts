// Handles of NFS: what they say of their file system and file, guessed from how servers are known to lay them out.
import type { Dissector } from '../dissector.js';

/** Shorter ones are not guessed at. */
const LEAST_BYTES = 16;
/** Digits kept of a handle that nothing knows. */
const MAXIMUM_DIGITS = 64;

interface Handle {
  readonly major: number;
  readonly minor: number;
  readonly inode: number;
  /** A server that names its file system. */
  readonly name?: string;
}

const low = (d: Dissector, at: number) => d.le32(at);
const high = (d: Dissector, at: number) => d.be32(at);

const auspex = (d: Dissector, at: number): Handle => ({ major: d.u8(at + 6), minor: d.u8(at + 7), inode: high(d, at + 12) });
const bsd = (d: Dissector, at: number): Handle => ({ major: d.u8(at + 1), minor: d.u8(at), inode: low(d, at + 12) });
const osf = (d: Dissector, at: number): Handle => ({
  major: low(d, at) >>> 20,
  minor: low(d, at) & 0xfffff,
  inode: low(d, at + 12),
});
const irix4 = (d: Dissector, at: number): Handle => ({ major: d.u8(at + 2), minor: d.u8(at + 3), inode: high(d, at + 8) });
const sun4 = (d: Dissector, at: number): Handle => ({ major: d.u8(at + 2), minor: d.u8(at + 3), inode: high(d, at + 12) });
const sun5 = (d: Dissector, at: number): Handle => ({
  major: d.be16(at) >>> 2,
  minor: d.be24(at + 1) & 0x3ffff,
  inode: high(d, at + 12),
});
const hpux = (d: Dissector, at: number): Handle => ({ major: d.u8(at), minor: d.be24(at + 1), inode: high(d, at + 12) });
const ultrix = (d: Dissector, at: number): Handle => ({ major: d.u8(at + 1), minor: d.u8(at), inode: low(d, at + 4) });

/** VMS: a code, the device's name padded with zeros, and the file's three numbers. */
function vms(d: Dissector, at: number): Handle {
  let name = '';
  for (let i = 1; i < 14 && d.u8(at + i) !== 0; i++) name += String.fromCharCode(d.u8(at + i));
  const inode = ((d.u8(at + 26) << 24) | (d.u8(at + 27) << 16) | (d.u8(at + 23) << 8) | d.u8(at + 22)) >>> 0;
  return { major: 0, minor: 0, inode, name: name.replace(/ .*/, '') };
}

function hasDeviceName(d: Dissector, at: number): boolean {
  let ended = false;
  for (let i = 1; i < 14; i++) {
    const byte = d.u8(at + i);
    if (byte === 0) ended = true;
    else if (byte < 0x20 || byte > 0x7e || ended) return false;
  }
  return true;
}

function zeroFirst(d: Dissector, at: number): Handle {
  if (d.be16(at + 2) === 0) return auspex(d, at);
  if (d.u8(at + 4) !== 0 && d.u8(at + 5) === 0 && d.be16(at + 8) === 0x0c00) return osf(d, at);
  return d.be32(at + 4) === 0x0008_0000 ? irix4(d, at) : sun4(d, at);
}

function parse(d: Dissector, at: number, length: number): Handle | null {
  if (length < LEAST_BYTES) return null;
  if (d.be16(at) === 0) return zeroFirst(d, at);
  if (d.be16(at + 2) === 0) {
    if (d.be16(at + 6) === 0) return bsd(d, at);
    if (length >= 24 && d.u8(at + 21) === 0 && d.u8(at + 23) === 0) return ultrix(d, at);
    return d.u8(at + 9) === 10 ? sun5(d, at) : null;
  }
  const kind = d.be16(at + 8);
  if (kind === 0x0c00) return osf(d, at);
  if (kind === 10) return d.be32(at + 4) === 0 ? hpux(d, at) : sun5(d, at);
  return length >= 28 && hasDeviceName(d, at) ? vms(d, at) : null;
}

/** ` fh 8,1/2345`, or with -u the handle's words. `length` in bytes. */
export function showHandle(d: Dissector, at: number, length: number): void {
  const words = length >>> 2;
  d.need(at, words * 4);
  if (d.options.undecodedHandles) {
    const shown = Array.from({ length: words }, (_, i) => d.be32(at + i * 4).toString(16));
    return d.put(` fh[${shown.join(':')}]`);
  }
  const handle = parse(d, at, words * 4);
  if (handle === null) {
    const digits = d.hexOf(at, Math.min(words * 4, MAXIMUM_DIGITS / 2)).toUpperCase();
    // As tcpdump: the word is cut to as many letters as the handle has words.
    return d.put(` fh ${'Unknown'.slice(0, words)}/${digits}`);
  }
  const { major, minor, inode, name } = handle;
  d.put(` fh ${name === undefined ? `${major},${minor}` : name.slice(0, words)}/${inode}`);
}

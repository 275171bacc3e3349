const SLASH = 0x2f;
const DOT = 0x2e;

/** A part of a path, and what stands before it: each path of ours has one of them. */
const SIGNS = ['/net', '/fd/', '/tapstack-views-'].map((text) => new TextEncoder().encode(text));

/** Second letters of "/dev/net/tun", "/proc", "/sys"; and what the normal form of a path has not: "//proc", "/./proc". */
const SECOND = new Uint8Array(256);
for (const letter of [SLASH, DOT, ...new TextEncoder().encode('dps')]) SECOND[letter] = 1;

/**
 * Whether the absolute path in the first `size` bytes may lead to what is ours, as its bytes alone tell it: no string is made of the
 * thousands that a program opens while it starts. `own`: the second letter of a skeleton (PathViews). A path that goes on behind
 * `size` may.
 */
export function mayBeOurs(bytes: Uint8Array, size: number, own: number): boolean {
  const second = bytes[1]!;
  if (SECOND[second] === 0 && second !== own) return false;
  for (let at = 0; at < size; at++) {
    const byte = bytes[at]!;
    if (byte === 0) return false;
    if (byte === SLASH && isSign(bytes, at)) return true;
  }
  return true;
}

function isSign(bytes: Uint8Array, at: number): boolean {
  for (const sign of SIGNS) {
    let i = 1;
    while (i < sign.length && bytes[at + i] === sign[i]) i++;
    if (i === sign.length) return true;
  }
  return false;
}

/** Whether the folder in the first `size` bytes may hold what is ours: "/", and what begins as one of ours does. */
export const mayHoldOurs = (bytes: Uint8Array, at: number, size: number, own: number): boolean =>
  size === 1 || SECOND[bytes[at + 1]!] !== 0 || bytes[at + 1] === own;

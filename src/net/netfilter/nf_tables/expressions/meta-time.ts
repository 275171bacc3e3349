// The wall clock as rules see it, in UTC.

const US_PER_DAY = 86_400_000_000;
/** The first of January 1970 was a Thursday. */
const FIRST_DAY = 4;

/** Nanoseconds since 1970, eight bytes in host order, into two words. */
export function nanoseconds(wallUs: number, registers: Int32Array, word: number): void {
  // Beyond 2^53: the microseconds are exact, and are multiplied by halves.
  const high = Math.floor(wallUs / 0x1_0000_0000);
  const low = (wallUs % 0x1_0000_0000) * 1000;
  registers[word] = (low % 0x1_0000_0000) | 0;
  registers[word + 1] = (high * 1000 + Math.floor(low / 0x1_0000_0000)) | 0;
}

/** 0 is Sunday. */
export const dayOfWeek = (wallUs: number): number => (Math.floor(wallUs / US_PER_DAY) + FIRST_DAY) % 7;
export const secondsOfDay = (wallUs: number): number => Math.floor((wallUs % US_PER_DAY) / 1_000_000);

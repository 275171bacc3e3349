import { parseU32, parseUnsigned } from '../../shared/numbers.js';
import type { IpContext } from '../context.js';

/** "FROM/TO" or "TO", by name or number, as RTA_FLOW has it; null when it is neither, nor a raw number. */
export async function parseRealms(context: IpContext, text: string): Promise<number | null> {
  await context.names.load('rt_realms');
  const slash = text.indexOf('/');
  const one = (word: string) => context.names.parse('rt_realms', word);
  if (slash === -1) return one(text) ?? parseU32(text);
  const from = one(text.slice(0, slash));
  const to = one(text.slice(slash + 1));
  if (from === null || to === null) return parseUnsigned(text);
  return ((from << 16) | to) >>> 0;
}

import { cmis, banksOf, isFlat as isFlatCmis } from './cmis.js';
import { I2C_HIGH, type ModuleMemory, PAGE } from './memory.js';
import { Identifier } from './sff8024.js';
import { sff8079 } from './sff8079.js';
import { hasDiagnostics, sff8472 } from './sff8472.js';
import { isFlat as isFlatQsfp, sff8636 } from './sff8636.js';

async function sfp(memory: ModuleMemory, lower: Uint8Array): Promise<string> {
  const a0 = await memory.withLower(lower, 0);
  if (!hasDiagnostics(a0)) return sff8079(a0);
  const low = await memory.read({ offset: 0, length: PAGE, i2cAddress: I2C_HIGH });
  return sff8079(a0) + sff8472(a0, await memory.withLower(low, 0, 0, I2C_HIGH));
}

async function qsfp(memory: ModuleMemory, lower: Uint8Array): Promise<string> {
  const page0 = await memory.withLower(lower, 0);
  return sff8636(page0, isFlatQsfp(lower) ? null : await memory.withLower(lower, 3));
}

async function qsfpDd(memory: ModuleMemory, lower: Uint8Array): Promise<string> {
  const page0 = await memory.withLower(lower, 0);
  if (isFlatCmis(lower)) return cmis({ page0, page1: null, page2: null, banks: [] });
  const page1 = await memory.withLower(lower, 1);
  const page2 = await memory.withLower(lower, 2);
  const banks: Uint8Array[] = [];
  for (let bank = 0; bank < banksOf(page1); bank++) banks.push(await memory.withLower(lower, 0x11, bank));
  return cmis({ page0, page1, page2, banks });
}

const standards: ReadonlyMap<number, (memory: ModuleMemory, lower: Uint8Array) => Promise<string>> = new Map([
  [Identifier.SFP, sfp],
  [Identifier.QSFP, qsfp],
  [Identifier.QSFP_PLUS, qsfp],
  [Identifier.QSFP28, qsfp],
  [Identifier.QSFP_DD, qsfpDd],
  [Identifier.OSFP, qsfpDd],
  [Identifier.DSFP, qsfpDd],
]);

/** What a module says of itself by the standard that its first byte names; null: by none that is known here. */
export const decode = async (memory: ModuleMemory, lower: Uint8Array): Promise<string | null> =>
  (await standards.get(lower[0]!)?.(memory, lower)) ?? null;

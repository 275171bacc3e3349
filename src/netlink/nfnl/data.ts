import { type AttributesOf, attributes, be32, binary, nest, string } from '../attributes.js';
import { NF_ACCEPT, NF_DROP, NF_QUEUE, NF_REPEAT, NF_STOLEN, NF_STOP } from './nfnetlink.js';

// linux/netfilter/nf_tables.h: enum nft_registers. The four registers of 16 bytes lie over the sixteen of four bytes:
// NFT_REG_1 is NFT_REG32_00 to NFT_REG32_03. The kernel shows what starts at a multiple of 16 bytes by its old number.
export const NFT_REG_VERDICT = 0;
export const NFT_REG_1 = 1;
export const NFT_REG_2 = 2;
export const NFT_REG_3 = 3;
export const NFT_REG_4 = 4;
export const NFT_REG32_00 = 8;
export const NFT_REG32_15 = 23;
export const NFT_REG_SIZE = 16;
export const NFT_REG32_SIZE = 4;

/** Where a register of either numbering begins, in words of four bytes from NFT_REG_1 on. */
export const registerWord = (register: number) =>
  register >= NFT_REG32_00 ? register - NFT_REG32_00 : (register - NFT_REG_1) * (NFT_REG_SIZE / NFT_REG32_SIZE);

/** The number under which the kernel shows the register that begins at `word`. */
export const registerAtWord = (word: number) => ((word & 3) === 0 ? NFT_REG_1 + word / 4 : NFT_REG32_00 + word);

// enum nft_verdicts; as NFTA_VERDICT_CODE carries them, unsigned.
export const NFT_CONTINUE = 0xffff_ffff;
export const NFT_BREAK = 0xffff_fffe;
export const NFT_JUMP = 0xffff_fffd;
export const NFT_GOTO = 0xffff_fffc;
export const NFT_RETURN = 0xffff_fffb;

export const verdictNames: ReadonlyMap<number, string> = new Map([
  [NF_DROP, 'drop'],
  [NF_ACCEPT, 'accept'],
  [NF_STOLEN, 'stolen'],
  [NF_QUEUE, 'queue'],
  [NF_REPEAT, 'repeat'],
  [NF_STOP, 'stop'],
  [NFT_CONTINUE, 'continue'],
  [NFT_BREAK, 'break'],
  [NFT_JUMP, 'jump'],
  [NFT_GOTO, 'goto'],
  [NFT_RETURN, 'return'],
]);

export const verdictAttributes = attributes('NFTA_VERDICT', { code: be32(1), chain: string(2), chainId: be32(3) });
export type Verdict = AttributesOf<typeof verdictAttributes>;

/** NFTA_DATA_*: what a register can hold, bytes in the order in which they lie there, or a verdict. */
export const dataAttributes = attributes('NFTA_DATA', {
  value: binary(1, { max: 64 }),
  verdict: nest(2, verdictAttributes),
});
export type Data = AttributesOf<typeof dataAttributes>;
export const data = (type: number) => nest(type, dataAttributes);

// Types of the data of maps in NFTA_SET_DATA_TYPE; all others are up to userspace.
export const NFT_DATA_VALUE = 0;
export const NFT_DATA_VERDICT = 0xffff_ff00;

/** "0x01020304 0x00000005": words as a little-endian host reads them, the last filled up with zeros. Without `prefix`, "01020304". */
export function wordsNotation(bytes: Uint8Array, prefix = '0x'): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    let word = 0;
    for (let i = 3; i >= 0; i--) word = word * 256 + (bytes[at + i] ?? 0);
    text += `${prefix}${word.toString(16).padStart(8, '0')} `;
  }
  return text.trimEnd();
}

/** "jump -> chain". */
export function verdictNotation(verdict: Verdict): string {
  const name = verdictNames.get(verdict.code ?? 0) ?? 'unknown';
  return verdict.chain === undefined ? name : `${name} -> ${verdict.chain}`;
}

export const dataNotation = (value: Data | undefined): string => {
  if (value?.verdict !== undefined) return verdictNotation(value.verdict);
  return value?.value === undefined ? '' : wordsNotation(value.value);
};

import { NF_ACCEPT, NF_DROP, NF_STOLEN } from '../../core/hooks.js';

// What an expression or a chain says of a packet: NF_* as they are, and below zero what only rules know (enum nft_verdicts).
export { NF_ACCEPT, NF_DROP, NF_STOLEN };
export const NF_QUEUE = 3;
export const CONTINUE = -1;
/** The rule does not match: on with the next. */
export const BREAK = -2;
export const JUMP = -3;
export const GOTO = -4;
export const RETURN = -5;

/** NFT_JUMP_STACK_SIZE */
export const MAX_JUMPS = 16;

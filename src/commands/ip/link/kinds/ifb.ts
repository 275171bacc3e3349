import type { LinkKindPart } from './kind.js';

/** An intermediate device: packets of others are sent through it by redirection, and go on as they would have. */
export const ifb: LinkKindPart = { kind: 'ifb', usage: 'Usage: ... ifb' };

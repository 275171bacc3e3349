import type { LinkKindPart } from './kind.js';

/** A device without a wire: what is sent to it is gone. It has no words of its own. */
export const dummy: LinkKindPart = { kind: 'dummy', usage: 'Usage: ... dummy' };

import type { LinkKindPart } from './kind.js';

/** A device whose readers see the netlink messages of its namespace. */
export const nlmon: LinkKindPart = { kind: 'nlmon', usage: 'Usage: ... nlmon' };

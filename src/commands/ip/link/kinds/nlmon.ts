import type { LinkKindPart } from './kind.js';

/** A device whose readers see the netlink messages of its namespace. */
export const nlmon: LinkKindPart = {
  kind: 'nlmon',
  summary: 'While it is up, who captures on it sees the netlink messages of its namespace.',
  usage: 'Usage: ... nlmon',
};

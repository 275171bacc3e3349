import type { LinkKindPart } from './kind.js';

/** An intermediate device: packets of others are sent through it by redirection, and go on as they would have. */
export const ifb: LinkKindPart = {
  kind: 'ifb',
  summary:
    'Packets of other devices that are redirected to it pass its queue and go on as they would have; what is sent to it otherwise is dropped.',
  usage: 'Usage: ... ifb',
};

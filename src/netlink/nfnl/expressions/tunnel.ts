import { be32 } from '../../attributes.js';
import { expression, nameOf, numbered } from '../expression.js';

export const NFT_TUNNEL_PATH = 0;
export const NFT_TUNNEL_ID = 1;

const keys = numbered(['path', 'id']);

/** [ tunnel load id => reg 1 ]: of the packet's tunnel metadata. */
export const tunnel = expression(
  'tunnel',
  { key: be32(1), dreg: be32(2), mode: be32(3) },
  (e) => `load ${nameOf(keys, e.key)} => reg ${e.dreg}`,
);

import {
  type AttributeShape,
  type AttributeTable,
  attributes,
  be16,
  be32,
  be64,
  binary,
  nest,
  string,
  u16,
  u32,
  u8,
} from '../attributes.js';
import { deferred } from '../schema.js';
import { connlimit } from './expressions/connlimit.js';
import { counter } from './expressions/counter.js';
import { limit } from './expressions/limit.js';
import { quota } from './expressions/quota.js';
import { synproxy } from './expressions/synproxy.js';

// NFTA_OBJ_TYPE
export const NFT_OBJECT_COUNTER = 1;
export const NFT_OBJECT_QUOTA = 2;
export const NFT_OBJECT_CT_HELPER = 3;
export const NFT_OBJECT_LIMIT = 4;
export const NFT_OBJECT_CONNLIMIT = 5;
export const NFT_OBJECT_TUNNEL = 6;
export const NFT_OBJECT_CT_TIMEOUT = 7;
export const NFT_OBJECT_SECMARK = 8;
export const NFT_OBJECT_CT_EXPECT = 9;
export const NFT_OBJECT_SYNPROXY = 10;

export const ctHelperAttributes = attributes('NFTA_CT_HELPER', { name: string(1), l3proto: be16(2), l4proto: u8(3) });
/** `data` are CTA_TIMEOUT_* of the protocol: a be32 of seconds for each state, by its number. */
export const ctTimeoutAttributes = attributes('NFTA_CT_TIMEOUT', { l3proto: be16(1), l4proto: u8(2), data: deferred(3) });
export const ctExpectationAttributes = attributes('NFTA_CT_EXPECT', {
  l3proto: be16(1),
  l4proto: u8(2),
  dport: be16(3),
  /** Milliseconds, in host byte order. */
  timeout: u32(4),
  size: u8(5),
});
export const secmarkAttributes = attributes('NFTA_SECMARK', { ctx: string(1) });

const tunnelIp = attributes('NFTA_TUNNEL_KEY_IP', { src: be32(1), dst: be32(2) });
const tunnelIp6 = attributes('NFTA_TUNNEL_KEY_IP6', { src: binary(1), dst: binary(2), flowlabel: be32(3) });
const tunnelVxlan = attributes('NFTA_TUNNEL_KEY_VXLAN', { gbp: be32(1) });
const tunnelErspan = attributes('NFTA_TUNNEL_KEY_ERSPAN', { version: be32(1), v1Index: be32(2), v2Hwid: u8(3), v2Dir: u8(4) });
const tunnelGeneve = attributes('NFTA_TUNNEL_KEY_GENEVE', { class: u16(1), type: u8(2), data: binary(3) });
const tunnelOptions = attributes('NFTA_TUNNEL_KEY_OPTS', {
  vxlan: nest(1, tunnelVxlan),
  erspan: nest(2, tunnelErspan),
  geneve: nest(3, tunnelGeneve),
});
export const tunnelAttributes = attributes('NFTA_TUNNEL_KEY', {
  id: be32(1),
  ip: nest(2, tunnelIp),
  ip6: nest(3, tunnelIp6),
  flags: be32(4),
  tos: u8(5),
  ttl: u8(6),
  sport: be16(7),
  dport: be16(8),
  opts: nest(9, tunnelOptions),
});

/** NFTA_OBJ_DATA by NFTA_OBJ_TYPE. Of what is an expression too, the attributes are the expression's. */
export const objectDataTables: ReadonlyMap<number, AttributeTable<AttributeShape>> = new Map<number, AttributeTable<AttributeShape>>([
  [NFT_OBJECT_COUNTER, counter.attributes],
  [NFT_OBJECT_QUOTA, quota.attributes],
  [NFT_OBJECT_CT_HELPER, ctHelperAttributes],
  [NFT_OBJECT_LIMIT, limit.attributes],
  [NFT_OBJECT_CONNLIMIT, connlimit.attributes],
  [NFT_OBJECT_TUNNEL, tunnelAttributes],
  [NFT_OBJECT_CT_TIMEOUT, ctTimeoutAttributes],
  [NFT_OBJECT_SECMARK, secmarkAttributes],
  [NFT_OBJECT_CT_EXPECT, ctExpectationAttributes],
  [NFT_OBJECT_SYNPROXY, synproxy.attributes],
]);

/** NFTA_OBJ_*, in the order of the kernel's dump. */
export const objectAttributes = attributes('NFTA_OBJ', {
  table: string(1),
  name: string(2),
  type: be32(3),
  use: be32(5),
  data: deferred(4),
  handle: be64(6),
  userdata: binary(8, { max: 256 }),
});

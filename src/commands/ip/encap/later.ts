import {
  LWTUNNEL_ENCAP_BPF,
  LWTUNNEL_ENCAP_ILA,
  LWTUNNEL_ENCAP_IOAM6,
  LWTUNNEL_ENCAP_MPLS,
  LWTUNNEL_ENCAP_RPL,
  LWTUNNEL_ENCAP_SEG6,
  LWTUNNEL_ENCAP_SEG6_LOCAL,
  LWTUNNEL_ENCAP_XFRM,
} from '../../../netlink/rtnl/encap.js';
import { Deferred } from '../../../netlink/schema.js';
import type { EncapPart } from './kind.js';

/** Words of a route that no header has: there the encapsulation ends. */
const ROUTE_WORDS: ReadonlySet<string> = new Set([
  'via',
  'dev',
  'oif',
  'nexthop',
  'weight',
  'onlink',
  'metric',
  'src',
  'table',
  'proto',
  'mtu',
]);

/** A kind that comes later: its words are passed over, and the stack says what a kernel without the module says. */
const later = (name: string, type: number): EncapPart => ({
  name,
  type,
  parse(_context, cursor) {
    while (!cursor.done && !ROUTE_WORDS.has(cursor.peek())) cursor.skip();
    return Deferred.empty;
  },
  print: null,
});

export const mpls = later('mpls', LWTUNNEL_ENCAP_MPLS);
export const ila = later('ila', LWTUNNEL_ENCAP_ILA);
export const bpf = later('bpf', LWTUNNEL_ENCAP_BPF);
export const seg6 = later('seg6', LWTUNNEL_ENCAP_SEG6);
export const seg6local = later('seg6local', LWTUNNEL_ENCAP_SEG6_LOCAL);
export const rpl = later('rpl', LWTUNNEL_ENCAP_RPL);
export const ioam6 = later('ioam6', LWTUNNEL_ENCAP_IOAM6);
export const xfrm = later('xfrm', LWTUNNEL_ENCAP_XFRM);

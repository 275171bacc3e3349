// What is known of a packet beside its headers: length, direction, device, what a packet filter or an access point did with it.
import { AD_IFINDEX, AD_PKTTYPE, SKF_AD_OFF } from '../../../bpf/ancillary.js';
import * as bpf from '../../../bpf/instruction.js';
import { constant, loaded, relation } from './arithmetic.js';
import { type Block, branch, compare, filterError, not, Statement } from './code.js';
import { isJuniper, isWlan } from './link-offsets.js';
import type { State } from './state.js';

const OUTGOING = 4;
const SLL = 113;
const SLL2 = 276;
const PFLOG = 117;
const PPI = 192;

export const longerThan = (bytes: number) => branch(bpf.JGE, bytes, new Statement(bpf.LD | bpf.LEN));
export const shorterThan = (bytes: number) => not(branch(bpf.JGT, bytes, new Statement(bpf.LD | bpf.LEN)));

/** `byte INDEX OP VALUE` */
export function byteTest(state: State, operation: string, index: number, value: number): Block {
  switch (operation) {
    case '=':
      return state.equals('link', index, bpf.B, value);
    case '<':
      return state.masked('link', index, bpf.B, 0xffffffff, bpf.JGE, true, value);
    case '>':
      return state.greater('link', index, bpf.B, value);
    default:
      // As there: the byte itself is never loaded.
      return not(compare(0, new Statement(bpf.ALU | (operation === '|' ? bpf.OR : bpf.AND) | bpf.K, value)));
  }
}

export function ifindex(state: State, index: number): Block {
  if (state.linkType === SLL2) return state.equals('link', 4, bpf.W, index);
  if (state.target.fromFile === true) filterError(`ifindex not supported on ${state.description} when reading savefiles`);
  return state.equals('link', SKF_AD_OFF + AD_IFINDEX, bpf.W, index);
}

export function direction(state: State, outbound: boolean): Block {
  const outgoing = (block: Block) => (outbound ? block : not(block));
  const { linkType } = state;
  switch (linkType) {
    case 8:
      return relation(state, bpf.JEQ, loaded(state, 'link', constant(state, 0), 1), constant(state, 0), outbound);
    case 226:
      return state.equals('link', 2, bpf.H, outbound ? 1 : 2);
    case SLL:
      return outgoing(state.equals('link', 0, bpf.H, OUTGOING));
    case SLL2:
      return outgoing(state.equals('link', 10, bpf.B, OUTGOING));
    case PFLOG:
      return state.equals('link', 60, bpf.B, outbound ? 2 : 1);
    case 166:
      return state.equals('link', 0, bpf.B, outbound ? 1 : 0);
  }
  if (isJuniper(linkType)) return state.equals('link', 3, bpf.B, outbound ? 0 : 1, 0x01);
  if (state.target.fromFile === true) filterError(`inbound/outbound not supported on ${state.description} when reading savefiles`);
  return outgoing(state.equals('link', SKF_AD_OFF + AD_PKTTYPE, bpf.H, OUTGOING));
}

// pf's log.

const reasons: readonly string[] = [
  'match',
  'bad-offset',
  'fragment',
  'short',
  'normalize',
  'memory',
  'bad-timestamp',
  'congestion',
  'ip-option',
  'proto-cksum',
  'state-mismatch',
  'state-insert',
  'state-limit',
  'src-limit',
  'synproxy',
];
const actions: Readonly<Record<string, number>> = {
  pass: 0,
  accept: 0,
  drop: 1,
  block: 1,
  scrub: 2,
  noscrub: 3,
  nat: 4,
  nonat: 5,
  binat: 6,
  nobinat: 7,
  rdr: 8,
  nordr: 9,
  'synproxy-drop': 10,
};

export function pfReason(name: string): number {
  const reason = reasons.indexOf(name.toLowerCase());
  return reason < 0 ? filterError(`unknown PF reason "${name}"`) : reason;
}

export const pfAction = (name: string): number => actions[name.toLowerCase()] ?? filterError(`unknown PF action "${name}"`);

function requirePf(state: State, name: string): void {
  if (state.linkType !== PFLOG) filterError(`${name} supported only on PF linktype`);
}

export function pfNumber(state: State, name: 'rnr' | 'srnr' | 'reason' | 'action', value: number): Block {
  requirePf(state, name);
  switch (name) {
    case 'rnr':
      return state.equals('link', 36, bpf.W, value);
    case 'srnr':
      return state.equals('link', 40, bpf.W, value);
    case 'reason':
      return state.equals('link', 3, bpf.B, value);
    case 'action':
      return state.equals('link', 2, bpf.B, value);
  }
}

export function pfName(state: State, name: 'ifname' | 'ruleset', value: string): Block {
  requirePf(state, name);
  const bytes = new TextEncoder().encode(value);
  if (bytes.length >= 16)
    filterError(name === 'ifname' ? 'ifname interface names can only be 15 characters' : 'ruleset names can only be 15 characters');
  return state.bytes('link', name === 'ifname' ? 4 : 20, bytes);
}

// 802.11.

const frameTypes: Readonly<Record<string, number>> = { data: 0x08, mgt: 0x00, management: 0x00, ctl: 0x04, control: 0x04 };
const subtypes: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  0x00: {
    assocreq: 0x00,
    'assoc-req': 0x00,
    assocresp: 0x10,
    'assoc-resp': 0x10,
    reassocreq: 0x20,
    'reassoc-req': 0x20,
    reassocresp: 0x30,
    'reassoc-resp': 0x30,
    probereq: 0x40,
    'probe-req': 0x40,
    proberesp: 0x50,
    'probe-resp': 0x50,
    beacon: 0x80,
    atim: 0x90,
    disassoc: 0xa0,
    disassociation: 0xa0,
    auth: 0xb0,
    authentication: 0xb0,
    deauth: 0xc0,
    deauthentication: 0xc0,
  },
  0x04: { 'ps-poll': 0xa0, rts: 0xb0, cts: 0xc0, ack: 0xd0, 'cf-end': 0xe0, 'cf-end-ack': 0xf0 },
  0x08: {
    data: 0x00,
    'data-cf-ack': 0x10,
    'data-cf-poll': 0x20,
    'data-cf-ack-poll': 0x30,
    null: 0x40,
    'cf-ack': 0x50,
    'cf-poll': 0x60,
    'cf-ack-poll': 0x70,
    'qos-data': 0x80,
    'qos-data-cf-ack': 0x90,
    'qos-data-cf-poll': 0xa0,
    'qos-data-cf-ack-poll': 0xb0,
    qos: 0xc0,
    'qos-cf-poll': 0xe0,
    'qos-cf-ack-poll': 0xf0,
  },
};
const directions: Readonly<Record<string, number>> = { nods: 0, tods: 1, fromds: 2, dstods: 3 };

export const wlanType = (name: string): number => frameTypes[name.toLowerCase()] ?? filterError(`unknown 802.11 type name "${name}"`);

export function wlanSubtype(type: number, name: string): number {
  const known = subtypes[type];
  if (known === undefined) return filterError('unknown 802.11 type');
  return known[name.toLowerCase()] ?? filterError(`unknown 802.11 subtype name "${name}"`);
}

/** A subtype's name alone: its type with it. */
export function wlanTypeOfSubtype(name: string): number {
  for (const [type, known] of Object.entries(subtypes)) {
    const subtype = known[name.toLowerCase()];
    if (subtype !== undefined) return Number(type) | subtype;
  }
  return filterError('unknown 802.11 type name');
}

export const wlanDirectionNumber = (name: string): number => directions[name.toLowerCase()] ?? filterError('unknown 802.11 direction');

export function wlanFrame(state: State, type: number, mask: number): Block {
  if (!isWlan(state.linkType) || state.linkType === PPI) filterError('802.11 link-layer types supported only on 802.11');
  return state.equals('link', 0, bpf.B, type, mask);
}

export function wlanDirection(state: State, value: number): Block {
  if (!isWlan(state.linkType) || state.linkType === PPI) filterError('frame direction supported only with 802.11 headers');
  return state.equals('link', 1, bpf.B, value, 0x03);
}

// Tests of what a link layer carries.
import * as bpf from '../../../bpf/instruction.js';
import { and, type Block, compare, filterError, not, or, Statement } from './code.js';
import { isJuniper, isWlan } from './link-offsets.js';
import { NOT_SET, type State } from './state.js';

export const IP = 0x0800;
export const ARP = 0x0806;
export const RARP = 0x8035;
export const IPV6 = 0x86dd;
export const DECNET = 0x6003;
export const APPLETALK = 0x809b;
export const AARP = 0x80f3;
const IPX = 0x8137;
const NS = 0x0600;
/** LLC's service access points stand for protocols too: numbers that are no EtherType. */
export const SAP_OSI = 0xfe;
export const SAP_STP = 0x42;
export const SAP_IPX = 0xe0;
export const SAP_NETBEUI = 0xf0;
const SAP_IP = 0x06;
const SAP_SNAP = 0xaa;
const ETHERNET_MTU = 1500;

const SUNATM = 123;
const AF_INET = 2;
const AF_INET6 = 10;

/** Types that no test knows, and what they are called in the error. */
const notImplemented: Readonly<Record<number, string>> = {
  144: 'IrDA',
  143: 'DOCSIS',
  140: 'MTP2',
  139: 'MTP2',
  197: 'ERF',
  18: 'PFSYNC',
  177: 'LAPD',
  186: 'USB',
  189: 'USB',
  220: 'USB',
  249: 'USB',
  187: 'Bluetooth',
  201: 'Bluetooth',
  190: 'CAN',
  227: 'CAN',
  195: 'IEEE 802.15.4',
  191: 'IEEE 802.15.4',
  215: 'IEEE 802.15.4',
  230: 'IEEE 802.15.4',
  283: 'IEEE 802.15.4',
  193: 'IEEE 802.16',
  196: 'SITA',
  198: 'RAIF1',
  199: 'IPMB',
  209: 'IPMB',
  202: 'AX.25',
  239: 'NFLOG',
};

/** PPP's numbers for what has another elsewhere. */
const pppTypes: Readonly<Record<number, number>> = {
  [IP]: 0x0021,
  [IPV6]: 0x0057,
  [DECNET]: 0x0027,
  [APPLETALK]: 0x0029,
  [NS]: 0x0025,
  [SAP_OSI]: 0x0023,
  [SAP_STP]: 0x0031,
  [SAP_IPX]: 0x002b,
};

/** The link layer carries `type`, an EtherType or a service access point: gen_linktype(). */
export function carries(state: State, type: number): Block {
  if (state.labels > 0) return carriesUnderMpls(state, type);
  const { linkType } = state;
  switch (linkType) {
    case 1:
    case 240:
    case 241: {
      const before = state.geneve ? null : previousHeader(state);
      const block = ethernetCarries(state, type);
      return before === null ? block : and(before, block);
    }
    case 104:
      return state.equals('type', 0, bpf.H, type === SAP_OSI ? (type << 8) | SAP_OSI : type);
    case 6:
    case 10:
    case 11:
    case 19:
    case 122:
      return llcCarries(state, type);
    case SUNATM:
      return and(state.equals('link', 0, bpf.B, 0x02, 0x0f), llcCarries(state, type));
    case 113:
      return cookedCarries(state, type);
    case 8:
    case 15:
    case 12:
      if (type === IP) return state.equals('link', 0, bpf.B, 0x40, 0xf0);
      return type === IPV6 ? state.equals('link', 0, bpf.B, 0x60, 0xf0) : state.never();
    case 228:
      return type === IP ? state.always() : state.never();
    case 229:
      return type === IPV6 ? state.always() : state.never();
    case 9:
    case 166:
    case 50:
    case 51:
      return state.equals('type', 0, bpf.H, pppTypes[type] ?? type);
    case 16:
      if (type !== IP) return state.equals('type', 0, bpf.H, pppTypes[type] ?? type);
      // IP, and TCP/IP compressed by Van Jacobson's method or left uncompressed by it.
      return or(or(state.equals('type', 0, bpf.H, 0x0021), state.equals('type', 0, bpf.H, 0x002d)), state.equals('type', 0, bpf.H, 0x002f));
    case 0:
    case 108:
    case 109:
      return loopbackCarries(state, type);
    case 117:
      if (type === IP) return state.equals('link', 1, bpf.B, AF_INET);
      return type === IPV6 ? state.equals('link', 1, bpf.B, AF_INET6) : state.never();
    case 7:
    case 129:
      return arcnetCarries(state, type);
    case 114:
      return type === APPLETALK ? state.always() : state.never();
    case 107:
      return frameRelayCarries(state, type);
    case 182:
      return filterError('Multi-link Frame Relay link-layer type filtering not implemented');
    case 165:
      return state.equals('link', 0, bpf.W, 0x55ff0000, 0xffff0000);
    case 226:
      if (type === IP) return state.equals('type', 0, bpf.B, 2);
      return type === IPV6 ? state.equals('type', 0, bpf.B, 26) : state.never();
  }
  if (isWlan(linkType)) {
    const data = isDataFrame(state);
    return and(data, llcCarries(state, type));
  }
  if (isJuniper(linkType)) return state.equals('link', 0, bpf.W, 0x4d474300, 0xffffff00);
  const name = notImplemented[linkType];
  if (name !== undefined) filterError(`${name} link-layer type filtering not implemented`);
  if (state.type.constant !== NOT_SET) return state.equals('type', 0, bpf.H, type);
  return filterError(`${state.description} link-layer type filtering not implemented`);
}

/** What must hold of the header before an Ethernet header inside another; null: nothing. */
export function previousHeader(state: State): Block | null {
  if (state.geneve) return hasEthernetInGeneve(state);
  return state.previousLinkType === SUNATM ? not(state.equals('previous link', 4, bpf.H, 0xff00)) : null;
}

function hasEthernetInGeneve(state: State): Block {
  const statements = new Statement(bpf.LD | bpf.MEM, state.link.register);
  statements.next = new Statement(bpf.LDX | bpf.MEM, state.payload.register);
  const block = compare(0, statements);
  block.code = bpf.JMP | bpf.JEQ | bpf.X;
  return not(block);
}

const isLength = (state: State) => not(state.greater('type', 0, bpf.H, ETHERNET_MTU));

/** An LLC header with SNAP, of that organisation and protocol. */
export function snap(state: State, organisation: number, type: number): Block {
  const bytes = [SAP_SNAP, SAP_SNAP, 0x03, organisation >>> 16, (organisation >>> 8) & 255, organisation & 255, type >>> 8, type & 255];
  return state.bytes('llc', 0, Uint8Array.from(bytes));
}

function ethernetCarries(state: State, type: number): Block {
  switch (type) {
    case SAP_OSI:
    case SAP_IP:
    case SAP_NETBEUI: {
      const length = isLength(state);
      return and(length, state.equals('llc', 0, bpf.H, (type << 8) | type));
    }
    case SAP_IPX: {
      let block = or(state.equals('llc', 0, bpf.B, SAP_IPX), state.equals('llc', 0, bpf.H, 0xffff));
      block = or(snap(state, 0, IPX), block);
      block = and(isLength(state), block);
      return or(state.equals('type', 0, bpf.H, IPX), block);
    }
    case APPLETALK:
    case AARP: {
      const length = isLength(state);
      const block = and(length, snap(state, type === APPLETALK ? 0x080007 : 0, type));
      return or(state.equals('type', 0, bpf.H, type), block);
    }
    default: {
      if (type > ETHERNET_MTU) return state.equals('type', 0, bpf.H, type);
      const length = isLength(state);
      return and(length, state.equals('type', 2, bpf.B, type));
    }
  }
}

function cookedCarries(state: State, type: number): Block {
  const isLlc = () => state.equals('type', 0, bpf.H, 0x0004);
  switch (type) {
    case SAP_OSI:
    case SAP_IP:
    case SAP_NETBEUI: {
      const llc = isLlc();
      return and(llc, state.equals('llc', 0, bpf.H, (type << 8) | type));
    }
    case SAP_IPX: {
      let block = or(state.equals('llc', 0, bpf.B, SAP_IPX), snap(state, 0, IPX));
      block = and(isLlc(), block);
      block = or(state.equals('type', 0, bpf.H, 0x0001), block);
      return or(state.equals('type', 0, bpf.H, IPX), block);
    }
    case APPLETALK:
    case AARP: {
      const llc = isLlc();
      const block = and(llc, snap(state, type === APPLETALK ? 0x080007 : 0, type));
      return or(state.equals('type', 0, bpf.H, type), block);
    }
    default: {
      if (type > ETHERNET_MTU) return state.equals('type', 0, bpf.H, type);
      const llc = isLlc();
      return and(llc, state.equals('link', state.payload.constant, bpf.B, type));
    }
  }
}

function llcCarries(state: State, type: number): Block {
  switch (type) {
    case SAP_IP:
    case SAP_OSI:
    case SAP_NETBEUI:
      return state.equals('llc', 0, bpf.H, (type << 8) | type);
    case SAP_IPX:
      return state.equals('llc', 0, bpf.B, SAP_IPX);
    case APPLETALK:
      return snap(state, 0x080007, APPLETALK);
    default:
      return type <= ETHERNET_MTU ? state.equals('llc', 0, bpf.B, type) : state.equals('llc', 6, bpf.H, type);
  }
}

const swap = (n: number) => (((n & 0xff) << 24) | ((n & 0xff00) << 8) | ((n >>> 8) & 0xff00) | (n >>> 24)) >>> 0;

function loopbackCarries(state: State, type: number): Block {
  const family = (number: number) => {
    const hostOrder = state.linkType !== 108;
    const inFile = hostOrder && state.target.swapped === true ? swap(number) : number;
    return state.equals('link', 0, bpf.W, hostOrder ? swap(inFile) : inFile);
  };
  if (type === IP) return family(AF_INET);
  if (type !== IPV6) return state.never();
  if (state.target.fromFile !== true) return family(AF_INET6);
  // Whose number it is depends on the system that captured: NetBSD and OpenBSD, FreeBSD, Darwin.
  const block = or(family(24), family(28));
  return or(family(30), block);
}

function arcnetCarries(state: State, type: number): Block {
  const is = (value: number) => state.equals('type', 0, bpf.B, value);
  switch (type) {
    case IPV6:
      return is(0xc4);
    case IP:
      return or(is(212), is(240));
    case ARP:
      return or(is(213), is(241));
    case RARP:
      return is(214);
    case APPLETALK:
      return is(221);
    default:
      return state.never();
  }
}

function frameRelayCarries(state: State, type: number): Block {
  const is = (nlpid: number) => state.equals('link', 2, bpf.H, 0x0300 | nlpid);
  if (type === IP) return is(0xcc);
  if (type === IPV6) return is(0x8e);
  if (type !== SAP_OSI) return state.never();
  const [clnp, esis, isis] = [is(0x81), is(0x82), is(0x83)];
  return or(clnp, or(esis, isis));
}

function carriesUnderMpls(state: State, type: number): Block {
  if (type !== IP && type !== IPV6) return filterError('unsupported protocol over mpls');
  const bottom = state.equals('payload', -2, bpf.B, 0x01, 0x01);
  return and(bottom, state.equals('payload', 0, bpf.B, type === IP ? 0x40 : 0x60, 0xf0));
}

/** An 802.11 frame of data: type bits 10. */
export function isDataFrame(state: State): Block {
  const data = state.bit('link', 0, 0x08);
  const control = not(state.bit('link', 0, 0x04));
  return and(control, data);
}

/** `llc`: the frame has an LLC header. */
export function hasLlc(state: State): Block {
  if (isWlan(state.linkType)) return isDataFrame(state);
  switch (state.linkType) {
    case 1: {
      const length = isLength(state);
      return and(length, not(state.equals('llc', 0, bpf.H, 0xffff)));
    }
    case SUNATM: {
      const block = state.equals('link', 0, bpf.B, 0x02, 0x0f);
      state.linkType = state.previousLinkType;
      return block;
    }
    case 6:
    case 10:
    case 11:
      return state.always();
    default:
      return filterError(`'llc' not supported for ${state.description}`);
  }
}

const supervisory: Readonly<Record<string, number>> = { rr: 0x01, rnr: 0x05, rej: 0x09 };
const unnumbered: Readonly<Record<string, number>> = {
  ui: 0x03,
  ua: 0x63,
  disc: 0x43,
  dm: 0x0f,
  sabme: 0x6f,
  test: 0xe3,
  xid: 0xaf,
  frmr: 0x87,
};

/** `llc TYPE`: i, s, u, or a command. */
export function llcType(state: State, name: string): Block {
  const type = name.toLowerCase();
  const known = ['i', 's', 'u'].includes(type) || type in supervisory || type in unnumbered;
  if (!known) filterError(`unknown LLC type name "${name}"`);
  const llc = hasLlc(state);
  if (type === 'i') return and(llc, not(state.bit('llc', 2, 0x01)));
  if (type === 's') return and(llc, state.equals('llc', 2, bpf.B, 0x01, 0x03));
  if (type === 'u') return and(llc, state.equals('llc', 2, bpf.B, 0x03, 0x03));
  const command = supervisory[type];
  return command === undefined
    ? and(llc, state.equals('llc', 2, bpf.B, unnumbered[type]!, 0xef))
    : and(llc, state.equals('llc', 2, bpf.B, command, 0x0f));
}

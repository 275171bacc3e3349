// Protocols of IP, IPv6 and OSI, ports, and chains of headers.
import * as bpf from '../../../bpf/instruction.js';
import { and, type Block, branch, compare, filterError, not, or, Statement } from './code.js';
import { AARP, APPLETALK, ARP, carries, DECNET, IP, IPV6, RARP, SAP_IPX, SAP_NETBEUI, SAP_OSI, SAP_STP } from './link-type.js';
import { type Direction, isEither, wlanOnly } from './qualifiers.js';
import type { State } from './state.js';

const TCP = 6;
const UDP = 17;
const SCTP = 132;
const FRAGMENT = 44;
const AH = 51;
const NO_NEXT_HEADER = 59;
const CLNP = 0x81;
const ESIS = 0x82;
const ISIS = 0x83;

/** Keywords that are EtherTypes or service access points. */
const linkTypes: Readonly<Record<string, number>> = {
  ip: IP,
  arp: ARP,
  rarp: RARP,
  atalk: APPLETALK,
  aarp: AARP,
  decnet: DECNET,
  sca: 0x6007,
  lat: 0x6004,
  mopdl: 0x6001,
  moprc: 0x6002,
  ip6: IPV6,
  iso: SAP_OSI,
  stp: SAP_STP,
  ipx: SAP_IPX,
  netbeui: SAP_NETBEUI,
};

/** Keywords that are protocols, and of what. */
const protocols: Readonly<Record<string, readonly [number: number, of: string]>> = {
  sctp: [SCTP, ''],
  tcp: [TCP, ''],
  udp: [UDP, ''],
  icmp: [1, 'ip'],
  igmp: [2, 'ip'],
  igrp: [9, 'ip'],
  pim: [103, ''],
  vrrp: [112, 'ip'],
  carp: [112, 'ip'],
  icmp6: [58, 'ip6'],
  ah: [AH, ''],
  esp: [50, ''],
  esis: [ESIS, 'iso'],
  isis: [ISIS, 'iso'],
  clnp: [CLNP, 'iso'],
};

/** Keywords that are several messages of IS-IS, in the order in which they are tried. */
const isisMessages: Readonly<Record<string, readonly number[]>> = {
  l1: [15, 17, 18, 24, 26],
  l2: [16, 17, 20, 25, 27],
  iih: [15, 16, 17],
  lsp: [18, 20],
  snp: [24, 25, 26, 27],
  csnp: [24, 25],
  psnp: [26, 27],
};

/** A protocol's keyword alone. */
export function abbreviation(state: State, keyword: string): Block {
  if (keyword === 'link') return filterError('link layer applied in wrong context');
  if (keyword === 'radio') return filterError("'radio' is not a valid protocol type");
  const type = linkTypes[keyword];
  if (type !== undefined) return carries(state, type);
  const messages = isisMessages[keyword];
  if (messages !== undefined) {
    const [first, second, ...others] = messages;
    const one = protocol(state, first!, 'isis', '');
    let block = or(one, protocol(state, second!, 'isis', ''));
    for (const message of others) block = or(protocol(state, message, 'isis', ''), block);
    return block;
  }
  const [number, of] = protocols[keyword]!;
  return protocol(state, number, of, '');
}

const bogus: Readonly<Record<string, string>> = {
  arp: 'arp does not encapsulate another protocol',
  rarp: 'rarp does not encapsulate another protocol',
  atalk: 'AppleTalk encapsulation is not specifiable',
  decnet: 'DECNET encapsulation is not specifiable',
  lat: 'LAT does not encapsulate another protocol',
  sca: 'SCA does not encapsulate another protocol',
  moprc: 'MOPRC does not encapsulate another protocol',
  mopdl: 'MOPDL does not encapsulate another protocol',
  clnp: "'clnp proto' is not supported",
};

/** `number` is the protocol inside `of`: gen_proto(). */
export function protocol(state: State, number: number, of: string, direction: Direction): Block {
  if (direction !== '') filterError("direction applied to 'proto'");
  switch (of) {
    case '': {
      const v4 = protocol(state, number, 'ip', '');
      return or(v4, protocol(state, number, 'ip6', ''));
    }
    case 'link':
      return carries(state, number);
    case 'ip': {
      const ip = carries(state, IP);
      return and(ip, state.equals('payload', 9, bpf.B, number));
    }
    case 'ip6': {
      const ip6 = carries(state, IPV6);
      // Behind a fragment header too, but no other.
      const fragment = state.equals('payload', 6, bpf.B, FRAGMENT);
      const inside = and(fragment, state.equals('payload', 40, bpf.B, number));
      return and(ip6, or(state.equals('payload', 6, bpf.B, number), inside));
    }
    case 'iso':
      return osiProtocol(state, number);
    case 'isis': {
      const isis = osiProtocol(state, ISIS);
      return and(isis, state.equals('payload without snap', 4, bpf.B, number));
    }
    default:
      return filterError(bogus[of] ?? `'${of} proto' is bogus`);
  }
}

function osiProtocol(state: State, number: number): Block {
  if (state.linkType === 107) return state.equals('link', 2, bpf.H, 0x0300 | number);
  if (state.linkType === 104) {
    const osi = carries(state, (SAP_OSI << 8) | SAP_OSI);
    return and(osi, state.equals('payload without snap', 1, bpf.B, number));
  }
  const osi = carries(state, SAP_OSI);
  return and(osi, state.equals('payload without snap', 0, bpf.B, number));
}

// Ports.

/** The packet is no fragment but the first. */
export const isFirstFragment = (state: State) => not(branch(bpf.JSET, 0x1fff, state.load('payload', 6, bpf.H)));

type PortTest = (base: 'ipv4 transport' | 'ipv6 transport', offset: number) => Block;

function inDirection(direction: Direction, what: string, one: (offset: number) => Block): Block {
  if (direction === 'src') return one(0);
  if (direction === 'dst') return one(2);
  if (direction !== 'and' && !isEither(direction)) return filterError(wlanOnly(direction, `% for ${what}`));
  const source = one(0);
  const destination = one(2);
  return direction === 'and' ? and(source, destination) : or(source, destination);
}

/** A test of ports of one protocol (-1: TCP, UDP and SCTP) under one version of IP. */
function portsUnder(state: State, v6: boolean, number: number, direction: Direction, what: string, test: PortTest): Block {
  const carried = carries(state, v6 ? IPV6 : IP);
  const of = (transport: number): Block => {
    let before = state.equals('payload', v6 ? 6 : 9, bpf.B, transport);
    if (!v6) before = and(before, isFirstFragment(state));
    return and(
      before,
      inDirection(direction, what, (offset) => test(v6 ? 'ipv6 transport' : 'ipv4 transport', offset)),
    );
  };
  if (number >= 0) return and(carried, of(number));
  const tcp = of(TCP);
  const block = or(tcp, of(UDP));
  return and(carried, or(of(SCTP), block));
}

function underBoth(state: State, number: number, direction: Direction, what: string, test: PortTest): Block {
  const v4 = portsUnder(state, false, number, direction, what, test);
  return or(portsUnder(state, true, number, direction, what, test), v4);
}

const isPort =
  (state: State, value: number): PortTest =>
  (base, offset) =>
    state.equals(base, offset, bpf.H, value);

/** `number` -1: any protocol with ports. */
export const port = (state: State, value: number, number: number, direction: Direction) =>
  underBoth(state, number, direction, 'ports', isPort(state, value));

export const port4 = (state: State, value: number, number: number, direction: Direction) =>
  portsUnder(state, false, number, direction, 'ports', isPort(state, value));
export const port6 = (state: State, value: number, number: number, direction: Direction) =>
  portsUnder(state, true, number, direction, 'ports', isPort(state, value));

export function portRange(state: State, one: number, other: number, number: number, direction: Direction): Block {
  const [first, last] = one > other ? [other, one] : [one, other];
  return underBoth(state, number, direction, 'port ranges', (base, offset) => {
    const from = state.atLeast(base, offset, bpf.H, first);
    return and(from, state.atMost(base, offset, bpf.H, last));
  });
}

// Chains of headers.

/** `protochain`: the protocol stands anywhere in the chain. A loop, which no kernel takes, but reading files does. */
export function protocolChain(state: State, number: number, of: string): Block {
  const register = state.allocate();
  if (of === '') {
    const v4 = protocolChain(state, number, 'ip');
    return or(v4, protocolChain(state, number, 'ip6'));
  }
  if (of !== 'ip' && of !== 'ip6') filterError("bad protocol applied for 'protochain'");
  if (state.payload.variable) filterError("'protochain' not supported with variable length headers");
  state.cannotOptimise = true;
  const base = state.payload.constant + state.network;
  const list: Statement[] = [];
  const add = (code: number, k = 0): Statement => {
    const statement = new Statement(code, k);
    list.push(statement);
    return statement;
  };
  const is = (k: number) => add(bpf.JMP | bpf.JEQ | bpf.K, k);
  const carried = carries(state, of === 'ip' ? IP : IPV6);
  if (of === 'ip') {
    add(bpf.LD | bpf.ABS | bpf.B, base + 9);
    add(bpf.LDX | bpf.MSH | bpf.B, base);
  } else {
    add(bpf.LD | bpf.ABS | bpf.B, base + 6);
    add(bpf.LDX | bpf.IMM, 40);
  }
  const again = list.length;
  const loop = () => {
    const jump = add(bpf.JMP | bpf.JA);
    jump.k = (again - list.length) >>> 0;
    return jump;
  };
  const found = is(number);
  const none = is(NO_NEXT_HEADER);
  found.jf = none;
  let lastExtension: Statement | null = null;
  if (of === 'ip6') {
    const extensions = [0, 60, 43, 44].map((next) => is(next));
    none.jf = extensions[0]!;
    for (const [i, extension] of extensions.entries()) if (i > 0) extensions[i - 1]!.jf = extension;
    lastExtension = extensions.at(-1)!;
    const advance = add(bpf.LD | bpf.IND | bpf.B, base);
    for (const extension of extensions) extension.jt = advance;
    add(bpf.ST, register);
    add(bpf.LD | bpf.IND | bpf.B, base + 1);
    add(bpf.ALU | bpf.ADD | bpf.K, 1);
    add(bpf.ALU | bpf.MUL | bpf.K, 8);
    add(bpf.ALU | bpf.ADD | bpf.X);
    add(bpf.MISC | bpf.TAX);
    add(bpf.LD | bpf.MEM, register);
    loop();
  } else none.jf = add(bpf.ALU | bpf.ADD | bpf.K, 0);
  const authentication = is(AH);
  if (lastExtension !== null) lastExtension.jf = authentication;
  authentication.jt = add(bpf.MISC | bpf.TXA);
  add(bpf.LD | bpf.IND | bpf.B, base);
  add(bpf.ST, register);
  add(bpf.MISC | bpf.TXA);
  add(bpf.ALU | bpf.ADD | bpf.K, 1);
  add(bpf.MISC | bpf.TAX);
  add(bpf.LD | bpf.IND | bpf.B, base);
  add(bpf.ALU | bpf.ADD | bpf.K, 2);
  add(bpf.ALU | bpf.MUL | bpf.K, 4);
  add(bpf.MISC | bpf.TAX);
  add(bpf.LD | bpf.MEM, register);
  loop();
  const end = add(bpf.ALU | bpf.ADD | bpf.K, 0);
  none.jt = end;
  authentication.jf = end;
  found.jt = end;
  for (const [i, statement] of list.entries()) statement.next = list[i + 1] ?? null;
  state.release(register);
  return and(carried, compare(number, list[0]!));
}

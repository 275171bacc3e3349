import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_UNIX } from '../../netlink/constants.js';
import { SS_CLOSE, SS_CONN, SS_ESTABLISHED } from './states.js';

export const AF_TIPC = 30;
export const AF_VSOCK = 40;
export const AF_XDP = 44;

const inet = [AF_INET, AF_INET6] as const;
const close = 1 << SS_CLOSE;
const established = 1 << SS_ESTABLISHED;

/** A table of sockets that can be asked for: its states and families unless others are named. */
export interface SocketKind {
  readonly states: number;
  readonly families: readonly number[];
}

export const kinds = {
  tcp: { states: SS_CONN, families: inet },
  mptcp: { states: SS_CONN, families: inet },
  dccp: { states: SS_CONN, families: inet },
  udp: { states: established, families: inet },
  raw: { states: established, families: inet },
  unixDgram: { states: close, families: [AF_UNIX] },
  unixStream: { states: SS_CONN, families: [AF_UNIX] },
  unixSeqpacket: { states: SS_CONN, families: [AF_UNIX] },
  packetDgram: { states: close, families: [AF_PACKET] },
  packetRaw: { states: close, families: [AF_PACKET] },
  netlink: { states: close, families: [AF_NETLINK] },
  sctp: { states: SS_CONN, families: inet },
  vsockStream: { states: SS_CONN, families: [AF_VSOCK] },
  vsockDgram: { states: close, families: [AF_VSOCK] },
  tipc: { states: SS_CONN, families: [AF_TIPC] },
  xdp: { states: close, families: [AF_XDP] },
} as const satisfies Record<string, SocketKind>;
export type KindName = keyof typeof kinds;

const INET: readonly KindName[] = ['udp', 'dccp', 'tcp', 'mptcp', 'sctp', 'raw'];
export const UNIX: readonly KindName[] = ['unixStream', 'unixDgram', 'unixSeqpacket'];
export const PACKET: readonly KindName[] = ['packetRaw', 'packetDgram'];

/** What -A takes. */
export const queries: Readonly<Record<string, readonly KindName[]>> = {
  all: Object.keys(kinds) as KindName[],
  inet: INET,
  udp: ['udp'],
  dccp: ['dccp'],
  tcp: ['tcp'],
  mptcp: ['mptcp'],
  sctp: ['sctp'],
  raw: ['raw'],
  unix: UNIX,
  unix_stream: ['unixStream'],
  u_str: ['unixStream'],
  unix_dgram: ['unixDgram'],
  u_dgr: ['unixDgram'],
  unix_seqpacket: ['unixSeqpacket'],
  u_seq: ['unixSeqpacket'],
  packet: PACKET,
  packet_raw: ['packetRaw'],
  p_raw: ['packetRaw'],
  packet_dgram: ['packetDgram'],
  p_dgr: ['packetDgram'],
  netlink: ['netlink'],
  vsock: ['vsockStream', 'vsockDgram'],
  vsock_stream: ['vsockStream'],
  v_str: ['vsockStream'],
  vsock_dgram: ['vsockDgram'],
  v_dgr: ['vsockDgram'],
  tipc: ['tipc'],
  xdp: ['xdp'],
};

interface FamilyDefaults {
  readonly kinds: readonly KindName[];
  readonly states: number;
}

/** What a family alone asks for. */
const families: Readonly<Record<number, FamilyDefaults>> = {
  [AF_INET]: { kinds: INET, states: SS_CONN },
  [AF_INET6]: { kinds: INET, states: SS_CONN },
  [AF_UNIX]: { kinds: UNIX, states: SS_CONN },
  [AF_PACKET]: { kinds: PACKET, states: close },
  [AF_NETLINK]: { kinds: ['netlink'], states: close },
  [AF_VSOCK]: { kinds: ['vsockStream', 'vsockDgram'], states: SS_CONN },
  [AF_TIPC]: { kinds: ['tipc'], states: SS_CONN },
  [AF_XDP]: { kinds: ['xdp'], states: close },
};

/** What -f takes. */
export const familyWords: Readonly<Record<string, number>> = {
  inet: AF_INET,
  inet6: AF_INET6,
  link: AF_PACKET,
  unix: AF_UNIX,
  netlink: AF_NETLINK,
  tipc: AF_TIPC,
  vsock: AF_VSOCK,
  xdp: AF_XDP,
};

/** Which sockets are to be shown: tables, families, states. */
export class Selection {
  readonly kinds = new Set<KindName>();
  readonly families = new Set<number>();
  states = 0;
  /** Neither tables nor families were named. */
  isDefault = true;
  /** The family named last; 0: none. Addresses in filters are of it. */
  preferredFamily = 0;

  addKind(kind: KindName): void {
    this.kinds.add(kind);
    this.states |= kinds[kind].states;
    this.isDefault = false;
  }

  removeKind(kind: KindName): void {
    this.kinds.delete(kind);
    this.isDefault = false;
  }

  addFamily(family: number): void {
    this.families.add(family);
    this.states |= families[family]?.states ?? 0;
    this.isDefault = false;
    this.preferredFamily = family;
  }

  /** Tables bring their families along, and families their tables, where none that fit were named. */
  complete(): void {
    for (const kind of this.kinds) {
      const own = kinds[kind].families;
      if (!own.some((family) => this.families.has(family))) for (const family of own) this.families.add(family);
    }
    for (const family of this.families) {
      const own = families[family]!.kinds;
      if (!own.some((kind) => this.kinds.has(kind))) for (const kind of own) this.kinds.add(kind);
    }
  }

  wants(...wanted: readonly KindName[]): boolean {
    return wanted.some((kind) => this.kinds.has(kind));
  }
}

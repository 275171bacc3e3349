// Flags of GRE headers, RFC 2784 2.1 and RFC 2890 2, also of IFLA_GRE_IFLAGS and IFLA_GRE_OFLAGS.
export const GRE_CSUM = 0x8000;
export const GRE_ROUTING = 0x4000;
export const GRE_KEY = 0x2000;
export const GRE_SEQ = 0x1000;
export const GRE_VERSION = 0x0007;

/** How a tunnel over IPv4 is set (struct ip_tunnel_parm); addresses are numbers, 0 for any. */
export interface TunnelParameters {
  readonly local: number;
  readonly remote: number;
  /** The device that it is bound to; 0: none. */
  readonly ifindex: number;
  /** GRE_* of packets that come in, and of those that go out. */
  readonly inputFlags: number;
  readonly outputFlags: number;
  readonly inputKey: number;
  readonly outputKey: number;
  /** 0: that of the packet inside. */
  readonly ttl: number;
  /** With bit 0: that of the packet inside. */
  readonly tos: number;
  /** The outer header has DF. */
  readonly pmtuDiscovery: boolean;
  /** The DF of the packet inside says nothing about the outer header. */
  readonly ignoreDf: boolean;
  readonly mark: number;
  /** What it carries, an IP protocol; 0: anything it can. */
  readonly payload: number;
}

export const noParameters: TunnelParameters = {
  local: 0,
  remote: 0,
  ifindex: 0,
  inputFlags: 0,
  outputFlags: 0,
  inputKey: 0,
  outputKey: 0,
  ttl: 0,
  tos: 0,
  pmtuDiscovery: false,
  ignoreDf: false,
  mark: 0,
  payload: 0,
};

/** Bytes of a GRE header with these flags. */
export const greHeaderBytes = (flags: number): number =>
  4 + ((flags & GRE_CSUM) !== 0 ? 4 : 0) + ((flags & GRE_KEY) !== 0 ? 4 : 0) + ((flags & GRE_SEQ) !== 0 ? 4 : 0);

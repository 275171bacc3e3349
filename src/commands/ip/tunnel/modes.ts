import type { NetlinkMessage } from '../../../netlink/message.js';
import { ARPHRD_IPGRE, ARPHRD_SIT, ARPHRD_TUNNEL } from '../../../netlink/rtnl/constants.js';
import { greData } from '../../../netlink/rtnl/link/gre.js';
import { ipTunnelData, SIT_ISATAP } from '../../../netlink/rtnl/link/iptunnel.js';
import { type LinkAttributes, type LinkHeader, linkMessage } from '../../../netlink/rtnl/link/link.js';
import { Deferred } from '../../../netlink/schema.js';

// Linux has ioctls for `ip tunnel`. What they say is in the attributes of the kinds gre, ipip and sit too, and so the same links are made,
// changed and read by rtnetlink, on a stack and on a real kernel.

/** A tunnel in the words of `ip tunnel` (struct ip_tunnel_parm). */
export interface Tunnel {
  name: string;
  /** IPPROTO_*: 47 gre, 4 ipip, 41 sit; 0: any, or not said. */
  protocol: number;
  remote: number;
  local: number;
  link: number;
  inputFlags: number;
  outputFlags: number;
  inputKey: number;
  outputKey: number;
  ttl: number;
  tos: number;
  pmtudisc: boolean;
  isatap: boolean;
}

export const IPPROTO_GRE = 47;
export const IPPROTO_IPIP = 4;
export const IPPROTO_IPV6 = 41;

export const emptyTunnel = (): Tunnel => ({
  name: '',
  protocol: 0,
  remote: 0,
  local: 0,
  link: 0,
  inputFlags: 0,
  outputFlags: 0,
  inputKey: 0,
  outputKey: 0,
  ttl: 0,
  tos: 0,
  pmtudisc: true,
  isatap: false,
});

interface Mode {
  readonly protocol: number;
  readonly kind: string;
  /** The device of the module, which Linux's ioctls speak to. */
  readonly base: string;
  readonly text: string;
}

export const modes: Readonly<Record<string, Mode>> = {
  gre: { protocol: IPPROTO_GRE, kind: 'gre', base: 'gre0', text: 'gre' },
  ipip: { protocol: IPPROTO_IPIP, kind: 'ipip', base: 'tunl0', text: 'ip' },
  sit: { protocol: IPPROTO_IPV6, kind: 'sit', base: 'sit0', text: 'ipv6' },
};

export const modeOf = (protocol: number): Mode | undefined => Object.values(modes).find((mode) => mode.protocol === protocol);
export const protocolText = (protocol: number): string => (protocol === 0 ? 'any' : (modeOf(protocol)?.text ?? 'unknown'));
export const isBase = (name: string): boolean => Object.values(modes).some(({ base }) => base === name);

export interface FoundTunnel {
  readonly tunnel: Tunnel;
  readonly header: LinkHeader;
  readonly attributes: LinkAttributes;
}

/** The tunnel that a link is; undefined: it is none of these. */
export function tunnelOf(message: NetlinkMessage): FoundTunnel | undefined {
  const { header, attributes } = linkMessage.parse(message);
  const { linkinfo, ifname = '' } = attributes;
  const data = linkinfo?.data;
  if (data === undefined) return undefined;
  if (header.type === ARPHRD_IPGRE && linkinfo?.kind === 'gre') {
    const gre = data.parse(greData);
    const tunnel = {
      name: ifname,
      protocol: IPPROTO_GRE,
      remote: gre.remote ?? 0,
      local: gre.local ?? 0,
      link: gre.link ?? 0,
      inputFlags: gre.iflags ?? 0,
      outputFlags: gre.oflags ?? 0,
      inputKey: gre.ikey ?? 0,
      outputKey: gre.okey ?? 0,
      ttl: gre.ttl ?? 0,
      tos: gre.tos ?? 0,
      pmtudisc: gre.pmtudisc !== 0,
      isatap: false,
    };
    return { tunnel, header, attributes };
  }
  if ((header.type === ARPHRD_TUNNEL && linkinfo?.kind === 'ipip') || (header.type === ARPHRD_SIT && linkinfo?.kind === 'sit')) {
    const ip = data.parse(ipTunnelData);
    const tunnel = {
      ...emptyTunnel(),
      name: ifname,
      protocol: ip.proto ?? 0,
      remote: ip.remote ?? 0,
      local: ip.local ?? 0,
      link: ip.link ?? 0,
      ttl: ip.ttl ?? 0,
      tos: ip.tos ?? 0,
      pmtudisc: ip.pmtudisc !== 0,
      isatap: ((ip.flags ?? 0) & SIT_ISATAP) !== 0,
    };
    return { tunnel, header, attributes };
  }
  return undefined;
}

/** IFLA_INFO_DATA for a tunnel. */
export function dataOf(tunnel: Tunnel): Deferred {
  const { remote, local, link, ttl, tos } = tunnel;
  const pmtudisc = tunnel.pmtudisc ? 1 : 0;
  const flags = tunnel.isatap ? { flags: SIT_ISATAP } : {};
  if (tunnel.protocol !== IPPROTO_GRE)
    return Deferred.of(ipTunnelData, { link, local, remote, ttl, tos, proto: tunnel.protocol, pmtudisc, ...flags });
  return Deferred.of(greData, {
    link,
    iflags: tunnel.inputFlags,
    oflags: tunnel.outputFlags,
    ikey: tunnel.inputKey,
    okey: tunnel.outputKey,
    local,
    remote,
    ttl,
    tos,
    pmtudisc,
  });
}

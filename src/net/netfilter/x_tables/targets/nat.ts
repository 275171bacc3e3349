import * as nat from '../../../../netlink/nfnl/expressions/nat.js';
import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import { LOCAL_IN, LOCAL_OUT, POST_ROUTING, PRE_ROUTING } from '../../../core/hooks.js';
import * as ip from '../../../../wire/ipv4.js';
import { DESTINATION, type NatRange, SOURCE } from '../../nat/range.js';
import { masquerade } from '../../nf_tables/expressions/masq.js';
import { onlyInNat } from '../../nf_tables/expressions/nat-common.js';
import { redirect } from '../../nf_tables/expressions/redir.js';
import type { PacketInfo } from '../../nf_tables/packet-info.js';
import { NF_DROP } from '../../nf_tables/verdict.js';
import type { Info, Target } from '../extension.js';

// linux/netfilter/nf_nat.h

/** struct nf_nat_ipv4_multi_range_compat with its one range. */
const RANGE_IPV4 = 20;
/** struct nf_nat_range, nf_nat_range2 */
const RANGE = 40;
const RANGE2 = 44;

type Fill = (range: NatRange) => void;

function range4(info: Info): Fill {
  const flags = info.u32(4);
  const [min, max] = [info.be32(8), info.be32(12)];
  const [minPort, maxPort] = [info.be16(16), info.be16(18)];
  return (range) => {
    range.reset().flags = flags;
    range.minAddress[0] = min;
    range.maxAddress[0] = max;
    range.minPort = minPort;
    range.maxPort = maxPort;
  };
}

function range6(info: Info, revision: number): Fill {
  const flags = info.u32(0);
  const [min, max] = [info.address(4), info.address(20)];
  const [minPort, maxPort] = [info.be16(36), info.be16(38)];
  const basePort = revision === 2 ? info.be16(40) : 0;
  return (range) => {
    range.reset().flags = flags;
    range.minAddress.set(min);
    range.maxAddress.set(max);
    range.minPort = minPort;
    range.maxPort = maxPort;
    range.basePort = basePort;
  };
}

const setup = (fill: Fill, manip: number) => (packet: PacketInfo) => {
  const { nat: translation } = packet.tables.namespace.conntrack;
  const id = packet.skb.conntrack;
  if (id === 0) return NF_DROP;
  fill(translation.range);
  return translation.setup(id, translation.range, manip);
};

const SOURCE_HOOKS = [POST_ROUTING, LOCAL_IN];
const DESTINATION_HOOKS = [PRE_ROUTING, LOCAL_OUT];

export const snat: Target = {
  name: 'SNAT',
  bytes: [RANGE_IPV4, RANGE],
  conntrack: true,
  validate: (base) => onlyInNat(base, SOURCE_HOOKS),
  make: (info, revision) => setup(revision === 0 ? range4(info) : range6(info, revision), SOURCE),
};

export const dnat: Target = {
  name: 'DNAT',
  bytes: [RANGE_IPV4, RANGE, RANGE2],
  conntrack: true,
  validate: (base) => onlyInNat(base, DESTINATION_HOOKS),
  make: (info, revision) => setup(revision === 0 ? range4(info) : range6(info, revision), DESTINATION),
};

export const masqueradeTarget: Target = {
  name: 'MASQUERADE',
  bytes: [RANGE_IPV4],
  conntrack: true,
  validate: (base) => onlyInNat(base, [POST_ROUTING]),
  make(info, _revision, { family }) {
    const fill = family === NFPROTO_IPV4 ? range4(info) : range6(info, 0);
    return (packet) => {
      const { range } = packet.tables.namespace.conntrack.nat;
      fill(range);
      return masquerade(packet, range);
    };
  },
};

export const redirectTarget: Target = {
  name: 'REDIRECT',
  bytes: [RANGE_IPV4],
  conntrack: true,
  validate: (base) => onlyInNat(base, DESTINATION_HOOKS),
  make(info, _revision, { family }) {
    const fill = family === NFPROTO_IPV4 ? range4(info) : range6(info, 0);
    return (packet) => {
      const { range } = packet.tables.namespace.conntrack.nat;
      fill(range);
      return redirect(packet, range);
    };
  },
};

/** The net of an address is replaced, its host's part stays. Linux: netmap_tg4(), netmap_tg6() */
export const netmap: Target = {
  name: 'NETMAP',
  bytes: [RANGE_IPV4],
  conntrack: true,
  validate: (base) => onlyInNat(base, [PRE_ROUTING, POST_ROUTING, LOCAL_OUT, LOCAL_IN]),
  make(info, _revision, { family }) {
    const four = family === NFPROTO_IPV4;
    const fill = four ? range4(info) : range6(info, 0);
    return (packet) => {
      const { hook, skb } = packet;
      const ofDestination = hook === PRE_ROUTING || hook === LOCAL_OUT;
      const translation = packet.tables.namespace.conntrack.nat;
      if (skb.conntrack === 0) return NF_DROP;
      const { range } = translation;
      fill(range);
      const words = four ? 1 : 4;
      const at = skb.networkHeader + (four ? (ofDestination ? 16 : 12) : ofDestination ? 24 : ip.HEADER - 12);
      for (let i = 0; i < words; i++) {
        const host = range.minAddress[i]! ^ range.maxAddress[i]!;
        range.minAddress[i] = (range.minAddress[i]! & ~host) | (skb.view.getUint32(at + 4 * i) & host);
      }
      range.maxAddress.set(range.minAddress);
      range.flags |= nat.NF_NAT_RANGE_MAP_IPS;
      return translation.setup(skb.conntrack, range, ofDestination ? DESTINATION : SOURCE);
    };
  },
};

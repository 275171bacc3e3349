import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import type { NetDevice } from '../../core/device.js';
import { type Hook, hooked, LOCAL_IN, LOCAL_OUT, NF_ACCEPT, NF_DROP, POST_ROUTING, PRE_ROUTING } from '../../core/hooks.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Conntrack } from '../conntrack/conntrack.js';
import { isIcmpError } from '../conntrack/icmp-error.js';
import * as layout from '../conntrack/layout.js';
import { Tuple } from '../conntrack/tuple.js';
import { skipHeaders } from '../../../wire/ipv6-extensions.js';
import * as checksum from '../../../wire/checksum.js';
import * as icmp from '../../../wire/icmp.js';
import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import { reroute4, reroute6 } from '../reroute.js';
import { isPartial, manipulate } from './manip.js';
import { DESTINATION, NatRange, SOURCE } from './range.js';
import { makeUnique } from './unique.js';

const NF_IP_PRI_NAT_DST = -100;
const NF_IP_PRI_NAT_SRC = 100;

/** Destinations change before routing, sources after. Linux: HOOK2MANIP() */
const manipOf = (hook: number): number => (hook === POST_ROUTING || hook === LOCAL_IN ? SOURCE : DESTINATION);

/** The chains of one family: of each hook, in the order of their priorities. */
class FamilyChains {
  readonly chains: (readonly Hook[])[] = [[], [], [], [], []];
  count = 0;
  unhook: (() => void) | null = null;
}

/** NAT of one namespace: chains decide once a connection, and what they decided is done to each of its packets. */
export class Nat {
  readonly #conntrack: Conntrack;
  readonly #families = [new FamilyChains(), new FamilyChains()];
  readonly #current = new Tuple();
  readonly #wanted = new Tuple();
  readonly #target = new Tuple();
  readonly #null = new NatRange();
  /** What rules fill in. */
  readonly range = new NatRange();

  constructor(conntrack: Conntrack) {
    this.#conntrack = conntrack;
  }

  /** Adds a base chain of type nat; returns how to take it away. Linux: nf_nat_register_fn() */
  register(four: boolean, hook: number, member: Hook): () => void {
    const family = this.#families[four ? 0 : 1]!;
    family.chains[hook] = hooked(family.chains[hook]!, member);
    if (family.count++ === 0) family.unhook = this.#hook(four);
    return () => {
      family.chains[hook] = family.chains[hook]!.filter((other) => other !== member);
      if (--family.count > 0) return;
      family.unhook?.();
      family.unhook = null;
    };
  }

  destroy(): void {
    for (const family of this.#families) family.unhook?.();
  }

  /** Whether chains have decided about a connection's source or destination. Linux: nf_nat_initialized() */
  decided(id: number, manip: number): boolean {
    return (this.#conntrack.table.status(id) & doneBit(manip)) !== 0;
  }

  /** Decides: the connection's source or destination is to be in `range`. NF_ACCEPT, NF_DROP. Linux: nf_nat_setup_info() */
  setup(id: number, range: NatRange, manip: number): number {
    const { table, scratch } = this.#conntrack;
    if ((table.status(id) & layout.IPS_CONFIRMED) !== 0) return NF_ACCEPT;
    if (this.decided(id, manip)) return NF_DROP;
    const current = this.#current;
    if (!table.readTuple(id, 1, scratch).invert(current)) return NF_DROP;
    const wanted = this.#wanted.copyFrom(current);
    makeUnique(this.#conntrack, wanted, id, range, manip);
    if (!wanted.equals(current)) {
      if (!wanted.invert(scratch)) return NF_DROP;
      table.writeTuple(id, 1, scratch);
      table.setStatus(id, manip === SOURCE ? layout.IPS_SRC_NAT : layout.IPS_DST_NAT);
    }
    table.setStatus(id, doneBit(manip));
    return NF_ACCEPT;
  }

  #hook(four: boolean): () => void {
    const conntrack = this.#conntrack;
    conntrack.use();
    const { ipv4, ipv6 } = conntrack.namespace;
    const hooks = four ? ipv4.hooks : ipv6.hooks;
    const member = (priority: number): Hook => ({
      priority,
      run: (skb, hook, input, output) => this.#run(four, skb, hook, input, output),
    });
    const leave = [
      hooks.register(PRE_ROUTING, member(NF_IP_PRI_NAT_DST)),
      hooks.register(LOCAL_OUT, member(NF_IP_PRI_NAT_DST)),
      hooks.register(POST_ROUTING, member(NF_IP_PRI_NAT_SRC)),
      hooks.register(LOCAL_IN, member(NF_IP_PRI_NAT_SRC)),
    ];
    return () => {
      for (const one of leave) one();
      conntrack.unuse();
    };
  }

  /** Linux: nf_nat_ipv4_pre_routing(), nf_nat_ipv4_local_fn() and their like */
  #run(four: boolean, skb: PacketBuffer, hook: number, input: NetDevice | null, output: NetDevice | null): number {
    const id = skb.conntrack;
    if (id === 0) return NF_ACCEPT;
    const at = skb.networkHeader;
    const before = four ? skb.view.getUint32(at + 16) : destinationSum(skb);
    const verdict = this.#translate(four, skb, id, hook, input, output);
    if (verdict !== NF_ACCEPT || (hook !== PRE_ROUTING && hook !== LOCAL_OUT)) return verdict;
    const after = four ? skb.view.getUint32(skb.networkHeader + 16) : destinationSum(skb);
    if (before === after) return NF_ACCEPT;
    if (hook === PRE_ROUTING) {
      skb.dst = null;
      return NF_ACCEPT;
    }
    const { ipv4, ipv6 } = this.#conntrack.namespace;
    return (four ? reroute4(ipv4, skb) : reroute6(ipv6, skb)) ? NF_ACCEPT : NF_DROP;
  }

  /** Linux: nf_nat_inet_fn() */
  #translate(four: boolean, skb: PacketBuffer, id: number, hook: number, input: NetDevice | null, output: NetDevice | null): number {
    const conntrack = this.#conntrack;
    const { table } = conntrack;
    const info = skb.conntrackInfo;
    const manip = manipOf(hook);
    if (info === layout.IP_CT_RELATED || info === layout.IP_CT_RELATED_REPLY) {
      const transport = transportOf(four, skb);
      // A redirect would tell of addresses that only the far side of a translation has. Linux: nf_nat_icmp_reply_translation()
      if (four && protocolOf(four, skb) === icmp.PROTOCOL && skb.view.getUint8(transport) === icmp.REDIRECT) {
        const done = layout.IPS_SRC_NAT_DONE | layout.IPS_DST_NAT_DONE;
        const status = table.status(id);
        return (status & done) === done && (status & layout.IPS_NAT_MASK) === 0 ? NF_ACCEPT : NF_DROP;
      }
      if (isIcmpError(four ? NFPROTO_IPV4 : NFPROTO_IPV6, protocolOf(four, skb), skb, transport))
        return this.#translateError(four, skb, id, info, hook, transport) ? NF_ACCEPT : NF_DROP;
    }
    if (info === layout.IP_CT_NEW || info === layout.IP_CT_RELATED || info === layout.IP_CT_RELATED_REPLY) {
      if (!this.decided(id, manip)) {
        const chains = this.#families[four ? 0 : 1]!.chains[hook]!;
        for (let i = 0; i < chains.length; i++) {
          const verdict = chains[i]!.run(skb, hook, input, output);
          if (verdict !== NF_ACCEPT) return verdict;
          if (this.decided(id, manip)) break;
        }
        if (!this.decided(id, manip) && this.setup(id, this.#null.reset(), manip) !== NF_ACCEPT) return NF_DROP;
      }
    }
    // Masqueraded, and now on its way out by another device: the address is wrong, and another try begins anew.
    if (manip === SOURCE && hook === POST_ROUTING && output !== null && layout.directionOf(info) === 0) {
      const by = table.get(id, layout.MASQUERADE_IFINDEX);
      if (by !== 0 && by !== output.ifindex) {
        conntrack.kill(id);
        return NF_DROP;
      }
    }
    return this.apply(skb, id, info, manip);
  }

  /** What was decided is done to a packet. Linux: nf_nat_packet() */
  apply(skb: PacketBuffer, id: number, info: number, manip: number): number {
    const conntrack = this.#conntrack;
    const { table, scratch } = conntrack;
    const direction = layout.directionOf(info);
    if ((table.status(id) & changeBit(manip, direction)) === 0) return NF_ACCEPT;
    if (skb.shared && !conntrack.namespace.stack.pool.makeWritable(skb)) return NF_DROP;
    if (!table.readTuple(id, 1 - direction, scratch).invert(this.#target)) return NF_DROP;
    manipulate(skb, skb.networkHeader, this.#target, manip, isPartial(skb));
    return NF_ACCEPT;
  }

  /** An ICMP error: the packet in it is changed back, and it itself forth. Linux: nf_nat_icmp_reply_translation() */
  #translateError(four: boolean, skb: PacketBuffer, id: number, info: number, hook: number, at: number): boolean {
    const { table, scratch, namespace } = this.#conntrack;
    const direction = layout.directionOf(info);
    const manip = manipOf(hook);
    if ((table.status(id) & changeBit(manip, direction)) === 0) return true;
    if (skb.shared && !namespace.stack.pool.makeWritable(skb)) return false;
    table.readTuple(id, 1 - direction, scratch);
    const inner = at + 8;
    if (inner + (four ? ip.HEADER : ip6.HEADER) > skb.tail) return false;
    manipulate(skb, inner, scratch, 1 - manip, false);
    if (!scratch.invert(this.#target)) return false;
    const { view, networkHeader } = skb;
    // The error has the addresses of the connection, and a checksum over all that it carries.
    const target = this.#target;
    if (four) {
      const place = networkHeader + (manip === SOURCE ? 12 : 16);
      view.setUint32(place, manip === SOURCE ? target.source[0]! : target.destination[0]!);
      ip.writeChecksum(view, networkHeader, ip.headerLength(view, networkHeader));
    } else
      ip6.writeAddress(
        view,
        networkHeader + (manip === SOURCE ? ip6.SOURCE : ip6.DESTINATION),
        manip === SOURCE ? target.source : target.destination,
      );
    view.setUint16(at + 2, 0);
    const bytes = skb.tail - at;
    const pseudo = four ? 0 : ip6.pseudoHeaderSumAt(view, networkHeader + ip6.SOURCE, 58, bytes);
    if (!isPartial(skb)) view.setUint16(at + 2, checksum.checksum(view, at, bytes, pseudo));
    else view.setUint16(at + 2, checksum.fold(pseudo));
    return true;
  }
}

const doneBit = (manip: number): number => (manip === SOURCE ? layout.IPS_SRC_NAT_DONE : layout.IPS_DST_NAT_DONE);

/** In the other direction a changed source is a destination that is changed back. */
const changeBit = (manip: number, direction: number): number =>
  (manip === SOURCE) === (direction === 0) ? layout.IPS_SRC_NAT : layout.IPS_DST_NAT;

function destinationSum(skb: PacketBuffer): number {
  let sum = 0;
  for (let i = 24; i < 40; i += 4) sum = (Math.imul(sum, 31) + skb.view.getInt32(skb.networkHeader + i)) | 0;
  return sum;
}

const protocolOf = (four: boolean, skb: PacketBuffer): number =>
  four ? ip.protocol(skb.view, skb.networkHeader) : skipHeaders(skb.view, skb.networkHeader, skb.tail).protocol;

const transportOf = (four: boolean, skb: PacketBuffer): number =>
  four ? skb.networkHeader + ip.headerLength(skb.view, skb.networkHeader) : skipHeaders(skb.view, skb.networkHeader, skb.tail).offset;

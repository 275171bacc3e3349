import { EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { masq as schema } from '../../../../netlink/nfnl/expressions/masq.js';
import { NF_NAT_RANGE_MAP_IPS } from '../../../../netlink/nfnl/expressions/nat.js';
import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import { POST_ROUTING } from '../../../core/hooks.js';
import * as ip from '../../../../wire/ipv4.js';
import { ipv4Routes } from '../../../ipv4/routes.js';
import { MASQUERADE_IFINDEX } from '../../conntrack/layout.js';
import { type NatRange, SOURCE } from '../../nat/range.js';
import type { BaseChain } from '../chain.js';
import { expressionKind, showRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { NF_ACCEPT, NF_DROP } from '../verdict.js';
import { ConntrackUser, inNamespace } from './conntrack-user.js';
import { onlyInNat, PortRegisters } from './nat-common.js';

const RT_SCOPE_UNIVERSE = 0;
const destination = new Uint32Array(4);

/** Source NAT to the address that the device it leaves by has towards the next hop. Linux: nf_nat_masquerade_ipv4(), nf_nat_masquerade_ipv6() */
export function masquerade(packet: PacketInfo, range: NatRange): number {
  const { skb, output } = packet;
  const { namespace } = packet.tables;
  const { nat, table } = namespace.conntrack;
  const id = skb.conntrack;
  if (id === 0 || output === null) return NF_DROP;
  const at = skb.networkHeader;
  range.flags |= NF_NAT_RANGE_MAP_IPS;
  if (packet.networkFamily === NFPROTO_IPV4) {
    // Who says from nowhere gets no other source.
    if (ip.source(skb.view, at) === 0) return NF_ACCEPT;
    const gateway = skb.dst === null ? 0 : namespace.ipv4.asRoute(skb.dst).gateway;
    const nexthop = gateway !== 0 ? gateway : ip.destination(skb.view, at);
    const address = ipv4Routes(namespace).addresses.select(output, nexthop, RT_SCOPE_UNIVERSE);
    if (address === 0) return NF_DROP;
    range.minAddress[0] = address;
  } else {
    for (let i = 0; i < 4; i++) destination[i] = skb.view.getUint32(at + 24 + 4 * i);
    if (!namespace.ipv6.addresses.select(output, destination, range.minAddress)) return NF_DROP;
  }
  range.maxAddress.set(range.minAddress);
  table.set(id, MASQUERADE_IFINDEX, output.ifindex);
  return nat.setup(id, range, SOURCE);
}

class Masq extends ConntrackUser {
  constructor(
    readonly flags: number,
    readonly ports: PortRegisters,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const range = packet.tables.namespace.conntrack.nat.range.reset();
    range.flags = this.flags;
    this.ports.fill(packet, range);
    return masquerade(packet, range);
  }

  override get reads(): readonly (readonly [number, number])[] {
    return this.ports.reads;
  }

  override validate(base: BaseChain): void {
    onlyInNat(base, [POST_ROUTING]);
  }

  describe() {
    return {
      ...(this.flags === 0 ? {} : { flags: this.flags }),
      ...(this.ports.min === null || this.ports.max === null
        ? {}
        : { regProtoMin: showRegister(this.ports.min), regProtoMax: showRegister(this.ports.max) }),
    };
  }
}

export const masq = expressionKind(schema, (values, { namespace }) => {
  const flags = values.flags ?? 0;
  if ((flags & ~0x7f) !== 0) return fail(EINVAL);
  return inNamespace(new Masq(flags, new PortRegisters(values.regProtoMin, values.regProtoMax)), namespace);
});

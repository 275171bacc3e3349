import { EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { NF_NAT_RANGE_MAP_IPS } from '../../../../netlink/nfnl/expressions/nat.js';
import { redir as schema } from '../../../../netlink/nfnl/expressions/redir.js';
import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import { LOCAL_OUT, PRE_ROUTING } from '../../../core/hooks.js';
import { copyAddress, LOOPBACK } from '../../../../wire/ipv6.js';
import { DESTINATION, type NatRange } from '../../nat/range.js';
import type { BaseChain } from '../chain.js';
import { expressionKind, showRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { NF_DROP } from '../verdict.js';
import { ConntrackUser, inNamespace } from './conntrack-user.js';
import { onlyInNat, PortRegisters } from './nat-common.js';

const INADDR_LOOPBACK = 0x7f00_0001;

/** Destination NAT to this host: to the first address of the device that it came in by. Linux: nf_nat_redirect_ipv4(), nf_nat_redirect_ipv6() */
export function redirect(packet: PacketInfo, range: NatRange): number {
  const { skb, input, hook } = packet;
  const { nat } = packet.tables.namespace.conntrack;
  const id = skb.conntrack;
  if (id === 0) return NF_DROP;
  range.flags |= NF_NAT_RANGE_MAP_IPS;
  if (packet.networkFamily === NFPROTO_IPV4) {
    const address = hook === LOCAL_OUT ? INADDR_LOOPBACK : (input?.ipv4?.addresses[0]?.local ?? 0);
    if (address === 0) return NF_DROP;
    range.minAddress[0] = address;
  } else if (hook === LOCAL_OUT) copyAddress(LOOPBACK, range.minAddress);
  else {
    const held = input?.ipv6?.addresses[0];
    if (held === undefined) return NF_DROP;
    copyAddress(held.address, range.minAddress);
  }
  range.maxAddress.set(range.minAddress);
  return nat.setup(id, range, DESTINATION);
}

class Redir extends ConntrackUser {
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
    return redirect(packet, range);
  }

  override get reads(): readonly (readonly [number, number])[] {
    return this.ports.reads;
  }

  override validate(base: BaseChain): void {
    onlyInNat(base, [PRE_ROUTING, LOCAL_OUT]);
  }

  describe() {
    return {
      ...(this.ports.min === null || this.ports.max === null
        ? {}
        : { regProtoMin: showRegister(this.ports.min), regProtoMax: showRegister(this.ports.max) }),
      ...(this.flags === 0 ? {} : { flags: this.flags }),
    };
  }
}

export const redir = expressionKind(schema, (values, { namespace }) => {
  let flags = values.flags ?? 0;
  if ((flags & ~0x7f) !== 0) return fail(EINVAL);
  const ports = new PortRegisters(values.regProtoMin, values.regProtoMax);
  if (ports.min !== null) flags |= 2;
  return inNamespace(new Redir(flags, ports), namespace);
});

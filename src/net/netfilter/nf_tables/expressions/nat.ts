import { EAFNOSUPPORT, EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import {
  NF_NAT_RANGE_MAP_IPS,
  NF_NAT_RANGE_NETMAP,
  NF_NAT_RANGE_PROTO_SPECIFIED,
  NFT_NAT_DNAT,
  NFT_NAT_SNAT,
  nat as schema,
} from '../../../../netlink/nfnl/expressions/nat.js';
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../../netlink/nfnl/nfnetlink.js';
import { LOCAL_IN, LOCAL_OUT, POST_ROUTING, PRE_ROUTING } from '../../../core/hooks.js';
import { DESTINATION, type NatRange, SOURCE } from '../../nat/range.js';
import type { BaseChain } from '../chain.js';
import { expressionKind, loadRegister, showRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { NF_DROP } from '../verdict.js';
import { swap32 } from './bytes.js';
import { ConntrackUser, inNamespace } from './conntrack-user.js';
import { onlyInNat, PortRegisters } from './nat-common.js';

const SOURCE_HOOKS = [POST_ROUTING, LOCAL_IN];
const DESTINATION_HOOKS = [PRE_ROUTING, LOCAL_OUT];

class NatExpression extends ConntrackUser {
  constructor(
    readonly type: number,
    readonly family: number,
    readonly minWord: number | null,
    readonly maxWord: number | null,
    readonly ports: PortRegisters,
    readonly flags: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const id = packet.skb.conntrack;
    const { nat } = packet.tables.namespace.conntrack;
    if (id === 0) return NF_DROP;
    const range = nat.range.reset();
    range.flags = this.flags;
    if (this.minWord !== null && this.maxWord !== null) {
      this.#address(packet, this.minWord, range.minAddress);
      this.#address(packet, this.maxWord, range.maxAddress);
      range.flags |= NF_NAT_RANGE_MAP_IPS;
    }
    this.ports.fill(packet, range);
    this.#netmap(range);
    return nat.setup(id, range, this.type === NFT_NAT_SNAT ? SOURCE : DESTINATION);
  }

  override get reads(): readonly (readonly [number, number])[] {
    const words = this.family === NFPROTO_IPV4 ? 1 : 4;
    const reads = [...this.ports.reads];
    if (this.minWord !== null) reads.push([this.minWord, words]);
    if (this.maxWord !== null) reads.push([this.maxWord, words]);
    return reads;
  }

  override validate(base: BaseChain): void {
    onlyInNat(base, this.type === NFT_NAT_SNAT ? SOURCE_HOOKS : DESTINATION_HOOKS);
  }

  describe() {
    return {
      type: this.type,
      family: this.family,
      ...(this.minWord === null || this.maxWord === null
        ? {}
        : { regAddrMin: showRegister(this.minWord), regAddrMax: showRegister(this.maxWord) }),
      ...(this.ports.min === null || this.ports.max === null
        ? {}
        : { regProtoMin: showRegister(this.ports.min), regProtoMax: showRegister(this.ports.max) }),
      ...(this.flags === 0 ? {} : { flags: this.flags }),
    };
  }

  #address(packet: PacketInfo, word: number, into: NatRange['minAddress']): void {
    if (this.family === NFPROTO_IPV4) into[0] = swap32(packet.registers[word]!);
    else for (let i = 0; i < 4; i++) into[i] = swap32(packet.registers[word + i]!);
  }

  #netmap(range: NatRange): void {
    // Both ends of the range tell the net's length: what differs is the host's part.
    if ((range.flags & NF_NAT_RANGE_NETMAP) !== 0) range.flags |= NF_NAT_RANGE_MAP_IPS;
  }
}

export const nat = expressionKind(schema, (values, { table, namespace }) => {
  const { type, family } = values;
  if (type === undefined || (values.regAddrMin === undefined && values.regProtoMin === undefined)) return fail(EINVAL);
  if (type !== NFT_NAT_SNAT && type !== NFT_NAT_DNAT) return fail(EINVAL);
  if (family === undefined) return fail(EINVAL);
  if (table.family !== NFPROTO_INET && family !== table.family) return fail(EAFNOSUPPORT);
  if (family !== NFPROTO_IPV4 && family !== NFPROTO_IPV6 && (family !== NFPROTO_INET || values.regAddrMin !== undefined))
    return fail(EAFNOSUPPORT);
  const bytes = family === NFPROTO_IPV4 ? 4 : 16;
  const min = values.regAddrMin === undefined ? null : loadRegister(values.regAddrMin, bytes);
  const max = values.regAddrMax === undefined ? min : loadRegister(values.regAddrMax, bytes);
  const ports = new PortRegisters(values.regProtoMin, values.regProtoMax);
  let flags = values.flags ?? 0;
  if ((flags & ~0x7f) !== 0) return fail(EINVAL);
  if (min !== null) flags |= NF_NAT_RANGE_MAP_IPS;
  if (ports.min !== null) flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
  return inNamespace(new NatExpression(type, family, min, max, ports, flags), namespace);
});

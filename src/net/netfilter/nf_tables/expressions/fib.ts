import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as fibs from '../../../../netlink/nfnl/expressions/fib.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../../netlink/nfnl/nfnetlink.js';
import {
  IFF_LOOPBACK,
  RTN_ANYCAST,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_UNICAST,
  RTN_UNREACHABLE,
} from '../../../../netlink/rtnl/constants.js';
import * as ip6 from '../../../../wire/ipv6.js';
import { Flow } from '../../../core/flow.js';
import { FORWARD, LOCAL_IN, LOCAL_OUT, POST_ROUTING, PRE_ROUTING } from '../../../core/hooks.js';
import type { NetDevice } from '../../../core/device.js';
import { ipv4Routes } from '../../../ipv4/routes.js';
import type { BaseChain } from '../chain.js';
import { Expression, expressionKind, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { nameWords } from './bytes.js';

const flow = new Flow();
const address = new Uint32Array(4);

/** RTN_* of a packet's source or destination; `device`: as seen from there alone. Linux: nft_fib4_eval_type(), nft_fib6_eval_type() */
export function addressType(packet: PacketInfo, ofSource: boolean, device: NetDevice | null): number {
  const { namespace } = packet.tables;
  const { view, networkHeader: at } = packet.skb;
  if (packet.networkFamily === NFPROTO_IPV4) {
    const { fib } = ipv4Routes(namespace);
    const four = view.getUint32(at + (ofSource ? 12 : 16));
    return device === null ? fib.addressType(four) : fib.addressTypeOn(device, four);
  }
  ip6.readAddress(view, at + (ofSource ? ip6.SOURCE : ip6.DESTINATION), address);
  if (ip6.isMulticast(address)) return RTN_MULTICAST;
  flow.reset();
  flow.source6.fill(0);
  ip6.copyAddress(address, flow.destination6);
  flow.oif = device?.ifindex ?? 0;
  const route = namespace.ipv6.routes.output(flow);
  if (route.error !== 0) return RTN_UNREACHABLE;
  if (route.type === RTN_LOCAL || route.type === RTN_ANYCAST || route.type === RTN_BROADCAST) return route.type;
  return RTN_UNICAST;
}

class Fib extends Expression {
  constructor(
    readonly word: number,
    readonly result: number,
    readonly flags: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const family = packet.networkFamily;
    if (family !== NFPROTO_IPV4 && family !== NFPROTO_IPV6) return BREAK;
    if (this.result === fibs.NFT_FIB_RESULT_ADDRTYPE) {
      const source = (this.flags & fibs.NFTA_FIB_F_SADDR) !== 0;
      packet.registers[this.word] = addressType(packet, source, this.#device(packet));
      return CONTINUE;
    }
    this.#store(packet, this.#lookup(packet, family === NFPROTO_IPV4));
    return CONTINUE;
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(sizeOf(this.result))]];
  }

  // Linux: nft_fib_validate()
  override validate(base: BaseChain): void {
    const { hook } = base;
    if (this.result === fibs.NFT_FIB_RESULT_ADDRTYPE) {
      if ((this.flags & fibs.NFTA_FIB_F_IIF) !== 0 && hook > FORWARD) fail(EOPNOTSUPP);
      if ((this.flags & fibs.NFTA_FIB_F_OIF) !== 0 && hook !== FORWARD && hook !== LOCAL_OUT && hook !== POST_ROUTING) fail(EOPNOTSUPP);
      return;
    }
    if (hook !== PRE_ROUTING && hook !== LOCAL_IN && hook !== FORWARD && hook !== 5) fail(EOPNOTSUPP);
  }

  describe() {
    return { dreg: showRegister(this.word), result: this.result, flags: this.flags };
  }

  #at(packet: PacketInfo, source: number, destination: number): number {
    return packet.skb.networkHeader + ((this.flags & fibs.NFTA_FIB_F_SADDR) !== 0 ? source : destination);
  }

  #device(packet: PacketInfo): NetDevice | null {
    if ((this.flags & fibs.NFTA_FIB_F_IIF) !== 0) return packet.input;
    return (this.flags & fibs.NFTA_FIB_F_OIF) !== 0 ? packet.output : null;
  }

  /** The device by which a packet to the address would leave; null: there is none, or not the one asked for. */
  #lookup(packet: PacketInfo, four: boolean): NetDevice | null {
    const { namespace } = packet.tables;
    const { skb } = packet;
    const device = this.#device(packet);
    flow.reset();
    flow.iif = namespace.loopback.ifindex;
    if ((this.flags & fibs.NFTA_FIB_F_MARK) !== 0) flow.mark = skb.mark;
    // What comes by the loopback was judged on its way out.
    if (packet.input !== null && (packet.input.flags & IFF_LOOPBACK) !== 0 && packet.hook === PRE_ROUTING) return packet.input;
    flow.anySource = true;
    if (four) {
      flow.destination = skb.view.getUint32(this.#at(packet, 12, 16));
      if (flow.destination >>> 28 === 0xe || flow.destination === 0) return packet.input;
      if (device !== null) flow.oif = device.ifindex;
      const route = namespace.ipv4.route(flow);
      return route.error !== 0 || (route.type !== RTN_UNICAST && route.type !== RTN_LOCAL) ? null : route.device;
    }
    flow.source6.fill(0);
    ip6.readAddress(skb.view, this.#at(packet, ip6.SOURCE, ip6.DESTINATION), flow.destination6);
    if (device !== null) flow.oif = device.ifindex;
    const route = namespace.ipv6.routes.output(flow);
    return route.error !== 0 || (device !== null && route.device !== device) ? null : route.device;
  }

  #store(packet: PacketInfo, device: NetDevice | null): void {
    const { registers } = packet;
    if (this.result === fibs.NFT_FIB_RESULT_OIF) {
      registers[this.word] = (this.flags & fibs.NFTA_FIB_F_PRESENT) === 0 ? (device?.ifindex ?? 0) : device === null ? 0 : 1;
      return;
    }
    if ((this.flags & fibs.NFTA_FIB_F_PRESENT) !== 0) {
      registers[this.word] = device === null ? 0 : 1;
      return;
    }
    const words = nameWords(device?.name ?? '');
    for (let i = 0; i < words.length; i++) registers[this.word + i] = words[i]!;
  }
}

const sizeOf = (result: number) => (result === fibs.NFT_FIB_RESULT_OIFNAME ? 16 : 4);

export const fib = expressionKind(fibs.fib, (values) => {
  const { dreg, result, flags } = values;
  if (dreg === undefined || result === undefined || flags === undefined) return fail(EINVAL);
  const addresses = flags & (fibs.NFTA_FIB_F_SADDR | fibs.NFTA_FIB_F_DADDR);
  const devices = flags & (fibs.NFTA_FIB_F_IIF | fibs.NFTA_FIB_F_OIF);
  if (addresses === 0 || addresses === 3 || devices === (fibs.NFTA_FIB_F_IIF | fibs.NFTA_FIB_F_OIF)) return fail(EINVAL);
  if ((flags & ~0x3f) !== 0) return fail(EINVAL);
  if (result < fibs.NFT_FIB_RESULT_OIF || result > fibs.NFT_FIB_RESULT_ADDRTYPE) return fail(EINVAL);
  if ((result === fibs.NFT_FIB_RESULT_OIF || result === fibs.NFT_FIB_RESULT_OIFNAME) && (flags & fibs.NFTA_FIB_F_OIF) !== 0)
    return fail(EINVAL);
  const bytes = (flags & fibs.NFTA_FIB_F_PRESENT) !== 0 ? 4 : sizeOf(result);
  return new Fib(storeRegister(dreg, bytes), result, flags);
});

import { NF_INET_INGRESS } from '../../../netlink/nfnl/nf-tables.js';
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../../../wire/ethernet.js';
import type { NetDevice } from '../../core/device.js';
import { type Hook, LOCAL_OUT } from '../../core/hooks.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import { reroute4, reroute6 } from '../reroute.js';
import type { Chain } from './chain.js';
import type { NfTables } from './nf-tables.js';
import type { PacketInfo } from './packet-info.js';
import { tracePolicy } from './trace.js';
import { CONTINUE, NF_ACCEPT, NF_DROP, NF_QUEUE, NF_STOLEN } from './verdict.js';

/** A base chain on a hook of one family. */
export class ChainHook implements Hook {
  readonly priority: number;
  readonly #tables: NfTables;
  readonly #chain: Chain;
  readonly #family: number;
  readonly #reroutes: boolean;

  constructor(tables: NfTables, chain: Chain, family: number) {
    this.#tables = tables;
    this.#chain = chain;
    this.#family = family;
    this.priority = chain.base!.priority;
    this.#reroutes = chain.base!.type === 'route' && chain.base!.hook === LOCAL_OUT;
  }

  run(skb: PacketBuffer, hook: number, input: NetDevice | null, output: NetDevice | null): number {
    let family = this.#family;
    let number = hook;
    if (family === NFPROTO_INET) {
      // inet's ingress sees IPv4 and IPv6, and lets all else by.
      if (skb.protocol === ETH_P_IP) family = NFPROTO_IPV4;
      else if (skb.protocol === ETH_P_IPV6) family = NFPROTO_IPV6;
      else return NF_ACCEPT;
      number = NF_INET_INGRESS;
    }
    const tables = this.#tables;
    const packet = tables.takePacket();
    packet.set(skb, family, number, input, output);
    const verdict = this.#reroutes ? this.#routed(packet, skb) : this.#decide(packet);
    tables.releasePacket();
    return verdict;
  }

  #decide(packet: PacketInfo): number {
    const chain = this.#chain;
    let verdict = chain.run(packet);
    if (verdict === CONTINUE) {
      const base = chain.base!;
      verdict = base.policy;
      if (packet.skb.trace !== 0) tracePolicy(packet, chain, verdict);
      if (base.counters !== null) {
        base.counters.packets++;
        base.counters.bytes += packet.skb.tail - packet.skb.data;
      }
    }
    if (verdict === NF_QUEUE) return this.#queue(packet);
    return verdict === NF_ACCEPT || verdict === NF_STOLEN ? verdict : NF_DROP;
  }

  /** To a program, which decides; of families that packets cannot come back to, as if none listened. */
  #queue(packet: PacketInfo): number {
    const { queueNumber, queueBypass, family, hook, input, output, skb } = packet;
    const tables = this.#tables;
    if ((family !== NFPROTO_IPV4 && family !== NFPROTO_IPV6) || hook === NF_INET_INGRESS || this.#chain.base!.type === 'nat')
      return queueBypass ? NF_ACCEPT : NF_DROP;
    const place = { namespace: tables.namespace, family, hook, input, output, member: this };
    return tables.queues.enqueue(skb, place, queueNumber, queueBypass);
  }

  /** Where rules changed what its route depends on, it is routed anew. Linux: nf_route_table_hook4(), nf_route_table_hook6() */
  #routed(packet: PacketInfo, skb: PacketBuffer): number {
    const at = skb.networkHeader;
    const { mark } = skb;
    const four = this.#family === NFPROTO_IPV4;
    const before = four ? skb.view.getUint32(at + 12) : skb.view.getUint32(at);
    const to = four ? skb.view.getUint32(at + 16) : addressSum(skb);
    const tos = four ? skb.view.getUint8(at + 1) : 0;
    const verdict = this.#decide(packet);
    if (verdict !== NF_ACCEPT) return verdict;
    const v = skb.view;
    const same = four
      ? v.getUint32(at + 12) === before && v.getUint32(at + 16) === to && v.getUint8(at + 1) === tos
      : v.getUint32(at) === before && addressSum(skb) === to;
    if (same && skb.mark === mark) return NF_ACCEPT;
    const namespace = this.#tables.namespace;
    const routed = four ? reroute4(namespace.ipv4, skb) : reroute6(namespace.ipv6, skb);
    return routed ? NF_ACCEPT : NF_DROP;
  }
}

/** Tells whether addresses changed: words that a rule changes one of. */
function addressSum(skb: PacketBuffer): number {
  let sum = 0;
  for (let i = 8; i < 40; i += 4) sum = (Math.imul(sum, 31) + skb.view.getInt32(skb.networkHeader + i)) | 0;
  return sum;
}

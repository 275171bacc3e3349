import { EINVAL } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import { dup as schema } from '../../../../netlink/nfnl/expressions/dup.js';
import { NFPROTO_IPV4, NFPROTO_NETDEV } from '../../../../netlink/nfnl/nfnetlink.js';
import { Flow } from '../../../core/flow.js';
import { DropReason } from '../../../core/drop-reason.js';
import { devQueueXmit } from '../../../core/transmit.js';
import { ipLocalOut } from '../../../ipv4/output.js';
import { ip6LocalOut } from '../../../ipv6/output.js';
import { IP_CT_UNTRACKED } from '../../conntrack/layout.js';
import { Expression, expressionKind, loadRegister, showRegister } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { CONTINUE } from '../verdict.js';
import { swap32 } from './bytes.js';

const flow = new Flow();

/** A copy to another host (nf_dup_ipv4(), nf_dup_ipv6()), or of family netdev out of another device (nf_dup_netdev_egress()). */
class Dup extends Expression {
  #inside = false;

  constructor(
    readonly addressWord: number | null,
    readonly deviceWord: number | null,
    readonly netdev: boolean,
    readonly four: boolean,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    // A copy that comes by here again is not copied again.
    if (this.#inside) return CONTINUE;
    this.#inside = true;
    const { skb, registers } = packet;
    const { namespace } = packet.tables;
    const { pool } = namespace.stack;
    const ifindex = this.deviceWord === null ? 0 : registers[this.deviceWord]!;
    const copy = pool.copy(skb);
    if (copy !== null) {
      pool.dropConntrack(copy);
      copy.conntrackInfo = IP_CT_UNTRACKED;
      copy.trace = 0;
      if (this.netdev) this.#outOf(packet, copy, ifindex);
      else this.#toHost(packet, copy, ifindex);
    }
    this.#inside = false;
    return CONTINUE;
  }

  #outOf(packet: PacketInfo, copy: PacketInfo['skb'], ifindex: number): void {
    const { namespace } = packet.tables;
    const device = namespace.deviceByIndex(ifindex);
    if (device === undefined || copy.macHeader < 0) {
      namespace.stack.drop(copy, DropReason.NETFILTER_DROP);
      return;
    }
    copy.data = copy.macHeader;
    copy.device = device;
    devQueueXmit(copy);
  }

  #toHost(packet: PacketInfo, copy: PacketInfo['skb'], ifindex: number): void {
    const { namespace } = packet.tables;
    const { registers } = packet;
    flow.reset();
    flow.oif = ifindex;
    flow.anySource = true;
    const word = this.addressWord!;
    copy.data = copy.networkHeader;
    if (this.four) {
      flow.destination = swap32(registers[word]!) >>> 0;
      const dst = namespace.ipv4.route(flow);
      if (dst.error !== 0) {
        namespace.stack.drop(copy, DropReason.IP_OUTNOROUTES);
        return;
      }
      copy.dst = dst;
      ipLocalOut(namespace.ipv4, copy);
      return;
    }
    flow.source6.fill(0);
    for (let i = 0; i < 4; i++) flow.destination6[i] = swap32(registers[word + i]!);
    const dst = namespace.ipv6.routes.output(flow);
    if (dst.error !== 0) {
      namespace.stack.drop(copy, DropReason.IP_OUTNOROUTES);
      return;
    }
    copy.dst = dst;
    ip6LocalOut(namespace.ipv6, copy);
  }

  override get reads(): readonly (readonly [number, number])[] {
    const reads: [number, number][] = [];
    if (this.addressWord !== null) reads.push([this.addressWord, this.four ? 1 : 4]);
    if (this.deviceWord !== null) reads.push([this.deviceWord, 1]);
    return reads;
  }

  describe() {
    return {
      ...(this.addressWord === null ? {} : { sregAddr: showRegister(this.addressWord) }),
      ...(this.deviceWord === null ? {} : { sregDev: showRegister(this.deviceWord) }),
    };
  }
}

export const dup = expressionKind(schema, (values, { table }) => {
  const netdev = table.family === NFPROTO_NETDEV;
  const four = table.family === NFPROTO_IPV4;
  if (netdev ? values.sregDev === undefined : values.sregAddr === undefined) return fail(EINVAL);
  const address = values.sregAddr === undefined ? null : loadRegister(values.sregAddr, four ? 4 : 16);
  const device = values.sregDev === undefined ? null : loadRegister(values.sregDev, 4);
  return new Dup(address, device, netdev, four);
});

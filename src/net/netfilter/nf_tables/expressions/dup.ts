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

/** Makes copies of packets. A copy that comes by here again is not copied again. */
export class DupPacket {
  #inside = false;

  constructor(readonly four: boolean) {}

  /** By the way to `address`, and by the device `ifindex` if it is not 0. Linux: nf_dup_ipv4(), nf_dup_ipv6() */
  toHost(packet: PacketInfo, address: Uint32Array, ifindex: number): void {
    const copy = this.#copy(packet);
    if (copy === null) return;
    const { namespace } = packet.tables;
    flow.reset();
    flow.oif = ifindex;
    flow.anySource = true;
    copy.data = copy.networkHeader;
    if (this.four) flow.destination = address[0]!;
    else {
      flow.source6.fill(0);
      flow.destination6.set(address);
    }
    const dst = this.four ? namespace.ipv4.route(flow) : namespace.ipv6.routes.output(flow);
    if (dst.error !== 0) namespace.stack.drop(copy, DropReason.IP_OUTNOROUTES);
    else {
      copy.dst = dst;
      if (this.four) ipLocalOut(namespace.ipv4, copy);
      else ip6LocalOut(namespace.ipv6, copy);
    }
    this.#inside = false;
  }

  /** Out of another device as it is. Linux: nf_dup_netdev_egress() */
  outOf(packet: PacketInfo, ifindex: number): void {
    const copy = this.#copy(packet);
    if (copy === null) return;
    const { namespace } = packet.tables;
    const device = namespace.deviceByIndex(ifindex);
    if (device === undefined || copy.macHeader < 0) namespace.stack.drop(copy, DropReason.NETFILTER_DROP);
    else {
      copy.data = copy.macHeader;
      copy.device = device;
      devQueueXmit(copy);
    }
    this.#inside = false;
  }

  #copy(packet: PacketInfo): PacketInfo['skb'] | null {
    if (this.#inside) return null;
    const { pool } = packet.tables.namespace.stack;
    const copy = pool.copy(packet.skb);
    if (copy === null) return null;
    pool.dropConntrack(copy);
    copy.conntrackInfo = IP_CT_UNTRACKED;
    copy.trace = 0;
    this.#inside = true;
    return copy;
  }
}

const address = new Uint32Array(4);

/** [ dup sreg_addr 1 sreg_dev 2 ]: a copy to another host, or of family netdev out of another device. */
class Dup extends Expression {
  readonly #copies: DupPacket;

  constructor(
    readonly addressWord: number | null,
    readonly deviceWord: number | null,
    readonly netdev: boolean,
    readonly four: boolean,
  ) {
    super();
    this.#copies = new DupPacket(four);
  }

  run(packet: PacketInfo): number {
    const { registers } = packet;
    const ifindex = this.deviceWord === null ? 0 : registers[this.deviceWord]!;
    if (this.netdev) this.#copies.outOf(packet, ifindex);
    else {
      for (let i = 0; i < (this.four ? 1 : 4); i++) address[i] = swap32(registers[this.addressWord! + i]!);
      this.#copies.toHost(packet, address, ifindex);
    }
    return CONTINUE;
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

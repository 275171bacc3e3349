import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as keys from '../../../../netlink/nfnl/expressions/meta.js';
import { NFPROTO_BRIDGE, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_NETDEV } from '../../../../netlink/nfnl/nfnetlink.js';
import type { NetDevice } from '../../../core/device.js';
import type { CodeWriter } from '../compile.js';
import { FORWARD, LOCAL_IN, PRE_ROUTING } from '../../../core/hooks.js';
import type { BaseChain } from '../chain.js';
import { Expression, expressionKind, loadRegister, showRegister, storeRegister, wordsOf } from '../expression.js';
import type { Assembler } from '../machine.js';
import type { PacketInfo } from '../packet-info.js';
import { BREAK, CONTINUE } from '../verdict.js';
import { nameWords, swap16 } from './bytes.js';
import { dayOfWeek, nanoseconds, secondsOfDay } from './meta-time.js';
import { PACKET_BROADCAST, PACKET_LOOPBACK, PACKET_MULTICAST } from '../../../core/packet-buffer.js';
import { isMulticast as isGroup4 } from '../../../../wire/ipv4.js';

const NAME_BYTES = 16;

/** What a key's value is made of: bytes in its register. */
const sizes: ReadonlyMap<number, number> = new Map([
  [keys.NFT_META_PROTOCOL, 2],
  [keys.NFT_META_IIFTYPE, 2],
  [keys.NFT_META_OIFTYPE, 2],
  [keys.NFT_META_NFPROTO, 1],
  [keys.NFT_META_L4PROTO, 1],
  [keys.NFT_META_PKTTYPE, 1],
  [keys.NFT_META_IIFNAME, NAME_BYTES],
  [keys.NFT_META_OIFNAME, NAME_BYTES],
  [keys.NFT_META_IIFKIND, NAME_BYTES],
  [keys.NFT_META_OIFKIND, NAME_BYTES],
  [keys.NFT_META_BRI_IIFNAME, NAME_BYTES],
  [keys.NFT_META_BRI_OIFNAME, NAME_BYTES],
  [keys.NFT_META_SDIFNAME, NAME_BYTES],
  [keys.NFT_META_SECPATH, 1],
  [keys.NFT_META_BRI_IIFPVID, 2],
  [keys.NFT_META_BRI_IIFVPROTO, 2],
  [keys.NFT_META_TIME_NS, 8],
  [keys.NFT_META_TIME_DAY, 1],
]);

/** Names as registers have them: made once a name. */
const names = new Map<string, Int32Array>();
const NAMES_KEPT = 4096;

function wordsOfName(name: string): Int32Array {
  let words = names.get(name);
  if (words === undefined) {
    if (names.size >= NAMES_KEPT) names.clear();
    words = nameWords(name);
    names.set(name, words);
  }
  return words;
}

/** Rules tell of the packet from here on, under a number of its own. */
export function startTrace({ skb, tables }: PacketInfo): void {
  if (skb.trace === 0) skb.trace = tables.namespace.stack.random.u32() || 1;
}

/** Where on the way of IP packets something is known of them. */
const hooksOf: ReadonlyMap<number, readonly number[]> = new Map([
  [keys.NFT_META_SECPATH, [PRE_ROUTING, LOCAL_IN, FORWARD]],
  [keys.NFT_META_SDIF, [LOCAL_IN, FORWARD]],
  [keys.NFT_META_SDIFNAME, [LOCAL_IN, FORWARD]],
]);

class MetaLoad extends Expression {
  constructor(
    readonly key: number,
    readonly word: number,
    readonly bytes: number,
    /** NFPROTO_* of its table. */
    readonly family: number,
  ) {
    super();
  }

  // Linux: nft_meta_get_validate()
  override validate({ hook }: BaseChain): void {
    const hooks = hooksOf.get(this.key);
    if (hooks === undefined) return;
    if (this.family === NFPROTO_IPV4 || this.family === NFPROTO_IPV6 || this.family === NFPROTO_INET) {
      if (!hooks.includes(hook)) fail(EOPNOTSUPP);
    } else if (this.family !== NFPROTO_NETDEV || this.key !== keys.NFT_META_SECPATH) fail(EOPNOTSUPP);
  }

  run(packet: PacketInfo): number {
    const { skb, registers } = packet;
    const { word } = this;
    switch (this.key) {
      case keys.NFT_META_LEN:
        registers[word] = skb.tail - skb.data;
        return CONTINUE;
      case keys.NFT_META_PROTOCOL:
        registers[word] = swap16(skb.protocol);
        return CONTINUE;
      case keys.NFT_META_NFPROTO:
        registers[word] = packet.family;
        return CONTINUE;
      case keys.NFT_META_L4PROTO:
        if (packet.protocol < 0) return BREAK;
        registers[word] = packet.protocol;
        return CONTINUE;
      case keys.NFT_META_PRIORITY:
        registers[word] = skb.priority;
        return CONTINUE;
      case keys.NFT_META_MARK:
        registers[word] = skb.mark;
        return CONTINUE;
      case keys.NFT_META_IIF:
      case keys.NFT_META_IIFGROUP:
      case keys.NFT_META_IIFTYPE:
        return this.#device(packet, packet.input);
      case keys.NFT_META_OIF:
      case keys.NFT_META_OIFGROUP:
      case keys.NFT_META_OIFTYPE:
        return this.#device(packet, packet.output);
      case keys.NFT_META_IIFNAME:
        return this.#name(packet, packet.input === null ? '' : packet.input.name);
      case keys.NFT_META_OIFNAME:
        return this.#name(packet, packet.output === null ? '' : packet.output.name);
      case keys.NFT_META_IIFKIND:
        return packet.input === null ? BREAK : this.#name(packet, packet.input.kind?.kind ?? '');
      case keys.NFT_META_OIFKIND:
        return packet.output === null ? BREAK : this.#name(packet, packet.output.kind?.kind ?? '');
      case keys.NFT_META_BRI_IIFNAME:
        return this.#bridge(packet, packet.input);
      case keys.NFT_META_BRI_OIFNAME:
        return this.#bridge(packet, packet.output);
      case keys.NFT_META_SKUID:
      case keys.NFT_META_SKGID:
        return this.#owner(packet);
      case keys.NFT_META_PKTTYPE:
        registers[word] = packetType(packet);
        return CONTINUE;
      case keys.NFT_META_CPU:
        registers[word] = 0;
        return CONTINUE;
      case keys.NFT_META_PRANDOM:
        registers[word] = packet.tables.namespace.stack.random.u32();
        return CONTINUE;
      case keys.NFT_META_SECPATH:
      case keys.NFT_META_CGROUP:
      case keys.NFT_META_SECMARK:
        registers[word] = 0;
        return CONTINUE;
      case keys.NFT_META_RTCLASSID:
        return this.#realm(packet);
      case keys.NFT_META_TIME_NS:
        nanoseconds(packet.tables.namespace.stack.clock.wallUs(), registers, word);
        return CONTINUE;
      case keys.NFT_META_TIME_DAY:
        registers[word] = dayOfWeek(packet.tables.namespace.stack.clock.wallUs());
        return CONTINUE;
      case keys.NFT_META_TIME_HOUR:
        registers[word] = secondsOfDay(packet.tables.namespace.stack.clock.wallUs());
        return CONTINUE;
      case keys.NFT_META_SDIF:
        registers[word] = skb.sdif;
        return CONTINUE;
      case keys.NFT_META_SDIFNAME:
        return this.#name(packet, packet.tables.namespace.deviceByIndex(skb.sdif)?.name ?? '');
      default:
        return BREAK;
    }
  }

  override assemble(assembler: Assembler): boolean {
    if (this.key !== keys.NFT_META_L4PROTO) return false;
    assembler.l4proto(this.word);
    return true;
  }

  override compile(code: CodeWriter): boolean {
    const r = () => code.word(this.word);
    if (this.key === keys.NFT_META_L4PROTO) {
      code.breakUnless('l4>=0');
      code.line(`${r()}=l4;`);
    } else if (this.key === keys.NFT_META_MARK) code.line(`${r()}=s.mark|0;`);
    else if (this.key === keys.NFT_META_IIF) code.line(`${r()}=p.input===null?0:p.input.ifindex;`);
    else if (this.key === keys.NFT_META_OIF) code.line(`${r()}=p.output===null?0:p.output.ifindex;`);
    else if (this.key === keys.NFT_META_NFPROTO) code.line(`${r()}=p.family;`);
    else return false;
    return true;
  }

  override get writes(): readonly (readonly [number, number])[] {
    return [[this.word, wordsOf(this.bytes)]];
  }

  describe() {
    return { key: this.key, dreg: showRegister(this.word) };
  }

  #device(packet: PacketInfo, device: NetDevice | null): number {
    const { key } = this;
    if (key === keys.NFT_META_IIF || key === keys.NFT_META_OIF) packet.registers[this.word] = device === null ? 0 : device.ifindex;
    else if (device === null) return BREAK;
    else packet.registers[this.word] = key === keys.NFT_META_IIFTYPE || key === keys.NFT_META_OIFTYPE ? device.type : device.group;
    return CONTINUE;
  }

  #name(packet: PacketInfo, name: string): number {
    const words = wordsOfName(name);
    const { registers } = packet;
    for (let i = 0; i < 4; i++) registers[this.word + i] = words[i]!;
    return CONTINUE;
  }

  #bridge(packet: PacketInfo, device: NetDevice | null): number {
    const bridge = device?.master ?? null;
    return bridge === null ? BREAK : this.#name(packet, bridge.name);
  }

  #owner(packet: PacketInfo): number {
    const socket = packet.skb.socket;
    if (socket === null) return BREAK;
    packet.registers[this.word] = socket.uid;
    return CONTINUE;
  }

  #realm(packet: PacketInfo): number {
    const { dst } = packet.skb;
    if (dst === null) return BREAK;
    packet.registers[this.word] = 'realms' in dst ? (dst.realms as number) : 0;
    return CONTINUE;
  }
}

/** What loops back is, by its address, for a group, for all, or for us. Linux: nft_meta_get_eval_pkttype_lo() */
function packetType(packet: PacketInfo): number {
  const { skb } = packet;
  if (skb.packetType !== PACKET_LOOPBACK) return skb.packetType;
  if (packet.networkFamily === NFPROTO_IPV4)
    return isGroup4(skb.view.getUint32(skb.networkHeader + 16)) ? PACKET_MULTICAST : PACKET_BROADCAST;
  return PACKET_MULTICAST;
}

class MetaSet extends Expression {
  constructor(
    readonly key: number,
    readonly word: number,
  ) {
    super();
  }

  run(packet: PacketInfo): number {
    const { skb } = packet;
    const value = packet.registers[this.word]!;
    switch (this.key) {
      case keys.NFT_META_MARK:
        skb.mark = value >>> 0;
        break;
      case keys.NFT_META_PRIORITY:
        skb.priority = value >>> 0;
        break;
      case keys.NFT_META_PKTTYPE:
        if (skb.packetType !== (value & 0xff)) skb.packetType = value & 0xff;
        break;
      case keys.NFT_META_NFTRACE:
        if ((value & 0xff) === 0) skb.trace = 0;
        else startTrace(packet);
        break;
      default:
        break;
    }
    return CONTINUE;
  }

  override get reads(): readonly (readonly [number, number])[] {
    return [[this.word, 1]];
  }

  // Linux: nft_meta_set_validate()
  override validate(base: BaseChain): void {
    if (this.key === keys.NFT_META_PKTTYPE && base.hook !== PRE_ROUTING && base.hook !== INET_INGRESS) fail(EOPNOTSUPP);
  }

  override get startsTrace(): boolean {
    return this.key === keys.NFT_META_NFTRACE;
  }

  describe() {
    return { key: this.key, sreg: showRegister(this.word) };
  }
}

/** NF_INET_INGRESS */
const INET_INGRESS = 5;

const settable = new Map([
  [keys.NFT_META_MARK, 4],
  [keys.NFT_META_PRIORITY, 4],
  [keys.NFT_META_NFTRACE, 1],
  [keys.NFT_META_PKTTYPE, 1],
  [keys.NFT_META_SECMARK, 4],
]);

export const meta = expressionKind(keys.meta, (values, context) => {
  const key = values.key ?? fail(EINVAL);
  if (values.sreg !== undefined) {
    if (values.dreg !== undefined) return fail(EINVAL);
    const bytes = settable.get(key) ?? fail(EOPNOTSUPP);
    return new MetaSet(key, loadRegister(values.sreg, bytes));
  }
  if (key > keys.NFT_META_SDIFNAME || key === keys.NFT_META_NFTRACE) return fail(EOPNOTSUPP);
  const bridged = key === keys.NFT_META_BRI_IIFNAME || key === keys.NFT_META_BRI_OIFNAME;
  const family = context.table.family;
  const ofBridge = bridged || key === keys.NFT_META_BRI_IIFPVID || key === keys.NFT_META_BRI_IIFVPROTO;
  if (ofBridge && family !== NFPROTO_BRIDGE) return fail(EOPNOTSUPP);
  const bytes = sizes.get(key) ?? 4;
  return new MetaLoad(key, storeRegister(values.dreg, bytes), bytes, family);
});

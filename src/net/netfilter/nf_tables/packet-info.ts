import { skipHeaders } from '../../../wire/ipv6-extensions.js';
import { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6 } from '../../../netlink/nfnl/nfnetlink.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../../../wire/ethernet.js';
import * as ip from '../../../wire/ipv4.js';
import * as ip6 from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import type { PacketBuffer } from '../../core/packet-buffer.js';
import type { Chain } from './chain.js';
import type { NfTables } from './nf-tables.js';
import { MAX_JUMPS } from './verdict.js';

export const REGISTER_WORDS = 16;

/**
 * The packet in hand, as rules see it, with their registers (struct nft_pktinfo and nft_regs): sixteen words, whose bytes lie as in the
 * packet, so that a word is little endian. Kept and used again; a packet that is made while another is looked at has one of its own.
 */
export class PacketInfo {
  skb!: PacketBuffer;
  tables!: NfTables;
  hook = 0;
  /** NFPROTO_* of the hook: what family the packet is seen as. */
  family = 0;
  input: NetDevice | null = null;
  output: NetDevice | null = null;
  /** The transport's protocol, and where its header is, absolute; -1: it is not known. */
  protocol = -1;
  transport = -1;
  /** Of a fragment that is not the first, not 0: there is no transport header. */
  fragmentOffset = 0;
  readonly registers = new Int32Array(REGISTER_WORDS);
  readonly bytes = new Uint8Array(this.registers.buffer);
  readonly view = new DataView(this.registers.buffer);
  /** Where a verdict JUMP or GOTO leads. */
  target: Chain | null = null;
  /** Of NF_QUEUE: the queue, and whether NFT_QUEUE_FLAG_BYPASS is set. */
  queueNumber = 0;
  queueBypass = false;
  /** A trace has shown its headers in this base chain. */
  shown = false;
  readonly stackChains: (Chain | null)[] = new Array(MAX_JUMPS).fill(null);
  readonly stackRules = new Int32Array(MAX_JUMPS);

  /** Looks at a packet. `family`: that of the hook. */
  set(skb: PacketBuffer, family: number, hook: number, input: NetDevice | null, output: NetDevice | null): void {
    this.skb = skb;
    this.hook = hook;
    this.family = family;
    this.input = input;
    this.output = output;
    this.queueBypass = false;
    this.shown = false;
    if (family === NFPROTO_IPV4 || (family !== NFPROTO_IPV6 && skb.protocol === ETH_P_IP)) this.#set4(skb);
    else if (family === NFPROTO_IPV6 || skb.protocol === ETH_P_IPV6) this.#set6(skb);
    else this.#unknown();
  }

  /** NFPROTO_IPV4 or NFPROTO_IPV6 by what the packet is, where the family says inet, bridge or netdev. */
  get networkFamily(): number {
    if (this.family === NFPROTO_IPV4 || this.family === NFPROTO_IPV6) return this.family;
    if (this.skb.protocol === ETH_P_IP) return NFPROTO_IPV4;
    return this.skb.protocol === ETH_P_IPV6 ? NFPROTO_IPV6 : NFPROTO_INET;
  }

  #set4(skb: PacketBuffer): void {
    const at = skb.networkHeader;
    const { view } = skb;
    if (at + ip.HEADER > skb.tail || ip.version(view, at) !== 4) {
      this.#unknown();
      return;
    }
    const headerBytes = ip.headerLength(view, at);
    if (headerBytes < ip.HEADER || at + headerBytes > skb.tail) {
      this.#unknown();
      return;
    }
    this.protocol = ip.protocol(view, at);
    this.transport = at + headerBytes;
    this.fragmentOffset = ip.fragment(view, at) & ip.OFFSET_MASK;
  }

  #set6(skb: PacketBuffer): void {
    const at = skb.networkHeader;
    if (at + ip6.HEADER > skb.tail || ip6.version(skb.view, at) !== 6) {
      this.#unknown();
      return;
    }
    const found = skipHeaders(skb.view, at, skb.tail);
    if (found.offset < 0) {
      this.#unknown();
      return;
    }
    this.protocol = found.protocol;
    this.transport = found.offset;
    this.fragmentOffset = Math.max(found.fragmentOffset, 0);
  }

  #unknown(): void {
    this.protocol = -1;
    this.transport = -1;
    this.fragmentOffset = 0;
  }
}

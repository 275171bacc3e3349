import type { Namespace } from '../../core/namespace.js';
import type { BaseChain } from '../nf_tables/chain.js';
import type { PacketInfo } from '../nf_tables/packet-info.js';

/** Where an extension is made: the family of its rule's table, and its namespace. */
export interface ExtensionContext {
  readonly namespace: Namespace;
  /** NFPROTO_* */
  readonly family: number;
}

/** Fields of an extension's struct, in the host's byte order (little endian) unless a name says be16 or be32. */
export class Info {
  readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(at: number): number {
    return this.view.getUint8(at);
  }

  u16(at: number): number {
    return this.view.getUint16(at, true);
  }

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  be16(at: number): number {
    return this.view.getUint16(at);
  }

  be32(at: number): number {
    return this.view.getUint32(at);
  }

  /** Four words of an address (union nf_inet_addr); of IPv4 the first. */
  address(at: number): Uint32Array {
    return Uint32Array.from([0, 4, 8, 12], (offset) => this.view.getUint32(at + offset));
  }

  text(at: number, bytes: number): string {
    let text = '';
    for (let i = at; i < at + bytes && this.bytes[i] !== 0; i++) text += String.fromCharCode(this.bytes[i]!);
    return text;
  }
}

/** One x_tables extension (struct xt_match, struct xt_target) that rules of iptables-nft carry: its name, the revisions that exist, and what they do. */
export interface Extension<Run> {
  readonly name: string;
  /** Bytes of its struct (linux/netfilter/xt_*.h), revision by revision from `first` on; 0: no such revision. */
  readonly bytes: readonly number[];
  /** It looks at connections, which are tracked while it is in a rule. */
  readonly conntrack?: boolean;
  /** It changes packets' bytes. */
  readonly mangles?: boolean;
  /** Packets that pass it are traced. */
  readonly startsTrace?: boolean;
  /** Throws where a base chain does not allow it. */
  validate?(base: BaseChain): void;
  make(info: Info, revision: number, context: ExtensionContext): Run;
}

/** Whether a packet matches. */
export type MatchRun = (packet: PacketInfo) => boolean;
/** CONTINUE, or a verdict. */
export type TargetRun = (packet: PacketInfo) => number;
export type Match = Extension<MatchRun>;
export type Target = Extension<TargetRun>;

/** x_tables' structs end at a multiple of eight (XT_ALIGN). */
export const aligned = (bytes: number): number => (bytes + 7) & ~7;

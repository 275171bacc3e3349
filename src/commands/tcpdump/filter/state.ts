// What code generation knows while it goes through an expression: where headers lie. After libpcap's compiler_state_t.
import * as bpf from '../../../bpf/instruction.js';
import { linkTypeDescription } from '../link-types.js';
import { and, type Block, branch, chain, compare, filterError, not, Statement } from './code.js';
import { linkOffsets, NOT_SET } from './link-offsets.js';
import type { FilterNames } from './names.js';

/** What a filter is compiled for. */
export interface FilterTarget {
  /** DLT_* number. */
  readonly linkType: number;
  /** What the filter returns for packets that it takes. */
  readonly snapshot: number;
  readonly optimise: boolean;
  /** Packets of a file, not of a device: there are no ancillary loads. */
  readonly fromFile?: boolean;
  /** The file is in another byte order than the host's. */
  readonly swapped?: boolean;
  /** The device takes VLAN tags out of frames: tests look at the packet's metadata too. */
  readonly vlanMetadata?: boolean;
  /** The device's IPv4 netmask; 0xffffffff: unknown. */
  readonly netmask?: number;
  readonly names?: FilterNames;
}

/** A place in the packet: a constant, and a variable part in a scratch word if a header before it has a varying length. */
export interface Offset {
  constant: number;
  variable: boolean;
  /** The scratch word; -1: none yet. */
  register: number;
}

export const fixed = (constant: number): Offset => ({ constant, variable: false, register: -1 });

/** What an offset counts from. */
export type Base =
  | 'packet'
  | 'link'
  | 'previous link'
  | 'llc'
  | 'previous mpls'
  | 'type'
  | 'payload'
  | 'payload without snap'
  | 'ipv4 transport'
  | 'ipv6 transport';

export class State {
  readonly target: FilterTarget;
  readonly outermostLinkType: number;
  readonly outermostLink: Offset;
  linkType: number;
  previousLinkType: number;
  /** Start of the link-layer header. */
  link: Offset;
  previousLink: Offset;
  /** The link layer's payload. */
  payload: Offset;
  /** Its type field. */
  type: Offset;
  /** From the payload to the network layer's header, with SNAP and without. */
  network: number;
  networkWithoutSnap: number;
  labels = 0;
  tags = 0;
  geneve = false;
  /** Offsets behind a tag that may or may not be in the frame. */
  variableTags = false;
  /** Loops or jumps inside blocks: the optimiser would break them. */
  cannotOptimise = false;
  readonly #registers = new Array<boolean>(bpf.MEMORY_WORDS).fill(false);
  #register = 0;

  constructor(target: FilterTarget) {
    this.target = target;
    const offsets = linkOffsets(target.linkType);
    this.linkType = target.linkType;
    this.outermostLinkType = target.linkType;
    this.previousLinkType = target.linkType;
    this.link = { constant: offsets.link, variable: offsets.variableLink, register: -1 };
    this.outermostLink = { ...this.link };
    this.previousLink = { ...this.link };
    this.payload = { constant: offsets.payload, variable: offsets.variablePayload, register: -1 };
    this.type = fixed(offsets.type);
    this.network = offsets.network;
    this.networkWithoutSnap = offsets.networkWithoutSnap;
  }

  get description(): string {
    return linkTypeDescription(this.linkType) ?? `DLT ${this.linkType}`;
  }

  allocate(): number {
    for (let n = 0; n < bpf.MEMORY_WORDS; n++) {
      if (!this.#registers[this.#register]) {
        this.#registers[this.#register] = true;
        return this.#register;
      }
      this.#register = (this.#register + 1) % bpf.MEMORY_WORDS;
    }
    return filterError('too many registers needed to evaluate expression');
  }

  release(register: number): void {
    this.#registers[register] = false;
  }

  /** Another link-layer header begins inside this one. */
  pushLink(linkType: number, link: Offset): void {
    this.previousLinkType = this.linkType;
    this.previousLink = this.link;
    this.linkType = linkType;
    this.link = link;
    this.geneve = false;
  }

  /** Puts the variable part of an offset into X; null: it has none. */
  variablePart(offset: Offset): Statement | null {
    if (!offset.variable) return null;
    if (offset.register < 0) offset.register = this.allocate();
    return new Statement(bpf.LDX | bpf.MEM, offset.register);
  }

  #loadAt(base: Offset, offset: number, size: number): Statement {
    const variable = this.variablePart(base);
    if (variable === null) return new Statement(bpf.LD | bpf.ABS | size, base.constant + offset);
    return chain(variable, new Statement(bpf.LD | bpf.IND | size, base.constant + offset));
  }

  /** Loads bytes of a header into A. */
  load(base: Base, offset: number, size: number): Statement {
    switch (base) {
      case 'packet':
        return new Statement(bpf.LD | bpf.ABS | size, offset);
      case 'link':
        return this.#loadAt(this.link, offset, size);
      case 'previous link':
        return this.#loadAt(this.previousLink, offset, size);
      case 'llc':
        return this.#loadAt(this.payload, offset, size);
      case 'previous mpls':
        return this.#loadAt(this.payload, this.network - 4 + offset, size);
      case 'payload':
        return this.#loadAt(this.payload, this.network + offset, size);
      case 'payload without snap':
        return this.#loadAt(this.payload, this.networkWithoutSnap + offset, size);
      case 'type':
        return this.#loadAt(this.type, offset, size);
      case 'ipv4 transport':
        return chain(this.loadIpHeaderLength(), new Statement(bpf.LD | bpf.IND | size, this.payload.constant + this.network + offset));
      case 'ipv6 transport':
        return this.#loadAt(this.payload, this.network + 40 + offset, size);
    }
  }

  /** Puts the length of the IPv4 header, and the variable part of where it lies, into X. */
  loadIpHeaderLength(): Statement {
    const at = this.payload.constant + this.network;
    const variable = this.variablePart(this.payload);
    if (variable === null) return new Statement(bpf.LDX | bpf.MSH | bpf.B, at);
    return chain(
      variable,
      new Statement(bpf.LD | bpf.IND | bpf.B, at),
      new Statement(bpf.ALU | bpf.AND | bpf.K, 0xf),
      new Statement(bpf.ALU | bpf.LSH | bpf.K, 2),
      new Statement(bpf.ALU | bpf.ADD | bpf.X),
      new Statement(bpf.MISC | bpf.TAX),
    );
  }

  // Conditions.

  /** The field masked compares so with `value`; `reversed`: it does not. */
  masked(base: Base, offset: number, size: number, mask: number, comparison: number, reversed: boolean, value: number): Block {
    const statements = this.load(base, offset, size);
    if (mask !== 0xffffffff) chain(statements, new Statement(bpf.ALU | bpf.AND | bpf.K, mask));
    const block = branch(comparison, value, statements);
    return reversed && (comparison === bpf.JGT || comparison === bpf.JGE) ? not(block) : block;
  }

  equals(base: Base, offset: number, size: number, value: number, mask = 0xffffffff): Block {
    return this.masked(base, offset, size, mask, bpf.JEQ, false, value);
  }

  greater(base: Base, offset: number, size: number, value: number): Block {
    return this.masked(base, offset, size, 0xffffffff, bpf.JGT, false, value);
  }

  atLeast(base: Base, offset: number, size: number, value: number): Block {
    return this.masked(base, offset, size, 0xffffffff, bpf.JGE, false, value);
  }

  atMost(base: Base, offset: number, size: number, value: number): Block {
    return this.masked(base, offset, size, 0xffffffff, bpf.JGT, true, value);
  }

  /** One of the bits of a byte is set. */
  bit(base: Base, offset: number, mask: number): Block {
    return branch(bpf.JSET, mask, this.load(base, offset, bpf.B));
  }

  /** The field is these bytes: compared from the end, in words. */
  bytes(base: Base, offset: number, value: Uint8Array): Block {
    const v = new DataView(value.buffer, value.byteOffset, value.length);
    let size = value.length;
    let block: Block | null = null;
    const also = (next: Block) => {
      block = block === null ? next : and(block, next);
    };
    for (; size >= 4; size -= 4) also(this.equals(base, offset + size - 4, bpf.W, v.getUint32(size - 4)));
    for (; size >= 2; size -= 2) also(this.equals(base, offset + size - 2, bpf.H, v.getUint16(size - 2)));
    if (size > 0) also(this.equals(base, offset, bpf.B, value[0]!));
    return block ?? this.always();
  }

  always(): Block {
    return compare(0, new Statement(bpf.LD | bpf.IMM, 0));
  }

  never(): Block {
    return compare(0, new Statement(bpf.LD | bpf.IMM, 1));
  }
}

export { NOT_SET };

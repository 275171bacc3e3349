// `proto[expr:size]`, numbers and what is calculated with them: values in scratch words.
import * as bpf from '../../../bpf/instruction.js';
import { and, append, Block, chain, compare, filterError, not, Statement } from './code.js';
import { carries, IP, IPV6 } from './link-type.js';
import { abbreviation, isFirstFragment } from './protocols.js';
import type { State } from './state.js';

export interface Value {
  /** What must hold before it can be calculated; null: nothing. */
  condition: Block | null;
  readonly statements: Statement;
  /** The scratch word where it is. */
  register: number;
}

const toX = (value: Value) => new Statement(bpf.LDX | bpf.MEM, value.register);
const toA = (value: Value) => new Statement(bpf.LD | bpf.MEM, value.register);
const store = (register: number) => new Statement(bpf.ST, register);

function kept(state: State, load: Statement): Value {
  const register = state.allocate();
  return { condition: null, statements: chain(load, store(register)), register };
}

export const constant = (state: State, value: number) => kept(state, new Statement(bpf.LD | bpf.IMM, value));
export const packetLength = (state: State) => kept(state, new Statement(bpf.LD | bpf.LEN));

export function negated(value: Value): Value {
  append(value.statements, chain(toA(value), new Statement(bpf.ALU | bpf.NEG), store(value.register)));
  return value;
}

export function calculated(state: State, operation: number, one: Value, other: Value): Value {
  const first = other.statements;
  if (first.code === (bpf.LD | bpf.IMM)) {
    if (operation === bpf.DIV && first.k === 0) filterError('division by zero');
    if (operation === bpf.MOD && first.k === 0) filterError('modulus by zero');
    if ((operation === bpf.LSH || operation === bpf.RSH) && first.k > 31) filterError('shift by more than 31 bits');
  }
  append(other.statements, chain(toX(other), toA(one), new Statement(bpf.ALU | bpf.X | operation)));
  append(one.statements, other.statements);
  state.release(one.register);
  state.release(other.register);
  one.register = state.allocate();
  append(one.statements, store(one.register));
  return one;
}

/** A comparison of two values. */
export function relation(state: State, comparison: number, one: Value, other: Value, reversed: boolean): Block {
  const load = chain(toX(other), toA(one));
  let block: Block;
  if (comparison === bpf.JEQ) {
    append(load, new Statement(bpf.ALU | bpf.SUB | bpf.X));
    block = compare(0, null);
  } else block = new Block(bpf.JMP | comparison | bpf.X);
  if (reversed) not(block);
  append(other.statements, load);
  append(one.statements, other.statements);
  block.statements = one.statements;
  state.release(one.register);
  state.release(other.register);
  const before = one.condition === null ? other.condition : other.condition === null ? one.condition : and(one.condition, other.condition);
  return before === null ? block : and(before, block);
}

const sizes: Readonly<Record<number, number>> = { 1: bpf.B, 2: bpf.H, 4: bpf.W };
const networkProtocols = new Set(['ip', 'arp', 'rarp', 'atalk', 'decnet', 'sca', 'lat', 'moprc', 'mopdl', 'ip6']);
const transportProtocols = new Set(['sctp', 'tcp', 'udp', 'icmp', 'igmp', 'igrp', 'pim', 'vrrp', 'carp']);
const AVS = 163;
const RADIOTAP = 127;
const PRISM = 119;
const ICMPV6 = 58;
const IPV6_HEADER = 40;

/** `size` bytes of a header at the offset `index`. */
export function loaded(state: State, protocol: string, index: Value, size: number): Value {
  const register = state.allocate();
  state.release(index.register);
  const width = sizes[size];
  if (width === undefined) return filterError('data size must be 1, 2, or 4');
  const indirect = (constantPart: number) => new Statement(bpf.LD | bpf.IND | width, constantPart);
  const addToX = () => chain(toA(index), new Statement(bpf.ALU | bpf.ADD | bpf.X), new Statement(bpf.MISC | bpf.TAX));
  /** X becomes the index and the variable part of an offset. */
  const indexed = (variable: Statement | null) => (variable === null ? toX(index) : chain(variable, addToX()));
  const require = (condition: Block) => {
    index.condition = index.condition === null ? condition : and(index.condition, condition);
  };
  const { linkType } = state;
  if (protocol === 'radio') {
    if (linkType !== AVS && linkType !== RADIOTAP && linkType !== PRISM) filterError('radio information not present in capture');
    append(index.statements, chain(toX(index), indirect(0)));
  } else if (protocol === 'link') {
    const at = indexed(state.variablePart(state.link));
    append(index.statements, chain(at, indirect(state.link.constant)));
  } else if (networkProtocols.has(protocol)) {
    const at = indexed(state.variablePart(state.payload));
    append(index.statements, chain(at, indirect(state.payload.constant + state.network)));
    require(abbreviation(state, protocol));
  } else if (transportProtocols.has(protocol)) {
    append(index.statements, chain(state.loadIpHeaderLength(), addToX(), indirect(state.payload.constant + state.network)));
    const carried = abbreviation(state, protocol);
    const first = and(carried, isFirstFragment(state));
    if (index.condition !== null) and(index.condition, first);
    index.condition = and(carries(state, IP), first);
  } else if (protocol === 'icmp6') {
    require(carries(state, IPV6));
    require(state.equals('payload', 6, bpf.B, ICMPV6));
    const at = indexed(state.variablePart(state.payload));
    append(index.statements, chain(at, indirect(state.payload.constant + state.network + IPV6_HEADER)));
  } else filterError('unsupported index operation');
  index.register = register;
  append(index.statements, store(register));
  return index;
}

// Headers that put everything behind them elsewhere: VLAN tags, MPLS labels, PPPoE, Geneve. The tests after them in the expression are
// about what is inside.
import { AD_VLAN_TAG, AD_VLAN_TAG_PRESENT, SKF_AD_OFF } from '../../../bpf/ancillary.js';
import * as bpf from '../../../bpf/instruction.js';
import { and, append, Block, chain, compare, filterError, or, Statement } from './code.js';
import { isWlan } from './link-offsets.js';
import { carries } from './link-type.js';
import { port4, port6 } from './protocols.js';
import type { Offset, State } from './state.js';

const TAG = 4;
const UDP = 17;
const MPLS = 0x8847;
const PPP_MPLS = 0x0281;
const PPPOE_DISCOVERY = 0x8863;
const PPPOE_SESSION = 0x8864;
const ETHERNET_INSIDE = 0x6558;
const GENEVE_PORT = 6081;
const DLT_ETHERNET = 1;
const DLT_PPP = 9;
const DLT_PPI = 192;

const isEthernet = (linkType: number) => linkType === 1 || linkType === 240 || linkType === 241;

/** `id` null: any. */
export function vlan(state: State, id: number | null): Block {
  if (state.labels > 0) filterError('no VLAN match after MPLS');
  let block: Block;
  if (isEthernet(state.linkType)) {
    const outermost = state.tags === 0 && !state.link.variable && state.link.constant === state.outermostLink.constant;
    block = outermost && state.target.vlanMetadata === true ? vlanInMetadata(state, id) : vlanInFrame(state, id);
  } else if (isWlan(state.linkType) && state.linkType !== DLT_PPI) block = vlanInFrame(state, id);
  else return filterError(`no VLAN support for ${state.description}`);
  state.tags++;
  return block;
}

function isTag(state: State): Block {
  const block = or(carries(state, 0x8100), carries(state, 0x88a8));
  return or(block, carries(state, 0x9100));
}

function hasId(state: State, id: number): Block {
  if (id > 0xfff) filterError(`VLAN tag ${id} greater than maximum ${0xfff}`);
  return state.equals('payload', 0, bpf.H, id, 0xfff);
}

function vlanInFrame(state: State, id: number | null): Block {
  let block = isTag(state);
  if (id !== null) block = and(block, hasId(state, id));
  state.payload.constant += TAG;
  state.type.constant += TAG;
  return block;
}

/** The tag may have been taken out of the frame: its place is then known only as the filter runs. */
function vlanInMetadata(state: State, id: number | null): Block {
  const present = compare(1, new Statement(bpf.LD | bpf.B | bpf.ABS, SKF_AD_OFF + AD_VLAN_TAG_PRESENT));
  const inFrame = isTag(state);
  const number = id === null ? null : hasId(state, id);
  state.variableTags = true;
  const further = chain(addTo(state, state.payload), addTo(state, state.type));
  append(further, inFrame.head.statements);
  inFrame.head.statements = further;
  const tagged = or(present, inFrame);
  if (number === null) return tagged;
  idFromMetadata(number);
  return and(tagged, number);
}

function addTo(state: State, offset: Offset): Statement {
  offset.variable = true;
  if (offset.register < 0) offset.register = state.allocate();
  return chain(
    new Statement(bpf.LD | bpf.MEM, offset.register),
    new Statement(bpf.ALU | bpf.ADD | bpf.IMM, TAG),
    new Statement(bpf.ST, offset.register),
  );
}

/** A jump inside the block: the tag comes from the metadata, or else from the frame. */
function idFromMetadata(block: Block): void {
  const fromFrame = block.statements!;
  let count = 0;
  for (let s: Statement | null = fromFrame; s !== null; s = s.next) count++;
  const present = new Statement(bpf.LD | bpf.B | bpf.ABS, SKF_AD_OFF + AD_VLAN_TAG_PRESENT);
  const test = new Statement(bpf.JMP | bpf.JEQ | bpf.K, 1);
  const tag = new Statement(bpf.LD | bpf.B | bpf.ABS, SKF_AD_OFF + AD_VLAN_TAG);
  test.jt = tag;
  test.jf = fromFrame;
  block.statements = chain(present, test, tag, new Statement(bpf.JMP | bpf.JA, count - 1), fromFrame);
}

/** Before anything else: words that a tag in the frame adds to are zero. */
export function clearTagOffsets(state: State): Statement {
  if (state.payload.register < 0) state.payload.register = state.allocate();
  if (state.type.register < 0) state.type.register = state.allocate();
  return chain(
    new Statement(bpf.LD | bpf.W | bpf.IMM, 0),
    new Statement(bpf.ST, state.payload.register),
    new Statement(bpf.ST, state.type.register),
  );
}

export function mpls(state: State, label: number | null): Block {
  let block: Block;
  // Under a label there is another unless it is the bottom of the stack.
  if (state.labels > 0) block = state.equals('previous mpls', 2, bpf.B, 0, 0x01);
  else if (state.linkType === 104 || isEthernet(state.linkType)) block = carries(state, MPLS);
  else if (state.linkType === DLT_PPP) block = carries(state, PPP_MPLS);
  else return filterError(`no MPLS support for ${state.description}`);
  if (label !== null) {
    if (label > 0xfffff) filterError(`MPLS label ${label} greater than maximum ${0xfffff}`);
    block = and(block, state.equals('payload', 0, bpf.W, (label << 12) >>> 0, 0xfffff000));
  }
  state.networkWithoutSnap += 4;
  state.network += 4;
  state.labels++;
  return block;
}

export const pppoeDiscovery = (state: State) => carries(state, PPPOE_DISCOVERY);

export function pppoeSession(state: State, session: number | null): Block {
  let block = carries(state, PPPOE_SESSION);
  if (session !== null) {
    if (session > 0xffff) filterError(`PPPoE session number ${session} greater than maximum ${0xffff}`);
    block = and(block, state.equals('payload', 0, bpf.W, session, 0xffff));
  }
  const PPPOE_HEADER = 6;
  const link = { ...state.payload, constant: state.payload.constant + state.network + PPPOE_HEADER };
  state.pushLink(DLT_PPP, link);
  state.type = { ...link };
  state.payload.constant = link.constant + 2;
  state.network = 0;
  state.networkWithoutSnap = 0;
  return block;
}

export function geneve(state: State, vni: number | null): Block {
  const v4 = geneveUnderIp(state, false, vni);
  const either = or(v4, geneveUnderIp(state, true, vni));
  const offsets = geneveOffsets(state);
  const always = state.always();
  append(offsets, always.statements);
  always.statements = offsets;
  const block = and(either, always);
  state.geneve = true;
  return block;
}

/** UDP to the port, version 0, the network; then X is where UDP's header lies, less the constant part. */
function geneveUnderIp(state: State, v6: boolean, vni: number | null): Block {
  const base = v6 ? 'ipv6 transport' : 'ipv4 transport';
  let block = (v6 ? port6 : port4)(state, GENEVE_PORT, UDP, 'dst');
  block = and(block, state.equals(base, 8, bpf.B, 0, 0xc0));
  if (vni !== null) {
    if (vni > 0xffffff) filterError(`Geneve VNI ${vni} greater than maximum ${0xffffff}`);
    block = and(block, state.equals(base, 12, bpf.W, (vni << 8) >>> 0, 0xffffff00));
  }
  let statements: Statement;
  if (!v6) statements = chain(state.loadIpHeaderLength(), new Statement(bpf.MISC | bpf.TXA));
  else {
    const variable = state.variablePart(state.payload);
    const header = new Statement(bpf.LD | bpf.IMM, 40);
    statements = variable === null ? header : chain(variable, header, new Statement(bpf.ALU | bpf.ADD | bpf.X));
    append(statements, new Statement(bpf.MISC | bpf.TAX));
  }
  // A equals X: always true, and what was computed stays.
  return and(block, new Block(bpf.JMP | bpf.JEQ | bpf.X, 0, statements));
}

/** Computes where the inner headers lie, whichever they are. */
function geneveOffsets(state: State): Statement {
  const list = chain(
    new Statement(bpf.ALU | bpf.ADD | bpf.K, state.payload.constant + state.network + 8),
    new Statement(bpf.MISC | bpf.TAX),
    new Statement(bpf.ALU | bpf.ADD | bpf.K, 2),
  );
  const type = state.allocate();
  state.type = { constant: 0, variable: true, register: type };
  append(
    list,
    chain(
      new Statement(bpf.ST, type),
      new Statement(bpf.LD | bpf.IND | bpf.B, 0),
      new Statement(bpf.ALU | bpf.AND | bpf.K, 0x3f),
      new Statement(bpf.ALU | bpf.MUL | bpf.K, 4),
      new Statement(bpf.ALU | bpf.ADD | bpf.K, 8),
      new Statement(bpf.ALU | bpf.ADD | bpf.X),
    ),
  );
  const link = state.allocate();
  state.pushLink(DLT_ETHERNET, { constant: 0, variable: true, register: link });
  state.cannotOptimise = true;
  const isEthernetInside = new Statement(bpf.JMP | bpf.JEQ | bpf.K, ETHERNET_INSIDE);
  const ethernet = new Statement(bpf.MISC | bpf.TXA);
  append(
    list,
    chain(
      new Statement(bpf.ST, link),
      new Statement(bpf.LD | bpf.IND | bpf.H, 2),
      new Statement(bpf.LDX | bpf.MEM, link),
      isEthernetInside,
      ethernet,
      new Statement(bpf.ALU | bpf.ADD | bpf.K, 12),
      new Statement(bpf.ST, type),
      new Statement(bpf.ALU | bpf.ADD | bpf.K, 2),
      new Statement(bpf.MISC | bpf.TAX),
    ),
  );
  const payload = state.allocate();
  state.payload = { constant: 0, variable: true, register: payload };
  const end = new Statement(bpf.STX, payload);
  append(list, end);
  isEthernetInside.jt = ethernet;
  isEthernetInside.jf = end;
  state.network = 0;
  return list;
}

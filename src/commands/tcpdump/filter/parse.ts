// The grammar of pcap-filter(7). Code is made while it is read, from left to right, so that errors come in libpcap's order.
import * as bpf from '../../../bpf/instruction.js';
import { arcnetCode, ipv4Code, ipv4NetworkCode, ipv6Code, macCode, nameCode, numberCode } from './addresses.js';
import { calculated, constant, loaded, negated, packetLength, relation, type Value } from './arithmetic.js';
import { and, type Block, filterError, not, or } from './code.js';
import { geneve, mpls, pppoeDiscovery, pppoeSession, vlan } from './encapsulation.js';
import { broadcast, multicast } from './hosts.js';
import { hasLlc, llcType } from './link-type.js';
import * as metadata from './metadata.js';
import { abbreviation } from './protocols.js';
import { type AddressKind, type Direction, type Qualifiers, unqualified } from './qualifiers.js';
import type { State } from './state.js';
import { atmField, atmKeyword, mtpField, mtpUnit } from './telephony.js';
import type { Token } from './tokens.js';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const protocolWords = words(
  `link ip arp rarp sctp tcp udp icmp igmp igrp pim vrrp carp atalk aarp decnet lat sca mopdl moprc ip6 icmp6 ah esp iso esis isis
   l1 l2 iih lsp snp psnp csnp clnp stp ipx netbeui radio`,
);
const directionWords = words('src dst addr1 addr2 addr3 addr4 ra ta');
const addressWords = words('host net port portrange');
const atmWords = words('lane metac bcc oamf4ec oamf4sc sc ilmic oam oamf4 connectmsg metaconnect');
const mtpUnits = words('fisu lssu msu hfisu hlssu hmsu');
const mtpFields = words('sio opc dpc sls hsio hopc hdpc hsls');
const operands: ReadonlySet<string> = words('number id mac arcnet ipv4 ipv6');
const comparisons: Readonly<Record<string, readonly [comparison: number, reversed: boolean]>> = {
  '>': [bpf.JGT, false],
  '>=': [bpf.JGE, false],
  '=': [bpf.JEQ, false],
  '<=': [bpf.JGT, true],
  '<': [bpf.JGE, true],
  '!=': [bpf.JEQ, true],
};

/** Operators and how tightly they bind; 0: no precedence is declared, so that all that follows belongs to the right side. */
const operators: Readonly<Record<string, readonly [operation: number, precedence: number]>> = {
  '|': [bpf.OR, 1],
  '&': [bpf.AND, 2],
  '<<': [bpf.LSH, 3],
  '>>': [bpf.RSH, 3],
  '+': [bpf.ADD, 4],
  '-': [bpf.SUB, 4],
  '*': [bpf.MUL, 5],
  '/': [bpf.DIV, 5],
  '%': [bpf.MOD, 0],
  '^': [bpf.XOR, 0],
};
const UNARY = 6;

/** Parentheses and operators inside each other beyond which an expression is refused. */
const MAXIMUM_DEPTH = 400;
/** Words beyond which an expression is refused. */
const MAXIMUM_TOKENS = 20_000;

interface Term {
  readonly block: Block;
  readonly q: Qualifiers;
}

export class Parser {
  readonly #tokens: readonly Token[];
  readonly #state: State;
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], state: State) {
    this.#tokens = tokens;
    this.#state = state;
    if (tokens.length > MAXIMUM_TOKENS) filterError('filter is too complex');
  }

  /** The whole expression. */
  parse(): Block {
    const { block } = this.#expression(unqualified);
    if (this.#next.kind !== 'end') this.#fail();
    return block;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #fail(): never {
    const { fault } = this.#next;
    return filterError(fault !== '' ? fault : "can't parse filter expression: syntax error");
  }

  #is(word: string, at = this.#at): boolean {
    const token = this.#tokens[at];
    return token !== undefined && token.kind === 'keyword' && token.text === word;
  }

  /** Steps over `word` if it stands here. */
  #accept(word: string): boolean {
    if (!this.#is(word)) return false;
    this.#at++;
    return true;
  }

  #expect(word: string): void {
    if (!this.#accept(word)) this.#fail();
  }

  /** A keyword out of `set`; '': none stands here. */
  #oneOf(set: ReadonlySet<string>): string {
    const { kind, text } = this.#next;
    if (kind !== 'keyword' || !set.has(text)) return '';
    this.#at++;
    return text;
  }

  #number(): number {
    if (this.#next.kind !== 'number') this.#fail();
    return this.#tokens[this.#at++]!.value;
  }

  #id(): string {
    if (this.#next.kind !== 'id') this.#fail();
    return this.#tokens[this.#at++]!.text;
  }

  #nested<T>(part: () => T): T {
    if (++this.#depth > MAXIMUM_DEPTH) filterError("can't parse filter expression: memory exhausted");
    const result = part();
    this.#depth--;
    return result;
  }

  // Terms.

  /** Terms joined by `and` and `or`, which bind equally. `before`: qualifiers of what stood before. */
  #expression(before: Qualifiers): Term {
    let left = this.#term(before, false);
    for (;;) {
      const join = this.#accept('and') ? and : this.#accept('or') ? or : null;
      if (join === null) return left;
      const right = this.#term(left.q, true);
      left = { block: join(left.block, right.block), q: right.q };
    }
  }

  /** `mayBeAddress`: an address without qualifiers has those of the term before. */
  #term(before: Qualifiers, mayBeAddress: boolean): Term {
    return this.#nested(() => {
      if (this.#accept('!')) {
        const { block, q } = this.#term(before, mayBeAddress);
        return { block: not(block), q };
      }
      if (this.#isRelation()) return { block: this.#relation(), q: unqualified };
      if (mayBeAddress && this.#isAddress()) return this.#address(before);
      if (this.#accept('(')) {
        const { block } = this.#expression(before);
        this.#expect(')');
        return { block, q: before };
      }
      return this.#primitive();
    });
  }

  #primitive(): Term {
    const protocol = this.#oneOf(protocolWords);
    const q = this.#qualifiers(protocol);
    if (q !== null) return this.#address(q);
    return { block: this.#other(protocol), q: unqualified };
  }

  /** Direction and kind of an address behind a protocol; null: there is neither. */
  #qualifiers(protocol: string): Qualifiers | null {
    const direction = this.#direction();
    if (direction !== '') return { protocol, direction, kind: this.#oneOf(addressWords) as AddressKind };
    for (const kind of ['host', 'net', 'port', 'portrange', 'proto', 'protochain', 'gateway'] as const)
      if (this.#accept(kind)) return { protocol, direction: '', kind };
    return null;
  }

  #direction(): Direction {
    const first = this.#oneOf(directionWords);
    if (first !== 'src' && first !== 'dst') return first as Direction;
    const other = first === 'src' ? 'dst' : 'src';
    for (const join of ['or', 'and'] as const) {
      if (!this.#is(join) || !this.#is(other, this.#at + 1)) continue;
      this.#at += 2;
      return join;
    }
    return first;
  }

  #other(protocol: string): Block {
    const state = this.#state;
    if (this.#accept('broadcast')) return broadcast(state, protocol);
    if (this.#accept('multicast')) return multicast(state, protocol);
    if (this.#is('type') || this.#is('subtype') || this.#is('dir')) return this.#wlan();
    // An operand may not follow: that is wrong before the protocol alone is.
    if (protocol !== '' && operands.has(this.#next.kind)) this.#fail();
    if (protocol !== '') return abbreviation(state, protocol);
    const token = this.#next;
    if (token.kind !== 'keyword') this.#fail();
    this.#at++;
    if (atmWords.has(token.text)) return atmKeyword(state, token.text);
    if (mtpUnits.has(token.text)) return mtpUnit(state, token.text);
    if (mtpFields.has(token.text))
      return this.#fieldTest((value, comparison, reversed) => mtpField(state, token.text, value, comparison, reversed));
    switch (token.text) {
      case 'vpi':
      case 'vci':
        return this.#fieldTest((value, comparison, reversed) => atmField(state, token.text, value, comparison, reversed));
      case 'less':
        return metadata.shorterThan(this.#number());
      case 'greater':
        return metadata.longerThan(this.#number());
      case 'byte':
        return this.#byteTest();
      case 'inbound':
        return metadata.direction(state, false);
      case 'outbound':
        return metadata.direction(state, true);
      case 'ifindex':
        return metadata.ifindex(state, this.#number());
      case 'vlan':
        return vlan(state, this.#optionalNumber());
      case 'mpls':
        return mpls(state, this.#optionalNumber());
      case 'pppoed':
        return pppoeDiscovery(state);
      case 'pppoes':
        return pppoeSession(state, this.#optionalNumber());
      case 'geneve':
        return geneve(state, this.#optionalNumber());
      case 'llc':
        if (this.#accept('rnr')) return llcType(state, 'rnr');
        return this.#next.kind === 'id' ? llcType(state, this.#id()) : hasLlc(state);
      case 'ifname':
        return metadata.pfName(state, 'ifname', this.#id());
      case 'rset':
        return metadata.pfName(state, 'ruleset', this.#id());
      case 'rnr':
      case 'srnr':
        return metadata.pfNumber(state, token.text, this.#number());
      case 'reason':
        return metadata.pfNumber(state, 'reason', this.#next.kind === 'number' ? this.#number() : metadata.pfReason(this.#id()));
      case 'action':
        return metadata.pfNumber(state, 'action', metadata.pfAction(this.#id()));
      default:
        this.#at--;
        return this.#fail();
    }
  }

  /** A number, perhaps in parentheses; null: none stands here. */
  #optionalNumber(): number | null {
    let depth = 0;
    while (this.#is('(', this.#at + depth)) depth++;
    if (this.#tokens[this.#at + depth]?.kind !== 'number') return null;
    this.#at += depth;
    const value = this.#number();
    for (; depth > 0; depth--) this.#expect(')');
    return value;
  }

  #byteTest(): Block {
    const index = this.#number();
    const operation = this.#oneOf(words('& | < > ='));
    if (operation === '') this.#fail();
    return metadata.byteTest(this.#state, operation, index, this.#number());
  }

  /** A number, a comparison with one, or several in parentheses. */
  #fieldTest(test: (value: number, comparison: number, reversed: boolean) => Block): Block {
    const equal = () => test(this.#number(), bpf.JEQ, false);
    const comparison = this.#comparison(this.#at);
    if (comparison !== null) {
      this.#at++;
      return test(this.#number(), ...comparison);
    }
    if (!this.#accept('(')) return equal();
    let block = equal();
    while (this.#accept('or')) block = or(block, equal());
    this.#expect(')');
    return block;
  }

  #wlan(): Block {
    const state = this.#state;
    const TYPE_MASK = 0x0c;
    const SUBTYPE_MASK = 0xf0;
    const part = (what: string, mask: number, named: (name: string) => number) => {
      if (this.#next.kind !== 'number') return named(this.#id());
      const value = this.#number();
      if ((value & ~mask) !== 0) filterError(`invalid 802.11 ${what} value 0x${value.toString(16).padStart(2, '0')}`);
      return value;
    };
    if (this.#accept('dir'))
      return metadata.wlanDirection(state, this.#next.kind === 'number' ? this.#number() : metadata.wlanDirectionNumber(this.#id()));
    if (this.#accept('subtype')) return metadata.wlanFrame(state, metadata.wlanTypeOfSubtype(this.#id()), TYPE_MASK | SUBTYPE_MASK);
    this.#expect('type');
    const type = part('type', TYPE_MASK, metadata.wlanType);
    if (!this.#accept('subtype')) return metadata.wlanFrame(state, type, TYPE_MASK);
    const subtype = part('subtype', SUBTYPE_MASK, (name) => metadata.wlanSubtype(type, name));
    return metadata.wlanFrame(state, type | subtype, TYPE_MASK | SUBTYPE_MASK);
  }

  // Addresses.

  /** Does an address, or several in parentheses, stand here? */
  #isAddress(): boolean {
    return this.#skipAddress(this.#at) >= 0;
  }

  #skipAddress(from: number): number {
    let at = from;
    while (this.#is('!', at)) at++;
    const token = this.#tokens[at]!;
    if (token.kind === 'ipv4') {
      if (this.#is('/', at + 1)) return at + 3;
      return this.#is('mask', at + 1) ? at + 3 : at + 1;
    }
    if (token.kind === 'ipv6') return this.#is('/', at + 1) ? at + 3 : at + 1;
    if (token.kind === 'number' || token.kind === 'id' || token.kind === 'mac' || token.kind === 'arcnet') return at + 1;
    if (!this.#is('(', at)) return -1;
    for (at = this.#skipAddress(at + 1); at >= 0; at = this.#skipAddress(at + 1)) {
      if (this.#is(')', at)) return at + 1;
      if (!this.#is('and', at) && !this.#is('or', at)) return -1;
    }
    return -1;
  }

  #address(q: Qualifiers): Term {
    return this.#nested(() => {
      if (this.#accept('!')) return { block: not(this.#address(q).block), q };
      if (this.#accept('(')) {
        let { block } = this.#address(q);
        for (;;) {
          const join = this.#accept('and') ? and : this.#accept('or') ? or : null;
          if (join === null) break;
          block = join(block, this.#address(q).block);
        }
        this.#expect(')');
        return { block, q };
      }
      return { block: this.#oneAddress(q), q };
    });
  }

  #oneAddress(q: Qualifiers): Block {
    const state = this.#state;
    const token = this.#next;
    if (token.fault !== '') this.#fail();
    this.#at++;
    switch (token.kind) {
      case 'number':
        return numberCode(state, token.value, q);
      case 'id':
        return nameCode(state, token.text, q);
      case 'mac':
        return macCode(state, token.text, q);
      case 'arcnet':
        return arcnetCode(state, token.text, q);
      case 'ipv6':
        return ipv6Code(state, token.text, this.#accept('/') ? this.#number() : 128, q);
      case 'ipv4': {
        if (this.#accept('/')) return ipv4NetworkCode(state, token.text, null, this.#number(), q);
        if (!this.#accept('mask')) return ipv4Code(state, token.text, q);
        if (this.#next.kind !== 'ipv4') this.#fail();
        return ipv4NetworkCode(state, token.text, this.#tokens[this.#at++]!.text, 0, q);
      }
      default:
        this.#at--;
        return this.#fail();
    }
  }

  // Arithmetic.

  #comparison(at: number): readonly [comparison: number, reversed: boolean] | null {
    const token = this.#tokens[at];
    return token?.kind === 'keyword' ? (comparisons[token.text] ?? null) : null;
  }

  /** Does a value stand here, with a comparison or at least an operator behind it? */
  #isRelation(): boolean {
    const end = this.#skipValue(this.#at, 0);
    return end >= 0 && this.#comparison(end) !== null;
  }

  /** Where a value ends that starts at `from`; -1: none does. */
  #skipValue(from: number, depth: number): number {
    if (depth > MAXIMUM_DEPTH) return -1;
    let at = from;
    for (;;) {
      while (this.#is('-', at)) at++;
      const token = this.#tokens[at]!;
      if (token.kind === 'number' || this.#is('len', at)) at++;
      else if (this.#is('(', at)) {
        at = this.#skipValue(at + 1, depth + 1);
        if (at < 0 || !this.#is(')', at)) return -1;
        at++;
      } else if (token.kind === 'keyword' && protocolWords.has(token.text) && this.#is('[', at + 1)) {
        at = this.#skipValue(at + 2, depth + 1);
        if (at < 0) return -1;
        if (this.#is(':', at)) at += 2;
        if (!this.#is(']', at)) return -1;
        at++;
      } else return -1;
      const operator = this.#tokens[at]!;
      if (operator.kind !== 'keyword' || operators[operator.text] === undefined) return at;
      at++;
    }
  }

  #relation(): Block {
    const one = this.#value(0);
    const [comparison, reversed] = this.#comparison(this.#at++)!;
    return relation(this.#state, comparison, one, this.#value(0), reversed);
  }

  /** A value whose operators bind more tightly than `least`. */
  #value(least: number): Value {
    return this.#nested(() => {
      let left = this.#simpleValue();
      for (;;) {
        const operator = this.#next.kind === 'keyword' ? operators[this.#next.text] : undefined;
        if (operator === undefined) return left;
        const [operation, precedence] = operator;
        if (precedence !== 0 && precedence <= least) return left;
        this.#at++;
        left = calculated(this.#state, operation, left, this.#value(precedence));
      }
    });
  }

  #simpleValue(): Value {
    const state = this.#state;
    if (this.#next.kind === 'number') return constant(state, this.#number());
    if (this.#accept('len')) return packetLength(state);
    if (this.#accept('-')) return negated(this.#value(UNARY));
    if (this.#accept('(')) {
      const value = this.#value(0);
      this.#expect(')');
      return value;
    }
    const protocol = this.#oneOf(protocolWords);
    if (protocol === '') this.#fail();
    this.#expect('[');
    const index = this.#value(0);
    const size = this.#accept(':') ? this.#number() : 1;
    this.#expect(']');
    return loaded(state, protocol, index, size);
  }
}

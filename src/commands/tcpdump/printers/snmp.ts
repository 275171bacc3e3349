// SNMP: RFC 1157, RFC 3416, RFC 3412 with the security of RFC 3414.
import type { Dissector } from '../dissector.js';
import { hex, type Words } from '../words.js';
import { type BerElement, oidText, readBer } from './ber.js';
import type { PortPrinter } from './registry-types.js';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTETS = 0x04;
const NULL = 0x05;
const OBJECT = 0x06;
const IP_ADDRESS = 0x40;
const TIME_TICKS = 0x43;
const GET = 0xa0;
const GET_NEXT = 0xa1;
const RESPONSE = 0xa2;
const TRAP = 0xa4;
const BULK = 0xa5;

const pduWords: Words = {
  0xa0: 'GetRequest',
  0xa1: 'GetNextRequest',
  0xa2: 'GetResponse',
  0xa3: 'SetRequest',
  0xa4: 'Trap',
  0xa5: 'GetBulk',
  0xa6: 'Inform',
  0xa7: 'V2Trap',
  0xa8: 'Report',
};
const errorWords = [
  'noError',
  'tooBig',
  'noSuchName',
  'badValue',
  'readOnly',
  'genErr',
  'noAccess',
  'wrongType',
  'wrongLength',
  'wrongEncoding',
  'wrongValue',
  'noCreation',
  'inconsistentValue',
  'resourceUnavailable',
  'commitFailed',
  'undoFailed',
  'authorizationError',
  'notWritable',
  'inconsistentName',
] as const;
const trapWords = [
  'coldStart',
  'warmStart',
  'linkDown',
  'linkUp',
  'authenticationFailure',
  'egpNeighborLoss',
  'enterpriseSpecific',
] as const;
const ENTERPRISE = 6;

/** The packet is not what it should be, and that was said. */
const GIVEN_UP = Symbol('given up');

function snmp(d: Dissector, at: number, length: number): void {
  d.protocol = 'snmp';
  d.put(' ');
  try {
    message(d, at, length);
  } catch (error) {
    if (error !== GIVEN_UP) throw error;
  }
}

/** The element at `at` must have `tag`; else it is shown after `[what!=name]`. */
function expect(d: Dissector, at: number, length: number, tag: number, what: string): BerElement {
  const element = readBer(d, at, length);
  if (element === null) throw GIVEN_UP;
  if (element.tag !== tag) {
    d.put(`[${what}]`);
    value(d, element);
    throw GIVEN_UP;
  }
  return element;
}

function message(d: Dissector, at: number, length: number): void {
  const whole = expect(d, at, length, SEQUENCE, '!init SEQ');
  if (whole.end - at < length) d.put(`[${length - (whole.end - at)} extra after iSEQ]`);
  const version = expect(d, whole.at, whole.length, INTEGER, 'version!=INT');
  const number = integer(d, version);
  const verbose = d.options.verbose > 0;
  if (number !== 0 && number !== 1 && number !== 3) return d.put(`SNMP [version = ${number}]`);
  if (verbose) d.put(`{ SNMPv${number === 3 ? '3' : number === 1 ? '2c' : '1'} `);
  const left = whole.end - version.end;
  if (number === 3) third(d, version.end, left);
  else community(d, version.end, left, number);
  if (verbose) d.put('} ');
}

function community(d: Dissector, at: number, length: number, version: number): void {
  const name = expect(d, at, length, OCTETS, 'comm!=STR');
  const text = string(d, name);
  if (text !== 'public') d.put(`C="${text}" `);
  pdu(d, name.end, at + length - name.end, version);
}

function pdu(d: Dissector, at: number, length: number, version: number): void {
  const element = readBer(d, at, length);
  if (element === null) return;
  const verbose = d.options.verbose > 0;
  const { tag } = element;
  if (pduWords[tag] === undefined) {
    d.put('[no PDU CTX]');
    return value(d, element);
  }
  if (verbose) d.put('{ ');
  d.put(`${pduWords[tag]}(${element.length}) `);
  if (version === 0 && tag >= BULK) return d.put('[v2 PDU in v1 message]');
  if (version !== 0 && tag === TRAP) return d.put('[v1 PDU in v2 message]');
  try {
    if (tag === TRAP) trap(d, element);
    else request(d, element);
  } catch (error) {
    if (error !== GIVEN_UP) throw error;
  }
  if (verbose) d.put(' } ');
}

function request(d: Dissector, { tag, at, length }: BerElement): void {
  const end = at + length;
  const id = expect(d, at, length, INTEGER, 'reqId!=INT');
  if (d.options.verbose > 0) d.put(`R=${integer(d, id)} `);
  const status = expect(d, id.end, end - id.end, INTEGER, 'errorStatus!=INT');
  const code = integer(d, status);
  let error = false;
  if ((tag <= 0xa3 || tag > BULK) && tag !== RESPONSE && code !== 0) {
    d.put(`[errorStatus(${code})!=0]`);
  } else if (tag === BULK) {
    if (code !== 0) d.put(` N=${code}`);
  } else if (code !== 0) {
    d.put(` ${errorWords[code] ?? `err=${code}`}`);
    error = true;
  }
  const index = expect(d, status.end, end - status.end, INTEGER, 'errorIndex!=INT');
  const place = integer(d, index);
  if (tag === BULK) {
    if (place !== 0) d.put(` M=${place}`);
  } else if (place !== 0) {
    if (error) d.put(`@${place}`);
    else d.put(`[errorIndex(${place}) w/o errorStatus]`);
  }
  bindings(d, tag, index.end, end - index.end);
}

/** RFC 1157 4.1.6. */
function trap(d: Dissector, { tag, at, length }: BerElement): void {
  const end = at + length;
  d.put(' ');
  const enterprise = expect(d, at, length, OBJECT, 'enterprise!=OID');
  d.put(oidText(d, enterprise));
  d.put(' ');
  const agent = expect(d, enterprise.end, end - enterprise.end, IP_ADDRESS, 'agent-addr!=INETADDR');
  value(d, agent);
  const generic = expect(d, agent.end, end - agent.end, INTEGER, 'generic-trap!=INT');
  const kind = integer(d, generic);
  d.put(` ${trapWords[kind] ?? `gt=${kind}`}`);
  const specific = expect(d, generic.end, end - generic.end, INTEGER, 'specific-trap!=INT');
  const number = integer(d, specific);
  if (kind !== ENTERPRISE) {
    if (number !== 0) d.put(`[specific-trap(${number})!=0]`);
  } else d.put(` s=${number}`);
  d.put(' ');
  const stamp = expect(d, specific.end, end - specific.end, TIME_TICKS, 'timestamp!=TIMETICKS');
  value(d, stamp);
  if (stamp.end < end) bindings(d, tag, stamp.end, end - stamp.end);
}

function bindings(d: Dissector, tag: number, at: number, length: number): void {
  const list = expect(d, at, length, SEQUENCE, '!SEQ of varbind');
  for (let p = list.at; p < list.end; ) {
    const binding = expect(d, p, list.end - p, SEQUENCE, '!varbind');
    const name = expect(d, binding.at, binding.length, OBJECT, 'objName!=OID');
    d.put(` ${oidText(d, name)}`);
    const shown = tag !== GET && tag !== GET_NEXT && tag !== BULK;
    const content = readBer(d, name.end, binding.end - name.end);
    if (content === null) throw GIVEN_UP;
    if (!shown && content.tag !== NULL) d.put('[objVal!=NULL]');
    if (shown || content.tag !== NULL) {
      d.put('=');
      value(d, content);
    }
    p = binding.end;
  }
}

function third(d: Dissector, from: number, length: number): void {
  const end = from + length;
  const header = expect(d, from, length, SEQUENCE, '!message SEQ');
  const id = expect(d, header.at, header.length, INTEGER, 'msgID!=INT');
  const size = expect(d, id.end, header.end - id.end, INTEGER, 'msgMaxSize!=INT');
  const flagsElement = expect(d, size.end, header.end - size.end, OCTETS, 'msgFlags!=INT');
  const flags = d.u8(flagsElement.at);
  d.put(`F=${(flags & 1) !== 0 ? 'a' : ''}${(flags & 2) !== 0 ? 'p' : ''}${(flags & 4) !== 0 ? 'r' : ''} `);
  const model = expect(d, flagsElement.end, header.end - flagsElement.end, INTEGER, 'msgSecurityModel!=INT');
  if (integer(d, model) !== 3) return d.put(`[security model ${integer(d, model)}]`);
  const parameters = expect(d, header.end, end - header.end, OCTETS, 'msgSecurityParameters!=STR');
  if (d.options.verbose > 0) d.put('{ USM ');
  user(d, parameters.at, parameters.length);
  if (d.options.verbose > 0) d.put('} { ScopedPDU ');
  scoped(d, parameters.end, end - parameters.end);
  if (d.options.verbose > 0) d.put('} ');
}

function user(d: Dissector, from: number, length: number): void {
  const whole = expect(d, from, length, SEQUENCE, '!usm SEQ');
  const engine = expect(d, whole.at, whole.length, OCTETS, 'msgAuthoritativeEngineID!=STR');
  const boots = expect(d, engine.end, whole.end - engine.end, INTEGER, 'msgAuthoritativeEngineBoots!=INT');
  const time = expect(d, boots.end, whole.end - boots.end, INTEGER, 'msgAuthoritativeEngineTime!=INT');
  if (d.options.verbose > 0) d.put(`B=${integer(d, boots)} T=${integer(d, time)} `);
  const name = expect(d, time.end, whole.end - time.end, OCTETS, 'msgUserName!=STR');
  if (name.length > 0) d.put(`U="${string(d, name)}" `);
}

function scoped(d: Dissector, from: number, length: number): void {
  const whole = expect(d, from, length, SEQUENCE, '!scoped PDU');
  const engine = expect(d, whole.at, whole.length, OCTETS, 'contextEngineID!=STR');
  d.put('E=');
  for (let i = 0; i < engine.length; i++) d.put(`_${hex(d.u8(engine.at + i), 2)}`);
  d.put(' ');
  const context = expect(d, engine.end, whole.end - engine.end, OCTETS, 'contextName!=STR');
  d.put(`C="${string(d, context)}" `);
  pdu(d, context.end, whole.end - context.end, 1);
}

function integer(d: Dissector, { at, length }: BerElement): number {
  let number = length > 0 && d.u8(at) >= 0x80 ? -1 : 0;
  for (let i = 0; i < length; i++) number = (number << 8) | d.u8(at + i);
  return number;
}

function string(d: Dissector, { at, length }: BerElement): string {
  let text = '';
  for (let i = 0; i < length; i++) {
    const byte = d.u8(at + i);
    text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : caret(byte);
  }
  return text;
}

const caret = (byte: number): string =>
  byte >= 0x80
    ? `M-${byte >= 0xa0 && byte < 0xff ? String.fromCharCode(byte & 0x7f) : caret(byte & 0x7f)}`
    : `^${String.fromCharCode(byte ^ 0x40)}`;

function bytesText(d: Dissector, { at, length }: BerElement): string {
  let text = '';
  for (let i = 0; i < length; i++) text += (i === 0 ? '' : '_') + hex(d.u8(at + i), 2);
  return text;
}

function value(d: Dissector, element: BerElement): void {
  const { tag, at, length } = element;
  switch (tag) {
    case INTEGER:
      return d.put(String(integer(d, element)));
    case OCTETS: {
      let printable = true;
      for (let i = 0; i < length && printable; i++) {
        const byte = d.u8(at + i);
        printable = (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13);
      }
      return d.put(printable && length > 0 ? `"${string(d, element)}"` : length === 0 ? '""' : bytesText(d, element));
    }
    case NULL:
      return;
    case OBJECT:
      return d.put(oidText(d, element));
    case IP_ADDRESS: {
      for (let i = 0; i < length; i++) d.put(`${i === 0 ? '' : '.'}${d.u8(at + i)}`);
      return;
    }
    case 0x41:
    case 0x42:
    case TIME_TICKS: {
      let number = 0;
      for (let i = 0; i < length; i++) number = (number * 256 + d.u8(at + i)) % 0x1_0000_0000;
      return d.put(String(number));
    }
    case 0x46: {
      let number = 0n;
      for (let i = 0; i < length; i++) number = (number << 8n) | BigInt(d.u8(at + i));
      return d.put(String(BigInt.asUintN(64, number)));
    }
    case 0x80:
      return d.put('[noSuchObject]');
    case 0x81:
      return d.put('[noSuchInstance]');
    case 0x82:
      return d.put('[endOfMibView]');
    case SEQUENCE:
      return d.put(`Sequence(${length})`);
    default: {
      const name = unshown[tag];
      if (name === undefined) return d.put(`[id?P/x/${tag & 0x1f}]`);
      return d.put(`[P/${name}]_${bytesText(d, element)}`);
    }
  }
}

/** Types that are shown as bytes. */
const unshown: Words = { 0x01: 'U/Boolean', 0x03: 'U/Bitstring', 0x44: 'A/Opaque', 0x45: 'A/C-5' };

export const snmpPort: PortPrinter = { ports: [161, 162], type: 'snmp', print: snmp };

// BIND's lightweight resolver protocol.
import type { Dissector } from '../dissector.js';
import { hex0x, relativeTime, type Words, word } from '../words.js';
import { classWords, typeWords } from './domain-words.js';
import type { PortPrinter } from './registry-types.js';

const operationWords: Words = { 0: 'noop', 0x10001: 'getaddrsbyname', 0x10002: 'getnamebyaddr', 0x10003: 'getrdatabyname' };

const HEADER = 28;
const RESPONSE = 1;
const BY_NAME = 0x10001;
const BY_ADDRESS = 0x10002;
const DATA_BY_NAME = 0x10003;
const CLASS_IN = 1;

/** Where what a printer showed ends; -1: it is wrong; -2: nothing knows it. */
type End = number;

function lwres(d: Dissector, at: number, length: number): void {
  d.protocol = 'lwres';
  d.need(at, HEADER);
  d.put(' lwres');
  const declared = d.be32(at);
  const version = d.be16(at + 4);
  const { verbose } = d.options;
  if (verbose > 0 || version !== 0) d.put(` v${version}`);
  let end: End = at + declared;
  if (version === 0) {
    const flags = d.be16(at + 6);
    const operation = d.be32(at + 12);
    d.put(` ${word(operationWords, operation, (n) => `#${hex0x(n)}`)}${(flags & RESPONSE) === 0 ? '?' : ''}`);
    if ((flags & ~RESPONSE) !== 0) d.put(`[${hex0x(flags)}]`);
    if (verbose > 1) {
      d.put(` (serial:${hex0x(d.be32(at + 8))} result:${hex0x(d.be32(at + 16))} recvlen:${d.be32(at + 20)}`);
      if (verbose > 2) d.put(` authtype:${hex0x(d.be16(at + 24))} authlen:${d.be16(at + 26)}`);
      d.put(')');
    }
    end = (flags & RESPONSE) === 0 ? request(d, operation, at + HEADER) : response(d, operation, at + HEADER);
    if (end === -1) return d.invalid();
  }
  if (declared !== length) d.put(` [len: ${declared} != ${length}]`);
  if (end >= 0 && end - at < declared) d.put('[extra]');
}

function name(d: Dissector, at: number, length: number): End {
  d.put(' ');
  d.chars(at, length);
  if (d.u8(at + length) !== 0) d.put(' (not NUL-terminated!)');
  return at + length + 1;
}

const countedName = (d: Dissector, at: number): End => name(d, at + 2, d.be16(at));

function binary(d: Dissector, at: number): End {
  const length = d.be16(at);
  d.put(d.hexOf(at + 2, length));
  return at + 2 + length;
}

function address(d: Dissector, at: number): End {
  const [family, length] = [d.be32(at), d.be16(at + 4)];
  const body = at + 6;
  d.need(body, length);
  if (family === 1 || family === 2) {
    const size = family === 1 ? 4 : 16;
    if (length < size) return -1;
    d.put(` ${family === 1 ? d.ip(body) : d.ip6(body)}`);
    return body + size;
  }
  d.put(` ${family}/${d.hexOf(body, length)}`);
  return body + length;
}

function flags(d: Dissector, at: number): void {
  if (d.options.verbose > 2) d.put(` flags:${hex0x(d.be32(at))}`);
}

function record(d: Dissector, at: number): void {
  const [kind, type] = [d.be16(at), d.be16(at + 2)];
  d.put(` ${word(typeWords, type, (n) => `Type${n}`)}`);
  if (kind !== CLASS_IN) d.put(` ${word(classWords, kind, (n) => `Class${n}`)}`);
}

const addressTypes: Words = { 1: ' IPv4', 2: ' IPv6', 3: ' IPv4/6' };

function request(d: Dissector, operation: number, at: number): End {
  switch (operation) {
    case 0:
      return at;
    case BY_NAME: {
      const length = d.be16(at + 8);
      flags(d, at);
      const types = d.be32(at + 4);
      d.put(addressTypes[types & 3] ?? '');
      if (types >>> 2 !== 0) d.put(`[${hex0x(types)}]`);
      return name(d, at + 10, length);
    }
    case BY_ADDRESS:
      d.need(at, 4);
      flags(d, at);
      return address(d, at + 4);
    case DATA_BY_NAME: {
      const length = d.be16(at + 8);
      flags(d, at);
      record(d, at + 4);
      return name(d, at + 10, length);
    }
    default:
      return -2;
  }
}

/** `count` things, one behind the other. */
function each(count: number, from: End, print: (at: number) => End): End {
  let at = from;
  for (let i = 0; i < count && at >= 0; i++) at = print(at);
  return at;
}

function response(d: Dissector, operation: number, at: number): End {
  const names = (count: number, from: End) => each(count, from, (next) => countedName(d, next));
  switch (operation) {
    case 0:
      return at;
    case BY_NAME: {
      const length = d.be16(at + 8);
      flags(d, at);
      const [aliases, addresses] = [d.be16(at + 4), d.be16(at + 6)];
      d.put(` ${aliases}/${addresses}`);
      return each(addresses, names(aliases, name(d, at + 10, length)), (next) => address(d, next));
    }
    case BY_ADDRESS: {
      const length = d.be16(at + 6);
      flags(d, at);
      const aliases = d.be16(at + 4);
      d.put(` ${aliases}`);
      return names(aliases, name(d, at + 8, length));
    }
    case DATA_BY_NAME: {
      d.need(at + 14, 2);
      flags(d, at);
      record(d, at + 4);
      const [data, signatures] = [d.be16(at + 12), d.be16(at + 14)];
      d.put(` TTL ${relativeTime(d.be32(at + 8))} ${data}/${signatures}`);
      return each(data + signatures, countedName(d, at + 16), (next) => binary(d, next));
    }
    default:
      return -2;
  }
}

export const lwresPort: PortPrinter = { ports: [921], print: lwres };

// SCTP, RFC 9260, with the payload protocols of IANA's list.
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import { m3ua } from './m3ua.js';
import type { IpContext, IpProtocolPrinter } from './registry-types.js';
import { endpoints } from './udp.js';

const PROTOCOL = 132;
const HEADER = 12;
const CHUNK_HEADER = 4;

const chunkWords: Words = {
  0: 'DATA',
  1: 'INIT',
  2: 'INIT ACK',
  3: 'SACK',
  4: 'HB REQ',
  5: 'HB ACK',
  6: 'ABORT',
  7: 'SHUTDOWN',
  8: 'SHUTDOWN ACK',
  9: 'OP ERR',
  10: 'COOKIE ECHO',
  11: 'COOKIE ACK',
  12: 'ECN ECHO',
  13: 'ECN CWR',
  14: 'SHUTDOWN COMPLETE',
  0xc0: 'FOR CUM TSN',
  0xc1: 'REL CTRL',
};

const M3UA = 3;
const payloadWords: Words = {
  1: 'ISDN Q.921',
  2: 'M2UA',
  3: 'M3UA',
  4: 'SUA',
  5: 'M2PA',
  6: 'V5.2',
  7: 'H.248',
  8: 'BICC',
  9: 'TALI',
  10: 'DUA',
  11: 'ASAP',
  12: 'ENRP',
  13: 'H.323',
  14: 'Q.IPC',
  15: 'SIMCO',
  16: 'DDPSC',
  17: 'DDPSSC',
  18: 'S1AP',
  19: 'RUA',
  20: 'HNBAP',
  21: 'ForCES HP',
  22: 'ForCES MP',
  23: 'ForCES LP',
  24: 'SBc-AP',
  25: 'NBAP',
  27: 'X2AP',
};
const forcesPorts: Words = { 6704: 'ForCES HP', 6705: 'ForCES MP', 6706: 'ForCES LP' };

function sctp(d: Dissector, at: number, givenLength: number, context: IpContext): void {
  d.protocol = 'sctp';
  const length = Math.min(givenLength, d.left(at));
  if (givenLength < HEADER) return d.put(`truncated-sctp - ${HEADER - givenLength} bytes missing!`);
  if (length < HEADER) return d.put(`truncated-sctp - ${HEADER - length} bytes missing!`);
  const source = d.be16(at);
  const destination = d.be16(at + 2);
  d.put(endpoints(d, context, PROTOCOL, (n) => d.names.tcpPort(n), source, destination));
  d.put('sctp');
  const forces = forcesPorts[source] ?? forcesPorts[destination];
  if (forces !== undefined) d.put(`[${forces}]`);
  chunks(d, at + HEADER, givenLength - HEADER, forces !== undefined);
}

function chunks(d: Dissector, from: number, length: number, isForces: boolean): void {
  let left = length;
  let number = 1;
  for (let at = from; left > 0; number++) {
    d.protocol = 'sctp';
    d.need(at, Math.min(CHUNK_HEADER, left));
    if (left >= CHUNK_HEADER) d.need(at, d.be16(at + 2));
    // Few words: all chunks follow each other on the line.
    d.put(d.options.verbose < 2 ? `${number === 1 ? '' : ','} (${number}) ` : `\n\t${number}) `);
    if (left < CHUNK_HEADER) return d.put('[chunk descriptor cut off at end of packet]');
    const type = d.u8(at);
    const flags = d.u8(at + 1);
    const declared = d.be16(at + 2);
    if (declared < CHUNK_HEADER) return d.put(`[Bad chunk length ${declared}, < size of chunk descriptor]`);
    if (declared > left) return d.put(`[Bad chunk length ${declared}, > remaining data in packet]`);
    d.put(`[${word(chunkWords, type, (n) => `Unknown chunk type: 0x${hex(n)}`)}]`);
    const aligned = Math.min((declared + 3) & ~3, left);
    const body = chunkBodies[type];
    if (body === undefined) d.put(' ');
    else if (!body(d, at + CHUNK_HEADER, declared - CHUNK_HEADER, flags, isForces)) return;
    at += aligned;
    left -= aligned;
  }
}

/** Says false where it is too short. */
type Chunk = (d: Dissector, at: number, length: number, flags: number, isForces: boolean) => boolean;

/** Too short for its kind: what follows cannot be found. */
function bogus(d: Dissector, length: number): false {
  d.put(` bogus chunk length ${length + CHUNK_HEADER}]`);
  return false;
}

function data(d: Dissector, at: number, length: number, flags: number, isForces: boolean): boolean {
  if (length < 12) return bogus(d, length);
  d.put(' ');
  const isUnordered = (flags & 4) !== 0;
  if ((flags & 7) !== 0) d.put(`${isUnordered ? '(U)' : ''}${(flags & 2) !== 0 ? '(B)' : ''}${(flags & 1) !== 0 ? '(E)' : ''} `);
  d.put(`[TSN: ${d.be32(at)}] [SID: ${d.be16(at + 4)}] [SSEQ ${d.be16(at + 6)}] `);
  const protocol = d.be32(at + 8);
  d.put(`[PPID ${word(payloadWords, protocol, (n) => `0x${hex(n)}`)}]`);
  const payload = at + 12;
  const bytes = length - 12;
  if (bytes === 0) return bogus(d, length);
  d.put(' ');
  if (isForces || (protocol >= 21 && protocol <= 23)) d.registry.forces(d, payload, bytes);
  else if (d.options.verbose >= 2 && protocol === M3UA) m3ua(d, payload, bytes);
  else if (d.options.verbose >= 2) unknownPayload(d, payload, bytes);
  return true;
}

function unknownPayload(d: Dissector, payload: number, bytes: number): void {
  d.put('[Payload');
  if (!d.options.suppressDump) {
    d.put(':');
    d.hexAndAscii('\n\t', payload, bytes);
  }
  d.put(']');
}

function init(d: Dissector, at: number, length: number): boolean {
  if (length < 16) return bogus(d, length);
  d.put(` [init tag: ${d.be32(at)}] [rwnd: ${d.be32(at + 4)}] [OS: ${d.be16(at + 8)}] [MIS: ${d.be16(at + 10)}] `);
  d.put(`[init TSN: ${d.be32(at + 12)}] `);
  return true;
}

function sack(d: Dissector, at: number, length: number): boolean {
  if (length < 12) return bogus(d, length);
  const acknowledged = d.be32(at);
  const gaps = d.be16(at + 8);
  const duplicates = d.be16(at + 10);
  d.put(` [cum ack ${acknowledged}] [a_rwnd ${d.be32(at + 4)}] [#gap acks ${gaps}] [#dup tsns ${duplicates}]`);
  const end = at + length;
  let p = at + 12;
  if (p + gaps * 4 + duplicates * 4 > end && (length - 12) % 4 !== 0) return bogus(d, length);
  d.put(' ');
  for (let i = 1; i <= gaps; i++, p += 4) {
    if (p + 4 > end) return true;
    const [first, last] = [(acknowledged + d.be16(p)) >>> 0, (acknowledged + d.be16(p + 2)) >>> 0];
    d.put(`\n\t\t[gap ack block #${i}: start = ${first}, end = ${last}] `);
  }
  for (let i = 1; i <= duplicates; i++, p += 4) {
    if (p + 4 > end) return true;
    d.put(`\n\t\t[dup TSN #${i}: ${d.be32(p)}] `);
  }
  return true;
}

const chunkBodies: Readonly<Record<number, Chunk>> = { 0: data, 1: init, 2: init, 3: sack };

export const sctpProtocol: IpProtocolPrinter = { protocols: [PROTOCOL], print: sctp };

// PPTP's control connection, RFC 2637.
import type { Dissector } from '../dissector.js';
import { hex, hex0x, type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 12;
const MAGIC = 0x1a2b3c4d;

const messageWords: Words = {
  0: 'NOT_DEFINED',
  1: 'SCCRQ',
  2: 'SCCRP',
  3: 'StopCCRQ',
  4: 'StopCCRP',
  5: 'ECHORQ',
  6: 'ECHORP',
  7: 'OCRQ',
  8: 'OCRP',
  9: 'ICRQ',
  10: 'ICRP',
  11: 'ICCN',
  12: 'CCRQ',
  13: 'CDN',
  14: 'WEN',
  15: 'SLI',
};
const errorWords: Words = {
  0: 'None',
  1: 'Not-Connected',
  2: 'Bad-Format',
  3: 'Bad-Value',
  4: 'No-Resource',
  5: 'Bad-Call-ID',
  6: 'PAC-Error',
};
const stopWords: Words = { 1: 'None', 2: 'Stop-Protocol', 3: 'Stop-Local-Shutdown' };
const generalResults: Words = { 1: 'OK', 2: 'General Error' };
const startResults: Words = {
  1: 'Successful channel establishment',
  2: 'General error',
  3: 'Command channel already exists',
  4: 'Requester is not authorized to establish a command channel',
  5: 'The protocol version of the requester is not supported',
};
const outgoingResults: Words = {
  1: 'Connected',
  2: 'General Error',
  3: 'No Carrier',
  4: 'Busy',
  5: 'No Dial Tone',
  6: 'Time-out',
  7: 'Do Not Accept',
};
const incomingResults: Words = { 1: 'Connect', 2: 'General Error', 3: 'Do Not Accept' };
const disconnectResults: Words = { 1: 'Lost Carrier', 2: 'General Error', 3: 'Admin Shutdown', 4: 'Request' };
const bearerTypes: Words = { 1: 'A', 2: 'D', 3: 'Any' };
const framingTypes: Words = { 1: 'A', 2: 'S', 3: 'E' };

/** Shows the field at `at`; returns its length. */
type Field = (d: Dissector, at: number) => number;

/** A word for a number; with -v what it means as well. */
const coded = (d: Dissector, label: string, value: number, words: Words) =>
  d.put(` ${label}(${value}${d.options.verbose > 0 ? `:${word(words, value, () => '?')}` : ''})`);

const u16 =
  (label: string): Field =>
  (d, at) => {
    d.put(` ${label}(${d.be16(at)})`);
    return 2;
  };
const u32 =
  (label: string): Field =>
  (d, at) => {
    d.put(` ${label}(${d.be32(at)})`);
    return 4;
  };
const named =
  (label: string, words: Words): Field =>
  (d, at) => {
    d.put(` ${label}(${word(words, d.be32(at), () => '?')})`);
    return 4;
  };
const code =
  (label: string, words: Words): Field =>
  (d, at) => {
    coded(d, label, d.u8(at), words);
    return 1;
  };
const accm =
  (label: string): Field =>
  (d, at) => {
    d.put(` ${label}(${hex0x(d.be32(at), 8)})`);
    return 4;
  };
const text =
  (label: string, length: number): Field =>
  (d, at) => {
    d.put(` ${label}(`);
    d.charsToZero(at, length);
    d.put(')');
    return length;
  };
/** A text whose length was said `back` bytes before it. */
const counted =
  (label: string, back: number): Field =>
  (d, at) => {
    d.put(` ${label}(`);
    d.charsToZero(at, Math.min(d.be16(at - back), 64));
    d.put(')');
    return 64;
  };
const reserved1: Field = (d, at) => mustBeZero(d, d.u8(at), 1);
const reserved2: Field = (d, at) => mustBeZero(d, d.be16(at), 2);

function mustBeZero(d: Dissector, value: number, length: number): number {
  if (value !== 0) d.put(` [ERROR: reserved=${value} must be zero]`);
  return length;
}

const version: Field = (d, at) => {
  d.put(` PROTO_VER(${d.u8(at)}.${d.u8(at + 1)})`);
  return 2;
};
/** Bit 1 asynchronous or analog; bit 2 synchronous or digital. */
const capabilities =
  (label: string, first: readonly [number, string], second: readonly [number, string]): Field =>
  (d, at) => {
    d.put(` ${label}(`);
    const value = d.be32(at);
    d.put(`${(value & first[0]) !== 0 ? first[1] : ''}${(value & second[0]) !== 0 ? second[1] : ''})`);
    return 4;
  };
const framing = capabilities('FRAME_CAP', [1, 'A'], [2, 'S']);
const bearer = capabilities('BEARER_CAP', [2, 'D'], [1, 'A']);
const result = (words: Words) => code('RESULT_CODE', words);
const error = code('ERR_CODE', errorWords);
const callId = u16('CALL_ID');
const peerCallId = u16('PEER_CALL_ID');
const window = u16('RECV_WIN');
const delay = u16('PROC_DELAY');
const channel = u32('PHY_CHAN_ID');
const speed = u32('CONN_SPEED');
const host = [u16('MAX_CHAN'), u16('FIRM_REV'), text('HOSTNAME', 64), text('VENDOR', 64)];

const messages: Readonly<Record<number, readonly Field[]>> = {
  0: [],
  1: [version, reserved2, framing, bearer, ...host],
  2: [version, result(startResults), error, framing, bearer, ...host],
  3: [code('REASON', stopWords), reserved1, reserved2],
  4: [result(generalResults), error, reserved2],
  5: [u32('ID')],
  6: [u32('ID'), result(generalResults), error, reserved2],
  7: [
    callId,
    u16('CALL_SER_NUM'),
    u32('MIN_BPS'),
    u32('MAX_BPS'),
    named('BEARER_TYPE', bearerTypes),
    named('FRAME_TYPE', framingTypes),
    window,
    delay,
    u16('PHONE_NO_LEN'),
    reserved2,
    counted('PHONE_NO', 4),
    text('SUB_ADDR', 64),
  ],
  8: [callId, peerCallId, result(outgoingResults), error, u16('CAUSE_CODE'), speed, window, delay, channel],
  9: [
    callId,
    u16('CALL_SER_NUM'),
    named('BEARER_TYPE', bearerTypes),
    channel,
    u16('DIALED_NO_LEN'),
    u16('DIALING_NO_LEN'),
    counted('DIALED_NO', 4),
    counted('DIALING_NO', 66),
    text('SUB_ADDR', 64),
  ],
  10: [callId, peerCallId, result(incomingResults), error, window, delay, reserved2],
  11: [peerCallId, reserved2, speed, window, delay, named('FRAME_TYPE', framingTypes)],
  12: [callId, reserved2],
  13: [callId, result(disconnectResults), error, u16('CAUSE_CODE'), reserved2, text('CALL_STATS', 128)],
  14: [
    peerCallId,
    reserved2,
    u32('CRC_ERR'),
    u32('FRAMING_ERR'),
    u32('HARDWARE_OVERRUN'),
    u32('BUFFER_OVERRUN'),
    u32('TIMEOUT_ERR'),
    u32('ALIGN_ERR'),
  ],
  15: [peerCallId, reserved2, accm('SEND_ACCM'), accm('RECV_ACCM')],
};

function pptp(d: Dissector, at: number): void {
  d.protocol = 'pptp';
  const { verbose } = d.options;
  d.put(': pptp');
  if (verbose > 0) {
    d.put(` Length=${d.be16(at)}`);
    const kind = d.be16(at + 2);
    d.put(kind === 1 ? ' CTRL-MSG' : kind === 2 ? ' MGMT-MSG' : ' UNKNOWN-MSG-TYPE');
    const magic = d.be32(at + 4);
    if (magic !== MAGIC) d.put(` UNEXPECTED Magic-Cookie!!(${hex(magic, 8)})`);
    d.put(` Magic-Cookie=${hex(magic, 8)}`);
  }
  const type = d.be16(at + 8);
  if (messageWords[type] === undefined) return d.put(` UNKNOWN_CTRL_MSGTYPE(${type})`);
  d.put(` CTRL_MSGTYPE=${messageWords[type]}`);
  if (verbose > 0) mustBeZero(d, d.be16(at + 10), 2);
  let p = at + HEADER;
  for (const field of messages[type] ?? []) p += field(d, p);
}

export const pptpPort: PortPrinter = { ports: [1723], print: pptp };

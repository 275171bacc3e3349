// DCCP, RFC 4340.
import { checksumShouldBe, type Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import type { IpContext, IpProtocolPrinter } from './registry-types.js';
import { endpoints } from './udp.js';

const PROTOCOL = 33;
const SHORT_HEADER = 12;
const LONG_HEADER = 16;

const typeWords: Words = {
  0: 'DCCP-Request',
  1: 'DCCP-Response',
  2: 'DCCP-Data',
  3: 'DCCP-Ack',
  4: 'DCCP-DataAck',
  5: 'DCCP-CloseReq',
  6: 'DCCP-Close',
  7: 'DCCP-Reset',
  8: 'DCCP-Sync',
  9: 'DCCP-SyncAck',
};
const REQUEST = 0;
const RESPONSE = 1;
const DATA = 2;
const RESET = 7;
const resetWords = [
  'unspecified',
  'closed',
  'aborted',
  'no_connection',
  'packet_error',
  'option_error',
  'mandatory_error',
  'connection_refused',
  'bad_service_code',
  'too_busy',
  'bad_init_cookie',
  'aggression_penalty',
] as const;
const optionWords: Words = {
  0: 'nop',
  1: 'mandatory',
  2: 'slowreceiver',
  32: 'change_l',
  33: 'confirm_l',
  34: 'change_r',
  35: 'confirm_r',
  36: 'initcookie',
  37: 'ndp_count',
  38: 'ack_vector0',
  39: 'ack_vector1',
  40: 'data_dropped',
  41: 'timestamp',
  42: 'timestamp_echo',
  43: 'elapsed_time',
  44: 'data_checksum',
};
const featureWords = [
  'reserved',
  'ccid',
  'allow_short_seqno',
  'sequence_window',
  'ecn_incapable',
  'ack_ratio',
  'send_ack_vector',
  'send_ndp_count',
  'minimum checksum coverage',
  'check data checksum',
] as const;

function dccp(d: Dissector, at: number, length: number, context: IpContext): void {
  d.protocol = 'dccp';
  const source = d.be16(at);
  const destination = d.be16(at + 2);
  const missing = (what: string, bytes: number) => d.put(`truncated-${what} - ${bytes} bytes missing!`);
  const outer = endpoints(d, context, PROTOCOL, (n) => d.names.udpPort(n), source, destination);
  d.put(outer);
  if (length < SHORT_HEADER) return missing('dccp', SHORT_HEADER - length);
  const long = (d.u8(at + 8) & 1) !== 0;
  const fixed = long ? LONG_HEADER : SHORT_HEADER;
  if (length < fixed) return missing('dccp', fixed - length);
  d.need(at, fixed);
  d.put('DCCP');
  if (d.options.verbose > 0) {
    d.put(` (CCVal ${d.u8(at + 5) >>> 4}, CsCov ${d.u8(at + 5) & 0xf}`);
    if (d.has(at, length)) checksum(d, at, length, context);
    d.put(')');
  }
  const type = (d.u8(at + 8) >>> 1) & 0xf;
  const name = word(typeWords, type, (n) => `unknown-type-${n}`);
  const isAcknowledged = type !== REQUEST && type !== DATA;
  // Also behind a short header the real tool takes it for eight bytes; of what it does not know, for none.
  const acknowledgment = isAcknowledged && typeWords[type] !== undefined ? 8 : 0;
  const further = type === REQUEST || type === RESPONSE || type === RESET ? 4 : 0;
  const header = fixed + acknowledgment + further;
  if (length < header) return d.put(` truncated-${name} - ${header - length} bytes missing!`);
  d.need(at, header);
  d.put(` ${name}`);
  const extra = at + fixed + acknowledgment;
  if (type === REQUEST || type === RESPONSE) d.put(` (service=${d.be32(extra)})`);
  if (type === RESET) d.put(` (code=${resetWords[d.u8(extra)] ?? 'invalid'})`);
  d.put(' ');
  if (isAcknowledged) d.put(`(ack=${long ? d.be48(at + fixed + 2) : d.be24(at + fixed + 1)}) `);
  if (d.options.verbose < 2) return;
  d.put(`seq ${long ? d.be48(at + 10) : d.be24(at + 9)}`);
  const offset = d.u8(at + 4) * 4;
  if (offset > header) options(d, at + header, Math.min(offset, length) - header);
}

/** RFC 4340 9.2: how much of the data is covered. */
function checksum(d: Dissector, at: number, length: number, context: IpContext): void {
  const coverage = d.u8(at + 5) & 0xf;
  const covered = coverage === 0 ? length : Math.min(length, d.u8(at + 4) * 4 + (coverage - 1) * 4);
  const field = d.be16(at + 6);
  d.put(`, cksum ${hex0x(field, 4)} `);
  const wrong = d.checksum(at, covered, d.pseudoHeader(context.header, length, PROTOCOL));
  d.put(wrong === 0 ? '(correct)' : `(incorrect -> ${hex0x(checksumShouldBe(field, wrong), 4)})`);
}

function options(d: Dissector, from: number, length: number): void {
  d.put(' <');
  let left = length;
  for (let at = from; left > 0; ) {
    let size = 0;
    if (d.endsEarly(() => (size = option(d, at, left)))) {
      d.truncated();
      break;
    }
    if (size === 0) break;
    at += size;
    left -= size;
    if (left > 0) d.put(', ');
  }
  d.put('>');
}

/** Its length; 0: it is cut. */
function option(d: Dissector, at: number, left: number): number {
  const kind = d.u8(at);
  let size = 1;
  if (kind >= 32) {
    size = d.u8(at + 1);
    if (size < 2) {
      d.put(`${kind >= 128 ? `CCID option ${kind}` : word(optionWords, kind, (n) => `Option ${n}`)} optlen too short`);
      return 0;
    }
  }
  if (size > left) {
    d.put(`${kind >= 128 ? `CCID option ${kind}` : word(optionWords, kind, (n) => `Option ${n}`)} optlen goes past header length`);
    return 0;
  }
  d.need(at, size);
  d.put(kind >= 128 ? `CCID option ${kind}` : word(optionWords, kind, (n) => `Option ${n}`));
  const value = at + 2;
  const bytes = size - 2;
  if (kind >= 32 && kind <= 35) {
    const feature = d.u8(value);
    if (bytes < 1) d.put(' optlen too short');
    else if (featureWords[feature] !== undefined) {
      d.put(` ${featureWords[feature]}`);
      for (let i = 1; i < bytes; i++) d.put(` ${d.u8(value + i)}`);
    }
  } else if (kind === 37) for (let i = 0; i < bytes; i++) d.put(` ${d.u8(value + i)}`);
  else if (kind === 36 || (kind >= 38 && kind <= 40)) d.put(` 0x${d.hexOf(value, bytes)}`);
  else if (kind === 41) d.put(size === 6 ? ` ${d.be32(value)}` : ' [optlen != 6]');
  else if (kind === 42) d.put(size === 6 || size === 8 || size === 10 ? ` ${d.be32(value)}` : ' [optlen != 6 or 8 or 10]');
  else if (kind === 43) d.put(size === 4 ? ` ${d.be16(value)}` : size === 6 ? ` ${d.be32(value)}` : ' [optlen != 4 or 6]');
  else if (kind === 44) d.put(` ${d.hexOf(value, bytes)}`);
  return size;
}

export const dccpProtocol: IpProtocolPrinter = { protocols: [PROTOCOL], print: dccp };

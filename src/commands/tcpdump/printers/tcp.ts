// TCP, RFC 9293.
import { checksumShouldBe, type Dissector } from '../dissector.js';
import { bits, hex0x } from '../words.js';
import type { IpContext, IpProtocolPrinter } from './registry-types.js';
import { tcpOptions } from './tcp-options.js';
import { endpoints, portPrinter, withPorts } from './udp.js';

const PROTOCOL = 6;
const HEADER = 20;
const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
const URG = 0x20;
const MAXIMUM_RESET_DATA = 30;

const flagBits = [
  [FIN, 'F'],
  [SYN, 'S'],
  [RST, 'R'],
  [0x08, 'P'],
  [ACK, '.'],
  [URG, 'U'],
  [0x40, 'E'],
  [0x80, 'W'],
] as const;
const flagTexts = Array.from({ length: 256 }, (_, flags) => bits(flagBits, flags, 'none', ''));

/** First sequence numbers of a connection, of the end with the lower port and of the other. */
interface Connection {
  sequence: number;
  acknowledgment: number;
}

/** Connections whose relative sequence numbers are known; the oldest are forgotten. */
const MAXIMUM_CONNECTIONS = 1 << 16;
const connectionsOf = new WeakMap<Dissector, Map<string, Connection>>();

/** What relative numbers are counted from, in the direction of a segment. */
interface Bases {
  readonly sequence: number;
  readonly acknowledgment: number;
  /** What SACK blocks are relative to. */
  readonly sack: number;
}

const ABSOLUTE: Bases = { sequence: 0, acknowledgment: 0, sack: 0 };

function tcp(d: Dissector, at: number, givenLength: number, context: IpContext): void {
  d.protocol = 'tcp';
  const port = (number: number) => d.names.tcpPort(number);
  if (!d.has(at + 2, 2)) {
    d.put(endpoints(d, context, PROTOCOL, port, -1, -1));
    return d.truncated();
  }
  const source = d.be16(at);
  const destination = d.be16(at + 2);
  d.put(endpoints(d, context, PROTOCOL, port, source, destination));
  if (!d.has(at, HEADER)) return d.truncated();
  const headerBytes = (d.u8(at + 12) >>> 4) << 2;
  if (headerBytes < HEADER)
    return d.put(` tcp ${(givenLength - headerBytes) >>> 0} [bad hdr length ${headerBytes} - too short, < ${HEADER}]`);
  const tooLong = ` [bad hdr length ${headerBytes} - too long, > ${givenLength}]`;
  if (d.options.quiet > 0) return d.put(`tcp ${(givenLength - headerBytes) >>> 0}${headerBytes > givenLength ? tooLong : ''}`);
  const flags = d.u8(at + 13);
  d.put(`Flags [${flagTexts[flags]}]`);
  const bases = !d.options.absoluteSequence && (flags & ACK) !== 0 ? relativeTo(d, at, context, source, destination, flags) : ABSOLUTE;
  if (headerBytes > givenLength) return d.put(tooLong);
  const { verbose, keepChecksums } = d.options;
  if (verbose > 0 && !keepChecksums && !context.fragmented && d.has(at, givenLength)) checksum(d, at, givenLength, context);
  const length = givenLength - headerBytes;
  if (verbose > 1 || length > 0 || (flags & (SYN | FIN | RST)) !== 0) {
    const sequence = (d.be32(at + 4) - bases.sequence) >>> 0;
    d.put(length > 0 ? `, seq ${sequence}:${(sequence + length) >>> 0}` : `, seq ${sequence}`);
  }
  if ((flags & ACK) !== 0) d.put(`, ack ${(d.be32(at + 8) - bases.acknowledgment) >>> 0}`);
  d.put(`, win ${d.be16(at + 14)}`);
  if ((flags & URG) !== 0) d.put(`, urg ${d.be16(at + 18)}`);
  if (
    headerBytes > HEADER &&
    !tcpOptions(d, at + HEADER, headerBytes - HEADER, flags, bases.sack, { header: at, data: at + headerBytes, length, ip: context })
  )
    return;
  d.put(`, length ${length}`);
  if (length === 0) return;
  if (!d.has(at, headerBytes)) {
    d.put(` [remaining caplen(${d.left(at)}) < header length(${headerBytes})]`);
    d.need(at, headerBytes);
  }
  const payload = at + headerBytes;
  if ((flags & RST) !== 0 && verbose > 0) return resetData(d, payload, length);
  const ports = withPorts(context, source, destination);
  const { packetType } = d.options;
  const printer =
    packetType === '' ? portPrinter(d.registry.tcp, source, destination) : d.registry.tcp.find(({ type }) => type === packetType);
  printer?.print(d, payload, length, ports);
}

/** Whose first segment this is, or who starts anew, is shown as it is; all others are relative to that. */
function relativeTo(d: Dissector, at: number, context: IpContext, source: number, destination: number, flags: number): Bases {
  let connections = connectionsOf.get(d);
  if (connections === undefined) {
    connections = new Map();
    connectionsOf.set(d, connections);
  }
  const bytes = context.version === 6 ? 16 : 4;
  const from = context.header + (context.version === 6 ? 8 : 12);
  let order = source - destination;
  for (let i = 0; order === 0 && i < bytes; i++) order = d.u8(from + i) - d.u8(from + bytes + i);
  const reversed = order > 0;
  const one = addressKey(d, reversed ? from + bytes : from, bytes);
  const other = addressKey(d, reversed ? from : from + bytes, bytes);
  const key = `${one}${other}${String.fromCharCode(reversed ? destination : source, reversed ? source : destination)}`;
  const sequence = d.be32(at + 4);
  const acknowledgment = d.be32(at + 8);
  let connection = connections.get(key);
  if (connection === undefined || (flags & SYN) !== 0) {
    if (connections.size >= MAXIMUM_CONNECTIONS) connections.delete(connections.keys().next().value!);
    const before = (acknowledgment - 1) >>> 0;
    connection = reversed ? { acknowledgment: sequence, sequence: before } : { sequence, acknowledgment: before };
    connections.set(key, connection);
    return { sequence: 0, acknowledgment: 0, sack: reversed ? connection.sequence : connection.acknowledgment };
  }
  return reversed
    ? { sequence: connection.acknowledgment, acknowledgment: connection.sequence, sack: connection.sequence }
    : { sequence: connection.sequence, acknowledgment: connection.acknowledgment, sack: connection.acknowledgment };
}

function addressKey(d: Dissector, at: number, bytes: number): string {
  if (bytes === 4) return String.fromCharCode(d.be16(at), d.be16(at + 2));
  let key = '';
  for (let i = 0; i < bytes; i += 2) key += String.fromCharCode(d.be16(at + i));
  return key;
}

function checksum(d: Dissector, at: number, length: number, context: IpContext): void {
  const wrong = d.checksum(at, length, d.pseudoHeader(context.header, length, PROTOCOL));
  const field = d.be16(at + 16);
  d.put(`, cksum ${hex0x(field, 4)} (${wrong === 0 ? 'correct' : `incorrect -> ${hex0x(checksumShouldBe(field, wrong), 4)}`})`);
}

/** What a reset says of why, RFC 1122 4.2.2.12. */
function resetData(d: Dissector, at: number, length: number): void {
  d.put(d.has(at, length) ? ' [RST' : ' [!RST');
  if (length > MAXIMUM_RESET_DATA) d.put('+');
  d.put(' ');
  const shown = Math.min(length, MAXIMUM_RESET_DATA, d.left(at));
  for (let i = 0; i < shown; i++) d.char(d.u8(at + i));
  d.put(']');
}

export const tcpProtocol: IpProtocolPrinter = { protocols: [PROTOCOL], print: tcp };

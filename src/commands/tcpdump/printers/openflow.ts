// OpenFlow: the header that all versions have, and the names of messages of 1.0 and 1.3. What messages carry is not printed.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const HEADER = 8;
const VERSION_1_0 = 1;
const VERSION_1_3 = 4;

const versionWords: Words = { 1: '1.0', 2: '1.1', 3: '1.2', 4: '1.3', 5: '1.4', 6: '1.5' };

/** A message's name, and how long one is: a number at least, with '=' exactly. */
type Message = readonly [name: string, length: string];

const messages = (text: string): readonly Message[] =>
  text.split(' ').map((word) => {
    const colon = word.indexOf(':');
    return [word.slice(0, colon), word.slice(colon + 1)];
  });

const messagesOf: Readonly<Record<number, readonly Message[]>> = {
  [VERSION_1_0]: messages(
    'HELLO:8 ERROR:12 ECHO_REQUEST:8 ECHO_REPLY:8 VENDOR:12 FEATURES_REQUEST:=8 FEATURES_REPLY:32 GET_CONFIG_REQUEST:=8 ' +
      'GET_CONFIG_REPLY:=12 SET_CONFIG:=12 PACKET_IN:20 FLOW_REMOVED:=88 PORT_STATUS:=64 PACKET_OUT:16 FLOW_MOD:72 PORT_MOD:=32 ' +
      'STATS_REQUEST:12 STATS_REPLY:12 BARRIER_REQUEST:=8 BARRIER_REPLY:=8 QUEUE_GET_CONFIG_REQUEST:=12 QUEUE_GET_CONFIG_REPLY:16',
  ),
  [VERSION_1_3]: messages(
    'HELLO:8 ERROR:12 ECHO_REQUEST:8 ECHO_REPLY:8 EXPERIMENTER:16 FEATURES_REQUEST:=8 FEATURES_REPLY:=32 GET_CONFIG_REQUEST:=8 ' +
      'GET_CONFIG_REPLY:=12 SET_CONFIG:=12 PACKET_IN:8 FLOW_REMOVED:8 PORT_STATUS:=80 PACKET_OUT:8 FLOW_MOD:8 GROUP_MOD:8 ' +
      'PORT_MOD:=40 TABLE_MOD:=16 MULTIPART_REQUEST:8 MULTIPART_REPLY:8 BARRIER_REQUEST:=8 BARRIER_REPLY:=8 ' +
      'QUEUE_GET_CONFIG_REQUEST:=16 QUEUE_GET_CONFIG_REPLY:8 ROLE_REQUEST:=24 ROLE_REPLY:=24 GET_ASYNC_REQUEST:=8 ' +
      'GET_ASYNC_REPLY:=32 SET_ASYNC:=32 METER_MOD:8',
  ),
};

const fits = (length: number, rule: string) => (rule.startsWith('=') ? length === Number(rule.slice(1)) : length >= Number(rule));

/** A message's header and its bytes; returns where the next one starts, or -1: the segment ends, or its messages cannot be told apart. */
function message(d: Dissector, at: number, end: number): number {
  /** A message may go on in the next segment. */
  const ends = (count: number) => {
    if (end - at >= count) return false;
    d.put(' (end of TCP payload)');
    return true;
  };
  const version = d.u8(at);
  d.put(`\n\tversion ${versionWords[version] ?? `unknown (${hex0x(version, 2)})`}`);
  if (ends(2)) return -1;
  const type = d.u8(at + 1);
  const known = messagesOf[version]?.[type];
  d.put(`, type ${known?.[0] ?? `unknown (${hex0x(type, 2)})`}`);
  if (ends(4)) return -1;
  const length = d.be16(at + 2);
  d.put(`, length ${length}${length < HEADER ? ' (too short!)' : ''}`);
  if (ends(HEADER)) return -1;
  d.put(`, xid ${hex0x(d.be32(at + 4), 8)}`);
  if (length < HEADER) {
    d.invalid();
    d.need(at, end - at);
    return -1;
  }
  if (known !== undefined && !fits(length, known[1])) d.invalid();
  d.need(at, length);
  return at + length;
}

/** Messages of a segment that starts where one starts. */
function openflow(d: Dissector, from: number, length: number): void {
  d.protocol = 'openflow';
  d.put(': OpenFlow');
  const end = from + length;
  for (let at = from; at >= 0 && at < end; ) at = message(d, at, end);
}

export const openflowPort: PortPrinter = { ports: [6633, 6653], print: openflow };

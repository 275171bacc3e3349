// SOME/IP, AUTOSAR's middleware of vehicles.
import type { Dissector } from '../dissector.js';
import { type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const messageWords: Words = {
  0: 'REQUEST',
  1: 'REQUEST_NO_RETURN',
  2: 'NOTIFICATION',
  128: 'RESPONSE',
  129: 'ERROR',
  32: 'TP_REQUEST',
  33: 'TP_REQUEST_NO_RETURN',
  34: 'TP_NOTIFICATION',
  160: 'TP_RESPONSE',
  161: 'TP_ERROR',
};

const returnWords: Words = {
  0: 'E_OK',
  1: 'E_NOT_OK',
  2: 'E_UNKNOWN_SERVICE',
  3: 'E_UNKNOWN_METHOD',
  4: 'E_NOT_READY',
  5: 'E_NOT_REACHABLE',
  6: 'E_TIMEOUT',
  7: 'E_WRONG_PROTOCOL_VERSION',
  8: 'E_WRONG_INTERFACE_VERSION',
  9: 'E_MALFORMED_MESSAGE',
  10: 'E_WRONG_MESSAGE_TYPE',
  11: 'E_E2E_REPEATED',
  12: 'E_E2E_WRONG_SEQUENCE',
  13: 'E_E2E',
  14: 'E_E2E_NOT_AVAILABLE',
  15: 'E_E2E_NO_NEW_DATA',
};

const HEADER = 16;
const unknown = () => 'Unknown';

function someIp(d: Dissector, at: number, length: number): void {
  d.protocol = 'someip';
  d.put('SOMEIP');
  if (length < HEADER) return d.invalid();
  const id = d.be16(at + 2);
  d.put(`, service ${d.be16(at)}, ${(id & 0x8000) === 0 ? 'method' : 'event'} ${id & 0x7fff}, len ${d.be32(at + 4)}`);
  d.put(`, client ${d.be16(at + 8)}, session ${d.be16(at + 10)}, pver ${d.u8(at + 12)}, iver ${d.u8(at + 13)}`);
  d.put(`, msgtype ${word(messageWords, d.u8(at + 14), unknown)}, retcode ${word(returnWords, d.u8(at + 15), unknown)}\n`);
}

export const someIpPort: PortPrinter = { ports: [30490], type: 'someip', print: someIp };

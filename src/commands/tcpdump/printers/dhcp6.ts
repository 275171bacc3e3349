// DHCPv6, RFC 8415: messages; their options are in dhcp6-options.ts.
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import { dhcp6Options } from './dhcp6-options.js';
import type { PortPrinter } from './registry-types.js';

const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
const RELAY_HEADER = 34;
const messages: Words = {
  1: 'solicit',
  2: 'advertise',
  3: 'request',
  4: 'confirm',
  5: 'renew',
  6: 'rebind',
  7: 'reply',
  8: 'release',
  9: 'decline',
  10: 'reconfigure',
  11: 'inf-req',
  [RELAY_FORWARD]: 'relay-fwd',
  [RELAY_REPLY]: 'relay-reply',
  14: 'leasequery',
  15: 'leasequery-reply',
};

function dhcp6(d: Dissector, at: number, length: number): void {
  d.protocol = 'dhcp6';
  d.put('dhcp6');
  const end = Math.min(at + length, d.end);
  if (!d.has(at, 4)) return d.truncated();
  const type = d.u8(at);
  d.put(` ${word(messages, type, (n) => `msgtype-${n}`)}`);
  if (d.options.verbose === 0) return;
  d.put(' (');
  if (type !== RELAY_FORWARD && type !== RELAY_REPLY) {
    d.put(`xid=${hex(d.be24(at + 1))}`);
    dhcp6Options(d, at + 4, end, relayed);
  } else {
    d.put(`linkaddr=${d.ip6(at + 2)}`);
    d.put(` peeraddr=${d.ip6(at + 18)}`);
    dhcp6Options(d, at + RELAY_HEADER, end, relayed);
  }
  d.put(')');
}

/** A message within an option of relays. */
function relayed(d: Dissector, at: number, length: number): void {
  d.enter();
  const before = d.cut(at, length);
  try {
    dhcp6(d, at, length);
  } finally {
    d.end = before;
    d.depth--;
  }
}

export const dhcp6Port: PortPrinter = { ports: [546, 547], print: dhcp6 };

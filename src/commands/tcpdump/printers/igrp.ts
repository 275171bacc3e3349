// IGRP, Cisco's routing protocol before EIGRP.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import type { IpProtocolPrinter } from './registry-types.js';

const operationWords: Words = {
  1: 'update',
  2: 'request',
};

const HEADER = 12;
const ROUTE = 14;

function igrp(d: Dissector, at: number, length: number): void {
  d.protocol = 'igrp';
  d.put('igrp:');
  let [interior, system, exterior] = [d.be16(at + 4), d.be16(at + 6), d.be16(at + 8)];
  const first = d.u8(at);
  d.put(` ${word(operationWords, first & 0xf, (n) => `op-#${n}`)} V${first >>> 4} edit=${d.u8(at + 1)} AS=${d.be16(at + 2)}`);
  d.put(` (${interior}/${system}/${exterior})`);
  const checksum = d.be16(at + 10);
  if (d.options.verbose > 0) d.put(` checksum=${hex0x(checksum, 4)}`);
  // As tcpdump: a packet shorter than its header leaves nearly all there is.
  let left = (length - HEADER) >>> 0;
  let next = at + HEADER;
  while (left >= ROUTE) {
    const net = `${d.u8(next)}.${d.u8(next + 1)}.${d.u8(next + 2)}`;
    if (interior > 0) {
      d.put(` *.${net}`);
      interior--;
    } else if (system > 0) {
      d.put(` ${net}.0`);
      system--;
    } else if (exterior > 0) {
      d.put(` X${net}.0`);
      exterior--;
    } else {
      d.put(` [extra bytes ${left}]`);
      break;
    }
    route(d, next);
    next += ROUTE;
    left -= ROUTE;
  }
  if (interior > 0 || system > 0 || exterior > 0 || left > 0) d.invalid();
}

function route(d: Dissector, at: number): void {
  const [delay, bandwidth] = [d.be24(at + 3), d.be24(at + 6)];
  const metric = Math.min(bandwidth + delay, 0xffffff);
  d.put(` d=${10 * delay} b=${bandwidth === 0 ? 0 : Math.floor(10_000_000 / bandwidth)} r=${d.u8(at + 11)} l=${d.u8(at + 12)}`);
  d.put(` M=${metric} mtu=${d.be16(at + 9)} in ${d.u8(at + 13)} hops`);
}

export const igrpProtocol: IpProtocolPrinter = { protocols: [9], print: igrp };

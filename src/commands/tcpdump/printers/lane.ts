// ATM LAN emulation.
import type { Dissector } from '../dissector.js';
import { hex, type Words, word } from '../words.js';
import { ethernet } from './ethernet.js';

const operationWords: Words = {
  1: 'configure request',
  257: 'configure response',
  2: 'join request',
  258: 'join response',
  3: 'ready query',
  259: 'ready indication',
  4: 'register request',
  260: 'register response',
  5: 'unregister request',
  261: 'unregister response',
  6: 'ARP request',
  262: 'ARP response',
  7: 'flush request',
  263: 'flush response',
  8: 'NARP request',
  9: 'topology request',
};

const CONTROL = 0xff00;

/** A frame of LAN emulation: one that controls it, or Ethernet behind a client's number. */
export function lane(d: Dissector, at: number, length: number, captured: number): void {
  d.protocol = 'lane';
  const first = d.be16(at);
  if (first === CONTROL)
    return d.put(
      `lec: proto ${hex(d.u8(at + 2))} vers ${hex(d.u8(at + 3))} ${word(operationWords, d.be16(at + 4), (n) => `opcode-#${n}`)}`,
    );
  // The number comes where Ethernet's printer is sure of the frame's length.
  if (length >= captured && captured - 2 >= 14) d.put(`lecid:${hex(first)} `);
  ethernet(d, at + 2, length - 2, captured - 2);
}

// AODV, ad-hoc on-demand distance vector routing: RFC 3561, and its drafts for IPv6.
import type { Dissector } from '../dissector.js';
import { hex0x } from '../words.js';
import type { PortContext, PortPrinter } from './registry-types.js';

/** How a version lays its messages out: the size of addresses, and whether sequence numbers come before them. */
interface Layout {
  readonly wide: boolean;
  readonly numbersFirst: boolean;
  /** Requests say that they are of IPv6. */
  readonly prefix: string;
}

const flag = (value: number, bit: number, text: string) => ((value & bit) === 0 ? '' : text);

function extension(d: Dissector, at: number, length: number): void {
  if (length < 2) return;
  d.cutShort(() => {
    const [type, size] = [d.u8(at), d.u8(at + 1)];
    if (type !== 1) return d.put(`\n\text ${type} ${size}`);
    d.need(at, length < 6 ? Number.POSITIVE_INFINITY : 6);
    d.put(size < 4 ? `\n\text HELLO - bad length ${size}` : `\n\text HELLO ${d.be32(at + 2)} ms`);
  });
}

const address = (d: Dissector, at: number, wide: boolean) => (wide ? d.ip6(at) : d.ip(at));

function request(d: Dissector, at: number, length: number, { wide, numbersFirst, prefix }: Layout): void {
  const size = wide ? 16 : 4;
  const whole = 16 + 2 * size;
  d.need(at, length < whole ? Number.POSITIVE_INFINITY : whole);
  // As tcpdump: the flags are read from the type.
  const flags = d.u8(at);
  d.put(`${prefix} rreq ${length} ${flag(flags, 0x80, '[J]')}${flag(flags, 0x40, '[R]')}${flag(flags, 0x20, '[G]')}`);
  d.put(`${flag(flags, 0x10, '[D]')}${(flags & 0x08) === 0 ? ' ' : '[U] '}hops ${d.u8(at + 3)} id ${hex0x(d.be32(at + 4), 8)}\n`);
  const [to, toNumber, from, fromNumber] = numbersFirst ? [16, 8, 16 + size, 12] : [8, 8 + size, 12 + size, 12 + 2 * size];
  d.put(
    `\tdst ${address(d, at + to!, wide)} seq ${d.be32(at + toNumber!)} src ${address(d, at + from!, wide)} seq ${d.be32(at + fromNumber!)}`,
  );
  extension(d, at + whole, length - whole);
}

function reply(d: Dissector, at: number, length: number, { wide, numbersFirst }: Layout): void {
  const size = wide ? 16 : 4;
  const whole = 12 + 2 * size;
  d.need(at, length < whole ? Number.POSITIVE_INFINITY : whole);
  const flags = d.u8(at);
  d.put(
    ` rrep ${length} ${flag(flags, 0x80, '[R]')}${(flags & 0x40) === 0 ? ' ' : '[A] '}prefix ${d.u8(at + 2) & 0x1f} hops ${d.u8(at + 3)}\n`,
  );
  const [to, number, from] = numbersFirst ? [8, 4, 8 + size] : [4, 4 + size, 8 + size];
  d.put(
    `\tdst ${address(d, at + to!, wide)} dseq ${d.be32(at + number!)} src ${address(d, at + from!, wide)} ${d.be32(at + 8 + 2 * size)} ms`,
  );
  extension(d, at + whole, length - whole);
}

function error(d: Dissector, at: number, length: number, { wide }: Layout): void {
  d.need(at, length < 4 ? Number.POSITIVE_INFINITY : 4);
  const count = d.u8(at + 3);
  d.put(` rerr ${flag(d.u8(at + 1), 0x80, '[D]')} [items ${count}] [${length}]:`);
  const size = wide ? 20 : 8;
  for (let n = 0, entry = at + 4, left = length - 4; n < count; n++, entry += size, left -= size) {
    d.need(entry, left < size ? Number.POSITIVE_INFINITY : size);
    d.put(` {${address(d, entry, wide)}}(${d.be32(entry + size - 4)})`);
  }
}

const printers = [request, reply, error];

function aodv(d: Dissector, at: number, length: number, { version }: PortContext): void {
  d.protocol = 'aodv';
  const type = d.u8(at);
  d.put(' aodv');
  const draft = type >= 16 && type <= 19;
  const kind = draft ? type - 15 : type;
  const wide = draft || version === 6;
  if (kind === 4) return d.put(` rrep-ack ${length}`);
  const print = printers[kind - 1];
  if (print === undefined) return d.put(` type ${type} ${length}`);
  d.cutShort(() => print(d, at, length, { wide, numbersFirst: draft, prefix: wide && !draft ? ' v6' : '' }));
}

export const aodvPort: PortPrinter = { ports: [654], type: 'aodv', print: aodv };

// UDP, RFC 768.

import { checksumShouldBe, type Dissector } from '../dissector.js';
import { hex0x } from '../words.js';
import { kip } from './appletalk.js';
import { nfs } from './nfs.js';
import type { IpContext, IpProtocolPrinter, PortContext, PortPrinter } from './registry-types.js';

const HEADER = 8;
const PROTOCOL = 17;

/** Addresses and ports of the headers; ports -1: they were cut. */
export function endpoints(
  d: Dissector,
  context: IpContext,
  protocol: number,
  port: (number: number) => string,
  source: number,
  destination: number,
): string {
  const { header, version } = context;
  const outermost = d.u8(header + (version === 6 ? 6 : 9)) === protocol;
  const one = version === 6 ? d.ip6(header + 8) : d.ip(header + 12);
  const other = version === 6 ? d.ip6(header + 24) : d.ip(header + 16);
  if (source < 0) return `${one} > ${other}:`;
  return outermost ? `${one}.${port(source)} > ${other}.${port(destination)}: ` : `${port(source)} > ${port(destination)}: `;
}

/** The first of `printers` that one of the ports belongs to. */
export function portPrinter(printers: readonly PortPrinter[], source: number, destination: number): PortPrinter | undefined {
  let byPort = portTables.get(printers);
  if (byPort === undefined) {
    byPort = portTable(printers);
    portTables.set(printers, byPort);
  }
  const one = byPort.source[source]!;
  const other = byPort.destination[destination]!;
  const index = one === 0 ? other : other === 0 ? one : Math.min(one, other);
  return index === 0 ? undefined : printers[index - 1];
}

interface PortTable {
  /** For each port: 1 + the place of its printer; 0: none. */
  readonly source: Uint16Array;
  readonly destination: Uint16Array;
}

const portTables = new WeakMap<readonly PortPrinter[], PortTable>();

function portTable(printers: readonly PortPrinter[]): PortTable {
  const table = { source: new Uint16Array(65536), destination: new Uint16Array(65536) };
  const enter = (ports: Uint16Array, list: readonly number[], index: number) => {
    for (const port of list) if (ports[port] === 0) ports[port] = index + 1;
  };
  for (const [index, { ports = [], sourcePorts = [], destinationPorts = [] }] of printers.entries()) {
    enter(table.source, [...ports, ...sourcePorts], index);
    enter(table.destination, [...ports, ...destinationPorts], index);
  }
  return table;
}

/** Field by field: a spread costs more than all else that is done for a short packet. */
export const withPorts = ({ version, header, fragmented, hops }: IpContext, sourcePort: number, destinationPort: number): PortContext => ({
  version,
  header,
  fragmented,
  hops,
  sourcePort,
  destinationPort,
});

function udp(d: Dissector, at: number, givenLength: number, context: IpContext): void {
  d.protocol = 'udp';
  const port = (number: number) => d.names.udpPort(number);
  const show = (source: number, destination: number) => d.put(endpoints(d, context, PROTOCOL, port, source, destination));
  if (!d.has(at + 2, 2)) {
    show(-1, -1);
    d.put(' ');
    return d.truncated();
  }
  const source = d.be16(at);
  const destination = d.be16(at + 2);
  show(source, destination);
  if (givenLength < HEADER) return d.put(`truncated-udp ${givenLength}`);
  if (!d.has(at + 4, 2)) return d.truncated();
  let declared = d.be16(at + 4);
  if (declared === 0 && givenLength > 65535) declared = givenLength;
  if (declared < HEADER) return d.put(`truncated-udplength ${declared}`);
  declared -= HEADER;
  const length = Math.min(declared, givenLength - HEADER);
  const payload = at + HEADER;
  if (payload > d.end) return d.truncated();
  const ports = withPorts(context, source, destination);
  const { packetType, quiet, verbose, keepChecksums } = d.options;
  if (packetType !== '') {
    d.registry.udp.find(({ type }) => type === packetType)?.print(d, payload, length, ports);
    return;
  }
  if (quiet === 0 && nfs(d, payload, length, ports)) return;
  if (verbose > 0 && !keepChecksums && !context.fragmented) checksum(d, at, length + HEADER, context, verbose);
  const printer = quiet > 0 ? undefined : portPrinter(d.registry.udp, source, destination);
  if (printer !== undefined) return printer.print(d, payload, length, ports);
  if (quiet === 0 && kip(d, payload, length, source, destination)) return;
  d.put(declared > length && !context.fragmented ? `UDP, bad length ${declared} > ${length}` : `UDP, length ${declared}`);
}

function checksum(d: Dissector, at: number, length: number, context: IpContext, verbose: number): void {
  if (context.version === 4 && verbose <= 1) return;
  const field = d.be16(at + 6);
  if (context.version === 4 && field === 0) return d.put('[no cksum] ');
  if (!d.has(at, length)) return;
  const wrong = d.checksum(at, length, d.pseudoHeader(context.header, length, PROTOCOL));
  d.put(wrong === 0 ? '[udp sum ok] ' : `[bad udp cksum ${hex0x(field, 4)} -> ${hex0x(checksumShouldBe(field, wrong), 4)}!] `);
}

export const udpProtocol: IpProtocolPrinter = { protocols: [PROTOCOL], print: udp };

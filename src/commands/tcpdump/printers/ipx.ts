// IPX, Novell's internetwork packets, with SAP and RIP.
import type { Dissector } from '../dissector.js';
import { hex } from '../words.js';
import type { EthertypePrinter, Printer } from './registry-types.js';

const HEADER = 30;
const EIGRP = 88;

const address = (d: Dissector, at: number) => `${hex(d.be32(at), 8)}.${d.hexOf(at + 4, 6, ':')}`;

export const ipx: Printer = (d, at) => {
  d.protocol = 'ipx';
  if (!d.options.linkLayer) d.put('IPX ');
  d.put(`${address(d, at + 18)}.${hex(d.be16(at + 28), 4)} > `);
  d.put(`${address(d, at + 6)}.${hex(d.be16(at + 16), 4)}: `);
  const length = d.be16(at + 2);
  if (length < HEADER) {
    d.put(`[length ${length} < ${HEADER}]`);
    return d.invalid();
  }
  payload(d, d.be16(at + 16), at + HEADER, length - HEADER);
};

function payload(d: Dissector, socket: number, at: number, length: number): void {
  switch (socket) {
    case 0x0451:
      return d.put(`ipx-ncp ${length}`);
    case 0x0452:
      return services(d, at, length);
    case 0x0453:
      return routes(d, at, length);
    case 0x0455:
      return d.put(`ipx-netbios ${length}`);
    case 0x0456:
      return d.put(`ipx-diags ${length}`);
    case 0x0553:
      return d.put(`ipx-nwlink-dgm ${length}`);
    case 0x85be:
      d.registry.ipProtocols.get(EIGRP)?.print(d, at, length, { version: 4, header: at, fragmented: false, hops: 0 });
      return;
    default:
      d.put(`ipx-#${hex(socket)} ${length}`);
  }
}

const service = (d: Dissector, at: number) => hex(d.be16(at), 4);

function services(d: Dissector, at: number, length: number): void {
  const command = d.be16(at);
  if (length < 2) return d.invalid();
  switch (command) {
    case 1:
    case 3:
      return d.put(`ipx-sap-${command === 1 ? '' : 'nearest-'}req ${service(d, at + 2)}`);
    case 2:
    case 4:
      d.put(`ipx-sap-${command === 2 ? '' : 'nearest-'}resp`);
      return servers(d, at + 2, length - 2);
    default:
      d.put(`ipx-sap-?${hex(command)}`);
  }
}

const SERVER = 64;

function servers(d: Dissector, from: number, length: number): void {
  let left = length;
  for (let i = 0, at = from; i < 8 && left !== 0; i++, at += SERVER, left -= SERVER) {
    if (left < 2) return d.invalid();
    d.put(` ${service(d, at)} '`);
    if (left < 50) {
      d.put("'");
      return d.invalid();
    }
    d.charsToZero(at + 2, 48);
    d.put("'");
    d.need(at + 50, 10);
    if (left < 60) return d.invalid();
    d.put(` addr ${address(d, at + 50)}`);
    d.need(at + 60, 4);
    if (left < SERVER) return d.invalid();
  }
}

const route = (d: Dissector, at: number) => d.put(` ${hex(d.be32(at), 8)}/${d.be16(at + 4)}.${d.be16(at + 6)}`);

function routes(d: Dissector, at: number, length: number): void {
  const command = d.be16(at);
  if (length < 2) return d.invalid();
  if (command !== 1 && command !== 2) return d.put(`ipx-rip-?${hex(command)}`);
  d.put(command === 1 ? 'ipx-rip-req' : 'ipx-rip-resp');
  const most = command === 1 ? 1 : 50;
  for (let i = 0, left = length - 2; i < most && left !== 0; i++, left -= 8) {
    if (left < 8) return d.invalid();
    route(d, at + 2 + i * 8);
  }
}

export const ipxType: EthertypePrinter = {
  types: [0x8137],
  print(d, at, length) {
    d.put('(NOV-ETHII) ');
    ipx(d, at, length);
  },
};

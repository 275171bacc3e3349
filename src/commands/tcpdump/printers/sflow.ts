// sFlow version 5.
import type { Dissector } from '../dissector.js';
import { type Words, word } from '../words.js';
import type { PortPrinter } from './registry-types.js';

const sampleWords: Words = {
  1: 'flow sample',
  2: 'counter sample',
  3: 'expanded flow sample',
  4: 'expanded counter sample',
};

const flowWords: Words = {
  1: 'Raw packet',
  2: 'Ethernet frame',
  3: 'IPv4 Data',
  4: 'IPv6 Data',
  1001: 'Extended Switch data',
  1002: 'Extended Router data',
  1003: 'Extended Gateway data',
  1004: 'Extended User data',
  1005: 'Extended URL data',
  1006: 'Extended MPLS data',
  1007: 'Extended NAT data',
  1008: 'Extended MPLS tunnel',
  1009: 'Extended MPLS VC',
  1010: 'Extended MPLS FEC',
  1011: 'Extended MPLS LVP FEC',
  1012: 'Extended VLAN Tunnel',
};

const rawProtocolWords: Words = {
  1: 'Ethernet',
  11: 'IPv4',
  12: 'IPv6',
};

const counterWords: Words = {
  1: 'Generic counter',
  2: 'Ethernet counter',
  3: 'Token ring counter',
  4: '100 BaseVG counter',
  5: 'Vlan counter',
  1001: 'Processor counter',
};

const directionWords: Words = {
  0: 'unknown',
  1: 'full-duplex',
  2: 'half-duplex',
  3: 'in',
  4: 'out',
};

const unknown = () => 'Unknown';

function sflow(d: Dissector, at: number, length: number): void {
  d.protocol = 'sflow';
  const family = d.be32(at + 4);
  const version = d.be32(at);
  const wide = family !== 1;
  if ((length < 28 && family === 1) || (length < 40 && family === 2)) {
    d.put(`sFlowv${version} [length ${length} < 28]`);
    return d.invalid();
  }
  d.need(at, 28);
  if (version !== 5) return d.put(`sFlow version ${version} packet not supported`);
  const header = wide ? 40 : 28;
  const rest = at + header - 16;
  d.put(`sFlowv5, ${wide ? 'IPv6' : 'IPv4'} agent ${wide ? d.ip6(at + 8) : d.ip(at + 8)}, agent-id ${d.be32(rest)}`);
  if (d.options.verbose === 0) return d.put(`, length ${length}`);
  let left = length - header;
  const samples = d.be32(rest + 12);
  d.put(`, seqnum ${d.be32(rest + 4)}, uptime ${d.be32(rest + 8)}, samples ${samples}, length ${length}`);
  if (left < 0) return d.invalid();
  let next = at + header;
  for (let n = 0; n < samples && left > 0; n++) {
    const type = d.be32(next) & 0xfff;
    const size = d.be32(next + 4);
    if (left < 8) return invalid(d, next, left);
    next += 8;
    left -= 8;
    d.put(`\n\t${word(sampleWords, type, unknown)} (${type}), length ${size},`);
    if (type === 0 || size === 0) return;
    if (left < size) return invalid(d, next, left);
    d.need(next, size);
    if (!sample(d, type, next, left, size)) return invalid(d, next, left);
    next += size;
    left -= size;
  }
}

function invalid(d: Dissector, at: number, left: number): void {
  d.invalid();
  d.need(at, left);
}

/** False: it is too short for its type. */
function sample(d: Dissector, type: number, at: number, length: number, size: number): boolean {
  const field = (n: number) => d.be32(at + n * 4);
  const source = () => `seqnum ${field(0)}, type ${d.u8(at + 4)}, idx ${d.be24(at + 5)}`;
  const wideSource = () => `seqnum ${field(0)}, type ${field(1)}, idx ${field(2)}`;
  switch (type) {
    case 1:
      if (length < 32) return false;
      d.put(
        ` ${source()}, rate ${field(2)}, pool ${field(3)}, drops ${field(4)}, input ${field(5)} output ${field(6)} records ${field(7)}`,
      );
      return records(d, at + 32, length - 32, field(7), flow);
    case 2:
      if (length < 12) return false;
      d.put(` ${source()}, records ${field(2)}`);
      return records(d, at + 12, length - 12, field(2), counter);
    case 3:
      if (length < 44) return false;
      d.put(` ${wideSource()}, rate ${field(3)}, pool ${field(4)}, drops ${field(5)}, records ${field(10)}`);
      return records(d, at + 44, length - 44, field(10), flow);
    case 4:
      if (length < 16) return false;
      d.put(` ${wideSource()}, records ${field(3)}`);
      return records(d, at + 16, length - 16, field(3), counter);
    default:
      if (d.options.verbose <= 1) d.unknown(at, '\n\t    ', size);
      return true;
  }
}

type RecordPrinter = (d: Dissector, format: number, at: number, left: number, size: number) => boolean;

function records(d: Dissector, from: number, length: number, count: number, print: RecordPrinter): boolean {
  let left = length;
  let at = from;
  for (let n = 0; n < count; n++) {
    if (left < 8) return false;
    const [format, size] = [d.be32(at), d.be32(at + 4)];
    at += 8;
    left -= 8;
    if (!print(d, format, at, left, size)) return false;
    at += size;
    left -= size;
  }
  return true;
}

function flow(d: Dissector, format: number, at: number, left: number, size: number): boolean {
  const [enterprise, type] = [format >>> 12, format & 0xfff];
  d.put(`\n\t    enterprise ${enterprise} ${enterprise === 0 ? word(flowWords, type, unknown) : 'Unknown'} (${type}) length ${size}`);
  if (left < size) return false;
  if (enterprise !== 0) return true;
  const field = (n: number) => d.be32(at + n * 4);
  switch (type) {
    case 1:
      if (left < 16) return false;
      d.put(`\n\t      protocol ${word(rawProtocolWords, field(0), unknown)} (${field(0)}), length ${field(1)}`);
      d.put(`, stripped bytes ${field(2)}, header_size ${field(3)}`);
      return true;
    case 2:
      if (left < 24) return false;
      d.put(`\n\t      frame len ${field(0)}, type ${field(5)}`);
      return true;
    case 1001:
      if (left < 16) return false;
      d.put(`\n\t      src vlan ${field(0)}, src pri ${field(1)}, dst vlan ${field(2)}, dst pri ${field(3)}`);
      return true;
    default:
      if (flowWords[type] === undefined && d.options.verbose <= 1) d.unknown(at, '\n\t\t', size);
      return true;
  }
}

/** Texts of counters: how many bytes they take, and their lines; `$4`: the 32 bits at offset 4, `$$8`: 64 bits. */
const counters: Readonly<Record<number, readonly [size: number, text: string]>> = {
  1: [
    88,
    '\n\t      ifindex $0, iftype $4, ifspeed $$8, ifdirection $16 (DIRECTION)' +
      '\n\t      ifstatus $20, adminstatus: ADMIN, operstatus: OPER' +
      '\n\t      In octets $$24, unicast pkts $32, multicast pkts $36, broadcast pkts $40, discards $44' +
      '\n\t      In errors $48, unknown protos $52' +
      '\n\t      Out octets $$56, unicast pkts $64, multicast pkts $68, broadcast pkts $72, discards $76' +
      '\n\t      Out errors $80, promisc mode $84',
  ],
  2: [
    52,
    '\n\t      align errors $0, fcs errors $4, single collision $8, multiple collision $12, test error $16' +
      '\n\t      deferred $20, late collision $24, excessive collision $28, mac trans error $32' +
      '\n\t      carrier error $36, frames too long $40, mac receive errors $44, symbol errors $48',
  ],
  3: [0, ''],
  4: [
    80,
    '\n\t      in high prio frames $0, in high prio octets $$4' +
      '\n\t      in norm prio frames $12, in norm prio octets $$16' +
      '\n\t      in ipm errors $24, oversized $28, in data errors $32, null addressed frames $36' +
      '\n\t      out high prio frames $40, out high prio octets $$44, trans into frames $52' +
      '\n\t      in hc high prio octets $$56, in hc norm prio octets $$64, out hc high prio octets $$72',
  ],
  5: [28, '\n\t      vlan_id $0, octets $$4, unicast_pkt $12, multicast_pkt $16, broadcast_pkt $20, discards $24'],
  1001: [28, '\n\t      5sec $0, 1min $4, 5min $8, total_mem $$12, total_mem $$20'],
};

function counter(d: Dissector, format: number, at: number, left: number, size: number): boolean {
  const [enterprise, type] = [format >>> 20, format & 0xfff];
  d.put(`\n\t    enterprise ${enterprise}, ${enterprise === 0 ? word(counterWords, type, unknown) : 'Unknown'} (${type}) length ${size}`);
  if (left < size) return false;
  if (enterprise !== 0) return true;
  const known = counters[type];
  if (known === undefined) {
    if (d.options.verbose <= 1) d.unknown(at, '\n\t\t', size);
    return true;
  }
  if (left < known[0]) return false;
  const state = (bit: number) => ((d.be32(at + 20) & bit) === 0 ? 'down' : 'up');
  d.put(
    known[1].replace(/(\$\$?)(\d+)|DIRECTION|ADMIN|OPER/g, (what, width: string | undefined, offset: string) => {
      if (width !== undefined) return String(width === '$$' ? d.be64(at + Number(offset)) : d.be32(at + Number(offset)));
      if (what === 'DIRECTION') return word(directionWords, d.be32(at + 16), unknown);
      return state(what === 'ADMIN' ? 1 : 2);
    }),
  );
  return true;
}

export const sflowPort: PortPrinter = { ports: [6343], print: sflow };

import { AF_INET } from '../../../../netlink/constants.js';
import { NFPROTO_IPV4 } from '../../../../netlink/nfnl/nfnetlink.js';
import { IP_VS_CONN_F_NFCT, IP_VS_CONN_F_NO_CPORT } from '../../../../netlink/genl/ip-vs.js';
import { formatIpv4, parseIpv4 } from '../../../../wire/ipv4-address.js';
import { addressFromBytes } from '../../../../wire/ipv6.js';
import { parseIpv6 } from '../../../../wire/ipv6-address.js';
import * as tcp from '../../../../wire/tcp.js';
import type { PacketBuffer } from '../../../core/packet-buffer.js';
import { Expectation } from '../../conntrack/expectations.js';
import { directionOf } from '../../conntrack/layout.js';
import { replaceText } from '../../conntrack/sequence-adjust.js';
import { ConnectionKey } from '../connection-table.js';
import type { Ipvs } from '../ipvs.js';
import { CLIENT, DESTINATION, VIRTUAL } from '../layout.js';
import { ESTABLISHED, LISTEN } from '../protocols/tcp.js';
import type { IpvsApplication } from './application.js';
import { memoryOf, remember } from './memory.js';

// What the client has asked for.
const NOTHING = 0;
const PASV = 1;
const EPSV = 2;

const LINE_BYTES = 256;
const TIMEOUT_US = 300_000_000;
const PORT_WORDS = '(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3}),(\\d{1,3})';
const PORT_LINE = new RegExp(`^PORT\\s+(${PORT_WORDS})\\r?\\n`, 'i');
const EPRT_LINE = /^EPRT\s+(\|([12])\|([^|\s]+)\|(\d{1,5})\|)\r?\n/i;
const PASV_LINE = new RegExp(`^227 [^(\\n]*\\((${PORT_WORDS})\\)`);
const EPSV_LINE = /^229 [^(\n]*\((\|\|\|(\d{1,5})\|)\)/;

/** An address and port as a line has them, and where: from which byte of the data on, how many. */
interface Announcement {
  readonly from: number;
  readonly length: number;
  /** Null: the sender's own. */
  readonly address: Uint32Array | null;
  readonly port: number;
}

const key = new ConnectionKey();
const client = new Uint32Array(4);
const virtual = new Uint32Array(4);
const server = new Uint32Array(4);

/** h1,h2,h3,h4,p1,p2 in the groups from 1 on. */
function commas(line: string, match: RegExpExecArray): Announcement | null {
  const [text = '', ...numbers] = match.slice(1, 8);
  const [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0] = numbers.map(Number);
  if ([a, b, c, d, high, low].some((number) => number > 255)) return null;
  const address = Uint32Array.of(((a << 24) | (b << 16) | (c << 8) | d) >>> 0, 0, 0, 0);
  return { from: line.indexOf(text), length: text.length, address, port: (high << 8) | low };
}

/** RFC 959 PORT, RFC 2428 EPRT. */
function fromClient(line: string, four: boolean): Announcement | null {
  const port = four ? PORT_LINE.exec(line) : null;
  if (port !== null) return commas(line, port);
  const eprt = EPRT_LINE.exec(line);
  if (eprt === null) return null;
  const [, text = '', version, host = '', number] = eprt;
  if ((version === '1') !== four) return null;
  const words = four ? parseIpv4(host) : parseIpv6(host);
  if (words === null) return null;
  const address = typeof words === 'number' ? Uint32Array.of(words, 0, 0, 0) : addressFromBytes(words);
  return { from: line.indexOf(text), length: text.length, address, port: Number(number) };
}

/** Answers to PASV and EPSV. */
function fromServer(line: string, asked: number, four: boolean): Announcement | null {
  if (asked === PASV) {
    const pasv = four ? PASV_LINE.exec(line) : null;
    return pasv === null ? null : commas(line, pasv);
  }
  const epsv = EPSV_LINE.exec(line);
  if (epsv === null) return null;
  const [, text = '', number] = epsv;
  return { from: line.indexOf(text), length: text.length, address: null, port: Number(number) };
}

/** The first line of a segment's data; empty: it has none. */
function lineOf(skb: PacketBuffer, at: number): string {
  const data = at + tcp.headerBytes(skb.view, at);
  return data >= skb.tail ? '' : String.fromCharCode(...skb.bytes.subarray(data, Math.min(skb.tail, data + LINE_BYTES)));
}

/** What netfilter is to expect: a connection from `source` - of `sourcePort`, 0: of any - to `port` of `destination`. Linux: ip_vs_nfct_expect_related() */
function expect(ipvs: Ipvs, skb: PacketBuffer, source: Uint32Array, sourcePort: number, destination: Uint32Array, port: number): void {
  const { conntrack, stack } = ipvs.namespace;
  const expectation = new Expectation();
  const { tuple, mask } = expectation;
  conntrack.table.readTuple(skb.conntrack, 0, tuple);
  mask.family = tuple.family;
  mask.protocol = tuple.protocol;
  tuple.source.set(source);
  tuple.destination.set(destination);
  mask.source.fill(0xffff_ffff, 0, tuple.family === NFPROTO_IPV4 ? 1 : 4);
  tuple.setPorts(sourcePort, port);
  mask.setPorts(sourcePort === 0 ? 0 : 0xffff, 0xffff);
  expectation.master = skb.conntrack;
  expectation.expiresUs = stack.nowUs + TIMEOUT_US;
  conntrack.expectations.add(expectation, 0);
}

/** The connection for data is there, and listens. Linux: ip_vs_tcp_conn_listen() */
function listens(ipvs: Ipvs, id: number): void {
  const { connections } = ipvs;
  connections.table.setState(id, LISTEN);
  connections.setTimeout(id, ipvs.timeoutsMs(tcp.PROTOCOL)[LISTEN]!);
  connections.put(id);
}

/** The connection for data that belongs to `master`, found by `key` or made. */
function dataConnection(
  ipvs: Ipvs,
  master: number,
  found: number,
  address: Uint32Array,
  port: number,
  flags: number,
  mark: number,
): number {
  if (found !== 0) return found;
  const { connections } = ipvs;
  const id = connections.create(
    key,
    ipvs.destinationOf(master),
    connections.table.serverFamily(master),
    address,
    port,
    flags | IP_VS_CONN_F_NFCT,
    mark,
  );
  connections.control(id, master);
  return id;
}

function readAddresses(ipvs: Ipvs, id: number): void {
  const { table } = ipvs.connections;
  table.readAddress(id, CLIENT, client);
  table.readAddress(id, VIRTUAL, virtual);
  table.readAddress(id, DESTINATION, server);
}

/**
 * FTP, RFC 959 and 2428: connections for data are announced in lines of the one for commands. Those that the server announces - an
 * answer to PASV or EPSV - get the virtual address; those that the client announces may come from the virtual service's port less one.
 * Linux: ip_vs_ftp.c
 */
export const ftp: IpvsApplication = {
  name: 'ftp',
  module: 'ip_vs_ftp',
  protocol: tcp.PROTOCOL,
  ports: [21],

  // Linux: ip_vs_ftp_in()
  incoming(ipvs, id, skb, { family, transportAt: at }) {
    const { table } = ipvs.connections;
    if (table.state(id) !== ESTABLISHED) return true;
    const line = lineOf(skb, at);
    if (line === '') return true;
    if (/^PASV\r?\n/i.test(line)) remember(ipvs, id, PASV);
    else if (/^EPSV( [12])?\r?\n/i.test(line)) remember(ipvs, id, EPSV);
    else {
      const found = fromClient(line, family === AF_INET);
      if (found === null) return true;
      readAddresses(ipvs, id);
      const virtualPort = table.virtualPort(id) - 1;
      const serverPort = table.serverPort(id) - 1;
      key.set(family, tcp.PROTOCOL, found.address!, found.port, virtual, virtualPort);
      const data = dataConnection(ipvs, id, table.findIn(key), server, serverPort, 0, skb.mark);
      if (skb.conntrack !== 0) expect(ipvs, skb, server, serverPort, found.address!, found.port);
      listens(ipvs, data);
    }
    return true;
  },

  // Linux: ip_vs_ftp_out()
  outgoing(ipvs, id, skb, { family, transportAt: at }) {
    const { table } = ipvs.connections;
    const asked = memoryOf(ipvs, id);
    if (asked === NOTHING || table.state(id) !== ESTABLISHED) return true;
    const line = lineOf(skb, at);
    const found = line === '' ? null : fromServer(line, asked, family === AF_INET);
    if (found === null) return true;
    readAddresses(ipvs, id);
    const from = found.address ?? server;
    key.set(family, tcp.PROTOCOL, client, 0, from, found.port);
    const known = table.findOut(key);
    key.set(family, tcp.PROTOCOL, client, 0, virtual, found.port);
    const data = dataConnection(ipvs, id, known, from, found.port, IP_VS_CONN_F_NO_CPORT, skb.mark);
    remember(ipvs, id, NOTHING);
    const told = skb.conntrack !== 0 && announce(ipvs, skb, at, found, asked, table.virtualPort(data));
    if (told) expect(ipvs, skb, client, 0, virtual, table.virtualPort(data));
    listens(ipvs, data);
    return told;
  },
};

/** Puts the virtual address in the place of the server's. */
function announce(ipvs: Ipvs, skb: PacketBuffer, at: number, { from, length }: Announcement, asked: number, port: number): boolean {
  const { conntrack } = ipvs.namespace;
  const text = asked === EPSV ? `|||${port}|` : `${formatIpv4(virtual[0]!).replaceAll('.', ',')},${port >> 8},${port & 0xff}`;
  const info = skb.conntrackInfo;
  const packet = { conntrack, skb, id: skb.conntrack, direction: directionOf(info), info, at };
  return replaceText(packet, at + tcp.headerBytes(skb.view, at) + from, length, text);
}

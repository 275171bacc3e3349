// AppleTalk: DDP behind LocalTalk, Ethernet or UDP, with ATP, NBP and AARP.
import type { Dissector } from '../dissector.js';
import { alternate, hex0x, type Words, word } from '../words.js';
import type { EthertypePrinter, LinkPrinter } from './registry-types.js';

const typeWords: Words = {
  1: 'rtmp',
  5: 'rtmpReq',
  4: 'echo',
  22: 'IP',
  23: 'ARP',
  75: 'KLAP',
};

const socketWords: Words = {
  1: 'rtmp',
  2: 'nis',
  4: 'echo',
  6: 'zip',
};

const LINK = 3;
const HEADER = 13;
const SHORT_HEADER = 5;
const EIGRP = 88;

const address = (net: number, node: number) => (node === 255 ? String(net) : `${net}.${node}`);
const socketText = (d: Dissector, socket: number) => (d.options.numeric > 0 ? String(socket) : word(socketWords, socket, String));

/** Who sent a datagram. */
interface Sender {
  readonly net: number;
  readonly node: number;
  readonly socket: number;
}

/** LocalTalk's frame: how long its headers were; 0: they were cut. */
export function localTalk(d: Dissector, at: number, length: number): number {
  d.protocol = 'llap';
  if (length < LINK) {
    d.put(` [|llap ${length}]`);
    return length;
  }
  if (!d.has(at, LINK)) {
    d.truncated();
    return 0;
  }
  const [to, from, type] = [d.u8(at), d.u8(at + 1), d.u8(at + 2)];
  const body = at + LINK;
  const left = length - LINK;
  if (type === 1) {
    if (left < SHORT_HEADER || !d.has(body, SHORT_HEADER)) {
      d.put(left < SHORT_HEADER ? ` [|sddp ${left}]` : ' [|sddp]');
      return left < SHORT_HEADER ? left : 0;
    }
    const socket = d.u8(body + 3);
    d.put(`${address(0, from)}.${socketText(d, socket)} > ${address(0, to)}.${socketText(d, d.u8(body + 2))}:`);
    datagram(d, body + SHORT_HEADER, left - SHORT_HEADER, d.u8(body + 4), { net: 0, node: from, socket });
    return LINK + SHORT_HEADER;
  }
  if (type === 2) {
    const sender = header(d, body, left, '');
    if (sender === null) return left < HEADER ? left : 0;
    datagram(d, body + HEADER, left - HEADER, d.u8(body + 12), sender);
    return LINK + HEADER;
  }
  d.put(`${from} > ${to} at-lap#${type} ${left}`);
  return LINK;
}

/** DDP's long header; null: it is not there. */
function header(d: Dissector, at: number, length: number, behind: string): Sender | null {
  if (length < HEADER || !d.has(at, HEADER)) {
    d.put(length < HEADER ? ` [|ddp ${length}]` : ' [|ddp]');
    return null;
  }
  const sender = { net: d.be16(at + 6), node: d.u8(at + 9), socket: d.u8(at + 11) };
  d.put(`${address(sender.net, sender.node)}.${socketText(d, sender.socket)}`);
  d.put(` > ${address(d.be16(at + 4), d.u8(at + 8))}.${socketText(d, d.u8(at + 10))}:${behind}`);
  return sender;
}

function ethernetTalk(d: Dissector, at: number, length: number): void {
  d.protocol = 'atalk';
  if (!d.options.linkLayer) d.put('AT ');
  const sender = header(d, at, length, ' ');
  if (sender !== null) datagram(d, at + HEADER, length - HEADER, d.u8(at + 12), sender);
}

function datagram(d: Dissector, at: number, length: number, type: number, sender: Sender): void {
  switch (type) {
    case 2:
      return names(d, at, length, sender);
    case 3:
      return transaction(d, at, length);
    case EIGRP:
      d.registry.ipProtocols.get(EIGRP)?.print(d, at, length, { version: 4, header: at, fragmented: false, hops: 0 });
      return;
    default:
      d.put(` at-${word(typeWords, type)} ${length}`);
  }
}

function transaction(d: Dissector, at: number, fullLength: number): void {
  if (!d.has(at, 8)) return d.truncated();
  if (fullLength < 8) return d.put(` [|atp ${fullLength}]`);
  const length = fullLength - 8;
  const [control, map, id] = [d.u8(at), d.u8(at + 1), d.be16(at + 2)];
  const exactlyOnce = (control & 0x20) !== 0;
  const end = (control & 0x10) !== 0;
  const status = (control & 0x08) !== 0;
  const flags = (...list: readonly (readonly [boolean, string])[]) => list.flatMap(([set, name]) => (set ? [name] : [])).join(',');
  switch (control & 0xc0) {
    case 0x40: {
      const names = flags([end, 'EOM'], [status, 'STS']);
      d.put(` atp-req${exactlyOnce ? ' ' : '*'} ${id}${bitmap(map)}${length === 0 ? '' : ` [len=${length}]`}`);
      if (names !== '') d.put(` [${names}]`);
      break;
    }
    case 0x80: {
      const names = flags([exactlyOnce, 'XO'], [status, 'STS']);
      d.put(` atp-resp${end ? '*' : ' '}${id}:${map} (${length})`);
      if (names !== '') d.put(` [${names}]`);
      break;
    }
    case 0xc0: {
      const names = flags([exactlyOnce, 'XO'], [end, 'EOM'], [status, 'STS']);
      d.put(` atp-rel  ${id}${bitmap(map)}${length === 0 ? '' : ` [len=${length}]`}`);
      if (names !== '') d.put(`[${names}]`);
      break;
    }
    default:
      d.put(` atp-${hex0x(control)}  ${id} (${length})`);
  }
  const data = d.be32(at + 4);
  if (data !== 0) d.put(` ${hex0x(data)}`);
}

/** Which packets a transaction is about. */
function bitmap(map: number): string {
  if (((map + 1) & map) !== 0) {
    const wanted = [];
    for (let i = 0; i < 8; i++) if ((map & (1 << i)) !== 0) wanted.push(i);
    return `<${wanted.join(',')}>`;
  }
  const count = 32 - Math.clz32(map);
  return count > 1 ? `<0-${count - 1}>` : '<0>';
}

const TUPLE = 5;

function names(d: Dissector, at: number, length: number, sender: Sender): void {
  if (length < 10) return d.put(` truncated-nbp ${length}`);
  const control = d.u8(at);
  const kind = control & 0xf0;
  const count = control & 0xf;
  const tuple = at + 2;
  if (kind === 0x10 || kind === 0x20) {
    d.put(`${kind === 0x20 ? ' nbp-lkup' : ' nbp-brRq'} ${d.u8(at + 1)}:`);
    if (!d.has(tuple, TUPLE)) return d.truncated();
    name(d, tuple + TUPLE);
    if (count !== 1) d.put(` [ntup=${count}]`);
    const [net, node, socket, enumerator] = [d.be16(tuple), d.u8(tuple + 2), d.u8(tuple + 3), d.u8(tuple + 4)];
    if (enumerator !== 0) d.put(` [enum=${enumerator}]`);
    if (net !== sender.net || node !== sender.node || socket !== sender.socket) d.put(` [addr=${address(net, node)}.${socket}]`);
  } else if (kind === 0x30) {
    d.put(` nbp-reply ${d.u8(at + 1)}:`);
    for (let n = 0, next = tuple; n < count && next > 0; n++) next = reply(d, next, sender);
  } else d.put(` nbp-${hex0x(control)}  ${d.u8(at + 1)} (${length - 2})`);
}

/** Where the next tuple is; 0: there is none. */
function reply(d: Dissector, at: number, sender: Sender): number {
  if (!d.has(at, TUPLE)) {
    d.truncated();
    return 0;
  }
  const next = name(d, at + TUPLE);
  const [net, node, socket, enumerator] = [d.be16(at), d.u8(at + 2), d.u8(at + 3), d.u8(at + 4)];
  if (enumerator !== 1) d.put(`(${enumerator})`);
  if (socket !== sender.socket) d.put(` ${socket}`);
  if (net !== sender.net || node !== sender.node) d.put(` [addr=${address(net, node)}]`);
  return next;
}

/** "object:type@zone": where it ends; 0: it is cut or wrong. */
function name(d: Dissector, from: number): number {
  d.put(' "');
  let at = from;
  for (const behind of [':', '@', '"']) {
    at = counted(d, at);
    if (at === 0) return 0;
    d.put(behind);
  }
  return at;
}

function counted(d: Dissector, at: number): number {
  if (!d.has(at, 1)) {
    d.truncated();
    return 0;
  }
  const length = d.u8(at);
  if (length > 32) {
    d.put(`[len=${length}]`);
    return 0;
  }
  for (let i = 1; i <= length; i++) {
    if (!d.has(at + i, 1)) {
      d.truncated();
      return 0;
    }
    d.char(d.u8(at + i));
  }
  return at + 1 + length;
}

const AARP = 28;

function resolution(d: Dissector, at: number, length: number): void {
  d.protocol = 'aarp';
  d.put('aarp ');
  if (!d.has(at, AARP)) return d.truncated();
  if (length < AARP) return d.put(` [|aarp ${length}]`);
  const [hardware, protocol, operation] = [d.be16(at), d.be16(at + 2), d.be16(at + 6)];
  const [hardwareLength, protocolLength] = [d.u8(at + 4), d.u8(at + 5)];
  const node = (offset: number) => address(d.be16(at + offset + 1), d.u8(at + offset + 3));
  if (hardware === 1 && protocol === 0x809b && hardwareLength === 6 && protocolLength === 4) {
    if (operation === 1) return d.put(`who-has ${node(24)} tell ${node(14)}`);
    if (operation === 2) return d.put(`reply ${node(14)} is-at ${d.mac(at + 8)}`);
    if (operation === 3) return d.put(`probe ${node(24)} tell ${node(14)}`);
  }
  d.put(`len ${length} op ${operation} htype ${hardware} ptype ${alternate(protocol)} halen ${hardwareLength} palen ${protocolLength}`);
}

export const localTalkLink: LinkPrinter = {
  types: [114],
  print(d, at, length, captured) {
    d.protocol = 'ltalk';
    const header = localTalk(d, at, length);
    return header === 0 ? captured : header;
  },
};

export const appleTalkTypes: readonly EthertypePrinter[] = [
  {
    types: [0x809b],
    print(d, at, length) {
      if (d.options.verbose > 0) d.put('et1 ');
      ethernetTalk(d, at, length);
    },
  },
  { types: [0x80f3], print: resolution },
];

const near = (port: number, first: number) => port >= first && port < first + 128;
const isPort = (port: number) => near(port, 16512) || near(port, 200) || near(port, 768);

/** DDP behind UDP, as KIP has it, where a port and the first bytes say so; false: it is something else. */
export function kip(d: Dissector, at: number, length: number, source: number, destination: number): boolean {
  if (!d.has(at + 2, 1) || d.u8(at + 2) !== 2 || !(isPort(source) || isPort(destination))) return false;
  if (d.options.verbose > 0) d.put('kip ');
  localTalk(d, at, length);
  return true;
}

// TIPC, transparent inter-process communication between the nodes of a cluster.
import type { Dissector } from '../dissector.js';
import { hex0x, type Words, word } from '../words.js';
import type { EthertypePrinter } from './registry-types.js';

const userWords: Words = {
  0: 'Low Importance Data payload',
  1: 'Medium Importance Data payload',
  2: 'High Importance Data payload',
  3: 'Critical Importance Data payload',
  5: 'Broadcast Link Protocol internal',
  6: 'Message Bundler Protocol internal',
  7: 'Link State Protocol internal',
  8: 'Connection Manager internal',
  10: 'Link Changeover Protocol internal',
  11: 'Name Table Update Protocol internal',
  12: 'Message Fragmentation Protocol internal',
  13: 'Neighbor Detection Protocol internal',
};

const messageWords: Words = {
  0: 'CONN_MSG',
  1: 'MCAST_MSG',
  2: 'NAMED_MSG',
  3: 'DIRECT_MSG',
};

const discoveryWords: Words = {
  0: 'Link request',
  1: 'Link response',
};

const PAYLOAD = [0, 1, 2, 3, 8, 11];
const INTERNAL = [5, 6, 7, 10, 12];
const DISCOVERY = 13;
const SHORT_HEADER = 6;
const unknown = () => 'Unknown';

/** "zone.cluster.node" */
const node = (address: number) => `${address >>> 24}.${(address >>> 12) & 0xfff}.${address & 0xfff}`;

function tipc(d: Dissector, at: number): void {
  d.protocol = 'tipc';
  const first = d.be32(at);
  const user = (first >>> 25) & 0xf;
  if (PAYLOAD.includes(user)) payload(d, at, first, user);
  else if (user === DISCOVERY) discovery(d, at, first, user);
  else if (INTERNAL.includes(user)) internal(d, at, first, user);
}

const sizes = (first: number, user: number) =>
  `, headerlength ${((first >>> 21) & 0xf) * 4} bytes, MessageSize ${first & 0x1ffff} bytes, ${word(userWords, user, () => 'unknown')}, messageType `;

function payload(d: Dissector, at: number, first: number, user: number): void {
  const second = d.be32(at + 4);
  const type = word(messageWords, second >>> 29, unknown);
  const [previous, from, to] = [d.be32(at + 12), d.be32(at + 16), d.be32(at + 20)];
  const version = `TIPC v${first >>> 29}.0 `;
  if (((first >>> 21) & 0xf) <= SHORT_HEADER) return d.put(`${version}${node(previous)}:${from} > ${to}${sizes(first, user)}${type}`);
  const [origin, destination] = [d.be32(at + 24), d.be32(at + 28)];
  d.put(`${version}${node(origin)}:${from} > ${node(destination)}:${to}${sizes(first, user)}${type}`);
  if (d.options.verbose === 0) return;
  const link = d.be32(at + 8);
  d.put(`\n\tPrevious Node ${node(previous)}, Broadcast Ack ${second & 0xffff}, Link Ack ${link >>> 16}, Link Sequence ${link & 0xffff}`);
}

function internal(d: Dissector, at: number, first: number, user: number): void {
  const second = d.be32(at + 4);
  const [origin, destination] = [d.be32(at + 24), d.be32(at + 28)];
  d.put(`TIPC v${first >>> 29}.0 ${node(origin)} > ${node(destination)}${sizes(first, user)}`);
  d.put(`${word(messageWords, second >>> 29, unknown)} (${hex0x(second, 8)})`);
  if (d.options.verbose === 0) return;
  const [gaps, previous, fragments, session, sequence, last] = [8, 12, 16, 20, 32, 36].map((offset) => d.be32(at + offset)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  d.put(`\n\tPrevious Node ${node(previous)}, Session No. ${session >>> 16}, Broadcast Ack ${second & 0xffff}`);
  d.put(`, Sequence Gap ${(second >>> 16) & 0x1fff},  Broadcast Gap After ${gaps >>> 16}, Broadcast Gap To ${gaps & 0xffff}`);
  d.put(`, Last Sent Packet No. ${fragments >>> 16}, Next sent Packet No. ${fragments & 0xffff}, Transport Sequence ${sequence}`);
  d.put(`, msg_count ${last >>> 16}, Link Tolerance ${last & 0xffff}`);
}

function discovery(d: Dissector, at: number, first: number, user: number): void {
  const second = d.be32(at + 4);
  const [domain, previous] = [d.be32(at + 8), d.be32(at + 12)];
  d.put(`TIPC v${first >>> 29}.0 ${node(previous)} > ${node(domain)}${sizes(first, user)}${word(discoveryWords, second >>> 29, unknown)}`);
  if (d.options.verbose === 0) return;
  d.put(`\n\tNodeSignature ${second & 0xffff}, network_id ${d.be32(at + 16)}, media_id ${d.be32(at + 20) & 0xff}`);
}

export const tipcType: EthertypePrinter = { types: [0x88ca], print: tipc };

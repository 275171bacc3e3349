import type { CtTuple } from '../../netlink/nfnl/ctnetlink.js';
import { NFPROTO_IPV6 } from '../../netlink/nfnl/nfnetlink.js';
import { destinationOf, type FlowEntry, formatAddress, isAssured, isOffloaded, isSeen, protocolOf, sourceOf, stateName } from './flow.js';
import type { Labels } from './labels.js';
import { protocolName } from './names.js';

const GRE = 47;
/** Of a protocol that the kernel keeps no ports of, they are zero. */
const DCCP = 33;

/** One line of a connection, as libnetfilter_conntrack writes it. */
export function formatFlow(entry: FlowEntry, output: ReadonlySet<string>, nowUs: number, labels: Labels | null = null): string {
  const { values, family } = entry;
  const parts: string[] = [];
  if (output.has('extended')) parts.push(`${(family === NFPROTO_IPV6 ? 'ipv6' : 'ipv4').padEnd(8)} ${family}`);
  const protocol = protocolOf(entry);
  parts.push(`${protocolName(protocol).padEnd(8)} ${protocol}`);
  if (values.timeout !== undefined) parts.push(String(values.timeout));
  const state = stateName(entry);
  if (state !== undefined) parts.push(state);
  parts.push(...formatTuple(values.tupleOrig, 'zone-orig'), ...formatCounters(values.countersOrig));
  if (values.status !== undefined && !isSeen(entry)) parts.push('[UNREPLIED]');
  parts.push(...formatTuple(values.tupleReply, 'zone-reply'), ...formatCounters(values.countersReply));
  if (isOffloaded(entry)) parts.push('[OFFLOAD]');
  else if (isAssured(entry)) parts.push('[ASSURED]');
  if (values.mark !== undefined) parts.push(`mark=${values.mark}`);
  if (values.zone !== undefined) parts.push(`zone=${values.zone}`);
  parts.push(...formatTimes(entry, output, nowUs));
  if (values.help?.name !== undefined) parts.push(`helper=${values.help.name}`);
  if (values.use !== undefined) parts.push(`use=${values.use}`);
  if (output.has('id') && values.id !== undefined) parts.push(`id=${values.id}`);
  const named = labels?.namesOf(values.labels) ?? [];
  if (named.length > 0) parts.push(`labels=${named.join(',')}`);
  if (output.has('userspace') || entry.portId !== 0) if (entry.portId !== 0) parts.push('[USERSPACE]', `portid=${entry.portId}`);
  return parts.join(' ');
}

function formatTuple(tuple: CtTuple | undefined, zone: string): string[] {
  const parts = [`src=${formatAddress(sourceOf(tuple))}`, `dst=${formatAddress(destinationOf(tuple))}`, ...formatProtocol(tuple)];
  if (tuple?.zone !== undefined) parts.push(`${zone}=${tuple.zone}`);
  return parts;
}

/** Ports, keys, or ICMP's words. */
export function formatProtocol(tuple: CtTuple | undefined): string[] {
  const parts: string[] = [];
  const { proto } = tuple ?? {};
  if (proto?.num === GRE) {
    parts.push(`srckey=0x${(proto.srcPort ?? 0).toString(16)}`, `dstkey=0x${(proto.dstPort ?? 0).toString(16)}`);
    return parts;
  }
  if (proto?.srcPort !== undefined || proto?.num === DCCP) parts.push(`sport=${proto.srcPort ?? 0}`, `dport=${proto.dstPort ?? 0}`);
  const type = proto?.icmpType ?? proto?.icmpv6Type;
  if (type !== undefined)
    parts.push(`type=${type}`, `code=${proto?.icmpCode ?? proto?.icmpv6Code ?? 0}`, `id=${proto?.icmpId ?? proto?.icmpv6Id ?? 0}`);
  return parts;
}

const formatCounters = (counters: { readonly packets?: number | undefined; readonly bytes?: number | undefined } | undefined): string[] =>
  counters === undefined ? [] : [`packets=${counters.packets ?? 0}`, `bytes=${counters.bytes ?? 0}`];

const NS_PER_SECOND = 1e9;
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As ctime(3) has it, in UTC. */
function formatTime(ns: number): string {
  const date = new Date(ns / 1e6);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${time} ${date.getUTCFullYear()}`;
}

function formatTimes({ values: { timestamp } }: FlowEntry, output: ReadonlySet<string>, nowUs: number): string[] {
  if (timestamp?.start === undefined) return [];
  const end = timestamp.stop ?? nowUs * 1000;
  const parts = [`delta-time=${Math.max(0, Math.floor((end - timestamp.start) / NS_PER_SECOND))}`];
  if (output.has('ktimestamp')) {
    parts.push(`[start=${formatTime(timestamp.start)}]`);
    if (timestamp.stop !== undefined) parts.push(`[stop=${formatTime(timestamp.stop)}]`);
  }
  return parts;
}

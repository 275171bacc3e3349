import type { CtTuple } from '../../netlink/nfnl/ctnetlink.js';
import { NFPROTO_IPV6 } from '../../netlink/nfnl/nfnetlink.js';
import { destinationOf, type FlowEntry, formatAddress, isAssured, isSeen, protocolOf, sourceOf, stateName } from './flow.js';
import type { Labels } from './labels.js';
import { protocolName } from './names.js';

const GRE = 47;
const DCCP = 33;

export const XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n';
export const XML_TAIL = '</conntrack>\n';

export const tag = (name: string, value: string | number): string => `<${name}>${value}</${name}>`;

/** A connection as XML, without newline. `event`: "new", "update" or "destroy" of one. */
export function formatXml(entry: FlowEntry, event: string | null, labels: Labels | null = null): string {
  const { values } = entry;
  const state = stateName(entry);
  const named = labels?.namesOf(values.labels) ?? [];
  const independent = [
    state === undefined ? '' : tag('state', state),
    values.timeout === undefined ? '' : tag('timeout', values.timeout),
    values.mark === undefined ? '' : tag('mark', values.mark),
    values.zone === undefined ? '' : tag('zone', values.zone),
    named.length === 0 ? '' : tag('labels', named.map((name) => tag('label', name)).join('')),
    values.use === undefined ? '' : tag('use', values.use),
    values.id === undefined ? '' : tag('id', values.id),
    isAssured(entry) ? '<assured/>' : '',
    values.status !== undefined && !isSeen(entry) ? '<unreplied/>' : '',
  ].join('');
  return [
    event === null ? '<flow>' : `<flow type="${event}">`,
    direction('original', entry, values.tupleOrig, values.countersOrig),
    direction('reply', entry, values.tupleReply, values.countersReply),
    independent === '' ? '' : `<meta direction="independent">${independent}</meta>`,
    '</flow>',
  ].join('');
}

type Counters = { readonly packets?: number | undefined; readonly bytes?: number | undefined } | undefined;

function direction(name: string, entry: FlowEntry, tuple: CtTuple | undefined, counters: Counters): string {
  const { family } = entry;
  const protocol = protocolOf(entry);
  const addresses = tag('src', formatAddress(sourceOf(tuple))) + tag('dst', formatAddress(destinationOf(tuple)));
  const layer3 = `<layer3 protonum="${family}" protoname="${family === NFPROTO_IPV6 ? 'ipv6' : 'ipv4'}">${addresses}</layer3>`;
  const layer4 = `<layer4 protonum="${protocol}" protoname="${protocolName(protocol)}">${ports(tuple)}</layer4>`;
  const zone = tuple?.zone === undefined ? '' : tag('zone', tuple.zone);
  const counted =
    counters === undefined ? '' : `<counters>${tag('packets', counters.packets ?? 0)}${tag('bytes', counters.bytes ?? 0)}</counters>`;
  return `<meta direction="${name}">${layer3}${layer4}${zone}${counted}</meta>`;
}

export function ports(tuple: CtTuple | undefined): string {
  const { proto } = tuple ?? {};
  const hex = (value: number | undefined) => `0x${(value ?? 0).toString(16)}`;
  if (proto?.num === GRE) return tag('srckey', hex(proto.srcPort)) + tag('dstkey', hex(proto.dstPort));
  if (proto?.srcPort !== undefined || proto?.num === DCCP) return tag('sport', proto.srcPort ?? 0) + tag('dport', proto.dstPort ?? 0);
  // Of ICMP nothing is told.
  return '';
}

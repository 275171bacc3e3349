import type { CtTuple } from '../../netlink/nfnl/ctnetlink.js';
import { NFPROTO_IPV6 } from '../../netlink/nfnl/nfnetlink.js';
import { destinationOf, type FlowEntry, formatAddress, isAssured, isSeen, protocolOf, sourceOf } from './flow.js';
import { protocolName, tcpStates } from './names.js';

export const XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>\n';
export const XML_TAIL = '</conntrack>\n';

const tag = (name: string, value: string | number): string => `<${name}>${value}</${name}>`;

/** A connection as XML, without newline. `event`: "new", "update" or "destroy" of one. */
export function formatXml(entry: FlowEntry, event: string | null): string {
  const { values } = entry;
  const state = values.protoinfo?.tcp?.state;
  const independent = [
    state === undefined ? '' : tag('state', tcpStates[state] ?? 'UNKNOWN'),
    values.timeout === undefined ? '' : tag('timeout', values.timeout),
    values.mark === undefined ? '' : tag('mark', values.mark),
    values.zone === undefined ? '' : tag('zone', values.zone),
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

function ports(tuple: CtTuple | undefined): string {
  const { proto } = tuple ?? {};
  if (proto?.srcPort !== undefined) return tag('sport', proto.srcPort) + tag('dport', proto.dstPort ?? 0);
  const type = proto?.icmpType ?? proto?.icmpv6Type;
  if (type === undefined) return '';
  return tag('type', type) + tag('code', proto?.icmpCode ?? proto?.icmpv6Code ?? 0) + tag('id', proto?.icmpId ?? proto?.icmpv6Id ?? 0);
}

import type { CtTuple, ExpectAttributes } from '../../netlink/nfnl/ctnetlink.js';
import { NFPROTO_IPV6 } from '../../netlink/nfnl/nfnetlink.js';
import { destinationOf, formatAddress, sourceOf } from './flow.js';
import { formatProtocol } from './format.js';
import { protocolName } from './names.js';
import { ports, tag } from './xml.js';

/** An expected connection as a message tells of it. */
export interface ExpectEntry {
  readonly family: number;
  readonly values: ExpectAttributes;
}

function ends(tuple: CtTuple | undefined, prefix: string): string[] {
  return [
    `${prefix}src=${formatAddress(sourceOf(tuple))}`,
    `${prefix}dst=${formatAddress(destinationOf(tuple))}`,
    ...formatProtocol(tuple),
  ];
}

/** One line of it, as libnetfilter_conntrack writes it (nfexp_snprintf()). */
export function formatExpectation({ values }: ExpectEntry): string {
  const { tuple, mask, master, timeout, zone } = values;
  const parts = timeout === undefined ? [] : [String(timeout)];
  parts.push(`proto=${tuple?.proto?.num ?? 0}`, ...ends(tuple, ''), ...ends(mask, 'mask-'), ...ends(master, 'master-'));
  if (zone !== undefined) parts.push(`zone=${zone}`);
  parts.push(`class=${values.class ?? 0}`);
  if (values.helpName !== undefined) parts.push(`helper=${values.helpName}`);
  return parts.join(' ');
}

export const EXPECT_XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<expect>\n';
export const EXPECT_XML_TAIL = '</expect>\n';

/** It as XML, without newline. `event`: "new" or "destroy" of one. */
export function formatExpectationXml({ family, values }: ExpectEntry, event: string | null): string {
  const tuples = [
    ['expected', values.tuple],
    ['mask', values.mask],
    ['master', values.master],
  ] as const;
  const addresses = tuples.map(([name, tuple]) =>
    tag(name, tag('src', formatAddress(sourceOf(tuple))) + tag('dst', formatAddress(destinationOf(tuple)))),
  );
  const protocol = values.tuple?.proto?.num ?? 0;
  return [
    event === null ? '<flow>' : `<flow type="${event}">`,
    `<layer3 protonum="${family}" protoname="${family === NFPROTO_IPV6 ? 'ipv6' : 'ipv4'}">${addresses.join('')}</layer3>`,
    `<layer4 protonum="${protocol}" protoname="${protocolName(protocol)}">`,
    ...tuples.map(([name, tuple]) => tag(name, ports(tuple))),
    '</layer4><meta>',
    values.helpName === undefined ? '' : tag('helper-name', values.helpName),
    values.timeout === undefined ? '' : tag('timeout', values.timeout),
    `${tag('class', values.class ?? 0)}</meta></flow>`,
  ].join('');
}

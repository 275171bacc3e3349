import { verdictNotation } from '../../netlink/nfnl/data.js';
import { NF_ACCEPT } from '../../netlink/nfnl/nfnetlink.js';
import { NFT_TRACETYPE_POLICY, NFT_TRACETYPE_RETURN, NFT_TRACETYPE_RULE, type TraceAttributes } from '../../netlink/nfnl/nf-tables.js';
import type * as ast from './ast.js';
import { type OutputStyle, printValue } from './datatypes/datatype.js';
import { isBitmask } from './datatypes/meta.js';
import { bytesValue } from './linearise/bytes.js';
import type { Names } from './names.js';
import { ruleText } from './print/ruleset.js';
import { ether, vlan } from './protocols/link.js';
import { arp, inetService, ip, ip6 } from './protocols/network.js';
import { type Protocol, upperOf } from './protocols/protocol.js';
import type { Kernel } from './ruleset/kernel.js';
import type { TableState } from './ruleset/ruleset.js';

const line = (t: TraceAttributes, family: string, what: string) =>
  `trace id ${(t.id ?? 0).toString(16).padStart(8, '0')} ${family} ${t.table ?? ''} ${t.chain ?? ''} ${what}`;

/** One event of a traced packet: the packet where it is new, the rule it met, the verdict. */
export async function traceText(t: TraceAttributes, table: TableState, kernel: Kernel, names: Names, style: OutputStyle): Promise<string> {
  const family = table.decl.family;
  let text = '';
  if (t.networkHeader !== undefined || t.llHeader !== undefined || t.transportHeader !== undefined)
    text += `${line(t, family, `packet: ${packetText(t, family, names, style)}`)}\n`;
  const verdict = t.verdict === undefined ? 'continue' : verdictNotation(t.verdict).replace(' -> ', ' ');
  switch (t.type) {
    case NFT_TRACETYPE_RULE: {
      await kernel.loadRules(table, false);
      const rule: ast.RuleDecl | undefined = table.chain(t.chain ?? '')?.rules.find(({ handle }) => handle === t.ruleHandle);
      text += `${line(t, family, `${rule === undefined ? `unknown rule handle ${t.ruleHandle}` : `rule ${ruleText(rule, { ...style, handle: false })}`} (verdict ${verdict})`)}\n`;
      break;
    }
    case NFT_TRACETYPE_POLICY:
      text += `${line(t, family, `policy ${t.policy === NF_ACCEPT ? 'accept' : 'drop'} ${markText(t)}`)}\n`;
      break;
    case NFT_TRACETYPE_RETURN:
      text += `${line(t, family, `verdict ${verdict} ${markText(t)}`)}\n`;
      break;
  }
  return text;
}

const markText = (t: TraceAttributes): string => (t.mark === undefined ? '' : `meta mark 0x${t.mark.toString(16).padStart(8, '0')} `);

/** ARPHRD_ETHER */
const ETHERNET = 1;

/** What a packet's headers say, each in the order that nft has for it. */
function packetText(t: TraceAttributes, family: ast.Family, names: Names, style: OutputStyle): string {
  let text = '';
  if (t.iif !== undefined) text += `iif "${names.interfaceName(t.iif) ?? t.iif}" `;
  if (t.oif !== undefined) text += `oif "${names.interfaceName(t.oif) ?? t.oif}" `;
  let next: Protocol | undefined;
  const link = t.llHeader;
  if (link !== undefined && link.length >= 14) {
    // Only where the other device is Ethernet the bytes mean anything.
    if ((t.iiftype ?? t.oiftype ?? ETHERNET) === ETHERNET) {
      text += headerText(ether, link, style, ['saddr', 'daddr']);
      next = upperOf(ether, (link[12]! << 8) | link[13]!);
      if (next === vlan && link.length >= 18) text += headerText(vlan, link.subarray(14), style, ['pcp', 'dei', 'id', 'type']);
    } else text += rawText('ll', 0, link);
  }
  const network = t.networkHeader;
  if (network === undefined) return text;
  const protocol = next === arp ? arp : network[0]! >> 4 === 6 ? ip6 : ip;
  if (protocol === arp) return text + headerText(arp, network, style, ['operation', 'saddr ip', 'daddr ip']);
  const ownFamily = family === 'ip' || family === 'ip6';
  const shown =
    protocol === ip
      ? ['saddr', 'daddr', 'dscp', 'ecn', 'ttl', 'id', 'protocol', 'length']
      : ['saddr', 'daddr', 'dscp', 'ecn', 'hoplimit', 'flowlabel', 'nexthdr', 'length'];
  const number = protocol === ip ? (network[9] ?? 0) : (network[6] ?? 0);
  const transport = upperOf(inetService, number);
  // In tables of one family what the header behind it says anyhow is left out.
  const known = ownFamily && transport !== undefined && t.transportHeader !== undefined;
  text += headerText(
    protocol,
    network,
    style,
    shown.filter((name) => !(known && (name === 'protocol' || name === 'nexthdr'))),
  );
  if (t.transportHeader === undefined || transport === undefined) return text;
  return text + transportText(transport, t.transportHeader, style);
}

/** Fields that nft shows of a header, and where what it cannot name begins (bits). */
const shownOf: Readonly<Record<string, readonly [fields: readonly string[], bits: number]>> = {
  tcp: [['sport', 'dport', 'flags', 'window'], 160],
  udp: [['sport', 'dport', 'length'], 64],
  udplite: [['sport', 'dport', 'csumcov'], 64],
  icmp: [['type', 'code', 'id', 'sequence'], 64],
  icmpv6: [['type', 'code', 'parameter-problem'], 64],
  igmp: [['type', 'mrt', 'group'], 64],
  sctp: [['sport', 'dport', 'vtag'], 96],
  dccp: [['sport', 'dport', 'type'], 96],
  esp: [['spi', 'sequence'], 64],
  ah: [['nexthdr', 'hdrlength', 'spi', 'sequence'], 96],
  comp: [['nexthdr', 'flags', 'cpi'], 32],
};

function transportText(protocol: Protocol, bytes: Uint8Array, style: OutputStyle): string {
  const [fields, end] = shownOf[protocol.name] ?? [[], 0];
  const rest = bytes.length * 8 > end ? rawText('th', end, bytes.subarray(end / 8)) : '';
  return headerText(protocol, bytes, style, fields) + rest;
}

const rawText = (base: string, offset: number, bytes: Uint8Array): string =>
  `@${base},${offset},${bytes.length * 8} 0x${bytesValue(bytes, 'big').toString(16)} `;

function headerText(protocol: Protocol, bytes: Uint8Array, style: OutputStyle, fields: readonly string[]): string {
  let text = '';
  const all = bytesValue(bytes, 'big');
  for (const name of fields) {
    const field = protocol.fields.find((candidate) => candidate.name === name);
    if (field === undefined || field.offset + field.bits > bytes.length * 8) continue;
    const value = (all >> BigInt(bytes.length * 8 - field.offset - field.bits)) & ((1n << BigInt(field.bits)) - 1n);
    // Flags are compared as a whole.
    const equals = isBitmask(field.type) ? '== ' : '';
    text += `${protocol.name} ${name} ${equals}${printValue(field.type, value, style, field.bits)} `;
  }
  return text;
}

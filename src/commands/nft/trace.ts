import { verdictNotation } from '../../netlink/nfnl/data.js';
import { NF_ACCEPT } from '../../netlink/nfnl/nfnetlink.js';
import { NFT_TRACETYPE_POLICY, NFT_TRACETYPE_RETURN, NFT_TRACETYPE_RULE, type TraceAttributes } from '../../netlink/nfnl/nf-tables.js';
import type * as ast from './ast.js';
import { type OutputStyle, printValue } from './datatypes/datatype.js';
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
    text += `${line(t, family, `packet: ${packetText(t, names, style)}`)}\n`;
  const verdict = t.verdict === undefined ? 'continue' : verdictNotation(t.verdict).replace(' -> ', ' ');
  switch (t.type) {
    case NFT_TRACETYPE_RULE: {
      await kernel.loadRules(table, false);
      const rule: ast.RuleDecl | undefined = table.chain(t.chain ?? '')?.rules.find(({ handle }) => handle === t.ruleHandle);
      text += `${line(t, family, `rule ${rule === undefined ? `handle ${t.ruleHandle}` : ruleText(rule, { ...style, handle: false })} (verdict ${verdict})`)}\n`;
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

function packetText(t: TraceAttributes, names: Names, style: OutputStyle): string {
  let text = '';
  if (t.iif !== undefined) text += `iif "${names.interfaceName(t.iif) ?? t.iif}" `;
  if (t.oif !== undefined) text += `oif "${names.interfaceName(t.oif) ?? t.oif}" `;
  let next: Protocol | undefined;
  if (t.llHeader !== undefined && t.llHeader.length >= 14) {
    text += headerText(ether, t.llHeader, style, ['saddr', 'daddr']);
    const type = (t.llHeader[12]! << 8) | t.llHeader[13]!;
    next = upperOf(ether, type);
    if (next === vlan && t.llHeader.length >= 18) text += headerText(vlan, t.llHeader.subarray(14), style, ['pcp', 'dei', 'id', 'type']);
  }
  const network = t.networkHeader;
  if (network === undefined) return text;
  const protocol = next === arp ? arp : network[0]! >> 4 === 6 ? ip6 : ip;
  if (protocol === arp) return text + headerText(arp, network, style, ['operation', 'saddr ip', 'daddr ip']);
  const shown =
    protocol === ip
      ? ['saddr', 'daddr', 'dscp', 'ecn', 'ttl', 'id', 'protocol', 'length']
      : ['saddr', 'daddr', 'dscp', 'ecn', 'hoplimit', 'flowlabel', 'nexthdr', 'length'];
  text += headerText(protocol, network, style, shown);
  const transport = upperOf(inetService, protocol === ip ? (network[9] ?? 0) : (network[6] ?? 0));
  if (t.transportHeader === undefined || transport === undefined) return text;
  return (
    text +
    headerText(
      transport,
      t.transportHeader,
      style,
      transport.fields.filter(({ name }) => !/reserved|checksum|doff|urgptr/.test(name)).map(({ name }) => name),
    )
  );
}

function headerText(protocol: Protocol, bytes: Uint8Array, style: OutputStyle, fields: readonly string[]): string {
  let text = '';
  const all = bytesValue(bytes, 'big');
  for (const name of fields) {
    const field = protocol.fields.find((candidate) => candidate.name === name);
    if (field === undefined || field.offset + field.bits > bytes.length * 8 || field.onlyOf !== undefined) continue;
    const value = (all >> BigInt(bytes.length * 8 - field.offset - field.bits)) & ((1n << BigInt(field.bits)) - 1n);
    text += `${protocol.name} ${name} ${printValue(field.type, value, style, field.bits)} `;
  }
  return text;
}

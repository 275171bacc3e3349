import { strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { FlowSpec, Ioctl, RxNfc } from '../../netlink/genl/ethtool/ioctl.js';
import type { EthtoolContext } from './context.js';
import {
  DISCARD,
  emptySpec,
  extFields,
  FLOW_EXT,
  FLOW_MAC_EXT,
  FLOW_RSS,
  type FlowField,
  type FlowType,
  fieldText,
  flowTypes,
  LOCATION_ANY,
  parseField,
  WAKE,
} from './flow-spec.js';
import { hashFieldsOf, hashFieldsText, hashFlowTypes } from './flow-hash.js';
import { integer, struct, viewOf } from './ioctl-words.js';
import { BadArguments, badArguments, type SubCommand } from './subcommand.js';

const TYPE_MASK = ~(FLOW_EXT | FLOW_MAC_EXT | FLOW_RSS) >>> 0;
/** RX_CLS_LOC_SPECIAL: the driver may choose a rule's place. */
const LOCATION_SPECIAL = 0x8000_0000;

const union = (spec: Uint8Array) => spec.subarray(FlowSpec.fields, FlowSpec.ext);
const unionMask = (spec: Uint8Array) => spec.subarray(FlowSpec.mask, FlowSpec.maskExt);
const ext = (spec: Uint8Array) => spec.subarray(FlowSpec.ext, FlowSpec.mask);
const extMask = (spec: Uint8Array) => spec.subarray(FlowSpec.maskExt, FlowSpec.cookie);

/** Names of the fields where rules are shown, and the base of their numbers. */
const labels: Readonly<Record<string, readonly [label: string, base: 10 | 16]>> = {
  'src-ip': ['Src IP addr', 10],
  'dst-ip': ['Dest IP addr', 10],
  tos: ['TOS', 16],
  tclass: ['Traffic Class', 16],
  'src-port': ['Src port', 10],
  'dst-port': ['Dest port', 10],
  spi: ['SPI', 10],
  l4proto: ['Protocol', 10],
  l4data: ['L4 bytes', 16],
  src: ['Src MAC addr', 16],
  dst: ['Dest MAC addr', 16],
  proto: ['Ethertype', 16],
  'vlan-etype': ['VLAN EtherType', 16],
  vlan: ['VLAN', 16],
  'user-def': ['User-defined', 16],
  'dst-mac': ['Dest MAC addr', 16],
};
/** The order in which they are shown. */
const order = ['src', 'dst', 'proto', 'src-ip', 'dst-ip', 'tos', 'tclass', 'l4proto', 'l4data', 'src-port', 'dst-port', 'spi'];

function fieldLine(field: FlowField, values: Uint8Array, masks: Uint8Array): string {
  const [label, base] = labels[field.word]!;
  // A mask of a field that is a mask itself is shown in hexadecimal; what it shows is which bits do not matter.
  const maskBase = field.kind === 'ip4' || field.kind === 'ip6' || field.kind === 'mac' ? base : 16;
  return `\t${label}: ${fieldText(values, field, base, false)} mask: ${fieldText(masks, field, maskBase, true)}\n`;
}

/** Linux ethtool: rxclass_print_rule() */
function ruleText(spec: Uint8Array): string {
  const view = viewOf(spec);
  const flow = view.getUint32(FlowSpec.type, true);
  const type = flowTypes.find(({ number }) => number === (flow & TYPE_MASK));
  if (type === undefined) return 'rxclass: Unknown flow type\n';
  const kind = type.word === 'ether' ? 'Flow Type' : 'Rule Type';
  let text = `Filter: ${view.getUint32(FlowSpec.location, true)}\n\t${kind}: ${type.title}\n`;
  for (const word of order) {
    const field = type.fields.find((candidate) => candidate.word === word);
    if (field !== undefined) text += fieldLine(field, union(spec), unionMask(spec));
  }
  for (const field of extFields) if ((flow & field.flag) !== 0) text += fieldLine(field, ext(spec), extMask(spec));
  const cookie = view.getBigUint64(FlowSpec.cookie, true);
  if (cookie === DISCARD) text += '\tAction: Drop\n';
  else if (cookie === WAKE) text += '\tAction: Wake-on-LAN\n';
  else {
    const vf = (cookie >> 32n) & 0xffn;
    text += vf === 0n ? `\tAction: Direct to queue ${cookie}\n` : `\tAction: Direct to VF ${vf - 1n} queue ${cookie & 0xffff_ffffn}\n`;
  }
  return `${text}\n`;
}

async function getRule(context: EthtoolContext, location: number): Promise<Uint8Array | null> {
  const request = struct(RxNfc.size, Ioctl.GRXCLSRULE);
  request.view.setUint32(RxNfc.spec + FlowSpec.location, location, true);
  const answer = await context.ioctl(request.bytes);
  if (!(answer instanceof NetError)) return answer.slice(RxNfc.spec, RxNfc.spec + FlowSpec.size);
  await context.perror('rxclass: Cannot get RX class rule', answer);
  return null;
}

async function ruleCount(context: EthtoolContext): Promise<{ count: number; special: boolean } | null> {
  const answer = await context.ioctl(struct(RxNfc.size, Ioctl.GRXCLSRLCNT).bytes);
  if (answer instanceof NetError) {
    await context.perror('rxclass: Cannot get RX class rule count', answer);
    return null;
  }
  const view = viewOf(answer);
  return { count: view.getUint32(RxNfc.ruleCount, true), special: (view.getUint32(RxNfc.data, true) & LOCATION_SPECIAL) !== 0 };
}

/** Linux ethtool: rxclass_rule_getall() */
async function showAll(context: EthtoolContext): Promise<boolean> {
  const counted = await ruleCount(context);
  if (counted === null) return false;
  context.print(`Total ${counted.count} rules\n\n`);
  const request = struct(RxNfc.size + counted.count * 4, Ioctl.GRXCLSRLALL);
  request.view.setUint32(RxNfc.ruleCount, counted.count, true);
  const answer = await context.ioctl(request.bytes);
  if (answer instanceof NetError) {
    await context.perror('rxclass: Cannot get RX class rules', answer);
    return false;
  }
  for (let i = 0; i < counted.count; i++) {
    const spec = await getRule(context, viewOf(answer).getUint32(RxNfc.locations + i * 4, true));
    if (spec === null) return false;
    context.print(ruleText(spec));
  }
  return true;
}

async function showHash(context: EthtoolContext, words: readonly string[]): Promise<number> {
  const [word, more] = words;
  const type = hashFlowTypes.find((candidate) => candidate.word === word);
  if (type === undefined || (more !== undefined && more !== 'context')) return badArguments();
  const request = struct(RxNfc.size, Ioctl.GRXFH);
  request.view.setUint32(RxNfc.flowType, type.number, true);
  const answer = await context.ioctl(request.bytes);
  if (answer instanceof NetError) {
    await context.perror('Cannot get RX network flow hashing options', answer);
    return 1;
  }
  context.print(hashFieldsText(type, Number(viewOf(answer).getBigUint64(RxNfc.data, true))));
  return 0;
}

/** -n */
export const showRules: SubCommand = {
  options: ['-n', '-u', '--show-nfc', '--show-ntuple'],
  summary: 'Show Rx network flow classification options or rules',
  parameters: `\t\t[ rx-flow-hash tcp4|udp4|ah4|esp4|sctp4|tcp6|udp6|ah6|esp6|sctp6 [context %d] |
\t\t  rule %d ]
`,
  // Linux ethtool: do_grxclass()
  async ioctl(context) {
    const [word, ...rest] = context.words;
    if (word === 'rx-flow-hash') return showHash(context, rest);
    if (word === 'rule' && rest.length === 1) {
      const spec = await getRule(context, integer(rest[0]!));
      if (spec === null) {
        await context.complain('Cannot get RX classification rule');
        return 1;
      }
      context.print(ruleText(spec));
      return 0;
    }
    if (word !== undefined) return badArguments();
    const rings = await context.ioctl(struct(RxNfc.size, Ioctl.GRXRINGS).bytes);
    if (rings instanceof NetError) await context.perror('Cannot get RX rings', rings);
    else context.print(`${viewOf(rings).getUint32(RxNfc.data, true)} RX rings available\n`);
    if (await showAll(context)) return 0;
    await context.complain('RX classification rule retrieval failed');
    return 1;
  },
};

/** A rule as the words say it. Linux ethtool: rxclass_parse_ruleopts() */
function parseRule(words: readonly string[]): Uint8Array {
  const [word, ...rest] = words;
  const type: FlowType = flowTypes.find((candidate) => candidate.word === word) ?? badArguments();
  const spec = emptySpec();
  const view = viewOf(spec);
  let flow = type.number;
  let vf: bigint | null = null;
  let queue: bigint | null = null;
  view.setUint32(FlowSpec.location, LOCATION_ANY, true);
  for (let at = 0; at < rest.length; at++) {
    const name = rest[at]!;
    const value = rest[++at] ?? badArguments();
    if (name === 'action') {
      const action = /^-[0-9]+$/.test(value) ? BigInt.asUintN(64, BigInt(value)) : BigInt(integer(value));
      view.setBigUint64(FlowSpec.cookie, action, true);
    } else if (name === 'loc') view.setUint32(FlowSpec.location, integer(value), true);
    else if (name === 'context') flow |= FLOW_RSS;
    else if (name === 'vf') vf = BigInt(integer(value));
    else if (name === 'queue') queue = BigInt(integer(value));
    else {
      const own = type.fields.find((field) => field.word === name);
      const also = extFields.find((field) => field.word === name);
      const field = own ?? also ?? badArguments();
      const bytes = parseField(field, value);
      (own === undefined ? ext(spec) : union(spec)).set(bytes, field.at);
      let mask = bytes.map(() => 0xff);
      if (rest[at + 1] === 'm') {
        // What the user calls a mask are the bits that do not matter.
        mask = parseField(field, rest[at + 2] ?? badArguments()).map((byte) => byte ^ 0xff);
        at += 2;
      }
      (own === undefined ? extMask(spec) : unionMask(spec)).set(mask, field.at);
      if (also !== undefined && own === undefined) flow |= also.flag;
    }
  }
  if (vf !== null || queue !== null) view.setBigUint64(FlowSpec.cookie, (((vf ?? -1n) + 1n) << 32n) | (queue ?? 0n), true);
  if (type.word === 'ip4') spec[FlowSpec.fields + 13] = 1;
  view.setUint32(FlowSpec.type, flow >>> 0, true);
  return spec;
}

async function insert(context: EthtoolContext, words: readonly string[]): Promise<number> {
  let spec: Uint8Array;
  try {
    spec = parseRule(words);
  } catch (error) {
    if (error instanceof BadArguments) await context.complain('Add rule, invalid syntax');
    throw error;
  }
  const failed = async () => {
    await context.complain('Cannot insert classification rule');
    return 1;
  };
  if (viewOf(spec).getUint32(FlowSpec.location, true) === LOCATION_ANY && (await ruleCount(context)) === null) return failed();
  const request = struct(RxNfc.size, Ioctl.SRXCLSRLINS);
  request.bytes.set(spec, RxNfc.spec);
  const answer = await context.ioctl(request.bytes);
  if (answer instanceof NetError) {
    await context.perror('rmgr: Cannot insert RX class rule', answer);
    return failed();
  }
  if (viewOf(spec).getUint32(FlowSpec.location, true) >= LOCATION_SPECIAL)
    context.print(`Added rule with ID ${viewOf(answer).getUint32(RxNfc.spec + FlowSpec.location, true)}\n`);
  return 0;
}

async function setHash(context: EthtoolContext, words: readonly string[]): Promise<number> {
  const [word, letters] = words;
  const type = hashFlowTypes.find((candidate) => candidate.word === word);
  if (type === undefined || letters === undefined) return badArguments();
  const request = struct(RxNfc.size, Ioctl.SRXFH);
  request.view.setUint32(RxNfc.flowType, type.number, true);
  request.view.setBigUint64(RxNfc.data, BigInt(hashFieldsOf(letters)), true);
  const answer = await context.ioctl(request.bytes);
  // The real tool says so and ends as if nothing were wrong.
  if (answer instanceof NetError) await context.complain(`Cannot change RX network flow hashing options: ${strerror(answer.errno)}`);
  return 0;
}

/** -N */
export const setRules: SubCommand = {
  options: ['-N', '-U', '--config-nfc', '--config-ntuple'],
  summary: 'Configure Rx network flow classification options or rules',
  parameters: `\t\trx-flow-hash tcp4|udp4|ah4|esp4|sctp4|tcp6|udp6|ah6|esp6|sctp6 m|v|t|s|d|f|n|r... [context %d] |
\t\tflow-type ether|ip4|tcp4|udp4|sctp4|ah4|esp4|ip6|tcp6|udp6|ah6|esp6|sctp6
\t\t\t[ src %x:%x:%x:%x:%x:%x [m %x:%x:%x:%x:%x:%x] ]
\t\t\t[ dst %x:%x:%x:%x:%x:%x [m %x:%x:%x:%x:%x:%x] ]
\t\t\t[ proto %d [m %x] ]
\t\t\t[ src-ip IP-ADDRESS [m IP-ADDRESS] ]
\t\t\t[ dst-ip IP-ADDRESS [m IP-ADDRESS] ]
\t\t\t[ tos %d [m %x] ]
\t\t\t[ tclass %d [m %x] ]
\t\t\t[ l4proto %d [m %x] ]
\t\t\t[ src-port %d [m %x] ]
\t\t\t[ dst-port %d [m %x] ]
\t\t\t[ spi %d [m %x] ]
\t\t\t[ vlan-etype %x [m %x] ]
\t\t\t[ vlan %x [m %x] ]
\t\t\t[ user-def %x [m %x] ]
\t\t\t[ dst-mac %x:%x:%x:%x:%x:%x [m %x:%x:%x:%x:%x:%x] ]
\t\t\t[ action %d ] | [ vf %d queue %d ]
\t\t\t[ context %d ]
\t\t\t[ loc %d]] |
\t\tdelete %d
`,
  // Linux ethtool: do_srxclass()
  async ioctl(context) {
    const [word, ...rest] = context.words;
    if (rest.length === 0) return badArguments();
    if (word === 'rx-flow-hash') return setHash(context, rest);
    if (word === 'flow-type') return insert(context, rest);
    if (word !== 'delete' || rest.length !== 1) return badArguments();
    const request = struct(RxNfc.size, Ioctl.SRXCLSRLDEL);
    request.view.setUint32(RxNfc.spec + FlowSpec.location, integer(rest[0]!), true);
    const answer = await context.ioctl(request.bytes);
    if (!(answer instanceof NetError)) return 0;
    await context.perror('rmgr: Cannot delete RX class rule', answer);
    await context.complain('Cannot delete classification rule');
    return 1;
  },
};

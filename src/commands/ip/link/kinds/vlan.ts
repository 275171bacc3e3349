import {
  VLAN_FLAG_BRIDGE_BINDING,
  VLAN_FLAG_GVRP,
  VLAN_FLAG_LOOSE_BINDING,
  VLAN_FLAG_MVRP,
  VLAN_FLAG_REORDER_HDR,
  type VlanData,
  vlanData,
} from '../../../../netlink/rtnl/link/vlan.js';
import { Deferred } from '../../../../netlink/schema.js';
import type { Cursor } from '../../../shared/cursor.js';
import { invalidArgument } from '../../../shared/failure.js';
import { parseU16, parseUnsigned } from '../../../shared/numbers.js';
import type { Printer } from '../../../shared/printer.js';
import type { LinkKindPart } from './kind.js';
import { type KindWord, onOffValue, readKindWords, type Writable } from './words.js';

const usage = `Usage: ... vlan id VLANID
		[ protocol VLANPROTO ]
		[ reorder_hdr { on | off } ]
		[ gvrp { on | off } ]
		[ mvrp { on | off } ]
		[ loose_binding { on | off } ]
		[ bridge_binding { on | off } ]
		[ ingress-qos-map QOS-MAP ]
		[ egress-qos-map QOS-MAP ]

VLANID := 0-4095
VLANPROTO: [ 802.1Q | 802.1ad ]
QOS-MAP := [ QOS-MAP ] QOS-MAPPING
QOS-MAPPING := FROM:TO`;

/** ETH_P_* of the protocols that a tag may have. */
const ETH_P_8021Q = 0x8100;
const ETH_P_8021AD = 0x88a8;

/** "802.1Q", "802.1ad", or the number of another protocol: ll_proto_n2a(). */
export const vlanProtocolName = (protocol: number) =>
  protocol === ETH_P_8021Q ? '802.1Q' : protocol === ETH_P_8021AD ? '802.1ad' : `[${protocol}]`;

/** Null: not a protocol. */
export function parseVlanProtocol(word: string): number | null {
  const name = word.toLowerCase();
  if (name === '802.1q') return ETH_P_8021Q;
  if (name === '802.1ad') return ETH_P_8021AD;
  return parseUnsigned(word, 0xffff);
}

const flagNames: readonly (readonly [mask: number, name: string])[] = [
  [VLAN_FLAG_REORDER_HDR, 'REORDER_HDR'],
  [VLAN_FLAG_GVRP, 'GVRP'],
  [VLAN_FLAG_MVRP, 'MVRP'],
  [VLAN_FLAG_LOOSE_BINDING, 'LOOSE_BINDING'],
  [VLAN_FLAG_BRIDGE_BINDING, 'BRIDGE_BINDING'],
];

type Values = Writable<VlanData>;

const flag = (word: string, mask: number): KindWord<Values> => ({
  word,
  short: true,
  take(state, cursor) {
    const on = onOffValue(word, cursor.next());
    const { flags, mask: masked } = state.flags ?? { flags: 0, mask: 0 };
    state.flags = { flags: on ? flags | mask : flags & ~mask, mask: masked | mask };
  },
});

/** FROM:TO pairs, as many as follow. */
function qosMap(cursor: Cursor, name: string): { from: number; to: number }[] {
  const pairs: { from: number; to: number }[] = [];
  const first = cursor.next();
  for (let word = first; ; word = cursor.next()) {
    const colon = word.indexOf(':');
    if (colon < 0) {
      if (pairs.length === 0) throw invalidArgument(`invalid ${name}`, word);
      cursor.back();
      return pairs;
    }
    const from = parseUnsigned(word.slice(0, colon));
    const to = parseUnsigned(word.slice(colon + 1));
    if (from === null || to === null) throw invalidArgument(`invalid ${name}`, word);
    pairs.push({ from, to });
    if (cursor.done) return pairs;
  }
}

const words: readonly KindWord<Values>[] = [
  {
    word: 'protocol',
    short: true,
    take(state, cursor) {
      const word = cursor.next();
      const protocol = parseVlanProtocol(word);
      if (protocol === null) throw invalidArgument('protocol is invalid', word);
      state.protocol = protocol;
    },
  },
  {
    word: 'id',
    short: true,
    take(state, cursor) {
      const word = cursor.next();
      const id = parseU16(word);
      if (id === null) throw invalidArgument('id is invalid', word);
      state.id = id;
    },
  },
  flag('reorder_hdr', VLAN_FLAG_REORDER_HDR),
  flag('gvrp', VLAN_FLAG_GVRP),
  flag('mvrp', VLAN_FLAG_MVRP),
  flag('loose_binding', VLAN_FLAG_LOOSE_BINDING),
  flag('bridge_binding', VLAN_FLAG_BRIDGE_BINDING),
  {
    word: 'ingress-qos-map',
    short: true,
    take(state, cursor) {
      state.ingressQos = qosMap(cursor, 'ingress-qos-map');
    },
  },
  {
    word: 'egress-qos-map',
    short: true,
    take(state, cursor) {
      state.egressQos = qosMap(cursor, 'egress-qos-map');
    },
  },
];

function printFlags(out: Printer, flags: number): void {
  const names: string[] = flagNames.filter(([mask]) => (flags & mask) !== 0).map(([, name]) => name);
  const unknown = flagNames.reduce((left, [mask]) => left & ~mask, flags);
  if (unknown !== 0) names.push((unknown >>> 0).toString(16));
  out.openArray('flags', '<');
  for (const [index, name] of names.entries()) out.field(null, name, index === names.length - 1 ? name : `${name},`);
  out.closeArray('> ');
}

function printQosMap(out: Printer, key: string, name: string, map: VlanData['ingressQos']): void {
  if (map === undefined) return;
  out.openArray(key);
  out.newLine();
  out.text(`      ${name} { `);
  for (const { from, to } of map) {
    out.openObject();
    out.field('from', from, `${from}`);
    out.field('to', to, `:${to} `);
    out.closeObject();
  }
  out.closeArray();
  out.text('} ');
}

/** A VLAN of the device that `link` names. */
export const vlan: LinkKindPart = {
  kind: 'vlan',
  usage,
  async parse(context, cursor) {
    return Deferred.of(vlanData, await readKindWords<Values>('vlan', usage, words, {}, context, cursor));
  },
  print({ out }, data) {
    if (data === undefined) return;
    const { protocol, id, flags, ingressQos, egressQos } = data.parse(vlanData);
    if (protocol === undefined) out.text('protocol 802.1Q ');
    else out.field('protocol', vlanProtocolName(protocol), `protocol ${vlanProtocolName(protocol)} `);
    if (id !== undefined) out.field('id', id, `id ${id} `);
    if (flags !== undefined) printFlags(out, flags.flags);
    printQosMap(out, 'ingress_qos', 'ingress-qos-map', ingressQos);
    printQosMap(out, 'egress_qos', 'egress-qos-map', egressQos);
  },
};

import { type BridgePortData, bridgePortData } from '../../../../netlink/rtnl/link/bridge.js';
import { Deferred } from '../../../../netlink/schema.js';
import { invalidArgument } from '../../../shared/failure.js';
import { parseUnsigned } from '../../../shared/numbers.js';
import type { Printer } from '../../../shared/printer.js';
import type { IpContext } from '../../context.js';
import { bridgeIdText, printTimer } from './bridge.js';
import type { LinkKindPart } from './kind.js';
import { type KindWord, onOffValue, readKindWords, type Writable } from './words.js';

const usage = `Usage: ... bridge_slave ${`[ fdb_flush ]
[ state STATE ]
[ priority PRIO ]
[ cost COST ]
[ guard {on | off} ]
[ hairpin {on | off} ]
[ fastleave {on | off} ]
[ root_block {on | off} ]
[ learning {on | off} ]
[ flood {on | off} ]
[ proxy_arp {on | off} ]
[ proxy_arp_wifi {on | off} ]
[ mcast_router MULTICAST_ROUTER ]
[ mcast_fast_leave {on | off} ]
[ mcast_flood {on | off} ]
[ bcast_flood {on | off} ]
[ mcast_to_unicast {on | off} ]
[ group_fwd_mask MASK ]
[ neigh_suppress {on | off} ]
[ vlan_tunnel {on | off} ]
[ isolated {on | off} ]
[ locked {on | off} ]
[ backup_port DEVICE ] [ nobackup_port ]`.replaceAll('\n', '\n\t\t\t')}`;

/** BR_STATE_* by number. */
export const portStates = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const;

type Values = Writable<BridgePortData>;
type NumberKey = { [K in keyof BridgePortData]-?: NonNullable<BridgePortData[K]> extends number ? K : never }[keyof BridgePortData];

const numeric = (word: string, key: NumberKey, max: number, complaint = word): KindWord<Values> => ({
  word,
  short: true,
  take(state, cursor) {
    const text = cursor.next();
    const value = parseUnsigned(text, max);
    if (value === null) throw invalidArgument(`${complaint}`, text);
    state[key] = value;
  },
});

const onOff = (word: string, key: NumberKey): KindWord<Values> => ({
  word,
  short: true,
  take(state, cursor) {
    state[key] = onOffValue(word, cursor.next()) ? 1 : 0;
  },
});

const words: readonly KindWord<Values>[] = [
  {
    word: 'fdb_flush',
    short: true,
    take(state) {
      state.flush = true;
    },
  },
  numeric('state', 'state', 0xff, 'state is invalid'),
  numeric('priority', 'priority', 0xffff, 'priority is invalid'),
  numeric('cost', 'cost', 0xffff_ffff, 'cost is invalid'),
  onOff('hairpin', 'hairpin'),
  onOff('guard', 'guard'),
  onOff('root_block', 'rootBlock'),
  onOff('fastleave', 'fastLeave'),
  onOff('learning', 'learning'),
  onOff('flood', 'flood'),
  onOff('mcast_flood', 'mcastFlood'),
  onOff('bcast_flood', 'bcastFlood'),
  onOff('mcast_to_unicast', 'mcastToUnicast'),
  onOff('proxy_arp', 'proxyArp'),
  onOff('proxy_arp_wifi', 'proxyArpWifi'),
  numeric('mcast_router', 'mcastRouter', 0xff, 'invalid mcast_router'),
  onOff('mcast_fast_leave', 'fastLeave'),
  onOff('neigh_suppress', 'neighSuppress'),
  numeric('group_fwd_mask', 'groupFwdMask', 0xffff, 'invalid group_fwd_mask'),
  onOff('vlan_tunnel', 'vlanTunnel'),
  onOff('isolated', 'isolated'),
  onOff('locked', 'locked'),
  {
    word: 'backup_port',
    async take(state, cursor, context: IpContext) {
      state.backupPort = await context.device(cursor.next());
    },
  },
  {
    word: 'nobackup_port',
    take(state) {
      state.backupPort = 0;
    },
  },
];

const switches = (out: Printer, data: BridgePortData, shown: readonly (readonly [NumberKey, string, string?])[]) => {
  for (const [key, name, word = name] of shown) {
    const value = data[key];
    if (value !== undefined) out.onOff(name, value !== 0, word);
  }
};

const count = (out: Printer, key: string, value: number | undefined, word = key) => {
  if (value !== undefined) out.field(key, value, `${word} ${value} `);
};

// Linux's and iproute2's order: bridge_slave_print_opt()
function print(context: IpContext, data: BridgePortData): void {
  const { out } = context;
  if (data.state !== undefined) {
    const name = portStates[data.state];
    if (name === undefined) out.field('state_index', data.state, `state (${data.state}) `);
    else out.field('state', name, `state ${name} `);
  }
  count(out, 'priority', data.priority);
  count(out, 'cost', data.cost);
  switches(out, data, [
    ['hairpin', 'hairpin'],
    ['guard', 'guard'],
    ['rootBlock', 'root_block'],
    ['fastLeave', 'fastleave'],
    ['learning', 'learning'],
    ['flood', 'flood'],
  ]);
  if (data.id !== undefined) out.field('id', `0x${data.id.toString(16)}`, `port_id 0x${data.id.toString(16)} `);
  if (data.no !== undefined) out.field('no', `0x${data.no.toString(16)}`, `port_no 0x${data.no.toString(16)} `);
  count(out, 'designated_port', data.designatedPort);
  count(out, 'designated_cost', data.designatedCost);
  if (data.bridgeId !== undefined) out.field('bridge_id', bridgeIdText(data.bridgeId), `designated_bridge ${bridgeIdText(data.bridgeId)} `);
  if (data.rootId !== undefined) out.field('root_id', bridgeIdText(data.rootId), `designated_root ${bridgeIdText(data.rootId)} `);
  printTimer(out, 'hold_timer', data.holdTimer);
  printTimer(out, 'message_age_timer', data.messageAgeTimer);
  printTimer(out, 'forward_delay_timer', data.forwardDelayTimer);
  count(out, 'topology_change_ack', data.topologyChangeAck);
  count(out, 'config_pending', data.configPending);
  switches(out, data, [
    ['proxyArp', 'proxy_arp'],
    ['proxyArpWifi', 'proxy_arp_wifi'],
  ]);
  count(out, 'multicast_router', data.mcastRouter, 'mcast_router');
  // In JSON this is fastleave, which was said.
  if (data.fastLeave !== undefined) out.text(`mcast_fast_leave ${data.fastLeave !== 0 ? 'on' : 'off'} `);
  switches(out, data, [
    ['mcastFlood', 'mcast_flood'],
    ['bcastFlood', 'bcast_flood'],
    ['mcastToUnicast', 'mcast_to_unicast'],
    ['neighSuppress', 'neigh_suppress'],
  ]);
  if (data.groupFwdMask !== undefined) {
    const mask = data.groupFwdMask;
    const short = mask === 0 ? '0' : `0x${mask.toString(16)}`;
    out.field('group_fwd_mask', short, `group_fwd_mask ${short} `);
    out.field('group_fwd_mask_str', `0x${mask.toString(16)}`, `group_fwd_mask_str 0x${mask.toString(16)} `);
  }
  switches(out, data, [
    ['vlanTunnel', 'vlan_tunnel'],
    ['isolated', 'isolated'],
    ['locked', 'locked'],
  ]);
  if (data.backupPort !== undefined) {
    const name = context.links.nameOf(data.backupPort);
    out.field('backup_port', name, `backup_port ${name} `);
  }
}

/** A port of a bridge. */
export const bridgeSlave: LinkKindPart = {
  kind: 'bridge_slave',
  usage,
  async parse(context, cursor) {
    return Deferred.of(bridgePortData, await readKindWords<Values>('bridge_slave', usage, words, {}, context, cursor));
  },
  print(context, data) {
    if (data !== undefined) print(context, data.parse(bridgePortData));
  },
};

import { ARPHRD_ETHER } from '../../../../netlink/rtnl/constants.js';
import { BOND_STATE_ACTIVE, type BondSlaveData, bondSlaveData } from '../../../../netlink/rtnl/link/bond.js';
import { Deferred } from '../../../../netlink/schema.js';
import { invalidArgument } from '../../../shared/failure.js';
import { formatLinkAddress } from '../../../shared/link-layer.js';
import { parseSigned, parseU16 } from '../../../shared/numbers.js';
import type { Printer } from '../../../shared/printer.js';
import type { LinkKindPart } from './kind.js';
import { type KindWord, readKindWords, type Writable } from './words.js';

const usage = 'Usage: ... bond_slave [ queue_id ID ] [ prio PRIORITY ]';

type Values = Writable<BondSlaveData>;

const words: readonly KindWord<Values>[] = [
  {
    word: 'queue_id',
    short: true,
    value: 'ID',
    text: 'the transmit queue whose packets leave by this slave',
    take(state, cursor) {
      const text = cursor.next();
      const value = parseU16(text);
      if (value === null) throw invalidArgument('queue_id is invalid', text);
      state.queueId = value;
    },
  },
  {
    word: 'prio',
    short: true,
    value: 'PRIORITY',
    text: 'which slave takes over, the highest first',
    take(state, cursor) {
      const text = cursor.next();
      const value = parseSigned(text);
      if (value === null) throw invalidArgument('prio is invalid', text);
      state.prio = value;
    },
  },
];

/** BOND_LINK_* by number. */
const linkStates = ['UP', 'GOING_DOWN', 'DOWN', 'GOING_BACK'];
/** LACP_STATE_* by bit. */
const portStates = ['active', 'short_timeout', 'aggregating', 'in_sync', 'collecting', 'distributing', 'defaulted', 'expired'];

/** The number in text, and in both the bits by name. */
function printPortState(out: Printer, key: string, text: string, state: number): void {
  out.field(key, state, `${text} ${state} `);
  const names = portStates.filter((_, bit) => (state & (1 << bit)) !== 0);
  out.openArray(`${key}_str`, `${text}_str <`);
  for (const [index, name] of names.entries()) out.field(null, name, index === names.length - 1 ? name : `${name},`);
  out.closeArray('> ');
}

// iproute2's order: bond_slave_print_opt()
function print(out: Printer, data: BondSlaveData): void {
  if (data.state !== undefined) {
    const state = data.state === BOND_STATE_ACTIVE ? 'ACTIVE' : 'BACKUP';
    out.field('state', state, `state ${state} `);
  }
  if (data.miiStatus !== undefined) {
    const status = linkStates[data.miiStatus];
    if (status === undefined) out.field('mii_status_index', data.miiStatus, `mii_status ${data.miiStatus} `);
    else out.field('mii_status', status, `mii_status ${status} `);
  }
  if (data.linkFailureCount !== undefined)
    out.field('link_failure_count', data.linkFailureCount, `link_failure_count ${data.linkFailureCount} `);
  if (data.permHwaddr !== undefined) {
    const text = formatLinkAddress(data.permHwaddr, ARPHRD_ETHER);
    out.field('perm_hwaddr', text, `perm_hwaddr ${text} `);
  }
  if (data.queueId !== undefined) out.field('queue_id', data.queueId, `queue_id ${data.queueId} `);
  if (data.prio !== undefined) out.field('prio', data.prio, `prio ${data.prio} `);
  if (data.adAggregatorId !== undefined) out.field('ad_aggregator_id', data.adAggregatorId, `ad_aggregator_id ${data.adAggregatorId} `);
  if (data.adActorOperPortState !== undefined)
    printPortState(out, 'ad_actor_oper_port_state', 'ad_actor_oper_port_state', data.adActorOperPortState);
  if (data.adPartnerOperPortState !== undefined)
    printPortState(out, 'ad_partner_oper_port_state', 'ad_partner_oper_port_state', data.adPartnerOperPortState);
}

/** A slave of a bond. */
export const bondSlave: LinkKindPart = {
  kind: 'bond_slave',
  summary: 'What a slave of a bond has of its own: `ip link set DEVICE type bond_slave ...`.',
  words,
  usage,
  async parse(context, cursor) {
    return Deferred.of(bondSlaveData, await readKindWords<Values>('bond_slave', usage, words, {}, context, cursor, 'option'));
  },
  print({ out }, data) {
    if (data !== undefined) print(out, data.parse(bondSlaveData));
  },
};

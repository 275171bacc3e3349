import { AF_UNSPEC } from '../../../netlink/constants.js';
import { RTM_GETSTATS } from '../../../netlink/rtnl/constants.js';
import {
  type BridgeStatistics,
  IFLA_STATS_LINK_XSTATS,
  IFLA_STATS_LINK_XSTATS_SLAVE,
  statsFilter,
  statsMessage,
} from '../../../netlink/rtnl/stats.js';
import type { Cursor } from '../../shared/cursor.js';
import { failure, fatal, invalidArgument, noSuchDevice } from '../../shared/failure.js';
import type { Printer } from '../../shared/printer.js';
import type { IpContext } from '../context.js';
import type { Verb } from '../object.js';

const INDENT = ' '.repeat(20);

/** Counters that stand in one line: how they begin, keys for received and sent, and which of the structure's pairs. */
interface Line {
  readonly title: string;
  readonly key: string;
  /** Pairs by version; a single one has no version. */
  readonly pairs: readonly number[];
}

// Pairs of struct br_mcast_stats by number: queries v1-3, leaves, reports v1-3, parse errors of IGMP, then of MLD.
const lines: readonly Line[] = [
  { title: 'IGMP queries', key: 'igmp_queries', pairs: [0, 1, 2] },
  { title: 'IGMP reports', key: 'igmp_reports', pairs: [4, 5, 6] },
  { title: 'IGMP leaves', key: 'igmp_leaves', pairs: [3] },
  { title: 'IGMP parse errors', key: 'igmp_parse_errors', pairs: [7] },
  { title: 'MLD queries', key: 'mld_queries', pairs: [8, 9] },
  { title: 'MLD reports', key: 'mld_reports', pairs: [11, 12] },
  { title: 'MLD leaves', key: 'mld_leaves', pairs: [10] },
  { title: 'MLD parse errors', key: 'mld_parse_errors', pairs: [13] },
];

function printMulticast(out: Printer, values: readonly number[]): void {
  const at = (pair: number, direction: number) => values[2 * pair + direction] ?? 0;
  out.openObject('multicast');
  for (const { title, key, pairs } of lines) {
    const [first = 0] = pairs;
    if (key.endsWith('errors')) {
      // Received and sent ones are one number: what could not be read was not sent.
      const count = at(first, 0);
      out.field(key, count, `${INDENT}${title}: ${count}\n`);
      continue;
    }
    out.openObject(key);
    if (pairs.length === 1) {
      out.field('rx', at(first, 0), `${INDENT}${title}: RX: ${at(first, 0)}`);
      out.field('tx', at(first, 1), ` TX: ${at(first, 1)}\n`);
    } else {
      out.text(`${INDENT}${title}:\n`);
      for (const [direction, name] of [
        [0, 'rx'],
        [1, 'tx'],
      ] as const) {
        out.text(`${INDENT}  ${name.toUpperCase()}:`);
        for (const [index, pair] of pairs.entries()) {
          const count = at(pair, direction);
          out.field(`${name}_v${index + 1}`, count, ` v${index + 1} ${count}`);
        }
        out.text('\n');
      }
    }
    out.closeObject();
  }
  out.closeObject();
}

function printStp(out: Printer, stp: NonNullable<BridgeStatistics['stp']>): void {
  out.openObject('stp');
  out.field('rx_bpdu', stp.rxBpdu, `${INDENT}STP BPDU:  RX: ${stp.rxBpdu}`);
  out.field('tx_bpdu', stp.txBpdu, ` TX: ${stp.txBpdu}\n`);
  out.field('rx_tcn', stp.rxTcn, `${INDENT}STP TCN:   RX: ${stp.rxTcn}`);
  out.field('tx_tcn', stp.txTcn, ` TX: ${stp.txTcn}\n`);
  out.field('transition_blk', stp.transitionBlocked, `${INDENT}STP Transitions: Blocked: ${stp.transitionBlocked}`);
  out.field('transition_fwd', stp.transitionForwarding, ` Forwarding: ${stp.transitionForwarding}\n`);
  out.closeObject();
}

/** Kinds whose own counters can be shown, and where they are. */
const kinds: Readonly<Record<string, number>> = {
  bridge: IFLA_STATS_LINK_XSTATS,
  bridge_slave: IFLA_STATS_LINK_XSTATS_SLAVE,
};

async function run(context: IpContext, cursor: Cursor): Promise<number> {
  const { links, out } = context;
  if (cursor.done) throw failure('xstats: missing argument');
  if (cursor.next() !== 'type') throw failure('xstats: missing argument');
  const kind = cursor.next();
  const attribute = kinds[kind];
  if (attribute === undefined) throw invalidArgument('invalid type', kind);
  let index = 0;
  let multicast = false;
  let stp = false;
  while (!cursor.done) {
    const word = cursor.next();
    if (word === 'igmp' || word === 'mcast') multicast = true;
    else if (word === 'stp') stp = true;
    else if (word === 'dev') {
      const name = cursor.next();
      index = await links.indexOf(name);
      if (index === 0) throw noSuchDevice(name);
    } else if (word === 'help') throw fatal(`Usage: ... ${kind} [ igmp ] [ dev DEVICE ]`);
    else throw invalidArgument('unknown attribute', word);
  }
  await links.load();
  const header = { family: AF_UNSPEC, filterMask: statsFilter(attribute) };
  out.openDocument();
  for await (const message of context.dump(statsMessage, { type: RTM_GETSTATS, header, attributes: {} })) {
    const { header: about, attributes } = statsMessage.parse(message);
    const { bridge } = attributes.xstats ?? attributes.slaveXstats ?? {};
    if (bridge === undefined || (index !== 0 && about.ifindex !== index)) continue;
    const all = !multicast && !stp;
    out.openObject();
    const name = links.nameOf(about.ifindex);
    out.field('ifname', name, `${name.padEnd(16)}\n`);
    if (bridge.mcast !== undefined && (all || multicast)) printMulticast(out, bridge.mcast);
    if (bridge.stp !== undefined && (all || stp)) printStp(out, bridge.stp);
    out.closeObject();
  }
  out.closeDocument();
  return 0;
}

/** `ip link xstats`: what a kind of link counts besides packets. */
export const xstats: Verb = {
  names: ['xstats'],
  summary: 'counters of a kind: of bridges and their ports, IGMP, MLD and STP messages',
  keywords: [],
  operands: 'type { bridge | bridge_slave } [ igmp | stp ] [ dev DEVICE ]',
  run,
};

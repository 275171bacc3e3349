import { NFPROTO_IPV4 } from '../../netlink/nfnl/nfnetlink.js';
import { formatIpv4 } from '../../wire/ipv4-address.js';
import { addressToBytes } from '../../wire/ipv6.js';
import type { Conntrack } from '../../net/netfilter/conntrack/conntrack.js';
import { get64 } from '../../net/netfilter/conntrack/conntrack.js';
import * as layout from '../../net/netfilter/conntrack/layout.js';
import { stateNames as dccpNames } from '../../net/netfilter/conntrack/dccp.js';
import { stateNames as sctpNames } from '../../net/netfilter/conntrack/sctp.js';
import { stateNames as tcpNames } from '../../net/netfilter/conntrack/tcp.js';
import {
  hasPorts,
  IPPROTO_DCCP,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  Tuple,
} from '../../net/netfilter/conntrack/tuple.js';
import { hex } from './hex.js';
import type { ProcNetView } from './view.js';

const protocolNames: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [47, 'gre'],
  [58, 'icmpv6'],
  [132, 'sctp'],
  [136, 'udplite'],
]);

const tuple = new Tuple();

/** Unlike elsewhere IPv6 addresses have all their digits (%pI6). */
const formatAddress = (four: boolean, words: Uint32Array): string =>
  four
    ? formatIpv4(words[0]!)
    : addressToBytes(words).reduce((text, byte, i) => text + (i > 0 && i % 2 === 0 ? ':' : '') + hex(byte, 2), '');

function direction(conntrack: Conntrack, id: number, number: number): string {
  conntrack.table.readTuple(id, number, tuple);
  const four = tuple.family === NFPROTO_IPV4;
  let text = `src=${formatAddress(four, tuple.source)} dst=${formatAddress(four, tuple.destination)} `;
  if (tuple.protocol === (four ? IPPROTO_ICMP : IPPROTO_ICMPV6))
    text += `type=${(tuple.ports >>> 8) & 0xff} code=${tuple.ports & 0xff} id=${tuple.sourcePort} `;
  else if (hasPorts(tuple.protocol)) text += `sport=${tuple.sourcePort} dport=${tuple.destinationPort} `;
  if (conntrack.settings.acct === 0) return text;
  const w = conntrack.table.words(id);
  const at = conntrack.table.base(id) + layout.COUNTERS + 4 * number;
  return `${text}packets=${get64(w, at)} bytes=${get64(w, at + 2)} `;
}

/** Names of a protocol's states; null: it has none. */
function namesOf(protocol: number): readonly string[] | null {
  if (protocol === IPPROTO_TCP) return tcpNames;
  if (protocol === IPPROTO_SCTP) return sctpNames;
  return protocol === IPPROTO_DCCP ? dccpNames : null;
}

/** A line of /proc/net/nf_conntrack. Linux: ct_seq_show() */
function line(conntrack: Conntrack, id: number): string {
  const { table } = conntrack;
  const status = table.status(id);
  const both = table.get(id, layout.PROTOCOL);
  const family = both >>> 8;
  const protocol = both & 0xff;
  // A flowtable looks after it: its time and state are not followed.
  const offloaded = (status & layout.IPS_OFFLOAD) !== 0;
  const names = offloaded ? null : namesOf(protocol);
  const state = names === null ? '' : `${names[table.get(id, layout.STATE)]} `;
  const zone = table.get(id, layout.ZONE) & 0xffff;
  return [
    `${(family === NFPROTO_IPV4 ? 'ipv4' : 'ipv6').padEnd(8)} ${family} `,
    `${(protocolNames.get(protocol) ?? 'unknown').padEnd(8)} ${protocol} ${offloaded ? '' : `${conntrack.secondsLeft(id)} `}${state}`,
    direction(conntrack, id, 0),
    (status & layout.IPS_SEEN_REPLY) === 0 ? '[UNREPLIED] ' : '',
    direction(conntrack, id, 1),
    offloaded ? '[OFFLOAD] ' : (status & layout.IPS_ASSURED) !== 0 ? '[ASSURED] ' : '',
    `mark=${table.get(id, layout.MARK) >>> 0} zone=${zone} use=${table.get(id, layout.REFERENCES) + 1}\n`,
  ].join('');
}

export const nfConntrack: ProcNetView = {
  path: 'nf_conntrack',
  text({ conntrack }) {
    let text = '';
    for (const id of conntrack.ids()) if (!conntrack.expired(id)) text += line(conntrack, id);
    return text;
  },
};

const HEAD =
  'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  expect_new expect_create expect_delete search_restart\n';

/** Linux: ct_cpu_seq_show() */
export const nfConntrackStat: ProcNetView = {
  path: 'stat/nf_conntrack',
  text({ conntrack: { stats, count } }) {
    const values = [
      count,
      stats.clashResolve,
      stats.found,
      0,
      stats.invalid,
      0,
      0,
      stats.chainTooLong,
      stats.insert,
      stats.insertFailed,
      stats.drop,
      stats.earlyDrop,
      stats.error,
      stats.expectNew,
      stats.expectCreate,
      stats.expectDelete,
      stats.searchRestart,
    ];
    const [entries = 0, clash = 0, ...rest] = values;
    return `${HEAD}${hex(entries, 8)}  ${hex(clash, 8)} ${rest.map((value) => hex(value, 8)).join(' ')}\n`;
  },
};

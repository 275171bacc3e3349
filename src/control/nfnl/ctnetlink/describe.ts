import type { ConntrackAttributes } from '../../../netlink/nfnl/ctnetlink.js';
import { get64, type Conntrack } from '../../../net/netfilter/conntrack/conntrack.js';
import * as layout from '../../../net/netfilter/conntrack/layout.js';
import { IPPROTO_DCCP, IPPROTO_SCTP, IPPROTO_TCP, Tuple } from '../../../net/netfilter/conntrack/tuple.js';
import { describeTuple } from './tuples.js';

const tuple = new Tuple();
const NS_PER_MS = 1_000_000;

/** What a dump says of a connection. Linux: ctnetlink_fill_info() */
export function describeConntrack(conntrack: Conntrack, id: number): ConntrackAttributes {
  const { table } = conntrack;
  const w = table.words(id);
  const base = table.base(id);
  return {
    ...describeIdentity(conntrack, id),
    status: w[base + layout.STATUS]! >>> 0,
    mark: w[base + layout.MARK]! >>> 0,
    id: w[base + layout.ID]! >>> 0,
    use: w[base + layout.REFERENCES]! - conntrack.expectations.countOf(id),
    ...describeMaster(conntrack, id),
    // A flowtable looks after it: its time and state are not followed.
    ...((w[base + layout.STATUS]! & layout.IPS_OFFLOAD) !== 0
      ? {}
      : { timeout: conntrack.secondsLeft(id), ...describeProtocol(conntrack, id) }),
    ...describeExtras(conntrack, id),
  };
}

/** What an event says. Linux: ctnetlink_conntrack_event() */
export function describeEvent(conntrack: Conntrack, id: number, events: number): ConntrackAttributes {
  const { table } = conntrack;
  const w = table.words(id);
  const base = table.base(id);
  const destroyed = (events & (1 << layout.IPCT_DESTROY)) !== 0;
  const timeout = conntrack.secondsLeft(id);
  const mark = w[base + layout.MARK]! >>> 0;
  return {
    ...describeIdentity(conntrack, id),
    id: w[base + layout.ID]! >>> 0,
    status: w[base + layout.STATUS]! >>> 0,
    ...(destroyed && timeout === 0 ? {} : { timeout }),
    ...describeProtocol(conntrack, id),
    ...(destroyed ? describeExtras(conntrack, id) : {}),
    ...((events & (1 << layout.IPCT_RELATED)) !== 0 ? describeMaster(conntrack, id) : {}),
    ...((events & (1 << layout.IPCT_MARK)) !== 0 || mark !== 0 ? { mark } : {}),
  };
}

function describeIdentity(conntrack: Conntrack, id: number): ConntrackAttributes {
  const { table } = conntrack;
  const zone = table.get(id, layout.ZONE);
  const number = zone & 0xffff;
  const directions = zone >>> 16;
  const one = (bit: number) => (number !== 0 && directions === bit ? number : undefined);
  return {
    tupleOrig: describeTuple(table.readTuple(id, 0, tuple), one(1)),
    tupleReply: describeTuple(table.readTuple(id, 1, tuple), one(2)),
    ...(number !== 0 && directions === layout.ZONE_BOTH ? { zone: number } : {}),
  };
}

function describeMaster(conntrack: Conntrack, id: number): ConntrackAttributes {
  const master = conntrack.table.get(id, layout.MASTER);
  return master === 0 ? {} : { tupleMaster: describeTuple(conntrack.table.readTuple(master, 0, tuple)) };
}

function describeProtocol(conntrack: Conntrack, id: number): ConntrackAttributes {
  const { table } = conntrack;
  const w = table.words(id);
  const base = table.base(id);
  const protocol = w[base + layout.PROTOCOL]! & 0xff;
  const kept = base + layout.TCP_SENT;
  const state = w[base + layout.STATE]!;
  if (protocol === IPPROTO_SCTP) return { protoinfo: { sctp: { state, vtagOriginal: w[kept]! >>> 0, vtagReply: w[kept + 1]! >>> 0 } } };
  if (protocol === IPPROTO_DCCP)
    return { protoinfo: { dccp: { state, role: w[kept]!, handshakeSeq: (w[kept + 1]! >>> 0) + w[kept + 2]! * 0x1_0000_0000 } } };
  if (protocol !== IPPROTO_TCP) return {};
  const flags = (direction: number) => w[base + layout.TCP_SENT + direction * layout.TCP_DIRECTION_WORDS + 3]!;
  return {
    protoinfo: {
      tcp: {
        state,
        wscaleOriginal: (flags(0) >>> 8) & 0xf,
        wscaleReply: (flags(1) >>> 8) & 0xf,
        flagsOriginal: { flags: flags(0) & 0xff, mask: 0 },
        flagsReply: { flags: flags(1) & 0xff, mask: 0 },
      },
    },
  };
}

function describeExtras(conntrack: Conntrack, id: number): ConntrackAttributes {
  const { table, settings } = conntrack;
  const w = table.words(id);
  const base = table.base(id);
  const at = base + layout.COUNTERS;
  const start = get64(w, base + layout.STARTED);
  const stop = get64(w, base + layout.STOPPED);
  const helper = conntrack.helpers.nameOf(id);
  const labels = new Uint8Array(16);
  let labelled = false;
  for (let i = 0; i < 16; i++) {
    labels[i] = w[base + layout.LABELS + (i >> 2)]! >>> (8 * (i & 3));
    labelled ||= labels[i] !== 0;
  }
  return {
    ...(settings.acct === 0
      ? {}
      : {
          countersOrig: { packets: get64(w, at), bytes: get64(w, at + 2) },
          countersReply: { packets: get64(w, at + 4), bytes: get64(w, at + 6) },
        }),
    ...(start === 0 ? {} : { timestamp: { start: start * NS_PER_MS, ...(stop === 0 ? {} : { stop: stop * NS_PER_MS }) } }),
    ...(helper === null ? {} : { help: { name: helper } }),
    ...(labelled ? { labels } : {}),
  };
}

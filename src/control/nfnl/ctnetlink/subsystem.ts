import { ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { NETLINK_NETFILTER, NLM_F_CREATE, NLM_F_EXCL, NLM_F_MULTI } from '../../../netlink/constants.js';
import * as ct from '../../../netlink/nfnl/ctnetlink.js';
import * as nfnl from '../../../netlink/nfnl/nfnetlink.js';
import type { Namespace } from '../../../net/core/namespace.js';
import type { Conntrack } from '../../../net/netfilter/conntrack/conntrack.js';
import * as layout from '../../../net/netfilter/conntrack/layout.js';
import type { NetlinkServer } from '../../netlink-kernel.js';
import type { Dump } from '../../netlink-protocol.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import type { NfnlHandler, NfnlSubsystem } from '../nfnetlink.js';
import { named, newConntrack } from './change.js';
import { describeConntrack, describeEvent } from './describe.js';
import { expectHandlers, watchExpectations } from './expect.js';

const familyOf = (conntrack: Conntrack, id: number): number => conntrack.table.get(id, layout.PROTOCOL) >>> 8;

/** Whether a dump or a flush means this connection: by family, mark, status, zone. Linux: ctnetlink_filter_match() */
function matches(conntrack: Conntrack, id: number, family: number, values: ct.ConntrackAttributes): boolean {
  const { table } = conntrack;
  if (family !== 0 && familyOf(conntrack, id) !== family) return false;
  if (values.mark !== undefined && ((table.get(id, layout.MARK) & (values.markMask ?? -1)) | 0) !== (values.mark | 0)) return false;
  if (values.zone !== undefined && (table.get(id, layout.ZONE) & 0xffff) !== values.zone) return false;
  if (values.status !== undefined) {
    const mask = values.statusMask === undefined || values.statusMask === 0 ? values.status : values.statusMask;
    if ((table.status(id) & mask) !== (values.status & mask)) return false;
  }
  return true;
}

function zero(conntrack: Conntrack, id: number): void {
  const at = conntrack.table.base(id) + layout.COUNTERS;
  conntrack.table.words(id).fill(0, at, at + 8);
}

const getter = (type: number, zeroes: boolean): NfnlHandler => ({
  operation: nfnl.nfnlOperation(type),
  // Linux: ctnetlink_get_conntrack()
  handle(request) {
    const { header, attributes } = ct.conntrackMessage.parse(request.message);
    const { conntrack } = request.namespace;
    const found = named(conntrack, header.family, attributes);
    if (found === 0) fail(ENOENT);
    const id = found >> 1;
    // Who looks at it holds it as well.
    conntrack.table.hold(id);
    const values = describeConntrack(conntrack, id);
    conntrack.table.release(id);
    if (zeroes) zero(conntrack, id);
    request.answer(ct.conntrackMessage, { family: familyOf(conntrack, id) }, values, ct.IPCTNL_MSG_CT_NEW);
  },
  dump(request): Dump {
    const { header, attributes } = ct.conntrackMessage.parse(request.message);
    const { conntrack } = request.namespace;
    return {
      *messages(writer) {
        for (const id of [...conntrack.ids()]) {
          // It may have gone since.
          if ((conntrack.table.status(id) & layout.IPS_CONFIRMED) === 0 || conntrack.table.get(id, layout.REFERENCES) === 0) continue;
          if (conntrack.expired(id) || !matches(conntrack, id, header.family, attributes)) continue;
          ct.conntrackMessage.build(
            writer,
            ct.IPCTNL_MSG_CT_NEW,
            NLM_F_MULTI,
            request.message.sequence,
            request.socket.portId,
            { family: familyOf(conntrack, id) },
            describeConntrack(conntrack, id),
          );
          if (zeroes) zero(conntrack, id);
          yield;
        }
      },
    };
  },
});

/** One connection, or all that match. Linux: ctnetlink_del_conntrack() */
function remove(request: NetlinkRequest): void {
  const { header, attributes } = ct.conntrackMessage.parse(request.message);
  const { conntrack } = request.namespace;
  const { portId } = request.socket;
  if (attributes.tupleOrig === undefined && attributes.tupleReply === undefined) {
    for (const id of [...conntrack.ids()]) if (matches(conntrack, id, header.family, attributes)) conntrack.kill(id, portId);
    return;
  }
  const found = named(conntrack, header.family, attributes);
  if (found === 0) fail(ENOENT);
  if (attributes.id !== undefined && attributes.id !== conntrack.table.get(found >> 1, layout.ID) >>> 0) fail(ENOENT);
  conntrack.kill(found >> 1, portId);
}

const nothing: Dump = { messages: () => [][Symbol.iterator]() as Iterator<void> };

export const ctnetlinkSubsystem: NfnlSubsystem = {
  subsystem: nfnl.NFNL_SUBSYS_CTNETLINK,
  handlers: [
    { operation: nfnl.nfnlOperation(ct.IPCTNL_MSG_CT_NEW), handle: newConntrack },
    getter(ct.IPCTNL_MSG_CT_GET, false),
    getter(ct.IPCTNL_MSG_CT_GET_CTRZERO, true),
    { operation: nfnl.nfnlOperation(ct.IPCTNL_MSG_CT_DELETE), handle: remove },
    { operation: nfnl.nfnlOperation(ct.IPCTNL_MSG_CT_GET_STATS_CPU), dump: statsCpu },
    {
      operation: nfnl.nfnlOperation(ct.IPCTNL_MSG_CT_GET_STATS),
      handle(request) {
        const { count, settings } = request.namespace.conntrack;
        request.answer(ct.conntrackStatsMessage, {}, { entries: count, maxEntries: settings.max }, ct.IPCTNL_MSG_CT_GET_STATS);
      },
    },
    // Connections end at once, and those that are not confirmed belong to their packets.
    { operation: nfnl.nfnlOperation(ct.IPCTNL_MSG_CT_GET_DYING), dump: () => nothing },
    { operation: nfnl.nfnlOperation(ct.IPCTNL_MSG_CT_GET_UNCONFIRMED), dump: () => nothing },
  ],
  asked: load,
  watch,
};

function load(namespace: Namespace): void {
  namespace.conntrack.table.loaded = true;
}

function statsCpu(request: NetlinkRequest): Dump {
  const { stats } = request.namespace.conntrack;
  return {
    *messages(writer) {
      const { found, invalid, insert, insertFailed, drop, earlyDrop, error, searchRestart, clashResolve, chainTooLong } = stats;
      const values = {
        found,
        invalid,
        insert,
        insertFailed,
        drop,
        earlyDrop,
        error,
        searchRestart,
        clashResolve,
        chainToolong: chainTooLong,
      };
      const { sequence } = request.message;
      ct.conntrackStatsCpuMessage.build(writer, ct.IPCTNL_MSG_CT_GET_STATS_CPU, NLM_F_MULTI, sequence, request.socket.portId, {}, values);
      yield;
    },
  };
}

/** Tells of connections that begin, change and end (`conntrack -E`). */
function watch(server: NetlinkServer, namespace: Namespace): void {
  const { conntrack } = namespace;
  conntrack.listener = (events, id, portId) => {
    if (conntrack.settings.events === 0) return;
    const begun = (events & ((1 << layout.IPCT_NEW) | (1 << layout.IPCT_RELATED))) !== 0;
    const ended = (events & (1 << layout.IPCT_DESTROY)) !== 0;
    const group = ended ? nfnl.NFNLGRP_CONNTRACK_DESTROY : begun ? nfnl.NFNLGRP_CONNTRACK_NEW : nfnl.NFNLGRP_CONNTRACK_UPDATE;
    server.notify({ protocol: NETLINK_NETFILTER, namespace, group }, (writer, sequence) =>
      ct.conntrackMessage.build(
        writer,
        ended ? ct.IPCTNL_MSG_CT_DELETE : ct.IPCTNL_MSG_CT_NEW,
        begun ? NLM_F_CREATE | NLM_F_EXCL : 0,
        sequence,
        portId,
        { family: familyOf(conntrack, id) },
        describeEvent(conntrack, id, events),
      ),
    );
  };
}

export const expectSubsystem: NfnlSubsystem = {
  subsystem: nfnl.NFNL_SUBSYS_CTNETLINK_EXP,
  handlers: expectHandlers,
  asked: load,
  watch: watchExpectations,
};

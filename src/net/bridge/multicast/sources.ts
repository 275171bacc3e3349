import {
  ALLOW_NEW_SOURCES,
  BLOCK_OLD_SOURCES,
  CHANGE_TO_EXCLUDE,
  CHANGE_TO_INCLUDE,
  MODE_IS_EXCLUDE,
  MODE_IS_INCLUDE,
} from '../../../wire/group-record.js';
import { ETH_P_IP } from '../../../wire/ethernet.js';
import type { MulticastContext } from './context.js';
import {
  type GroupSource,
  MAX_SOURCES,
  MCAST_EXCLUDE,
  MCAST_INCLUDE,
  type PortMembership,
  SOURCE_DELETE,
  SOURCE_SEND,
} from './database.js';
import { afterTicks, forwardSource, handleMode, lowerTimer, remove, removeSource } from './groups.js';
import { sendQuery } from './send-query.js';

// What a port's members say of sources, RFC 3376 6.4 and RFC 3810 7.4: A, X, Y are the sets of those texts.

type Sources = readonly Uint32Array[];

function mark(membership: PortMembership, set: number, clear: number): void {
  for (const source of membership.sources) source.flags = (source.flags & ~clear) | set;
}

/** The source, new if need be; undefined: there are too many. */
function obtain(context: MulticastContext, membership: PortMembership, address: Uint32Array): [GroupSource | undefined, isNew: boolean] {
  const known = membership.source(address);
  if (known !== undefined) return [known, false];
  if (membership.sources.length >= MAX_SOURCES || !isSource(address)) return [undefined, false];
  const source = context.bridge.multicast.database.newSource(membership, address);
  membership.sources = [...membership.sources, source];
  return [source, true];
}

// Linux: br_multicast_new_group_src(): neither nothing nor a group.
function isSource(address: Uint32Array): boolean {
  if ((address[0]! | address[1]! | address[2]! | address[3]!) === 0) return false;
  const four = (address[1]! | address[2]! | address[3]!) === 0;
  return four ? address[0]! >>> 28 !== 0xe : address[0]! >>> 24 !== 0xff;
}

function deleteMarked(context: MulticastContext, membership: PortMembership): boolean {
  const gone = membership.sources.filter(({ flags }) => (flags & SOURCE_DELETE) !== 0);
  for (const source of gone) removeSource(context.bridge, source);
  return gone.length > 0;
}

/** IS_IN (A), ALLOW (A): A's timers are set to the membership interval. */
function allow(context: MulticastContext, membership: PortMembership, sources: Sources): boolean {
  let changed = false;
  for (const address of sources) {
    const [source, isNew] = obtain(context, membership, address);
    if (source === undefined) continue;
    changed ||= isNew;
    afterTicks(context, source.timer, context.membershipInterval);
    forwardSource(context, source);
  }
  return changed;
}

/** IS_EX (A) */
function isExclude(context: MulticastContext, membership: PortMembership, sources: Sources): boolean {
  let changed = membership.filterMode === MCAST_INCLUDE;
  mark(membership, SOURCE_DELETE, 0);
  for (const address of sources) {
    const [source, isNew] = obtain(context, membership, address);
    if (source === undefined) continue;
    source.flags &= ~SOURCE_DELETE;
    if (!isNew) continue;
    changed = true;
    // In EXCLUDE mode a new source is asked for until it is known not to be wanted; in INCLUDE mode it is blocked.
    if (membership.filterMode === MCAST_EXCLUDE) afterTicks(context, source.timer, context.membershipInterval);
    forwardSource(context, source);
  }
  return deleteMarked(context, membership) || changed;
}

/** TO_IN (A) */
function toInclude(context: MulticastContext, membership: PortMembership, sources: Sources): boolean {
  const excluding = membership.filterMode === MCAST_EXCLUDE;
  for (const source of membership.sources)
    source.flags = !excluding || source.timer.armed ? source.flags | SOURCE_SEND : source.flags & ~SOURCE_SEND;
  const changed = allow(context, membership, sources);
  for (const address of sources) {
    const source = membership.source(address);
    if (source !== undefined) source.flags &= ~SOURCE_SEND;
  }
  querySources(context, membership);
  if (excluding) queryGroup(context, membership);
  return changed;
}

/** TO_EX (A) */
function toExclude(context: MulticastContext, membership: PortMembership, sources: Sources): boolean {
  const including = membership.filterMode === MCAST_INCLUDE;
  let changed = including;
  mark(membership, SOURCE_DELETE, SOURCE_SEND);
  for (const address of sources) {
    const [source, isNew] = obtain(context, membership, address);
    if (source === undefined) continue;
    source.flags &= ~SOURCE_DELETE;
    if (isNew) {
      changed = true;
      if (!including) followGroup(context, membership, source);
      forwardSource(context, source);
    }
    if (source.timer.armed) source.flags |= SOURCE_SEND;
  }
  changed = deleteMarked(context, membership) || changed;
  querySources(context, membership);
  return changed;
}

/** BLOCK (A) */
function block(context: MulticastContext, membership: PortMembership, sources: Sources): boolean {
  let changed = false;
  mark(membership, 0, SOURCE_SEND);
  for (const address of sources) {
    let source = membership.source(address);
    if (source === undefined && membership.filterMode === MCAST_EXCLUDE) {
      [source] = obtain(context, membership, address);
      if (source === undefined) continue;
      changed = true;
      followGroup(context, membership, source);
      forwardSource(context, source);
    }
    if (source?.timer.armed) source.flags |= SOURCE_SEND;
  }
  querySources(context, membership);
  return changed;
}

/** Its timer is the group's. */
function followGroup(context: MulticastContext, membership: PortMembership, source: GroupSource): void {
  if (membership.timer.armed) context.bridge.stack.timers.schedule(source.timer, membership.timer.expiresUs);
}

const asks = (context: MulticastContext, membership: PortMembership): boolean =>
  context.querier && !context.state(membership.entry.key.protocol !== ETH_P_IP).otherQuerier.armed;

/** Asks whether somebody still wants the marked sources. Linux: __grp_src_query_marked_and_rexmit() */
function querySources(context: MulticastContext, membership: PortMembership): void {
  const ticks = context.lastMemberCount * context.lastMemberInterval;
  const asking = asks(context, membership);
  let any = false;
  for (const source of membership.sources) {
    if ((source.flags & SOURCE_SEND) === 0) continue;
    any = true;
    if (asking) source.queriesLeft = context.lastMemberCount;
    lowerTimer(context, source.timer, ticks);
  }
  if (any && asking) sendSourceQuery(context, membership);
}

/** Asks whether somebody still wants the group from any source. Linux: __grp_send_query_and_rexmit() */
function queryGroup(context: MulticastContext, membership: PortMembership): void {
  if (asks(context, membership)) {
    membership.queriesLeft = context.lastMemberCount - 1;
    const port = context.bridge.multicast.portContext(membership.port, membership.entry.key.vid);
    if (port !== null) sendQuery(context, port, membership.entry.key);
    if (!membership.retransmissionTimer.armed) afterTicks(context, membership.retransmissionTimer, context.lastMemberInterval);
  }
  if (membership.filterMode === MCAST_EXCLUDE) lowerTimer(context, membership.timer, context.lastMemberCount * context.lastMemberInterval);
}

function sendSourceQuery(context: MulticastContext, membership: PortMembership): void {
  const due = membership.sources.filter((source) => (source.flags & SOURCE_SEND) !== 0 && source.queriesLeft > 0);
  if (due.length === 0) return;
  for (const source of due) source.queriesLeft--;
  const port = context.bridge.multicast.portContext(membership.port, membership.entry.key.vid);
  if (port !== null)
    sendQuery(
      context,
      port,
      membership.entry.key,
      due.map(({ address }) => address),
    );
  if (due.some(({ queriesLeft }) => queriesLeft > 0) && !membership.retransmissionTimer.armed)
    afterTicks(context, membership.retransmissionTimer, context.lastMemberInterval);
}

/** Queries that may be lost are repeated. Linux: br_multicast_port_group_rexmit() */
export function retransmit(context: MulticastContext, membership: PortMembership): void {
  if (!context.bridge.up || !membership.live || !asks(context, membership)) return;
  if (membership.queriesLeft > 0) {
    membership.queriesLeft--;
    const port = context.bridge.multicast.portContext(membership.port, membership.entry.key.vid);
    if (port !== null) sendQuery(context, port, membership.entry.key);
  }
  sendSourceQuery(context, membership);
  if (membership.queriesLeft > 0 && !membership.retransmissionTimer.armed)
    afterTicks(context, membership.retransmissionTimer, context.lastMemberInterval);
}

/** One record of a report of IGMPv3 or MLDv2. True: the membership is another now. One of nothing at all is no membership. */
export function handleRecord(context: MulticastContext, membership: PortMembership, type: number, sources: Sources): boolean {
  const changed = apply(context, membership, type, sources);
  if (!isWanted(membership)) remove(context.bridge, membership);
  return changed && membership.live;
}

function apply(context: MulticastContext, membership: PortMembership, type: number, sources: Sources): boolean {
  switch (type) {
    case MODE_IS_INCLUDE:
    case ALLOW_NEW_SOURCES:
      return allow(context, membership, sources);
    case MODE_IS_EXCLUDE:
    case CHANGE_TO_EXCLUDE: {
      const changed = (type === MODE_IS_EXCLUDE ? isExclude : toExclude)(context, membership, sources);
      const was = membership.filterMode;
      membership.filterMode = MCAST_EXCLUDE;
      afterTicks(context, membership.timer, context.membershipInterval);
      if (was === MCAST_INCLUDE) handleMode(context, membership, MCAST_EXCLUDE);
      return changed;
    }
    case CHANGE_TO_INCLUDE:
      return toInclude(context, membership, sources);
    case BLOCK_OLD_SOURCES:
      return block(context, membership, sources);
    default:
      return false;
  }
}

/** Of no source in INCLUDE mode: of nothing. */
const isWanted = (membership: PortMembership): boolean => membership.filterMode === MCAST_EXCLUDE || membership.sources.length > 0;

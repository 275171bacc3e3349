import { ETH_P_IP } from '../../../wire/ethernet.js';
import { equalBytes } from '../equal.js';
import type { BridgeDevice } from '../bridge-device.js';
import { BR_FAST_LEAVE, BR_MCAST_TO_UNICAST, type BridgePort } from '../port.js';
import { CENTISECOND_US } from '../units.js';
import { inUse, type MulticastContext, type PortMulticastContext } from './context.js';
import {
  type GroupSource,
  MCAST_EXCLUDE,
  MCAST_INCLUDE,
  type MdbEntry,
  PG_BLOCKED,
  PG_FAST_LEAVE,
  PG_PERMANENT,
  PG_STAR_EXCLUDE,
  type PortMembership,
  SOURCE_INSTALLED,
} from './database.js';
import { GroupKey } from './group-key.js';
import { sendQuery } from './send-query.js';

// Who is a member of what: ports and the host join groups and leave them.

const RTPROT_KERNEL = 2;
const RTPROT_STATIC = 4;
const scratch = new GroupKey();

export type Event = 'mdbNew' | 'mdbDelete';

export function tellMdb(bridge: BridgeDevice, entry: MdbEntry, membership: PortMembership | null, type: Event): void {
  bridge.namespace.bridgeEvents.notify({ type, bridge, entry, membership });
}

/** Arms a timer of the context so many ticks of 10 ms from now. */
export function afterTicks(context: MulticastContext, timer: GroupSource['timer'], ticks: number): void {
  const { timers, nowUs } = context.bridge.stack;
  timers.schedule(timer, nowUs + ticks * CENTISECOND_US);
}

/** An armed timer is moved to `ticks` from now where it would fire later. */
export function lowerTimer(context: MulticastContext, timer: GroupSource['timer'], ticks: number): void {
  if (timer.armed && timer.expiresUs > context.bridge.stack.nowUs + ticks * CENTISECOND_US) afterTicks(context, timer, ticks);
}

/** Linux: br_port_group_equal() */
const isOf = (membership: PortMembership, port: BridgePort, member: Uint8Array | null): boolean =>
  membership.port === port &&
  (!port.has(BR_MCAST_TO_UNICAST) || (member !== null && membership.member !== null && equalBytes(member, membership.member)));

export const findMembership = (entry: MdbEntry, port: BridgePort, member: Uint8Array | null): PortMembership | undefined =>
  entry.ports.find((held) => isOf(held, port, member));

/** The entry of the group; null: there are too many, and snooping is off from now on. Linux: br_multicast_new_group() */
export function obtainEntry(bridge: BridgeDevice, key: GroupKey): MdbEntry | null {
  const { database } = bridge.multicast;
  const known = database.find(key);
  if (known !== null) return known;
  if (database.size >= bridge.multicast.hashMax) {
    bridge.multicast.enabled = false;
    return null;
  }
  return database.insert(key);
}

function link(entry: MdbEntry, membership: PortMembership): void {
  const at = entry.ports.findIndex((held) => held.port.number <= membership.port.number);
  entry.ports = at < 0 ? [...entry.ports, membership] : entry.ports.toSpliced(at, 0, membership);
}

/**
 * The port (null: the host) joins. Null: it may not now, or the database is full.
 * `leaves`: a member that does not ask again is gone after a while, as of IGMPv2 and MLDv1. Linux: __br_multicast_add_group()
 */
export function join(
  context: MulticastContext,
  port: PortMulticastContext | null,
  key: GroupKey,
  member: Uint8Array | null,
  filterMode: number,
  leaves: boolean,
  flags = 0,
): PortMembership | null {
  const { bridge } = context;
  if (!inUse(context, port)) return null;
  const entry = obtainEntry(bridge, key);
  if (entry === null) return null;
  if (port === null) {
    joinHost(context, entry, true);
    return null;
  }
  let membership = findMembership(entry, port.port, member);
  if (membership === undefined) {
    membership = bridge.multicast.database.membership(entry, port.port, filterMode, RTPROT_KERNEL, member);
    membership.flags = flags;
    link(entry, membership);
    tellMdb(bridge, entry, membership, 'mdbNew');
    if (key.isStarG && filterMode === MCAST_EXCLUDE) handleMode(context, membership, MCAST_EXCLUDE);
  }
  if (leaves) afterTicks(context, membership.timer, context.membershipInterval);
  return membership;
}

/** Linux: br_multicast_host_join() */
export function joinHost(context: MulticastContext, entry: MdbEntry, tells: boolean): void {
  if (!entry.hostJoined) {
    entry.hostJoined = true;
    if (entry.key.isStarG) shareHost(context.bridge, entry);
    if (tells) tellMdb(context.bridge, entry, null, 'mdbNew');
  }
  if (entry.key.protocol !== 0) afterTicks(context, entry.timer, context.membershipInterval);
}

/** Linux: br_multicast_host_leave() */
export function leaveHost(bridge: BridgeDevice, entry: MdbEntry): void {
  if (!entry.hostJoined) return;
  entry.hostJoined = false;
  if (entry.key.isStarG) shareHost(bridge, entry);
  tellMdb(bridge, entry, null, 'mdbDelete');
}

/** The sources of a group reach the host if the group does. Linux: br_multicast_star_g_host_state() */
function shareHost(bridge: BridgeDevice, star: MdbEntry): void {
  for (const entry of sourcesOf(bridge, star.key)) entry.hostJoined = star.hostJoined;
}

function sourcesOf(bridge: BridgeDevice, star: GroupKey): MdbEntry[] {
  return bridge.multicast.database.entries().filter(({ key }) => !key.isStarG && scratch.set(key).anySource().equals(star));
}

/** By hand, RTM_NEWMDB: `permanent` or until the membership interval is over. Linux: br_mdb_add_group() */
export function addStatic(context: MulticastContext, port: BridgePort, entry: MdbEntry, permanent: boolean): void {
  const { bridge } = context;
  const mode = entry.key.isStarG || entry.key.protocol === 0 ? MCAST_EXCLUDE : MCAST_INCLUDE;
  const membership = bridge.multicast.database.membership(entry, port, mode, RTPROT_STATIC, null);
  if (permanent) membership.flags |= PG_PERMANENT;
  link(entry, membership);
  if (!permanent) afterTicks(context, membership.timer, context.membershipInterval);
  tellMdb(bridge, entry, membership, 'mdbNew');
  if (entry.key.protocol === 0) return;
  if (entry.key.isStarG) handleMode(context, membership, mode);
  else addExcludingPorts(context, entry);
}

/** Takes a port out of a group. Linux: br_multicast_del_pg() */
export function remove(bridge: BridgeDevice, membership: PortMembership): void {
  if (!membership.live) return;
  const { entry } = membership;
  const { timers } = bridge.stack;
  membership.live = false;
  entry.ports = entry.ports.filter((other) => other !== membership);
  timers.cancel(membership.timer);
  timers.cancel(membership.retransmissionTimer);
  for (const source of membership.sources) removeSource(bridge, source);
  tellMdb(bridge, entry, membership, 'mdbDelete');
  if (entry.key.isStarG) dropExcludingPort(bridge, membership);
  else if (entry.ports.length > 0 && entry.ports.every(({ flags }) => (flags & PG_STAR_EXCLUDE) !== 0))
    for (const left of entry.ports) remove(bridge, left);
  dropIfEmpty(bridge, entry);
}

export function dropIfEmpty(bridge: BridgeDevice, entry: MdbEntry): void {
  if (entry.ports.length > 0) return;
  // A source's entry has the host only because the group has it.
  if (entry.hostJoined && (entry.key.isStarG || entry.key.protocol === 0)) return;
  bridge.stack.timers.cancel(entry.timer);
  bridge.multicast.database.remove(entry);
}

/** A source is forgotten, and what was forwarded because of it. Linux: br_multicast_del_group_src() */
export function removeSource(bridge: BridgeDevice, source: GroupSource): void {
  const { membership } = source;
  bridge.stack.timers.cancel(source.timer);
  membership.sources = membership.sources.filter((other) => other !== source);
  const entry = bridge.multicast.database.find(sourceKey(source));
  const installed = entry === null ? undefined : findMembership(entry, membership.port, membership.member);
  if (installed === undefined || (installed.flags & PG_PERMANENT) !== 0) return;
  installed.flags |= membership.flags & PG_FAST_LEAVE;
  remove(bridge, installed);
}

function sourceKey(source: GroupSource): GroupKey {
  scratch.set(source.membership.entry.key).source.set(source.address);
  return scratch;
}

/**
 * Forwards what the source sends, or keeps it away where its timer has run out: its entry in the database says so.
 * Linux: br_multicast_fwd_src_handle()
 */
export function forwardSource(context: MulticastContext, source: GroupSource): void {
  const { bridge } = context;
  const { membership } = source;
  const port = bridge.multicast.portContext(membership.port, membership.entry.key.vid);
  if (port === null) return;
  const blocked = source.timer.armed ? 0 : PG_BLOCKED;
  if ((source.flags & SOURCE_INSTALLED) === 0) {
    const installed = join(context, port, sourceKey(source), membership.member, MCAST_INCLUDE, false, blocked);
    if (installed === null) return;
    source.flags |= SOURCE_INSTALLED;
    installed.flags &= ~PG_STAR_EXCLUDE;
    addExcludingPorts(context, installed.entry);
  }
  const entry = bridge.multicast.database.find(sourceKey(source));
  const installed = entry === null ? undefined : findMembership(entry, membership.port, membership.member);
  if (entry === null || installed === undefined || (installed.flags & (PG_PERMANENT | PG_BLOCKED)) === blocked) return;
  if ((installed.flags & PG_PERMANENT) !== 0) return;
  installed.flags = (installed.flags & ~PG_BLOCKED) | blocked;
  tellMdb(bridge, entry, installed, 'mdbNew');
}

/** Ports that want the group from all but some sources get this source as well. Linux: br_multicast_sg_add_exclude_ports() */
function addExcludingPorts(context: MulticastContext, entry: MdbEntry): void {
  const star = context.bridge.multicast.database.find(scratch.set(entry.key).anySource());
  if (star === null) return;
  entry.hostJoined = star.hostJoined;
  for (const membership of star.ports) if (membership.filterMode === MCAST_EXCLUDE) addExcluding(context, membership, entry);
}

function addExcluding(context: MulticastContext, membership: PortMembership, entry: MdbEntry): void {
  if (findMembership(entry, membership.port, membership.member) !== undefined) return;
  const added = context.bridge.multicast.database.membership(entry, membership.port, MCAST_INCLUDE, RTPROT_KERNEL, membership.member);
  added.flags = PG_STAR_EXCLUDE;
  link(entry, added);
  tellMdb(context.bridge, entry, added, 'mdbNew');
}

/** The port now wants all sources but some, or some alone. Linux: br_multicast_star_g_handle_mode() */
export function handleMode(context: MulticastContext, membership: PortMembership, mode: number): void {
  if (mode === MCAST_INCLUDE) dropExcludingPort(context.bridge, membership);
  else for (const entry of sourcesOf(context.bridge, membership.entry.key)) addExcluding(context, membership, entry);
}

function dropExcludingPort(bridge: BridgeDevice, membership: PortMembership): void {
  for (const entry of sourcesOf(bridge, membership.entry.key)) {
    const held = findMembership(entry, membership.port, membership.member);
    if (held !== undefined && (held.flags & PG_STAR_EXCLUDE) !== 0) remove(bridge, held);
  }
}

/** A member says that it leaves (`port` null: the host). Linux: br_multicast_leave_group() */
export function leave(context: MulticastContext, port: PortMulticastContext | null, key: GroupKey, member: Uint8Array | null): void {
  const { bridge } = context;
  if (!inUse(context, port)) return;
  const entry = bridge.multicast.database.find(key);
  if (entry === null) return;
  if (port?.port.has(BR_FAST_LEAVE)) {
    const membership = findMembership(entry, port.port, member);
    if (membership === undefined || (membership.flags & PG_PERMANENT) !== 0) return;
    membership.flags |= PG_FAST_LEAVE;
    remove(bridge, membership);
    return;
  }
  const six = key.protocol !== ETH_P_IP;
  const state = context.state(six);
  // Another asks, and its query shortens the timers.
  if (state.otherQuerier.armed) return;
  const ticks = context.lastMemberCount * context.lastMemberInterval;
  if (context.querier) {
    sendQuery(context, port, key);
    afterTicks(context, port === null ? state.ownQuery.timer : port.query(six).timer, ticks);
  }
  if (port === null) {
    if (entry.hostJoined) lowerTimer(context, entry.timer, ticks);
    return;
  }
  for (const membership of entry.ports) if (isOf(membership, port.port, member)) lowerTimer(context, membership.timer, ticks);
}

/** Linux: br_multicast_group_expired() */
export function hostExpired(bridge: BridgeDevice, entry: MdbEntry): void {
  if (!bridge.up) return;
  leaveHost(bridge, entry);
  dropIfEmpty(bridge, entry);
}

/** Nobody at the port asked for all sources for long. Linux: br_multicast_port_group_expired() */
export function membershipExpired(context: MulticastContext, membership: PortMembership): void {
  const { bridge } = context;
  if (!bridge.up || !membership.live || (membership.flags & PG_PERMANENT) !== 0) return;
  let changed = membership.filterMode === MCAST_EXCLUDE;
  membership.filterMode = MCAST_INCLUDE;
  for (const source of membership.sources) {
    if (source.timer.armed) continue;
    removeSource(bridge, source);
    changed = true;
  }
  if (membership.sources.length === 0) {
    remove(bridge, membership);
    return;
  }
  if (membership.entry.key.isStarG) handleMode(context, membership, MCAST_INCLUDE);
  if (changed) tellMdb(bridge, membership.entry, membership, 'mdbNew');
}

/** Linux: br_multicast_group_src_expired() */
export function sourceExpired(context: MulticastContext, source: GroupSource): void {
  const { bridge } = context;
  const { membership } = source;
  if (!bridge.up || !membership.live) return;
  if (membership.filterMode === MCAST_EXCLUDE) {
    forwardSource(context, source);
    return;
  }
  removeSource(bridge, source);
  if (membership.sources.length === 0) remove(bridge, membership);
}

/** What a port had joined goes; what the user put there stays unless `all`. In one VLAN (`vid`), or in all (null). */
export function leaveAll(bridge: BridgeDevice, port: BridgePort, all: boolean, vid: number | null): void {
  for (const entry of bridge.multicast.database.entries()) {
    if (vid !== null && entry.key.vid !== vid) continue;
    for (const membership of entry.ports)
      if (membership.port === port && (all || (membership.flags & PG_PERMANENT) === 0)) remove(bridge, membership);
  }
}

import { EBUSY, EEXIST, EINVAL, ENOENT, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../netlink/constants.js';
import { type ConntrackAttributes, conntrackMessage } from '../../../netlink/nfnl/ctnetlink.js';
import { NF_NAT_RANGE_MAP_IPS, NF_NAT_RANGE_PROTO_SPECIFIED } from '../../../netlink/nfnl/expressions/nat.js';
import { addressFromBytes } from '../../../wire/ipv6.js';
import type { Conntrack } from '../../../net/netfilter/conntrack/conntrack.js';
import * as layout from '../../../net/netfilter/conntrack/layout.js';
import { IPPROTO_DCCP, IPPROTO_SCTP, IPPROTO_TCP, Tuple } from '../../../net/netfilter/conntrack/tuple.js';
import { DESTINATION, NatRange, SOURCE } from '../../../net/netfilter/nat/range.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import { parseTuple } from './tuples.js';

const original = new Tuple();
const reply = new Tuple();
const range = new NatRange();

/** Number << 1 | direction of the connection that a message names by a tuple; 0: there is none. */
export function named(conntrack: Conntrack, family: number, values: ConntrackAttributes): number {
  const tuple = values.tupleOrig ?? values.tupleReply;
  parseTuple(family, tuple, original);
  const zone = values.zone ?? tuple?.zone ?? 0;
  const found = conntrack.table.find(conntrack.namespace.id, zone === 0 ? 0 : zone | (layout.ZONE_BOTH << 16), original);
  return found !== 0 && conntrack.expired(found >> 1) ? 0 : found;
}

/** IPCTNL_MSG_CT_NEW: a connection by a user, or changes of one. Linux: ctnetlink_new_conntrack() */
export function newConntrack(request: NetlinkRequest): void {
  const { header, attributes: values } = conntrackMessage.parse(request.message);
  const { conntrack } = request.namespace;
  if (values.tupleOrig === undefined && values.tupleReply === undefined) fail(EINVAL);
  const found = named(conntrack, header.family, values);
  if (found !== 0) {
    if ((request.flags & NLM_F_EXCL) !== 0) fail(EEXIST);
    change(conntrack, found >> 1, values);
    return;
  }
  if ((request.flags & NLM_F_CREATE) === 0) fail(ENOENT);
  create(conntrack, header.family, values);
}

// Linux: ctnetlink_create_conntrack()
function create(conntrack: Conntrack, family: number, values: ConntrackAttributes): void {
  if (values.tupleOrig === undefined || values.tupleReply === undefined) fail(EINVAL);
  if (values.timeout === undefined) fail(EINVAL);
  parseTuple(family, values.tupleOrig, original);
  parseTuple(family, values.tupleReply, reply);
  const { table, namespace, settings } = conntrack;
  if (settings.max !== 0 && conntrack.count >= settings.max) fail(12);
  const zone = values.zone ?? 0;
  const id = table.allocate(namespace.id, zone === 0 ? 0 : zone | (layout.ZONE_BOTH << 16), original, reply);
  try {
    conntrack.setTimeout(id, values.timeout!);
    if (values.natSrc !== undefined) setNat(conntrack, id, family, values.natSrc, SOURCE);
    if (values.natDst !== undefined) setNat(conntrack, id, family, values.natDst, DESTINATION);
    table.setStatus(id, (values.status ?? 0) & ~layout.IPS_UNCHANGEABLE_MASK);
    setState(conntrack, id, values);
    table.set(id, layout.MARK, values.mark ?? 0);
    setLabels(conntrack, id, values);
    if (!conntrack.confirm(id)) fail(EEXIST);
    conntrack.event(id, layout.IPCT_NEW);
    conntrack.deliverEvents(id);
  } finally {
    table.release(id);
  }
}

// Linux: ctnetlink_change_conntrack()
export function change(conntrack: Conntrack, id: number, values: ConntrackAttributes): void {
  if (values.natSrc !== undefined || values.natDst !== undefined || values.tupleMaster !== undefined) fail(EOPNOTSUPP);
  if (values.help !== undefined) fail(EOPNOTSUPP);
  const { table } = conntrack;
  if (values.status !== undefined) {
    const before = table.status(id);
    const changed = before ^ values.status;
    // Some never change, and some never go.
    if ((changed & (layout.IPS_EXPECTED | layout.IPS_CONFIRMED | layout.IPS_DYING)) !== 0) fail(EBUSY);
    if ((changed & before & (layout.IPS_SEEN_REPLY | layout.IPS_ASSURED)) !== 0) fail(EBUSY);
    table.setStatus(id, values.status & ~layout.IPS_UNCHANGEABLE_MASK);
  }
  if (values.timeout !== undefined) conntrack.setTimeout(id, values.timeout);
  setState(conntrack, id, values);
  if (values.mark !== undefined) {
    const mask = values.markMask ?? 0xffff_ffff;
    const before = table.get(id, layout.MARK);
    const after = (before & ~mask) ^ values.mark;
    if (after !== before) {
      table.set(id, layout.MARK, after);
      conntrack.event(id, layout.IPCT_MARK);
    }
  }
  setLabels(conntrack, id, values);
  conntrack.event(id, layout.IPCT_REPLY);
  conntrack.deliverEvents(id);
}

function setState(conntrack: Conntrack, id: number, { protoinfo }: ConntrackAttributes): void {
  const tcp = protoinfo?.tcp;
  const { table } = conntrack;
  const protocol = table.get(id, layout.PROTOCOL) & 0xff;
  const { sctp, dccp } = protoinfo ?? {};
  if (sctp !== undefined && protocol === IPPROTO_SCTP) {
    // Linux: nlattr_to_sctp()
    if (sctp.state === undefined || sctp.vtagOriginal === undefined || sctp.vtagReply === undefined) return fail(EINVAL);
    table.set(id, layout.STATE, sctp.state);
    table.set(id, layout.TCP_SENT, sctp.vtagOriginal);
    table.set(id, layout.TCP_SENT + 1, sctp.vtagReply);
  }
  if (dccp !== undefined && protocol === IPPROTO_DCCP) {
    // Linux: nlattr_to_dccp()
    if (dccp.state === undefined || dccp.role === undefined || dccp.role > 1 || dccp.state >= 8) return fail(EINVAL);
    table.set(id, layout.STATE, dccp.state);
    table.set(id, layout.TCP_SENT, dccp.role);
  }
  if (tcp === undefined || protocol !== IPPROTO_TCP) return;
  if (tcp.state !== undefined) {
    if (tcp.state > 9) fail(EINVAL);
    table.set(id, layout.STATE, tcp.state);
  }
  for (const [direction, flags, scale] of [
    [0, tcp.flagsOriginal, tcp.wscaleOriginal],
    [1, tcp.flagsReply, tcp.wscaleReply],
  ] as const) {
    const at = layout.TCP_SENT + direction * layout.TCP_DIRECTION_WORDS + 3;
    let word = table.get(id, at);
    if (flags !== undefined) word = (word & ~flags.mask) | (flags.flags & flags.mask);
    if (scale !== undefined) word = (word & 0xff) | (scale << 8);
    table.set(id, at, word);
  }
}

function setLabels(conntrack: Conntrack, id: number, { labels, labelsMask }: ConntrackAttributes): void {
  if (labels === undefined) return;
  const { table } = conntrack;
  for (let i = 0; i < 4; i++) {
    const word = (bytes: Uint8Array) =>
      (bytes[4 * i] ?? 0) | ((bytes[4 * i + 1] ?? 0) << 8) | ((bytes[4 * i + 2] ?? 0) << 16) | ((bytes[4 * i + 3] ?? 0) << 24);
    const mask = labelsMask === undefined ? -1 : word(labelsMask);
    table.set(id, layout.LABELS + i, (table.get(id, layout.LABELS + i) & ~mask) | (word(labels) & mask));
  }
  conntrack.event(id, layout.IPCT_LABEL);
}

function setNat(conntrack: Conntrack, id: number, family: number, values: NonNullable<ConntrackAttributes['natSrc']>, manip: number): void {
  range.reset();
  const four = family === 2;
  const min = four ? values.v4MinIp : values.v6MinIp;
  const max = four ? values.v4MaxIp : values.v6MaxIp;
  if (min !== undefined) {
    range.flags |= NF_NAT_RANGE_MAP_IPS;
    const put = (value: number | Uint8Array, into: NatRange['minAddress']) => {
      if (typeof value === 'number') into[0] = value;
      else into.set(addressFromBytes(value));
    };
    put(min, range.minAddress);
    put(max ?? min, range.maxAddress);
  }
  if (values.proto?.portMin !== undefined) {
    range.flags |= NF_NAT_RANGE_PROTO_SPECIFIED;
    range.minPort = values.proto.portMin;
    range.maxPort = values.proto.portMax ?? values.proto.portMin;
  }
  conntrack.nat.setup(id, range, manip);
}

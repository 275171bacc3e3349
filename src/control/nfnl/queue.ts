import { EBUSY, EINVAL, ENODEV, ENOENT, ENOMEM, EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { NFNL_SUBSYS_QUEUE, NF_STOLEN, nfnlOperation } from '../../netlink/nfnl/nfnetlink.js';
import * as wire from '../../netlink/nfnl/queue.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { InetSocket } from '../../net/core/inet-socket.js';
import { type QueueEntry, QueueInstance } from '../../net/netfilter/queue/queues.js';
import type { NetlinkEndpoint } from '../netlink-endpoint.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { change } from './ctnetlink/change.js';
import { describeConntrack } from './ctnetlink/describe.js';
import type { NfnlSubsystem } from './nfnetlink.js';
import { hardwareAddress, packetTime } from './packet-attributes.js';

/** NF_MAX_VERDICT */
const MAX_VERDICT = 5;
/** NFQA_SKB_GSO */
const SKB_GSO = 2;

/** What a program is told of a packet. Linux: nfqnl_build_packet_message() */
function describePacket(queue: QueueInstance, { id, skb, place }: QueueEntry) {
  const { input, output, hook, namespace } = place;
  const { flags, copyMode, copyRange } = queue;
  const whole = skb.tail - skb.networkHeader;
  const taken = copyMode === wire.COPY_PACKET ? Math.min(whole, copyRange) : 0;
  const { socket } = skb;
  const conntrack = (flags & wire.NFQA_CFG_F_CONNTRACK) !== 0 && skb.conntrack !== 0;
  return {
    packetHdr: { id, protocol: skb.protocol, hook },
    ...(input === null ? {} : { indev: input.ifindex }),
    ...(output === null ? {} : { outdev: output.ifindex }),
    ...(skb.mark === 0 ? {} : { mark: skb.mark }),
    ...hardwareAddress(skb, input),
    ...packetTime(skb, namespace.stack),
    ...((flags & wire.NFQA_CFG_F_UID_GID) === 0 || socket === null ? {} : { uid: (socket as InetSocket).uid, gid: 0 }),
    ...(conntrack ? { ct: describeConntrack(namespace.conntrack, skb.conntrack), ctInfo: skb.conntrackInfo } : {}),
    ...(taken < whole && copyMode === wire.COPY_PACKET ? { capLen: whole } : {}),
    ...(skb.gsoSize === 0 ? {} : { skbInfo: SKB_GSO }),
    ...(skb.priority === 0 ? {} : { priority: skb.priority }),
    ...(taken === 0 ? {} : { payload: skb.bytes.slice(skb.networkHeader, skb.networkHeader + taken) }),
  };
}

const sockets = new WeakMap<QueueInstance, NetlinkEndpoint>();

function tell(queue: QueueInstance, entry: QueueEntry): boolean {
  const socket = sockets.get(queue);
  if (socket === undefined || socket.closed || socket.receiveMemory > socket.receiveBuffer) return false;
  socket.deliverBuilt((writer) =>
    wire.queuePacket.build(
      writer,
      wire.NFQNL_MSG_PACKET,
      0,
      0,
      0,
      { family: entry.place.family, resId: queue.number },
      describePacket(queue, entry),
    ),
  );
  return true;
}

/** Linux: nfqnl_recv_config() */
function configure(request: NetlinkRequest): void {
  const { header, attributes: values } = wire.queueConfig.parse(request.message);
  const { queues } = request.namespace.nfTables;
  const number = header.resId;
  const command = values.cmd?.command;
  if (command === wire.CFG_CMD_PF_BIND || command === wire.CFG_CMD_PF_UNBIND) return;
  if (values.flags !== undefined) {
    if (values.mask === undefined) fail(EINVAL);
    if ((values.flags & values.mask! & ~(wire.NFQA_CFG_F_MAX - 1)) !== 0) fail(EOPNOTSUPP);
  }
  let queue = queues.instances.get(number);
  if (queue !== undefined && queue.portId !== request.socket.portId) fail(EPERM);
  if (command === wire.CFG_CMD_BIND) {
    if (queue !== undefined) fail(EBUSY);
    queue = new QueueInstance(number, request.socket.portId, tell);
    sockets.set(queue, request.socket);
    queues.instances.set(number, queue);
  } else if (command === wire.CFG_CMD_UNBIND) {
    if (queue === undefined) fail(ENODEV);
    else queues.destroy(queue);
    return;
  } else if (command !== undefined && command !== 0) fail(EOPNOTSUPP);
  if (queue === undefined) return fail(ENODEV);
  const { params, maxlen, flags, mask } = values;
  if (params !== undefined) {
    if (params.copyMode > wire.COPY_PACKET) fail(EINVAL);
    queue.copyMode = params.copyMode;
    queue.copyRange = params.copyMode === wire.COPY_PACKET && params.copyRange !== 0 ? Math.min(params.copyRange, 0xffff) : 0xffff;
  }
  if (maxlen !== undefined) queue.maxLength = maxlen;
  if (flags !== undefined && mask !== undefined) queue.flags = (queue.flags & ~mask) | (flags & mask);
}

function queueOf(request: NetlinkRequest, number: number): QueueInstance {
  const queue = request.namespace.nfTables.queues.instances.get(number) ?? fail(ENODEV);
  return queue.portId === request.socket.portId ? queue : fail(EPERM);
}

function verdictOf(values: { readonly verdict: number } | undefined): number {
  const verdict = values?.verdict ?? fail(EINVAL);
  return (verdict & 0xff) > MAX_VERDICT || (verdict & 0xff) === NF_STOLEN ? fail(EINVAL) : verdict;
}

/** Linux: nfqnl_recv_verdict() */
function decide(request: NetlinkRequest): void {
  const { header, attributes: values } = wire.queueVerdict.parse(request.message);
  const queue = queueOf(request, header.resId);
  const verdict = verdictOf(values.verdictHdr);
  const entry = queue.waiting.get(values.verdictHdr!.id) ?? fail(ENOENT);
  const { queues } = request.namespace.nfTables;
  const { skb } = entry;
  if (values.payload !== undefined && !queues.replace(entry, values.payload)) {
    queues.decide(queue, entry, 0);
    fail(ENOMEM);
  }
  if (values.ct !== undefined && skb.conntrack !== 0) change(request.namespace.conntrack, skb.conntrack, values.ct);
  if (values.mark !== undefined) skb.mark = values.mark;
  if (values.priority !== undefined) skb.priority = values.priority;
  queues.decide(queue, entry, verdict);
}

/** All up to a number at once. Linux: nfqnl_recv_verdict_batch() */
function decideBatch(request: NetlinkRequest): void {
  const { header, attributes: values } = wire.queueVerdict.parse(request.message);
  const queue = queueOf(request, header.resId);
  const verdict = verdictOf(values.verdictHdr);
  const last = values.verdictHdr!.id;
  const through = [...queue.waiting.values()].filter(({ id }) => ((id - last) | 0) <= 0);
  if (through.length === 0) fail(ENOENT);
  for (const entry of through) {
    if (values.mark !== undefined) entry.skb.mark = values.mark;
    request.namespace.nfTables.queues.decide(queue, entry, verdict);
  }
}

/** NFNL_SUBSYS_QUEUE: programs decide about packets. Linux: net/netfilter/nfnetlink_queue.c */
export const queueSubsystem: NfnlSubsystem = {
  subsystem: NFNL_SUBSYS_QUEUE,
  handlers: [
    { operation: nfnlOperation(wire.NFQNL_MSG_CONFIG), handle: configure },
    { operation: nfnlOperation(wire.NFQNL_MSG_VERDICT), handle: decide },
    { operation: nfnlOperation(wire.NFQNL_MSG_VERDICT_BATCH), handle: decideBatch },
  ],
  watch(_server, namespace: Namespace) {
    namespace.deviceEvents.subscribe(({ type, device }) => {
      if (type === 'down' || type === 'unregister') namespace.nfTables.queues.deviceGone(device);
    });
  },
  closed(socket) {
    const { queues } = socket.namespace.nfTables;
    for (const queue of [...queues.instances.values()]) if (sockets.get(queue) === socket) queues.destroy(queue);
  },
};

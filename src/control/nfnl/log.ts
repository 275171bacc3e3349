import { EBUSY, EINVAL, ENODEV, EOPNOTSUPP, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { Timer } from '../../base/timer-wheel.js';
import { NLM_F_MULTI, NLMSG_DONE } from '../../netlink/constants.js';
import { NFNL_SUBSYS_ULOG, nfnlOperation } from '../../netlink/nfnl/nfnetlink.js';
import * as wire from '../../netlink/nfnl/queue.js';
import type { InetSocket } from '../../net/core/inet-socket.js';
import type { LogValues } from '../../net/netfilter/log/groups.js';
import type { PacketInfo } from '../../net/netfilter/nf_tables/packet-info.js';
import type { NetlinkEndpoint } from '../netlink-endpoint.js';
import type { NetlinkRequest } from '../netlink-request.js';
import { describeConntrack } from './ctnetlink/describe.js';
import type { NfnlSubsystem } from './nfnetlink.js';
import { hardwareAddress, packetTime } from './packet-attributes.js';

// NFULNL_*_DEFAULT
const DEFAULT_THRESHOLD = 100;
/** 1/100 s. */
const DEFAULT_TIMEOUT = 100;
const DEFAULT_BUFFER = 3776;
const MAX_RANGE = 0xffff - 4;

type LogPacketAttributes = Parameters<typeof wire.logPacket.build>[6];

/** A group of logged packets that a program listens to (struct nfulnl_instance). */
class LogInstance {
  copyMode = wire.COPY_PACKET;
  copyRange = MAX_RANGE;
  flags = 0;
  threshold = DEFAULT_THRESHOLD;
  timeout = DEFAULT_TIMEOUT;
  bufferBytes = DEFAULT_BUFFER;
  #sequence = 0;
  #bytes = 0;
  #pending: [family: number, values: LogPacketAttributes][] = [];
  readonly #timer = new Timer(() => this.flush());

  constructor(
    readonly group: number,
    readonly socket: NetlinkEndpoint,
  ) {}

  /** Linux: nfulnl_log_packet() */
  add(packet: PacketInfo, values: LogValues): void {
    const described = this.#describe(packet, values);
    const bytes = 128 + (described.payload?.length ?? 0);
    if (this.#pending.length > 0 && this.#bytes + bytes > this.bufferBytes) this.flush();
    this.#pending.push([packet.networkFamily, described]);
    this.#bytes += bytes;
    const threshold =
      values.qthreshold === undefined || values.qthreshold === 0 ? this.threshold : Math.min(values.qthreshold, this.threshold);
    const { stack } = packet.tables.namespace;
    if (this.#pending.length >= threshold || this.timeout === 0) this.flush();
    else if (!this.#timer.armed) stack.timers.schedule(this.#timer, stack.nowUs + this.timeout * 10_000);
  }

  flush(): void {
    const { namespace } = this.socket;
    namespace.stack.timers.cancel(this.#timer);
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    this.#bytes = 0;
    this.socket.deliverBuilt((writer) => {
      const flags = pending.length > 1 ? NLM_F_MULTI : 0;
      for (const [family, values] of pending)
        wire.logPacket.build(writer, wire.NFULNL_MSG_PACKET, flags, 0, 0, { family, resId: this.group }, values);
      if (pending.length > 1) wire.logPacket.build(writer, NLMSG_DONE, 0, 0, 0, {}, {});
    });
  }

  stop(): void {
    this.flush();
  }

  /** Linux: __build_packet_message() */
  #describe(packet: PacketInfo, values: LogValues): LogPacketAttributes {
    const { skb, input, output, hook, tables } = packet;
    const { namespace } = tables;
    const whole = skb.tail - skb.networkHeader;
    const range = values.snaplen === undefined ? this.copyRange : Math.min(values.snaplen, this.copyRange);
    const taken = this.copyMode === wire.COPY_PACKET ? Math.min(whole, range) : 0;
    const link = input !== null && skb.macHeader >= 0 ? skb.networkHeader - skb.macHeader : 0;
    const own = (this.flags & wire.NFULNL_CFG_F_SEQ) !== 0;
    const global = (this.flags & wire.NFULNL_CFG_F_SEQ_GLOBAL) !== 0;
    const sequence = this.#sequence;
    this.#sequence = (this.#sequence + 1) >>> 0;
    const conntrack = (this.flags & wire.NFULNL_CFG_F_CONNTRACK) !== 0 && skb.conntrack !== 0;
    return {
      packetHdr: { protocol: skb.protocol, hook },
      ...(values.prefix === undefined || values.prefix === '' ? {} : { prefix: values.prefix }),
      ...(input === null ? {} : { indev: input.ifindex }),
      ...(output === null ? {} : { outdev: output.ifindex }),
      ...(skb.mark === 0 ? {} : { mark: skb.mark }),
      ...hardwareAddress(skb, input),
      ...(link > 0 ? { hwtype: input!.type, hwlen: link, hwheader: skb.bytes.slice(skb.macHeader, skb.networkHeader) } : {}),
      ...(hook <= 2 ? packetTime(skb, namespace.stack) : {}),
      ...(skb.socket === null ? {} : { uid: (skb.socket as InetSocket).uid, gid: 0 }),
      ...(own ? { seq: sequence } : {}),
      ...(global ? { seqGlobal: nextGlobal(namespace) } : {}),
      ...(conntrack ? { ct: describeConntrack(namespace.conntrack, skb.conntrack), ctInfo: skb.conntrackInfo } : {}),
      ...(taken === 0 ? {} : { payload: skb.bytes.slice(skb.networkHeader, skb.networkHeader + taken) }),
    };
  }
}

const instances = new WeakMap<object, Map<number, LogInstance>>();
const globals = new WeakMap<object, number>();

function nextGlobal(namespace: object): number {
  const number = globals.get(namespace) ?? 0;
  globals.set(namespace, (number + 1) >>> 0);
  return number;
}

function instancesOf(namespace: object): Map<number, LogInstance> {
  let all = instances.get(namespace);
  if (all === undefined) {
    all = new Map();
    instances.set(namespace, all);
  }
  return all;
}

/** Linux: nfulnl_recv_config() */
function configure(request: NetlinkRequest): void {
  const { header, attributes: values } = wire.logConfig.parse(request.message);
  const { namespace, socket } = request;
  const all = instancesOf(namespace);
  const group = header.resId;
  const command = values.cmd?.command;
  if (command === wire.CFG_CMD_PF_BIND || command === wire.CFG_CMD_PF_UNBIND) return;
  let instance = all.get(group);
  if (instance !== undefined && instance.socket !== socket) fail(EPERM);
  if (values.flags !== undefined && (values.flags & ~7) !== 0) fail(EOPNOTSUPP);
  if (command === wire.CFG_CMD_BIND) {
    if (instance !== undefined) fail(EBUSY);
    const made = new LogInstance(group, socket);
    instance = made;
    all.set(group, made);
    namespace.nfTables.logs.listeners.set(group, (packet, logged) => made.add(packet, logged));
  } else if (command === wire.CFG_CMD_UNBIND) {
    if (instance === undefined) return fail(ENODEV);
    remove(instance);
    return;
  } else if (command !== undefined && command !== 0) fail(EOPNOTSUPP);
  if (instance === undefined) return fail(ENODEV);
  const { mode, timeout, nlbufsiz, qthresh, flags } = values;
  if (mode !== undefined) {
    if (mode.copyMode > wire.COPY_PACKET) fail(EINVAL);
    instance.copyMode = mode.copyMode;
    instance.copyRange = mode.copyMode !== wire.COPY_PACKET ? 0 : mode.copyRange === 0 ? MAX_RANGE : Math.min(mode.copyRange, MAX_RANGE);
  }
  if (timeout !== undefined) instance.timeout = timeout;
  if (nlbufsiz !== undefined) instance.bufferBytes = Math.min(nlbufsiz, 131_072);
  if (qthresh !== undefined) instance.threshold = qthresh;
  if (flags !== undefined) instance.flags = flags;
}

function remove(instance: LogInstance): void {
  const { namespace } = instance.socket;
  instance.stop();
  instancesOf(namespace).delete(instance.group);
  namespace.nfTables.logs.listeners.delete(instance.group);
}

/** NFNL_SUBSYS_ULOG: programs are told of packets. Linux: net/netfilter/nfnetlink_log.c */
export const logSubsystem: NfnlSubsystem = {
  subsystem: NFNL_SUBSYS_ULOG,
  handlers: [
    { operation: nfnlOperation(wire.NFULNL_MSG_CONFIG), handle: configure },
    // What is sent to it as a packet is nothing that it takes.
    { operation: nfnlOperation(wire.NFULNL_MSG_PACKET), handle: () => fail(EOPNOTSUPP) },
  ],
  closed(socket) {
    for (const instance of [...instancesOf(socket.namespace).values()]) if (instance.socket === socket) remove(instance);
  },
};

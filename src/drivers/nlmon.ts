import type { EthtoolOps } from '../net/core/ethtool-ops.js';
import { nlmonEthtool } from './ethtool/nlmon.js';
import { EINVAL, EOPNOTSUPP } from '../base/errno.js';
import { fail } from '../base/net-error.js';
import {
  NETLINK_FIB_LOOKUP,
  NETLINK_GENERIC,
  NETLINK_NETFILTER,
  NETLINK_NFLOG,
  NETLINK_ROUTE,
  NETLINK_SOCK_DIAG,
  NETLINK_USERSOCK,
  NETLINK_XFRM,
  NLMSG_HDRLEN,
} from '../netlink/constants.js';
import { ARPHRD_NETLINK, IFF_NOARP } from '../netlink/rtnl/constants.js';
import { NetDevice } from '../net/core/device.js';
import type { LinkKind } from '../net/core/link-kind.js';
import { PACKET_KERNEL, PACKET_USER, type PacketBuffer } from '../net/core/packet-buffer.js';
import type { Stack } from '../net/core/stack.js';
import { devQueueXmit } from '../net/core/transmit.js';

/** Linux: NLMSG_GOODSIZE */
const MTU = 3776;

/** The netlink protocols that monitors see. Linux: netlink_filter_tap() */
const SHOWN: ReadonlySet<number> = new Set([
  NETLINK_ROUTE,
  NETLINK_USERSOCK,
  NETLINK_SOCK_DIAG,
  NETLINK_NFLOG,
  NETLINK_XFRM,
  NETLINK_FIB_LOOKUP,
  NETLINK_NETFILTER,
  NETLINK_GENERIC,
]);

/**
 * Shows its readers - taps, packet sockets - every netlink message of its namespace while it is up, one packet a datagram without
 * a link header: `skb.protocol` is the netlink protocol, `skb.packetType` PACKET_KERNEL for a request and PACKET_USER for
 * what a socket gets. What it was shown counts as received.
 */
export class NlmonDevice extends NetDevice {
  override ethtool: EthtoolOps = nlmonEthtool;
  readonly #tap = (bytes: Uint8Array, protocol: number, toKernel: boolean) => this.#show(bytes, protocol, toKernel);

  constructor(stack: Stack, name: string) {
    super(stack, name);
    this.type = ARPHRD_NETLINK;
    this.flags = IFF_NOARP;
    this.mtu = MTU;
    this.minMtu = NLMSG_HDRLEN;
    this.maxMtu = 0;
    this.address = new Uint8Array(0);
    this.broadcast = new Uint8Array(0);
    this.hardHeaderBytes = 0;
    this.noQueue = true;
    this.vlanChallenged = true;
  }

  override open(): void {
    this.namespace.netlinkTaps = [...this.namespace.netlinkTaps, this.#tap];
  }

  override stop(): void {
    this.namespace.netlinkTaps = this.namespace.netlinkTaps.filter((tap) => tap !== this.#tap);
  }

  override setAddress(): void {
    fail(EOPNOTSUPP);
  }

  // Linux: __netlink_deliver_tap_skb()
  #show(bytes: Uint8Array, protocol: number, toKernel: boolean): void {
    if (!SHOWN.has(protocol)) return;
    const skb = this.stack.pool.allocate(bytes.length);
    if (skb === null) return;
    skb.bytes.set(bytes, skb.put(bytes.length));
    skb.device = this;
    skb.protocol = protocol;
    skb.packetType = toKernel ? PACKET_KERNEL : PACKET_USER;
    skb.networkHeader = skb.data;
    skb.macHeader = skb.data;
    devQueueXmit(skb);
  }

  // Linux: nlmon_xmit()
  transmit(skb: PacketBuffer): void {
    this.statistics.rxPackets++;
    this.statistics.rxBytes += skb.length;
    this.stack.consume(skb);
  }

  createHeader(): void {
    // A message has no link header.
  }

  parseHeader(skb: PacketBuffer): void {
    skb.macHeader = skb.data;
  }
}

export const nlmon: LinkKind<Record<never, never>> = {
  kind: 'nlmon',
  data: null,
  namePattern: 'nlmon%d',
  // Linux: nlmon_validate()
  validate({ address }) {
    if (address !== undefined) fail(EINVAL);
  },
  create: (request) => new NlmonDevice(request.stack, request.name),
};

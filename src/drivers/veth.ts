import type { EthtoolOps } from '../net/core/ethtool-ops.js';
import { vethEthtool } from './ethtool/veth.js';
import { EINVAL, ENODEV, ENOTCONN } from '../base/errno.js';
import { fail } from '../base/net-error.js';
import type { LinkAttributes } from '../netlink/rtnl/link/link.js';
import { type VethData, vethData } from '../netlink/rtnl/link/veth.js';
import {
  NETIF_F_GRO,
  NETIF_F_GSO,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_HW_VLAN_TX,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO6,
  TSO_MAX_SIZE,
} from '../net/core/device.js';
import { registerDevice, unregisterDevice } from '../net/core/device-registry.js';
import { setCarrier } from '../net/core/device-state.js';
import { DropReason } from '../net/core/drop-reason.js';
import { isForwardable, scrub } from '../net/core/forward.js';
import type { LinkKind, LinkRequest } from '../net/core/link-kind.js';
import type { Namespace } from '../net/core/namespace.js';
import { announceLink, applyCreateAttributes } from '../net/core/new-link.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';
import type { Stack } from '../net/core/stack.js';
import { EthernetDevice } from '../net/ethernet/ethernet-device.js';
import { checkEthernetAddress } from './link-address.js';

const MIN_MTU = 68;
const MAX_MTU = 65_535;

/** One end of a virtual cable: what it sends, the other receives, in whatever namespace that is. */
export class VethDevice extends EthernetDevice {
  override ethtool: EthtoolOps = vethEthtool;
  peer: VethDevice | null = null;
  #rxQueues: number | null = null;
  #txQueues: number | null = null;

  /** Of numRxQueues and numTxQueues those in use. */
  get realRxQueues(): number {
    return this.#rxQueues ?? this.numRxQueues;
  }

  set realRxQueues(count: number) {
    this.#rxQueues = count;
  }

  get realTxQueues(): number {
    return this.#txQueues ?? this.numTxQueues;
  }

  set realTxQueues(count: number) {
    this.#txQueues = count;
  }

  constructor(stack: Stack, name: string) {
    super(stack, name);
    this.minMtu = MIN_MTU;
    this.maxMtu = MAX_MTU;
    this.noQueue = true;
    this.liveAddressChange = true;
    this.tsoMaxSize = TSO_MAX_SIZE;
    this.speedMbps = 10_000;
    this.features =
      NETIF_F_SG |
      NETIF_F_HW_CSUM |
      NETIF_F_RXCSUM |
      NETIF_F_TSO |
      NETIF_F_TSO6 |
      NETIF_F_GSO_UDP_L4 |
      NETIF_F_GSO |
      NETIF_F_GRO |
      NETIF_F_HW_VLAN_TX;
  }

  connect(peer: VethDevice): void {
    this.peer = peer;
    this.link = peer;
    peer.peer = this;
    peer.link = this;
  }

  // Linux: veth_open()
  override open(): void {
    super.open();
    const peer = this.peer ?? fail(ENOTCONN);
    if (!peer.up) return;
    setCarrier(this, true);
    setCarrier(peer, true);
  }

  override stop(): void {
    setCarrier(this, false);
    if (this.peer !== null) setCarrier(this.peer, false);
  }

  // Linux: veth_xmit()
  transmit(skb: PacketBuffer): void {
    const { peer, stack } = this;
    if (peer === null) {
      this.statistics.txDropped++;
      stack.drop(skb, DropReason.DEV_READY);
      return;
    }
    const bytes = skb.length;
    if (!isForwardable(peer, skb)) {
      peer.statistics.rxDropped++;
      this.statistics.txDropped++;
      stack.drop(skb, peer.up ? DropReason.PKT_TOO_BIG : DropReason.DEV_READY);
      return;
    }
    scrub(this.stack.pool, skb, peer.namespace !== this.namespace);
    skb.device = peer;
    peer.parseHeader(skb);
    if (!stack.enqueue(skb)) {
      this.statistics.txDropped++;
      stack.drop(skb, DropReason.CPU_BACKLOG);
      return;
    }
    this.statistics.txPackets++;
    this.statistics.txBytes += bytes;
    peer.statistics.rxPackets++;
    peer.statistics.rxBytes += bytes;
  }

  // Linux: veth_get_iflink(). An end without a peer is "veth@NONE".
  override get iflink(): number {
    return this.peer?.ifindex ?? 0;
  }

  // Linux: veth_dellink()
  override leaving(): void {
    const { peer } = this;
    this.peer = null;
    this.link = null;
    if (peer !== null) {
      peer.peer = null;
      peer.link = null;
    }
  }
}

// Linux: veth_validate()
function validate(address: Uint8Array | null, mtu: number | null): void {
  checkEthernetAddress(address);
  if (mtu !== null && (mtu < MIN_MTU || mtu > MAX_MTU)) fail(EINVAL);
}

// Linux: rtnl_link_get_net()
function peerNamespace(request: LinkRequest<VethData>, attributes: LinkAttributes): Namespace {
  const own = request.source ?? request.namespace;
  if (request.namespaceOf !== undefined) return request.namespaceOf(attributes) ?? own;
  if (attributes.netNsFd === undefined) return own;
  return request.stack.namespaces.get(attributes.netNsFd) ?? fail(EINVAL);
}

/** Makes and registers the other end, which therefore gets the lower ifindex. Linux: veth_newlink() */
function createPeer(request: LinkRequest<VethData>): VethDevice {
  const { header, attributes } = request.data.peer ?? { header: {}, attributes: {} };
  validate(attributes.address ?? null, attributes.mtu ?? null);
  const peer = new VethDevice(request.stack, attributes.ifname ?? veth.namePattern);
  peer.kind = request.stack.linkKinds.get(veth.kind) ?? fail(ENODEV);
  peer.setRandomAddress();
  applyCreateAttributes(peer, attributes);
  registerDevice(peerNamespace(request, attributes), peer, { ifindex: header.index ?? 0, announce: false });
  setCarrier(peer, false);
  try {
    // Still alone, so that a wish for "up" fails as it does in Linux.
    announceLink(peer, header);
  } catch (error) {
    unregisterDevice(peer);
    throw error;
  }
  return peer;
}

export const veth: LinkKind<VethData> = {
  kind: 'veth',
  data: vethData,
  namePattern: 'veth%d',
  create(request) {
    validate(request.address, request.mtu);
    const device = new VethDevice(request.stack, request.name);
    device.setRandomAddress();
    device.connect(createPeer(request));
    return device;
  },
  registered: (device) => setCarrier(device, false),
  deletes: (device) => (device instanceof VethDevice && device.peer !== null ? [device, device.peer] : [device]),
};

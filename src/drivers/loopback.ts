import type { EthtoolOps } from '../net/core/ethtool-ops.js';
import { loopbackEthtool } from './ethtool/loopback.js';
import { EBUSY } from '../base/errno.js';
import { fail } from '../base/net-error.js';
import { ARPHRD_LOOPBACK, IFF_LOOPBACK } from '../netlink/rtnl/constants.js';
import {
  NETIF_F_GRO,
  NETIF_F_GSO,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_RXCSUM,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO6,
  NetDevice,
  TSO_MAX_SIZE,
} from '../net/core/device.js';
import { evictDevices, registerDevice } from '../net/core/device-registry.js';
import { checkNewAddress } from '../net/core/device-state.js';
import { DropReason } from '../net/core/drop-reason.js';
import type { Namespace } from '../net/core/namespace.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';
import type { NamespaceModule, Stack } from '../net/core/stack.js';
import { createEthernetHeader, parseEthernetHeader } from '../net/ethernet/ethernet-device.js';
import { isValidAddress } from '../wire/ethernet.js';

/** `lo`: what is sent is received, whole and without checksums. */
export class LoopbackDevice extends NetDevice {
  override ethtool: EthtoolOps = loopbackEthtool;
  constructor(stack: Stack) {
    super(stack, 'lo');
    this.type = ARPHRD_LOOPBACK;
    this.flags = IFF_LOOPBACK;
    this.mtu = 65_536;
    this.minMtu = 0;
    this.maxMtu = 0;
    this.broadcast = new Uint8Array(6);
    this.noQueue = true;
    this.netnsLocal = true;
    this.vlanChallenged = true;
    this.liveAddressChange = true;
    this.tsoMaxSize = TSO_MAX_SIZE;
    this.features =
      NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_RXCSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO | NETIF_F_GRO;
  }

  override setAddress(address: Uint8Array): void {
    checkNewAddress(this, isValidAddress(address));
    this.address = address;
  }

  createHeader(skb: PacketBuffer, protocol: number, destination: Uint8Array | null, source: Uint8Array | null): void {
    createEthernetHeader(this, skb, protocol, destination, source);
  }

  parseHeader(skb: PacketBuffer): void {
    parseEthernetHeader(this, skb);
  }

  // Linux: loopback_xmit(). The route stays with the packet: it says that it is for this host.
  transmit(skb: PacketBuffer): void {
    skb.socket = null;
    skb.timestampUs = 0;
    this.parseHeader(skb);
    const bytes = skb.length;
    const { statistics } = this;
    if (!this.stack.enqueue(skb)) {
      statistics.rxDropped++;
      this.stack.drop(skb, DropReason.CPU_BACKLOG);
      return;
    }
    statistics.rxPackets++;
    statistics.txPackets++;
    statistics.rxBytes += bytes;
    statistics.txBytes += bytes;
  }
}

/**
 * Gives each namespace its `lo`, ifindex 1, and empties the namespace at its end. It stands last in the list of modules: the
 * protocols are there when the first device comes, and still there when the last goes.
 */
export const loopbackModule: NamespaceModule = {
  name: 'loopback',
  init(namespace: Namespace): void {
    if (namespace.devicesByIndex.size > 0) fail(EBUSY);
    namespace.loopback = new LoopbackDevice(namespace.stack);
    registerDevice(namespace, namespace.loopback);
  },
  exit: evictDevices,
};

import type { EthtoolOps } from '../net/core/ethtool-ops.js';
import { dummyEthtool } from './ethtool/dummy.js';
import type { AttributesOf } from '../netlink/attributes.js';
import { IFF_MULTICAST, IFF_NOARP } from '../netlink/rtnl/constants.js';
import { dummyData } from '../netlink/rtnl/link/dummy.js';
import {
  NETIF_F_GSO,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_HW_VLAN_TX,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO6,
} from '../net/core/device.js';
import type { LinkKind } from '../net/core/link-kind.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';
import type { Stack } from '../net/core/stack.js';
import { EthernetDevice } from '../net/ethernet/ethernet-device.js';
import { checkEthernetAddress } from './link-address.js';

/** Counts what is sent and throws it away. */
export class DummyDevice extends EthernetDevice {
  override ethtool: EthtoolOps = dummyEthtool;
  constructor(stack: Stack, name: string) {
    super(stack, name);
    this.flags = (this.flags | IFF_NOARP) & ~IFF_MULTICAST;
    this.minMtu = 0;
    this.maxMtu = 0;
    this.noQueue = true;
    this.liveAddressChange = true;
    this.userCarrier = true;
    this.features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO | NETIF_F_HW_VLAN_TX;
  }

  transmit(skb: PacketBuffer): void {
    this.statistics.txPackets++;
    this.statistics.txBytes += skb.length;
    this.stack.consume(skb);
  }
}

export const dummy: LinkKind<AttributesOf<typeof dummyData>> = {
  kind: 'dummy',
  data: dummyData,
  namePattern: 'dummy%d',
  create(request) {
    checkEthernetAddress(request.address);
    const device = new DummyDevice(request.stack, request.name);
    device.setRandomAddress();
    return device;
  },
};

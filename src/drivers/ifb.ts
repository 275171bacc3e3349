import type { EthtoolOps } from '../net/core/ethtool-ops.js';
import { ifbEthtool } from './ethtool/ifb.js';
import { EOPNOTSUPP } from '../base/errno.js';
import { fail } from '../base/net-error.js';
import { IFF_MULTICAST, IFF_NOARP } from '../netlink/rtnl/constants.js';
import {
  NETIF_F_GSO,
  NETIF_F_GSO_UDP_L4,
  NETIF_F_HW_CSUM,
  NETIF_F_HW_VLAN_TX,
  NETIF_F_SG,
  NETIF_F_TSO,
  NETIF_F_TSO6,
  type NetDevice,
} from '../net/core/device.js';
import { DropReason } from '../net/core/drop-reason.js';
import type { LinkKind } from '../net/core/link-kind.js';
import { type PacketBuffer, REDIRECTED_EGRESS, REDIRECTED_INGRESS, REDIRECTED_NOT } from '../net/core/packet-buffer.js';
import type { Stack } from '../net/core/stack.js';
import { netifReceive } from '../net/core/receive.js';
import { devQueueXmit } from '../net/core/transmit.js';
import { EthernetDevice } from '../net/ethernet/ethernet-device.js';
import { checkEthernetAddress } from './link-address.js';

/** Linux: TX_Q_LIMIT */
const TX_QUEUE = 32;

/**
 * The intermediate functional block: what is redirected to it passes its queue, and then goes on as if nothing had been - out of
 * the device that it was about to leave by, or up from the one that it had come in by. What is sent to it otherwise is dropped.
 */
export class IfbDevice extends EthernetDevice {
  override ethtool: EthtoolOps = ifbEthtool;
  constructor(stack: Stack, name: string) {
    super(stack, name);
    this.flags = (this.flags | IFF_NOARP) & ~IFF_MULTICAST;
    this.minMtu = 0;
    this.maxMtu = 0;
    this.txQueueLength = TX_QUEUE;
    this.features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO_UDP_L4 | NETIF_F_GSO | NETIF_F_HW_VLAN_TX;
  }

  // It has no ndo_set_mac_address: what it was made with stays.
  override setAddress(): void {
    fail(EOPNOTSUPP);
  }

  // Linux: ifb_xmit(), ifb_ri_tasklet()
  transmit(skb: PacketBuffer): void {
    const { stack, statistics } = this;
    const { redirected } = skb;
    statistics.rxPackets++;
    statistics.rxBytes += skb.length;
    if (redirected === REDIRECTED_NOT || skb.iif === 0) {
      statistics.rxDropped++;
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const origin = this.namespace.deviceByIndex(skb.iif);
    skb.redirected = REDIRECTED_NOT;
    statistics.txPackets++;
    statistics.txBytes += skb.length;
    if (origin === undefined) {
      statistics.txDropped++;
      stack.drop(skb, DropReason.DEV_READY);
      return;
    }
    skb.device = origin;
    skb.iif = this.ifindex;
    if (redirected === REDIRECTED_EGRESS) devQueueXmit(skb);
    else {
      skb.pull(skb.networkHeader - skb.data);
      netifReceive(skb);
    }
  }
}

/**
 * What tc's mirred redirect does with a packet: it goes through `through` - an ifb, or any device - instead of where it was going.
 * `ingress`: it had come in by its device, its link header taken off already; else it was about to leave by it, link header at
 * `skb.data`. An ifb gives it back there. Takes ownership; 0 or a negative errno, as devQueueXmit(). Linux: tcf_mirred_act()
 */
export function redirect(skb: PacketBuffer, through: NetDevice, ingress: boolean): number {
  skb.iif = skb.device?.ifindex ?? 0;
  if (ingress) {
    skb.networkHeader = skb.data;
    skb.data = skb.macHeader;
  }
  skb.redirected = ingress ? REDIRECTED_INGRESS : REDIRECTED_EGRESS;
  skb.device = through;
  return devQueueXmit(skb);
}

export const ifb: LinkKind<Record<never, never>> = {
  kind: 'ifb',
  data: null,
  namePattern: 'ifb%d',
  validate: ({ address }) => checkEthernetAddress(address ?? null),
  create(request) {
    const device = new IfbDevice(request.stack, request.name);
    device.setRandomAddress();
    return device;
  },
};

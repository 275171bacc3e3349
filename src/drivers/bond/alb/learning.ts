import { VlanDevice } from '../../../net/8021q/vlan-device.js';
import { sameLinkAddress } from '../../../net/core/device-addresses.js';
import { devQueueXmit } from '../../../net/core/transmit.js';
import type { Slave } from '../slave.js';

/** linux/if_ether.h: the configuration testing protocol, which nobody answers. */
const ETH_P_LOOPBACK = 0x9000;
/** The least a frame carries: IEEE 802.3 4.4.2. */
const PAYLOAD = 46;

/**
 * Teaches switches that `address` is where `slave` leads to, and the addresses of VLANs upon the bond likewise - all of them, or with
 * `strict` those that have that address. Linux: alb_send_learning_packets()
 */
export function teach(slave: Slave, address: Uint8Array, strict: boolean): void {
  send(slave, address, null);
  for (const upper of slave.bond.uppers) {
    if (!(upper instanceof VlanDevice)) continue;
    if (!strict) send(slave, upper.address, upper);
    else if (sameLinkAddress(upper.address, address)) send(slave, address, upper);
  }
}

// Linux: alb_send_lp_vid()
function send({ device }: Slave, address: Uint8Array, vlan: VlanDevice | null): void {
  const skb = device.stack.pool.allocate(PAYLOAD);
  if (skb === null) return;
  const at = skb.put(PAYLOAD);
  skb.bytes.fill(0, at, at + PAYLOAD);
  skb.device = device;
  skb.protocol = ETH_P_LOOPBACK;
  skb.networkHeader = at;
  if (vlan !== null) {
    skb.vlanTci = vlan.id;
    skb.vlanProtocol = vlan.protocol;
  }
  device.createHeader(skb, ETH_P_LOOPBACK, address, address);
  devQueueXmit(skb);
}

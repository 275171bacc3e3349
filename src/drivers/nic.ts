import { NETIF_F_GRO, NETIF_F_GSO, NETIF_F_SG } from '../net/core/device.js';
import { setCarrier } from '../net/core/device-state.js';
import { registerDevice } from '../net/core/device-registry.js';
import { DropReason } from '../net/core/drop-reason.js';
import type { FramePort, FrameReceiver } from '../net/core/frame-port.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';
import type { Stack } from '../net/core/stack.js';
import { EthernetDevice } from '../net/ethernet/ethernet-device.js';
import { HEADER } from '../wire/ethernet.js';
import { checkEthernetAddress } from './link-address.js';

/**
 * A NIC of driver "tapstack-nic": its wire, a port, leads out of the stack. Limits and names are those of virtio-net, which it
 * stands for.
 */
export class NicDevice extends EthernetDevice implements FrameReceiver {
  readonly driver = 'tapstack-nic';
  readonly #port: FramePort;
  #wire = true;

  /** Plugs the port in: there is a wire until the port says otherwise, and the NIC looks for it when it is first set up. */
  constructor(stack: Stack, name: string, address: Uint8Array, port: FramePort) {
    super(stack, name);
    this.minMtu = 68;
    this.maxMtu = 65_535;
    this.address = address.slice();
    this.permanentAddress = address.slice();
    this.liveAddressChange = true;
    this.features = NETIF_F_SG | NETIF_F_GSO | NETIF_F_GRO | port.offloads;
    this.carrier = false;
    this.#port = port;
    port.receiver = this;
  }

  override open(): void {
    super.open();
    setCarrier(this, this.#wire);
  }

  transmit(skb: PacketBuffer): void {
    const bytes = skb.length;
    if (!this.#port.send(skb)) {
      this.statistics.txDropped++;
      this.statistics.txFifoErrors++;
      this.stack.drop(skb, DropReason.FULL_RING);
      return;
    }
    this.statistics.txPackets++;
    this.statistics.txBytes += bytes;
  }

  frameReceived(skb: PacketBuffer): void {
    if (!this.up || skb.length < HEADER) {
      if (this.up) this.statistics.rxLengthErrors++;
      else this.statistics.rxDropped++;
      this.stack.drop(skb, this.up ? DropReason.HDR_TRUNC : DropReason.DEV_READY);
      return;
    }
    const { statistics } = this;
    statistics.rxPackets++;
    statistics.rxBytes += skb.length;
    if ((skb.bytes[skb.data]! & 1) !== 0) statistics.multicast++;
    skb.device = this;
    this.parseHeader(skb);
    if (this.stack.enqueue(skb)) return;
    statistics.rxDropped++;
    this.stack.drop(skb, DropReason.CPU_BACKLOG);
  }

  carrierChanged(up: boolean): void {
    this.#wire = up;
    if (this.up) setCarrier(this, up);
  }

  override unregistered(): void {
    if (this.#port.receiver === this) this.#port.receiver = null;
  }
}

/** Makes a NIC in the initial namespace. Throws NetError: EEXIST, EINVAL for the name, EADDRNOTAVAIL. */
export function plugNic(stack: Stack, name: string, address: Uint8Array, port: FramePort): NicDevice {
  checkEthernetAddress(address);
  const device = new NicDevice(stack, name, address, port);
  registerDevice(stack.initial, device);
  return device;
}

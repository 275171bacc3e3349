import { NETIF_F_GRO, NETIF_F_GSO, NETIF_F_RXCSUM, NETIF_F_SG } from '../net/core/device.js';
import { setCarrier } from '../net/core/device-state.js';
import { registerDevice } from '../net/core/device-registry.js';
import { DropReason } from '../net/core/drop-reason.js';
import type { EthtoolOps, LinkSettings, ModuleEeprom } from '../net/core/ethtool-ops.js';
import type { FramePort, FrameReceiver } from '../net/core/frame-port.js';
import { GroBatch } from '../net/core/gro.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';
import { Timer } from '../base/timer-wheel.js';
import type { Stack } from '../net/core/stack.js';
import { EthernetDevice } from '../net/ethernet/ethernet-device.js';
import { HEADER } from '../wire/ethernet.js';
import { nicEthtool } from './ethtool/nic.js';
import { unknownLink } from './ethtool/link-settings.js';
import { checkEthernetAddress } from './link-address.js';
import { TransmitCompletion } from './nic/completion.js';
import { MOST_A_TURN, MOST_CHANNELS, USUAL_RING } from './nic/limits.js';
import { QueueCounters } from './nic/queue-counters.js';
import { DROP, Steering } from './nic/steering.js';

/** How soon a full wire is tried again. */
const RETRY_US = 50;

/**
 * A NIC of driver "tapstack-nic": its wire, a port, leads out of the stack. Limits and names are those of virtio-net, which it
 * stands for.
 */
export class NicDevice extends EthernetDevice implements FrameReceiver {
  override ethtool: EthtoolOps = nicEthtool;
  readonly driver = 'tapstack-nic';
  readonly wire: FramePort;
  #connected = true;
  readonly #gro: GroBatch;

  // What ethtool sets.
  linkSettings: LinkSettings = unknownLink();
  /** Frames that may wait: to be taken in by one turn, and to go out when the wire is full. */
  rxRing = USUAL_RING;
  txRing = USUAL_RING;
  channels = 1;
  coalesce = { rxUsecs: 0, rxMaxFrames: 0, txUsecs: 0, txMaxFrames: 0, adaptiveRx: 0 };
  readonly steering: Steering;
  /** The module that is plugged in. */
  module: ModuleEeprom | null = null;
  readonly counters = new QueueCounters(MOST_CHANNELS);
  readonly completion: TransmitCompletion;

  /** Plugs the port in: there is a wire until the port says otherwise, and the NIC looks for it when it is first set up. */
  constructor(stack: Stack, name: string, address: Uint8Array, port: FramePort) {
    super(stack, name);
    this.minMtu = 68;
    this.maxMtu = 65_535;
    this.address = address.slice();
    this.permanentAddress = address.slice();
    this.liveAddressChange = true;
    this.features = NETIF_F_SG | NETIF_F_GSO | NETIF_F_GRO | NETIF_F_RXCSUM | port.offloads;
    this.carrier = false;
    this.wire = port;
    this.gathers = port.gathers === true;
    this.steering = new Steering(() => stack.random.u32());
    this.completion = new TransmitCompletion(stack, () => this.#sendWaiting());
    this.#gro = new GroBatch(stack, (skb) => this.#up(skb));
    port.receiver = this;
    this.featuresChanged();
    this.applyCoalesce();
  }

  /** Lets the far end leave undone what is on here. */
  featuresChanged(): void {
    const { features } = this;
    this.wire.setReceiveOffloads?.((features & NETIF_F_RXCSUM) !== 0, this.receivesSuperPackets);
  }

  /** rx-gro-hw: the far end may hand over segments that it has not cut. */
  receivesSuperPackets = true;

  /** Rings and coalescing: of what comes in told to the port. */
  applyCoalesce(): void {
    const { rxUsecs, rxMaxFrames, adaptiveRx, txUsecs, txMaxFrames } = this.coalesce;
    this.completion.usecs = txUsecs;
    this.completion.frames = txMaxFrames;
    const budget = rxMaxFrames > 0 ? Math.min(rxMaxFrames, this.rxRing) : Math.max(1, this.rxRing >>> 2);
    this.wire.setModeration?.(Math.min(budget, MOST_A_TURN), rxUsecs, adaptiveRx !== 0);
  }

  override open(): void {
    super.open();
    setCarrier(this, this.#connected);
  }

  transmit(skb: PacketBuffer): void {
    if (this.#waiting === null && this.#hasRoom && this.#send(skb)) return;
    if (this.#waitingCount >= this.txRing) {
      this.statistics.txDropped++;
      this.statistics.txFifoErrors++;
      this.stack.drop(skb, DropReason.FULL_RING);
      return;
    }
    // The wire or the ring is full: the frame waits.
    if (!this.stack.pool.bringIn(skb)) {
      this.statistics.txDropped++;
      this.stack.drop(skb, DropReason.NOMEM);
      return;
    }
    skb.next = null;
    if (this.#waiting === null) {
      this.#waiting = skb;
      if (this.#hasRoom) this.stack.timers.schedule(this.#retry, this.stack.nowUs + RETRY_US);
    } else this.#lastWaiting!.next = skb;
    this.#lastWaiting = skb;
    this.#waitingCount++;
  }

  /** A frame keeps its place in the ring until it is said to be sent. */
  get #hasRoom(): boolean {
    return this.completion.inFlight < this.txRing;
  }

  #waiting: PacketBuffer | null = null;
  #lastWaiting: PacketBuffer | null = null;
  #waitingCount = 0;
  readonly #retry = new Timer(() => this.#sendWaiting());

  #draining = false;

  /** Sends what waits: a completion that comes of it finds that at work. */
  #sendWaiting(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#drain();
    this.#draining = false;
  }

  #drain(): void {
    while (this.#waiting !== null) {
      // The next completion goes on here.
      if (!this.#hasRoom) return;
      const skb = this.#waiting;
      const { next } = skb;
      if (!this.#send(skb)) {
        this.stack.timers.schedule(this.#retry, this.stack.nowUs + RETRY_US);
        return;
      }
      this.#waiting = next;
      this.#waitingCount--;
    }
    this.#lastWaiting = null;
  }

  /** False: the wire is full. */
  #send(skb: PacketBuffer): boolean {
    const bytes = skb.length;
    const queue = this.channels === 1 ? 0 : (skb.hash >>> 0) % this.channels;
    if (!this.wire.send(skb)) return false;
    this.statistics.txPackets++;
    this.statistics.txBytes += bytes;
    this.counters.sent(queue, bytes);
    this.completion.sent();
    return true;
  }

  /** ndo_stop: what waits is gone. */
  override stop(): void {
    super.stop();
    this.#gro.flush();
    this.stack.timers.cancel(this.#retry);
    this.completion.reset();
    for (let skb = this.#waiting; skb !== null; ) {
      const { next }: { next: PacketBuffer | null } = skb;
      this.statistics.txDropped++;
      this.stack.drop(skb, DropReason.DEV_READY);
      skb = next;
    }
    this.#waiting = null;
    this.#lastWaiting = null;
    this.#waitingCount = 0;
  }

  frameReceived(skb: PacketBuffer): void {
    if (!this.up || skb.length < HEADER) {
      if (this.up) this.statistics.rxLengthErrors++;
      else this.statistics.rxDropped++;
      this.stack.drop(skb, this.up ? DropReason.HDR_TRUNC : DropReason.DEV_READY);
      return;
    }
    const queue = this.steering.queueOf(skb);
    const { statistics } = this;
    if (queue === DROP) {
      statistics.rxDropped++;
      this.stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    statistics.rxPackets++;
    statistics.rxBytes += skb.length;
    this.counters.received(queue, skb.length);
    if ((skb.bytes[skb.data]! & 1) !== 0) statistics.multicast++;
    skb.device = this;
    this.parseHeader(skb);
    if ((this.features & NETIF_F_GRO) !== 0) this.#gro.receive(skb);
    else this.#up(skb);
  }

  /** The port has taken in what it takes in one turn: what was joined goes up. */
  batchEnded(): void {
    this.#gro.flush();
  }

  #up(skb: PacketBuffer): void {
    if (this.stack.enqueue(skb)) return;
    this.statistics.rxDropped++;
    this.stack.drop(skb, DropReason.CPU_BACKLOG);
  }

  carrierChanged(up: boolean): void {
    this.#connected = up;
    if (this.up) setCarrier(this, up);
  }

  override unregistered(): void {
    this.batchEnded();
    if (this.wire.receiver === this) this.wire.receiver = null;
  }
}

/** Makes a NIC in the initial namespace. Throws NetError: EEXIST, EINVAL for the name, EADDRNOTAVAIL. */
export function plugNic(stack: Stack, name: string, address: Uint8Array, port: FramePort): NicDevice {
  checkEthernetAddress(address);
  const device = new NicDevice(stack, name, address, port);
  registerDevice(stack.initial, device);
  return device;
}

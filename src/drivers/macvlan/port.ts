import { MACVLAN_MODE_BRIDGE, MACVLAN_MODE_PASSTHRU, MACVLAN_MODE_PRIVATE, MACVLAN_MODE_VEPA } from '../../netlink/rtnl/link/macvlan.js';
import type { NetDevice, RxHandler } from '../../net/core/device.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { PACKET_BROADCAST, PACKET_MULTICAST, type PacketBuffer } from '../../net/core/packet-buffer.js';
import { MacTable } from '../../net/ethernet/mac-table.js';
import { isBroadcast } from '../../wire/ethernet.js';
import { forwardTo } from '../forward-to.js';
import type { MacvlanDevice } from './device.js';
import { SourceTable } from './sources.js';

const ETH_P_PAUSE = 0x8808;
const ANY_MODE = MACVLAN_MODE_PRIVATE | MACVLAN_MODE_VEPA | MACVLAN_MODE_PASSTHRU | MACVLAN_MODE_BRIDGE;

/** What all macvlans of one device share (struct macvlan_port). */
export class MacvlanPort {
  readonly lower: NetDevice;
  /** In the order in which they came. */
  devices: readonly MacvlanDevice[] = [];
  /** Those that are up, by their addresses. */
  readonly byAddress: MacTable<MacvlanDevice>;
  readonly sources: SourceTable<MacvlanDevice>;
  /** Its one macvlan has all of the device: MACVLAN_F_PASSTHRU. */
  passthru = false;
  /** The macvlan changes the address of the device below: MACVLAN_F_ADDRCHANGE. */
  changingAddress = false;
  #queueHead: PacketBuffer | null = null;
  #queueTail: PacketBuffer | null = null;
  #queueLength = 0;
  readonly #work = () => this.#processBroadcasts();

  constructor(lower: NetDevice, handler: RxHandler) {
    this.lower = lower;
    this.byAddress = new MacTable(lower.stack.hashSeed);
    this.sources = new SourceTable(lower.stack.hashSeed);
    lower.port = this;
    lower.rxHandler = handler;
  }

  /** Frames to groups that may wait: the largest wish of its devices. Linux: update_port_bc_queue_len() */
  get broadcastQueueLength(): number {
    return this.devices.reduce((most, device) => Math.max(most, device.broadcastQueueRequest), 0);
  }

  destroy(): void {
    const { lower } = this;
    lower.rxHandler = null;
    lower.port = null;
    for (let skb = this.#queueHead; skb !== null; ) {
      const { next } = skb;
      skb.next = null;
      lower.stack.drop(skb, DropReason.DEV_READY);
      skb = next;
    }
    this.#queueHead = null;
  }

  /** A frame to a group has come in, `skb` stays the caller's: copies go to those concerned behind what goes on now. Linux: macvlan_broadcast_enqueue() */
  enqueueBroadcast(skb: PacketBuffer, source: MacvlanDevice | null): void {
    const { lower } = this;
    if (this.#queueLength >= this.broadcastQueueLength) {
      lower.statistics.rxDropped++;
      return;
    }
    const copy = lower.stack.pool.clone(skb);
    copy.next = null;
    copy.cb0 = source === null ? 0 : source.ifindex;
    copy.cb1 = source === null ? 0 : source.mode;
    if (this.#queueTail === null) this.#queueHead = copy;
    else this.#queueTail.next = copy;
    this.#queueTail = copy;
    if (this.#queueLength++ === 0) lower.stack.defer(this.#work);
  }

  // Linux: macvlan_process_broadcast()
  #processBroadcasts(): void {
    let skb = this.#queueHead;
    this.#queueHead = null;
    this.#queueTail = null;
    this.#queueLength = 0;
    while (skb !== null) {
      const next: PacketBuffer | null = skb.next;
      skb.next = null;
      const source = skb.cb0 === 0 ? null : this.byAddress.find(skb.bytes, skb.macHeader + 6);
      let modes = ANY_MODE;
      // What one of ours has sent out came back from the switch: bridge ports have it already.
      if (source !== null) modes = source.mode === MACVLAN_MODE_VEPA ? MACVLAN_MODE_VEPA | MACVLAN_MODE_BRIDGE : MACVLAN_MODE_VEPA;
      this.flood(skb, source, modes, false);
      this.lower.stack.consume(skb);
      skb = next;
    }
  }

  /**
   * Copies of a frame for all devices of `modes` that are up, but the sender. `sent`: it is on its way out, link header at `skb.data`;
   * else it came in. Linux: macvlan_broadcast()
   */
  flood(skb: PacketBuffer, sender: MacvlanDevice | null, modes: number, sent: boolean): void {
    if (skb.protocol === ETH_P_PAUSE) return;
    const { devices } = this;
    const { stack } = this.lower;
    const at = sent ? skb.data : skb.macHeader;
    for (let i = 0; i < devices.length; i++) {
      const device = devices[i]!;
      if (device === sender || !device.up || (device.mode & modes) === 0 || !device.hears(skb, at)) continue;
      const bytes = sent ? skb.length : skb.length + device.hardHeaderBytes;
      const copy = stack.pool.clone(skb);
      if (sent) forwardTo(device, copy);
      else {
        copy.device = device;
        copy.packetType = isBroadcast(copy.view, copy.macHeader) ? PACKET_BROADCAST : PACKET_MULTICAST;
        if (!stack.enqueue(copy)) stack.drop(copy, DropReason.CPU_BACKLOG);
      }
      device.countReceived(bytes, true);
    }
  }
}

import { IFF_NO_PI, IFF_TUN } from '../netlink/rtnl/link/tun.js';
import { registerDevice } from '../net/core/device-registry.js';
import { NETIF_F_GSO, NETIF_F_HW_CSUM, NETIF_F_SG, NETIF_F_TSO, NETIF_F_TSO6 } from '../net/core/device.js';
import { DropReason } from '../net/core/drop-reason.js';
import { segment } from '../net/core/gso.js';
import { CHECKSUM_PARTIAL, type PacketBuffer } from '../net/core/packet-buffer.js';
import type { Stack } from '../net/core/stack.js';
import { tunEthtool } from '../drivers/ethtool/tun.js';
import { TunDevice } from '../drivers/tun.js';
import type { EthtoolOps } from '../net/core/ethtool-ops.js';
import { featureNumber } from '../net/ethtool/features.js';
import { hasBit } from '../netlink/genl/ethtool/bitset.js';
import * as checksum from '../wire/checksum.js';

/** A packet that the stack sent: no link header. */
export interface SentPacket {
  readonly atUs: number;
  readonly bytes: Uint8Array;
}

const TSO = featureNumber('tx-tcp-segmentation');

/** As of a TUN device whose program has switched on all that it may (TUNSETOFFLOAD); `ethtool -K` switches it off and on. */
const scriptEthtool: EthtoolOps<ScriptLink> = {
  ...tunEthtool,
  features(device) {
    const profile = tunEthtool.features(device);
    return { ...profile, on: [...profile.on, ...(profile.wished ?? [])] };
  },
  fixFeatures: (_device, wanted) => wanted,
  featuresChanged(device) {
    device.takesSuperPackets = hasBit(device.featureState!.active, TSO);
    device.features |= NETIF_F_TSO | NETIF_F_TSO6;
  },
};

/** `tun0`, whose wire is the script. */
export class ScriptLink extends TunDevice {
  override ethtool: EthtoolOps = scriptEthtool;
  /** What was sent and no event of the script has taken yet. */
  readonly sent: SentPacket[] = [];
  /** Super-packets leave as they are (`ethtool -K tun0 tso on`); TCP makes them in any case, as Linux's does. */
  takesSuperPackets = true;

  /** Like a TUN device whose program takes super-packets: they leave as they are. */
  constructor(stack: Stack, mtu: number) {
    super(stack, 'tun0', { flags: IFF_TUN | IFF_NO_PI, user: undefined, group: undefined });
    this.mtu = mtu;
    this.carrier = true;
    this.kind = stack.linkKinds.get('tun') ?? null;
    this.features = NETIF_F_SG | NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_GSO;
    registerDevice(stack.initial, this);
  }

  override transmit(skb: PacketBuffer): void {
    if (skb.gsoSize === 0 || this.takesSuperPackets) this.#transmitOne(skb);
    else
      for (let piece = segment(skb); piece !== null; ) {
        const next: PacketBuffer | null = piece.next;
        piece.next = null;
        this.#transmitOne(piece);
        piece = next;
      }
  }

  #transmitOne(skb: PacketBuffer): void {
    this.statistics.txPackets++;
    this.statistics.txBytes += skb.length;
    const bytes = skb.bytes.slice(skb.data, skb.tail);
    if (skb.ipSummed === CHECKSUM_PARTIAL) {
      const v = new DataView(bytes.buffer);
      const start = skb.csumStart - skb.data;
      v.setUint16(start + skb.csumOffset, checksum.checksum(v, start, bytes.length - start, 0));
    }
    this.sent.push({ atUs: this.stack.clock.monotonicUs(), bytes });
    this.stack.consume(skb);
  }

  /** Lets a packet come in. Its processing is the next poll()'s. */
  inject(bytes: Uint8Array): void {
    const { stack } = this;
    const skb = stack.pool.allocate(bytes.length);
    if (skb === null) throw new Error('the packet pool is at its limit');
    skb.bytes.set(bytes, skb.put(bytes.length));
    skb.device = this;
    this.statistics.rxPackets++;
    this.statistics.rxBytes += bytes.length;
    this.parseHeader(skb);
    if (!stack.enqueue(skb)) stack.drop(skb, DropReason.CPU_BACKLOG);
  }
}

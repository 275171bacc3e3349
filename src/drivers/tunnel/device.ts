import { ARPHRD_ETHER, IFF_BROADCAST, IFF_NOARP, IFF_POINTOPOINT } from '../../netlink/rtnl/constants.js';
import { isMulticast } from '../../wire/ipv4.js';
import { NetDevice } from '../../net/core/device.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { coverHeadroom } from '../../net/core/headroom.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import type { IpTunnel } from '../../net/ipv4/tunnel/tunnel.js';
import { TUNNEL_HEADROOM } from '../../net/ipv4/tunnel/tunnel.js';
import type { TunnelTable } from '../../net/ipv4/tunnel/table.js';
import type { Stack } from '../../net/core/stack.js';
import { diesWith } from '../underlay-lifetime.js';

/** A device whose other side is reached by a tunnel over IPv4. */
export interface TunnelDevice extends NetDevice {
  tunnel: IpTunnel;
  table: TunnelTable;
  /** Set while it is registered: ends what diesWith() began. */
  stopOutliving: (() => void) | null;
}

/** It is registered: packets find it, and it does not outlive the namespace that they are in. */
export function joinTunnels(device: TunnelDevice): void {
  device.table.insert(device.tunnel);
  // Linux: register_netdevice(): the address that it has from its driver is its own.
  const { local } = device.tunnel.parameters;
  if (local !== 0 && device.type !== ARPHRD_ETHER) device.permanentAddress = addressBytes(local);
  device.stopOutliving = diesWith(device, device.tunnel.underlay);
}

/** It goes for good. */
export function leaveTunnels(device: TunnelDevice): void {
  device.stopOutliving?.();
  device.stopOutliving = null;
  device.table.remove(device.tunnel);
}

export const isTunnelDevice = (device: NetDevice): device is TunnelDevice => 'tunnel' in device && 'table' in device;

/** A tunnel that carries packets without a link header: ipip, gre, sit. */
export abstract class PacketTunnelDevice extends NetDevice implements TunnelDevice {
  tunnel!: IpTunnel;
  table!: TunnelTable;
  stopOutliving: (() => void) | null = null;

  constructor(stack: Stack, name: string, type: number) {
    super(stack, name);
    this.type = type;
    this.minMtu = 0;
    this.maxMtu = 0;
    this.hardHeaderBytes = 0;
    this.noQueue = true;
    this.address = new Uint8Array(4);
    this.broadcast = new Uint8Array(4);
  }

  override get iflink(): number {
    return this.tunnel.parameters.ifindex;
  }

  override get linkNamespace(): Namespace {
    return this.tunnel.underlay;
  }

  /** Flags and addresses follow from the parameters. Linux: ip_tunnel_bind_dev(), ipgre_tunnel_init() */
  showParameters(): void {
    const { local, remote } = this.tunnel.parameters;
    let flags: number = remote === 0 ? 0 : IFF_POINTOPOINT;
    if (isMulticast(remote)) flags |= IFF_BROADCAST;
    else flags |= IFF_NOARP;
    this.flags = (this.flags & ~(IFF_POINTOPOINT | IFF_BROADCAST | IFF_NOARP)) | flags;
    this.address = addressBytes(local);
    this.broadcast = addressBytes(remote);
  }

  override setMtu(mtu: number): void {
    this.tunnel.checkMtu(mtu);
    super.setMtu(mtu);
  }

  override unregistered(): void {
    leaveTunnels(this);
  }

  createHeader(): void {
    // Packets go as they are; the outer header is put on when they are sent.
  }

  parseHeader(skb: PacketBuffer): void {
    skb.macHeader = skb.data;
    const version = skb.length === 0 ? 0 : skb.view.getUint8(skb.data) >>> 4;
    skb.protocol = version === 6 ? 0x86dd : 0x0800;
  }

  transmit(skb: PacketBuffer): void {
    if (!coverHeadroom(this.stack, skb, TUNNEL_HEADROOM)) {
      this.statistics.txDropped++;
      this.stack.drop(skb, DropReason.NOMEM);
      return;
    }
    this.encapsulate(skb);
  }

  /** The packet has bytes of its own and room for headers. Takes ownership. */
  protected abstract encapsulate(skb: PacketBuffer): void;
}

export const addressBytes = (address: number): Uint8Array =>
  Uint8Array.of(address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff);

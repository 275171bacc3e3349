import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { tunnelEthtool } from '../ethtool/tunnels.js';
import { ARPHRD_IPGRE, ARPHRD_NONE } from '../../netlink/rtnl/constants.js';
import * as gre from '../../wire/gre.js';
import * as ip from '../../wire/ipv4.js';
import { DropReason } from '../../net/core/drop-reason.js';
import { coverHeadroom } from '../../net/core/headroom.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import type { Stack } from '../../net/core/stack.js';
import { EthernetDevice } from '../../net/ethernet/ethernet-device.js';
import { greHeaderBytes } from '../../net/ipv4/tunnel/parameters.js';
import type { TunnelTable } from '../../net/ipv4/tunnel/table.js';
import { type IpTunnel, TUNNEL_HEADROOM } from '../../net/ipv4/tunnel/tunnel.js';
import { leaveTunnels, PacketTunnelDevice, type TunnelDevice } from '../tunnel/device.js';
import { transmitMetadata } from '../../net/core/tunnel-metadata.js';
import { HEADER as ETHERNET_HEADER } from '../../wire/ethernet.js';
import { GreEndpoint } from './endpoint.js';

/** `gre`: packets of any network protocol over IPv4, RFC 2784. */
export class GreDevice extends PacketTunnelDevice {
  override ethtool: EthtoolOps = tunnelEthtool('gre');
  readonly endpoint = new GreEndpoint();

  constructor(stack: Stack, name: string) {
    super(stack, name, ARPHRD_IPGRE);
  }

  override showParameters(): void {
    super.showParameters();
    const { remote, outputFlags } = this.tunnel.parameters;
    this.tunnel.headerBytes = greHeaderBytes(outputFlags);
    // With many remotes the neighbour says which: it stands in a header that comes off again in encapsulate().
    const many = (remote === 0 || ip.isMulticast(remote)) && !this.tunnel.fallback && !this.tunnel.external;
    if (this.tunnel.external) this.type = ARPHRD_NONE;
    this.hardHeaderBytes = many ? ip.HEADER + this.tunnel.headerBytes : 0;
  }

  // Linux: ipgre_open()
  override open(): void {
    this.#membership(true);
  }

  override stop(): void {
    this.#membership(false);
  }

  #membership(join: boolean): void {
    const { remote, ifindex } = this.tunnel.parameters;
    const lower = this.tunnel.underlay.deviceByIndex(ifindex);
    if (!ip.isMulticast(remote) || lower === undefined) return;
    const { multicast } = this.tunnel.underlay.ipv4;
    if (join) multicast.join(lower, remote);
    else multicast.leave(lower, remote);
  }

  // Linux: ipgre_header(), of which only the destination counts here
  override createHeader(skb?: PacketBuffer, _protocol?: number, destination?: Uint8Array | null): void {
    if (skb === undefined || this.hardHeaderBytes === 0) return;
    const at = skb.push(this.hardHeaderBytes);
    const to = destination ?? this.broadcast;
    for (let i = 0; i < this.hardHeaderBytes; i++) skb.bytes[at + i] = 0;
    for (let i = 0; i < 4; i++) skb.bytes[at + 16 + i] = to[i]!;
    skb.macHeader = at;
  }

  protected encapsulate(skb: PacketBuffer): void {
    const { tunnel, hardHeaderBytes } = this;
    if (tunnel.external) {
      sendGreAsTold(this, this.endpoint, skb, skb.protocol, skb.protocol, 0);
      return;
    }
    let { remote } = tunnel.parameters;
    if (hardHeaderBytes !== 0) {
      remote = ip.destination(skb.view, skb.data);
      skb.pull(hardHeaderBytes);
    }
    const { protocol } = skb;
    this.endpoint.push(skb, tunnel, protocol);
    tunnel.send(skb, gre.PROTOCOL, protocol, tunnel.headerBytes, remote);
  }
}

/** `gretap`: Ethernet frames over IPv4. */
export class GretapDevice extends EthernetDevice implements TunnelDevice {
  override ethtool: EthtoolOps = tunnelEthtool('gretap');
  tunnel!: IpTunnel;
  table!: TunnelTable;
  stopOutliving: (() => void) | null = null;
  readonly endpoint = new GreEndpoint();

  constructor(stack: Stack, name: string) {
    super(stack, name);
    this.maxMtu = 0;
    this.noQueue = true;
    this.liveAddressChange = true;
  }

  override get iflink(): number {
    return this.tunnel.parameters.ifindex;
  }

  override get linkNamespace(): Namespace {
    return this.tunnel.underlay;
  }

  showParameters(): void {
    this.tunnel.headerBytes = greHeaderBytes(this.tunnel.parameters.outputFlags);
  }

  override setMtu(mtu: number): void {
    this.tunnel.checkMtu(mtu);
    super.setMtu(mtu);
  }

  override unregistered(): void {
    leaveTunnels(this);
  }

  transmit(skb: PacketBuffer): void {
    const { stack, tunnel } = this;
    if (tunnel.external && coverHeadroom(stack, skb, TUNNEL_HEADROOM)) {
      sendGreAsTold(this, this.endpoint, skb, gre.ETH_P_TEB, skb.view.getUint16(skb.data + 12), ETHERNET_HEADER);
      return;
    }
    // Without a remote there is nobody to send to.
    if (tunnel.parameters.remote === 0 || !coverHeadroom(stack, skb, TUNNEL_HEADROOM)) {
      this.statistics.txDropped++;
      stack.drop(skb, tunnel.parameters.remote === 0 ? DropReason.NOT_SPECIFIED : DropReason.NOMEM);
      return;
    }
    const payload = skb.view.getUint16(skb.data + 12);
    this.endpoint.push(skb, tunnel, gre.ETH_P_TEB);
    tunnel.send(skb, gre.PROTOCOL, payload, tunnel.headerBytes + ETHERNET_HEADER, tunnel.parameters.remote);
  }
}

/** A packet whose metadata says where it goes: `payload` is the EtherType of the packet that begins `inner` bytes on. Linux: gre_fb_xmit() */
function sendGreAsTold(
  device: GreDevice | GretapDevice,
  endpoint: GreEndpoint,
  skb: PacketBuffer,
  protocol: number,
  payload: number,
  inner: number,
): void {
  const told = transmitMetadata(skb);
  if (told === null || told.destination6 !== null) {
    device.statistics.txDropped++;
    device.stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  const headerBytes = endpoint.pushAsTold(skb, protocol, told);
  device.tunnel.sendAsTold(skb, gre.PROTOCOL, payload, headerBytes + inner, headerBytes, told);
}

import type { EthtoolOps } from '../../net/core/ethtool-ops.js';
import { tunnelEthtool } from '../ethtool/tunnels.js';
import { ARPHRD_SIT, ARPHRD_TUNNEL } from '../../netlink/rtnl/constants.js';
import { ETH_P_IP, ETH_P_IPV6 } from '../../wire/ethernet.js';
import { DropReason } from '../../net/core/drop-reason.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import type { Stack } from '../../net/core/stack.js';
import { transmitMetadata } from '../../net/core/tunnel-metadata.js';
import { SIX_TO_FOUR, siteOf } from '../../net/ipv4/tunnel/six-rd.js';
import type { Rt6 } from '../../net/ipv6/rt6.js';
import * as ip6 from '../../wire/ipv6.js';
import { compatibleNexthop } from '../tunnel/compatible-nexthop.js';
import { ISATAP_IDENTIFIER, isatapAddress, PotentialRouters } from './isatap.js';
import { PacketTunnelDevice } from '../tunnel/device.js';

export const IPPROTO_IPIP = 4;
export const IPPROTO_IPV6 = 41;
/** `ipip`: IPv4 in IPv4, RFC 2003. */
export class IpipDevice extends PacketTunnelDevice {
  override ethtool: EthtoolOps = tunnelEthtool('ipip');
  constructor(stack: Stack, name: string) {
    super(stack, name, ARPHRD_TUNNEL);
  }

  protected encapsulate(skb: PacketBuffer): void {
    const { tunnel } = this;
    const { payload, remote } = tunnel.parameters;
    if (skb.protocol !== ETH_P_IP || (payload !== 0 && payload !== IPPROTO_IPIP)) {
      refuse(this, skb);
      return;
    }
    if (!tunnel.external) {
      tunnel.send(skb, IPPROTO_IPIP, ETH_P_IP, 0, remote);
      return;
    }
    const told = transmitMetadata(skb);
    if (told === null || told.destination6 !== null) refuse(this, skb);
    else tunnel.sendAsTold(skb, IPPROTO_IPIP, ETH_P_IP, 0, 0, told);
  }
}

/** `sit`: IPv6 in IPv4, RFC 4213, and IPv4 where it is set to. */
export class SitDevice extends PacketTunnelDevice {
  override ethtool: EthtoolOps = tunnelEthtool('sit');
  /** Where packets go that no remote is set for. */
  sixRd = SIX_TO_FOUR;
  /** Of an ISATAP link (`isatap`). */
  readonly routers = new PotentialRouters();

  constructor(stack: Stack, name: string) {
    super(stack, name, ARPHRD_SIT);
    this.minMtu = 1280;
    this.maxMtu = 65_555;
  }

  protected encapsulate(skb: PacketBuffer): void {
    const { tunnel } = this;
    const { payload, remote } = tunnel.parameters;
    const { protocol } = skb;
    if (protocol === ETH_P_IPV6 && (payload === 0 || payload === IPPROTO_IPV6)) {
      let to = remote;
      if (this.isatap) to = isatapNexthop(skb);
      else if (remote === 0 && skb.length >= ip6.HEADER) {
        to = siteOf(this.sixRd, skb.view, skb.data + ip6.DESTINATION);
        if (to === 0) to = compatibleNexthop(this, skb, skb.data);
      }
      if (to === 0) refuse(this, skb);
      else tunnel.send(skb, IPPROTO_IPV6, ETH_P_IPV6, 0, to);
    } else if (protocol === ETH_P_IP && (payload === 0 || payload === IPPROTO_IPIP)) tunnel.send(skb, IPPROTO_IPIP, ETH_P_IP, 0, remote);
    else refuse(this, skb);
  }
}

/** The IPv4 address of the neighbour that an ISATAP link's packet goes to; 0: it has none. RFC 5214 7.4 */
function isatapNexthop(skb: PacketBuffer): number {
  if (skb.dst === null || skb.length < ip6.HEADER) return 0;
  const { gateway } = skb.dst as Rt6;
  if (gateway === null) return skb.bytes[skb.data + ip6.DESTINATION] === 0xff ? 0 : isatapAddress(skb.view, skb.data + ip6.DESTINATION);
  return (gateway[2]! | 0x0200_0000) >>> 0 === ISATAP_IDENTIFIER ? gateway[3]! : 0;
}

function refuse(device: PacketTunnelDevice, skb: PacketBuffer): void {
  device.statistics.txErrors++;
  device.stack.drop(skb, DropReason.UNHANDLED_PROTO);
}

import type { PacketBuffer } from '../../../core/packet-buffer.js';
import type { Ipvs } from '../ipvs.js';
import type { IpvsPacket } from '../packet.js';

/**
 * An application's protocol that carries addresses in its data, for servers behind masquerading (struct ip_vs_app): one file each,
 * listed in apps/registry.ts. It is at work once its module is loaded.
 */
export interface IpvsApplication {
  /** As /proc/net/ip_vs_app has it. */
  readonly name: string;
  readonly module: string;
  /** The transport's protocol. */
  readonly protocol: number;
  /** Virtual ports of its services, where the module is not told others. */
  readonly ports: readonly number[];
  /** Looks at a packet from the client, before it is translated. False: the packet is dropped. */
  incoming(ipvs: Ipvs, id: number, skb: PacketBuffer, packet: IpvsPacket): boolean;
  /** The same of a packet from the server. */
  outgoing(ipvs: Ipvs, id: number, skb: PacketBuffer, packet: IpvsPacket): boolean;
}

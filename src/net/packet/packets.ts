import { ENETDOWN } from '../../base/errno.js';
import { VLAN_VID_MASK } from '../../wire/vlan.js';
import type { NetDevice, PacketTap } from '../core/device.js';
import type { DeviceEvent } from '../core/device-event.js';
import type { Namespace } from '../core/namespace.js';
import { PACKET_OUTGOING, type PacketBuffer } from '../core/packet-buffer.js';
import { ETH_P_ALL } from './constants.js';
import { type FanoutGroup, joinFanout } from './fanout.js';
import { PacketSocket } from './packet-socket.js';

/**
 * The packet sockets of one namespace (net->packet). They stand at the devices as taps, and only where a socket wants packets:
 * without packet sockets no packet meets this.
 */
export class Packets {
  readonly sockets = new Set<PacketSocket>();
  readonly fanouts = new Set<FanoutGroup>();
  readonly #namespace: Namespace;
  readonly #tap: PacketTap = (skb, device, outgoing) => this.#see(skb, device, outgoing);
  /** Sockets that take packets now, each alone; members of groups are behind their group. */
  #hooked: readonly PacketSocket[] = [];
  #groups: readonly FanoutGroup[] = [];

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
    namespace.deviceEvents.subscribe((event) => this.#deviceEvent(event));
  }

  createSocket(type: number, protocol: number, uid: number): PacketSocket {
    const socket = new PacketSocket(this.#namespace, this, type, protocol, uid);
    this.sockets.add(socket);
    this.changed();
    return socket;
  }

  remove(socket: PacketSocket): void {
    this.sockets.delete(socket);
    const { fanout } = socket;
    if (fanout !== null) {
      fanout.members.splice(fanout.members.indexOf(socket), 1);
      if (fanout.members.length === 0) this.fanouts.delete(fanout);
    }
    this.changed();
  }

  /** PACKET_FANOUT: 0 or a negative errno. */
  join(socket: PacketSocket, value: number): number {
    const group = joinFanout(this.fanouts, socket, value);
    if (typeof group === 'number') return group;
    socket.fanout = group;
    this.changed();
    return 0;
  }

  /** A socket was bound, or came or went: taps stand where they are wanted. */
  changed(): void {
    this.#hooked = [...this.sockets].filter((socket) => socket.running && socket.fanout === null);
    this.#groups = [...this.fanouts];
    for (const device of this.#namespace.devicesByIndex.values()) this.#place(device);
  }

  #place(device: NetDevice): void {
    const wanted =
      this.#hooked.some(({ local }) => local.scopeId === 0 || local.scopeId === device.ifindex) ||
      this.#groups.some(({ ifindex }) => ifindex === 0 || ifindex === device.ifindex);
    const there = device.taps.includes(this.#tap);
    if (wanted && !there) device.taps = [...device.taps, this.#tap];
    else if (!wanted && there) device.taps = device.taps.filter((tap) => tap !== this.#tap);
  }

  /** packet_notifier() */
  #deviceEvent({ type, device }: DeviceEvent): void {
    if (type === 'register') this.#place(device);
    else if (type === 'up' || type === 'down' || type === 'unregister') {
      if (type === 'unregister') device.taps = device.taps.filter((tap) => tap !== this.#tap);
      let any = false;
      for (const socket of this.sockets) {
        if (type === 'unregister') socket.dropMemberships(device);
        if (socket.local.scopeId !== device.ifindex) continue;
        any = true;
        if (type === 'up') socket.deviceUp = true;
        else {
          if (socket.deviceUp) socket.report(ENETDOWN);
          socket.deviceUp = false;
          if (type === 'unregister') socket.local.scopeId = -1;
        }
      }
      if (any) this.changed();
    }
  }

  #see(skb: PacketBuffer, device: NetDevice, outgoing: boolean): void {
    const packetType = outgoing ? PACKET_OUTGOING : skb.packetType;
    for (let i = 0; i < this.#hooked.length; i++) {
      const socket = this.#hooked[i]!;
      if (!wants(socket.local.port, socket.local.scopeId, skb, device, outgoing)) continue;
      if (outgoing && (skb.socket === socket || socket.ignoresOutgoing)) continue;
      socket.take(skb, device, packetType);
    }
    for (let i = 0; i < this.#groups.length; i++) {
      const group = this.#groups[i]!;
      if (!wants(group.protocol, group.ifindex, skb, device, outgoing)) continue;
      // Linux: match_fanout_group(): what a member has sent is for none of them.
      if (outgoing && (group.ignoresOutgoing || (skb.socket instanceof PacketSocket && skb.socket.fanout === group))) continue;
      group.choose(skb).take(skb, device, packetType);
    }
  }
}

/**
 * Whether a hook for `protocol` at the device `ifindex` (0: any) sees a packet. A hook for one protocol stands behind bridges, bonds
 * and VLANs, which take packets away, and sees nothing that leaves.
 */
function wants(protocol: number, ifindex: number, skb: PacketBuffer, device: NetDevice, outgoing: boolean): boolean {
  if (ifindex !== 0 && ifindex !== device.ifindex) return false;
  if (protocol === ETH_P_ALL) return true;
  if (outgoing || protocol !== skb.protocol || device.rxHandler !== null) return false;
  return skb.vlanTci < 0 || device.vlans === null || device.vlans.find(skb.vlanProtocol, skb.vlanTci & VLAN_VID_MASK) === null;
}

import { EADDRINUSE } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { DropReason } from '../../net/core/drop-reason.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';
import type { EncapsulationReceiver, UdpSocket } from '../../net/udp/udp-socket.js';
import * as ip from '../../wire/ipv4.js';
import * as udp from '../../wire/udp.js';
import * as vxlan from '../../wire/vxlan.js';
import type { VxlanDevice } from './device.js';

/** One UDP port on which encapsulated frames come in, and the devices behind it by VNI (struct vxlan_sock). */
export class VxlanSocket implements EncapsulationReceiver {
  readonly port: number;
  readonly #namespace: Namespace;
  readonly #socket: UdpSocket;
  readonly #devices = new Map<number, VxlanDevice>();

  /** EADDRINUSE. */
  constructor(namespace: Namespace, port: number) {
    this.port = port;
    this.#namespace = namespace;
    this.#socket = namespace.udp.createSocket(0, true);
    if (this.#socket.bindForTunnel(port, this) !== 0) fail(EADDRINUSE);
  }

  attach(device: VxlanDevice): void {
    this.#devices.set(device.settings.vni, device);
  }

  /** True: it was the last. */
  detach(device: VxlanDevice): boolean {
    this.#devices.delete(device.settings.vni);
    return this.#devices.size === 0;
  }

  close(): void {
    this.#socket.close();
  }

  /** Linux: vxlan_rcv() */
  receive(skb: PacketBuffer): void {
    const { stack } = this.#namespace;
    const at = skb.data + udp.HEADER;
    const { view } = skb;
    if (skb.tail - at < vxlan.HEADER + 14) {
      stack.drop(skb, DropReason.HDR_TRUNC);
      return;
    }
    // RFC 7348 5: reserved bits are ignored on receipt. Linux: what is set beside I and the VNI was not asked for, and is dropped.
    const word = vxlan.vniWord(view, at);
    if (vxlan.flags(view, at) !== vxlan.FLAGS || (word & 0xff) !== 0) {
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const device = this.#devices.get(word >>> 8);
    if (device === undefined) {
      stack.drop(skb, DropReason.NOT_SPECIFIED);
      return;
    }
    const outer = skb.networkHeader;
    const source = ip.source(view, outer);
    const tos = ip.tos(view, outer);
    skb.data = at + vxlan.HEADER;
    device.receive(skb, source, tos);
  }
}

/** The vxlan devices that send and receive by one namespace (struct vxlan_net). */
export class VxlanUnderlay {
  readonly devices = new Set<VxlanDevice>();
  readonly #namespace: Namespace;
  readonly #sockets = new Map<number, VxlanSocket>();

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /** The socket of a port, opened for the first device. EADDRINUSE. */
  open(device: VxlanDevice): VxlanSocket {
    const { port } = device.settings;
    let socket = this.#sockets.get(port);
    if (socket === undefined) {
      socket = new VxlanSocket(this.#namespace, port);
      this.#sockets.set(port, socket);
    }
    socket.attach(device);
    return socket;
  }

  release(socket: VxlanSocket, device: VxlanDevice): void {
    if (!socket.detach(device)) return;
    this.#sockets.delete(socket.port);
    socket.close();
  }
}

const underlays = new WeakMap<Namespace, VxlanUnderlay>();

export function underlayOf(namespace: Namespace): VxlanUnderlay {
  let underlay = underlays.get(namespace);
  if (underlay === undefined) {
    underlay = new VxlanUnderlay(namespace);
    underlays.set(namespace, underlay);
  }
  return underlay;
}

import { IFA_F_TENTATIVE, NUD_STALE } from '../../netlink/rtnl/constants.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import * as nd from '../../wire/ndisc.js';
import type { NetDevice } from '../core/device.js';
import { Flow } from '../core/flow.js';
import {
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
} from '../core/neighbour.js';
import { NODE_HOST, NODE_ROUTER } from '../core/ndisc-node.js';
import type { PacketBuffer } from '../core/packet-buffer.js';
import { copyBytes } from '../core/packet-pool.js';
import type { Ndisc } from './ndisc.js';

const source = new Uint32Array(4);
const target = new Uint32Array(4);
const destination = new Uint32Array(4);
const hardware = new Uint8Array(32);
const flow = new Flow();

/** A router names a better first hop, RFC 4861 8.3: the options were checked, the source is link-local. Linux: rt6_do_redirect() */
export function receiveRedirect(ndisc: Ndisc, skb: PacketBuffer, device: NetDevice): void {
  const owner = device.ipv6!;
  const v = skb.view;
  const at = skb.data;
  if (skb.ndiscNode === NODE_HOST || skb.ndiscNode === NODE_ROUTER) return;
  ip6.readAddress(v, skb.networkHeader + ip6.SOURCE, source);
  ip6.readAddress(v, at + nd.TARGET, target);
  ip6.readAddress(v, at + nd.REDIRECT_DESTINATION, destination);
  if (ip6.isMulticast(destination)) return;
  const onLink = ip6.equalAddress(target, destination);
  if (!onLink && !ip6.isLinkLocal(target)) return;
  if (!owner.acceptsRedirects()) return;
  const option = nd.findOption(v, at + nd.REDIRECT, skb.tail, nd.OPT_TARGET_LL_ADDR);
  const learned = option >= 0 && v.getUint8(option + 1) << 3 === nd.linkAddressOption(device.address.length);
  if (option >= 0 && !learned) return;
  if (learned) for (let i = 0; i < device.address.length; i++) hardware[i] = skb.bytes[option + 2 + i]!;
  const neighbour = ndisc.table.obtain(device, target[0]!, target[1]!, target[2]!, target[3]!);
  if (neighbour === null) return;
  const router = onLink ? 0 : NEIGH_UPDATE_F_OVERRIDE_ISROUTER | NEIGH_UPDATE_F_ISROUTER;
  neighbour.learn(learned ? hardware : null, NUD_STALE, NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE | router);
  ndisc.namespace.ipv6.routes.redirect(source, target, destination, device);
}

/** Tells the sender of `skb`, which came in by the device that it leaves by, of `to`. Linux: ndisc_send_redirect() */
export function buildRedirect(ndisc: Ndisc, skb: PacketBuffer, to: ip6.In6): void {
  const { ipv6 } = ndisc.namespace;
  const device = skb.device!;
  const held = ipv6.addresses.linkLocal(device, IFA_F_TENTATIVE);
  const v = skb.view;
  const at = skb.networkHeader;
  ip6.readAddress(v, at + ip6.SOURCE, source);
  ip6.readAddress(v, at + ip6.DESTINATION, destination);
  if (held === null || (!ip6.equalAddress(to, destination) && !ip6.isLinkLocal(to))) return;
  flow.reset();
  flow.oif = device.ifindex;
  ip6.copyAddress(source, flow.destination6);
  ip6.copyAddress(held.address, flow.source6);
  const route = ipv6.routes.output(flow);
  // Only to neighbours: who is behind a gateway has no use for it.
  if (route.error !== 0 || route.gateway !== null) return;
  const neighbour = ndisc.table.lookup(device, to[0]!, to[1]!, to[2]!, to[3]!);
  const addressBytes = neighbour?.valid === true ? nd.linkAddressOption(device.address.length) : 0;
  const room = ip6.MIN_MTU - ip6.HEADER - nd.REDIRECT - addressBytes - 8;
  const quoted = Math.min(room, skb.tail - at) & ~7;
  const message = ndisc.message(device, icmpv6.REDIRECT, nd.REDIRECT + addressBytes + 8 + quoted);
  if (message === null) return;
  const start = message.data;
  ip6.writeAddress(message.view, start + nd.TARGET, to);
  ip6.writeAddress(message.view, start + nd.REDIRECT_DESTINATION, destination);
  let option = start + nd.REDIRECT;
  if (addressBytes > 0) {
    message.view.setUint8(option, nd.OPT_TARGET_LL_ADDR);
    message.view.setUint8(option + 1, addressBytes >> 3);
    copyBytes(neighbour!.address, 0, message.bytes, option + 2, device.address.length);
    option += addressBytes;
  }
  message.view.setUint8(option, nd.OPT_REDIRECT_HEADER);
  message.view.setUint8(option + 1, (quoted + 8) >> 3);
  copyBytes(skb.bytes, at, message.bytes, option + 8, quoted);
  ndisc.send(message, device, held.address, source);
}

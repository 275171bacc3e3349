import { IFA_F_OPTIMISTIC, IFA_F_TENTATIVE, NTF_ROUTER, NUD_FAILED, NUD_REACHABLE, NUD_STALE } from '../../netlink/rtnl/constants.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import * as ip6 from '../../wire/ipv6.js';
import * as nd from '../../wire/ndisc.js';
import type { NetDevice } from '../core/device.js';
import { DropReason } from '../core/drop-reason.js';
import {
  NEIGH_UPDATE_F_ISROUTER,
  NEIGH_UPDATE_F_OVERRIDE,
  NEIGH_UPDATE_F_OVERRIDE_ISROUTER,
  NEIGH_UPDATE_F_WEAK_OVERRIDE,
  type Neighbour,
} from '../core/neighbour.js';
import { PACKET_HOST, PACKET_LOOPBACK, type PacketBuffer } from '../core/packet-buffer.js';
import { FRAG_COMPLETE } from '../ipv6/control-block.js';
import { RTF_ADDRCONF, RTF_DEFAULT } from '../ipv6/fib/info.js';
import type { Ndisc } from './ndisc.js';
import { LOCALLY_ENQUEUED } from './protocol.js';
import { receiveRedirect } from './redirect.js';

const source = new Uint32Array(4);
const destination = new Uint32Array(4);
const target = new Uint32Array(4);
/** The link-layer address of the message in hand: neighbours copy it. */
const hardware = new Uint8Array(32);

/** `skb.data` at the ICMPv6 header, its checksum verified. Takes ownership. Linux: ndisc_rcv() */
export function ndiscReceive(ndisc: Ndisc, skb: PacketBuffer): void {
  const { stack } = ndisc.namespace;
  const device = skb.device!;
  const v = skb.view;
  const at = skb.data;
  const fragmented = (skb.cb0 & FRAG_COMPLETE) !== 0 && device.ipv6?.config.suppressFragNdisc !== 0;
  // RFC 4861 6.1, 7.1, 8.1: it has not come through a router, and has no code.
  if (device.ipv6 === null || fragmented || ip6.hopLimit(v, skb.networkHeader) !== nd.HOP_LIMIT || v.getUint8(at + 1) !== 0) {
    stack.drop(skb, DropReason.NOT_SPECIFIED);
    return;
  }
  ip6.readAddress(v, skb.networkHeader + ip6.SOURCE, source);
  ip6.readAddress(v, skb.networkHeader + ip6.DESTINATION, destination);
  const bytes = skb.tail - at;
  switch (v.getUint8(at)) {
    case icmpv6.NEIGHBOUR_SOLICITATION:
      if (bytes < nd.SOLICITATION || !nd.checkOptions(v, at + nd.SOLICITATION, skb.tail)) break;
      // It may wait for its answer at the proxy.
      if (solicitation(ndisc, skb, device)) return;
      break;
    case icmpv6.NEIGHBOUR_ADVERTISEMENT:
      if (bytes >= nd.SOLICITATION && nd.checkOptions(v, at + nd.SOLICITATION, skb.tail)) advertisement(ndisc, skb, device);
      break;
    case icmpv6.ROUTER_SOLICITATION:
      if (bytes >= nd.ROUTER_SOLICITATION && nd.checkOptions(v, at + nd.ROUTER_SOLICITATION, skb.tail))
        routerSolicitation(ndisc, skb, device);
      break;
    case icmpv6.ROUTER_ADVERTISEMENT:
      // RFC 4861 6.1.2: from a link-local address.
      if (bytes >= nd.ROUTER_ADVERTISEMENT && ip6.isLinkLocal(source) && nd.checkOptions(v, at + nd.ROUTER_ADVERTISEMENT, skb.tail))
        ndisc.onRouterAdvertisement?.({ skb, device });
      break;
    default:
      if (bytes >= nd.REDIRECT && ip6.isLinkLocal(source) && nd.checkOptions(v, at + nd.REDIRECT, skb.tail))
        receiveRedirect(ndisc, skb, device);
  }
  stack.consume(skb);
}

/** The link-layer address of an option in `hardware`; false: there is none, or it has the wrong length. */
function readLinkAddress(skb: PacketBuffer, from: number, type: number, device: NetDevice): boolean {
  const option = nd.findOption(skb.view, from, skb.tail, type);
  if (option < 0 || skb.view.getUint8(option + 1) << 3 !== nd.linkAddressOption(device.address.length)) return false;
  for (let i = 0; i < device.address.length; i++) hardware[i] = skb.bytes[option + 2 + i]!;
  return true;
}

/** True: the packet was taken over. Linux: ndisc_recv_ns() */
function solicitation(ndisc: Ndisc, skb: PacketBuffer, device: NetDevice): boolean {
  const { ipv6 } = ndisc.namespace;
  const owner = device.ipv6!;
  const v = skb.view;
  const at = skb.data;
  const options = at + nd.SOLICITATION;
  ip6.readAddress(v, at + nd.TARGET, target);
  if (ip6.isMulticast(target)) return false;
  const dad = ip6.isAny(source);
  // RFC 4861 7.1.1: the unspecified address asks only solicited-node groups, and has no link-layer address.
  if (dad && !(destination[0] === 0xff02_0000 && destination[1] === 0 && destination[2] === 1 && destination[3]! >>> 24 === 0xff))
    return false;
  const present = nd.findOption(v, options, skb.tail, nd.OPT_SOURCE_LL_ADDR) >= 0;
  const learned = readLinkAddress(skb, options, nd.OPT_SOURCE_LL_ADDR, device);
  if (present && (!learned || dad)) return false;
  const many = ip6.isMulticast(destination);
  const held = ipv6.addresses.find(target, device);
  let router = owner.forwards();
  if (held !== null) {
    if ((held.flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) !== 0) {
      if (dad) {
        // RFC 7527: our own question come back is no other host.
        const option = nd.findOption(v, options, skb.tail, nd.OPT_NONCE);
        const nonce = option < 0 ? 0 : v.getUint16(option + 2) * 0x1_0000_0000 + v.getUint32(option + 4);
        if (held.dadNonce === 0 || nonce !== held.dadNonce) ndisc.onDuplicate?.(held);
        return false;
      }
      if ((held.flags & IFA_F_OPTIMISTIC) === 0) return false;
    }
  } else {
    const proxied =
      owner.forwards() && owner.proxies() ? ndisc.table.proxies.lookup(device, target[0]!, target[1]!, target[2]!, target[3]!) : null;
    if (proxied === null && !ipv6.addresses.isAnycast(target, device)) return false;
    if (proxied !== null) router = (proxied.flags & NTF_ROUTER) !== 0;
    const waits =
      (skb.cb0 & LOCALLY_ENQUEUED) === 0 && skb.packetType !== PACKET_HOST && many && owner.ndParameters.values.proxyDelayMs !== 0;
    if (waits) {
      // Several may answer: not all at once.
      skb.dst = null;
      ndisc.table.proxies.enqueue(skb, owner.ndParameters);
      return true;
    }
  }
  if (dad) {
    ndisc.sendAdvertisement(device, ip6.ALL_NODES, target, router, false, held !== null, true);
    return false;
  }
  if (many) ndisc.table.statistics.rcvProbesMcast++;
  else ndisc.table.statistics.rcvProbesUcast++;
  const neighbour = known(ndisc, device, source, !many || learned);
  neighbour?.learn(learned ? hardware : null, NUD_STALE, NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE);
  if (neighbour !== null || device.hardHeaderBytes === 0)
    ndisc.sendAdvertisement(device, source.slice(), target.slice(), router, true, held !== null && many, many);
  return false;
}

function known(ndisc: Ndisc, device: NetDevice, address: ip6.In6, create: boolean): Neighbour | null {
  const { table } = ndisc;
  if (create) return table.obtain(device, address[0]!, address[1]!, address[2]!, address[3]!);
  return table.lookup(device, address[0]!, address[1]!, address[2]!, address[3]!);
}

/** Linux: ndisc_recv_na() */
function advertisement(ndisc: Ndisc, skb: PacketBuffer, device: NetDevice): void {
  const { ipv6 } = ndisc.namespace;
  const owner = device.ipv6!;
  const v = skb.view;
  const at = skb.data;
  ip6.readAddress(v, at + nd.TARGET, target);
  const flags = v.getUint32(at + 4);
  const solicited = (flags & nd.SOLICITED_FLAG) !== 0;
  if (ip6.isMulticast(target) || (ip6.isMulticast(destination) && solicited)) return;
  if (!solicited && owner.config.dropUnsolicitedNa !== 0) return;
  const options = at + nd.SOLICITATION;
  const present = nd.findOption(v, options, skb.tail, nd.OPT_TARGET_LL_ADDR) >= 0;
  const learned = readLinkAddress(skb, options, nd.OPT_TARGET_LL_ADDR, device);
  if (present && !learned) return;
  const held = ipv6.addresses.find(target, device);
  if (held !== null) {
    if (skb.packetType !== PACKET_LOOPBACK && (held.flags & IFA_F_TENTATIVE) !== 0) ndisc.onDuplicate?.(held);
    return;
  }
  // RFC 9131: a router may note who announces itself unasked.
  const untracked = !solicited && learned && owner.forwards() && owner.config.acceptUntrackedNa !== 0;
  const neighbour = known(ndisc, device, target, untracked);
  if (neighbour === null || (neighbour.state & NUD_FAILED) !== 0) return;
  if (learned && owner.forwards() && owner.proxies() && isOwn(device) && isProxied(ndisc, device)) return;
  const wasRouter = (neighbour.flags & NTF_ROUTER) !== 0;
  neighbour.learn(
    learned ? hardware : null,
    solicited ? NUD_REACHABLE : NUD_STALE,
    NEIGH_UPDATE_F_WEAK_OVERRIDE |
      ((flags & nd.OVERRIDE_FLAG) !== 0 ? NEIGH_UPDATE_F_OVERRIDE : 0) |
      NEIGH_UPDATE_F_OVERRIDE_ISROUTER |
      ((flags & nd.ROUTER_FLAG) !== 0 ? NEIGH_UPDATE_F_ISROUTER : 0),
  );
  if (wasRouter && (neighbour.flags & NTF_ROUTER) === 0) cleanToHost(ndisc, device);
}

const isProxied = (ndisc: Ndisc, device: NetDevice): boolean =>
  ndisc.table.proxies.lookup(device, target[0]!, target[1]!, target[2]!, target[3]!) !== null;

function isOwn(device: NetDevice): boolean {
  for (let i = 0; i < device.address.length; i++) if (hardware[i] !== device.address[i]) return false;
  return true;
}

/** RFC 4861 7.2.5: who is a router no longer is nobody's default router. Linux: rt6_clean_tohost() */
function cleanToHost(ndisc: Ndisc, device: NetDevice): void {
  ndisc.namespace.ipv6.fib.flush(
    (info) =>
      (info.flags & (RTF_ADDRCONF | RTF_DEFAULT)) === (RTF_ADDRCONF | RTF_DEFAULT) &&
      info.device === device &&
      info.gateway !== null &&
      ip6.equalAddress(info.gateway, target),
  );
}

/** Linux: ndisc_recv_rs() */
function routerSolicitation(ndisc: Ndisc, skb: PacketBuffer, device: NetDevice): void {
  if (!device.ipv6!.forwards() || ip6.isAny(source)) return;
  const options = skb.data + nd.ROUTER_SOLICITATION;
  const present = nd.findOption(skb.view, options, skb.tail, nd.OPT_SOURCE_LL_ADDR) >= 0;
  const learned = readLinkAddress(skb, options, nd.OPT_SOURCE_LL_ADDR, device);
  if (present && !learned) return;
  const flags = NEIGH_UPDATE_F_WEAK_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_OVERRIDE_ISROUTER;
  known(ndisc, device, source, true)?.learn(learned ? hardware : null, NUD_STALE, flags);
}

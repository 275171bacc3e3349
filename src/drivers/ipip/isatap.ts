import { EEXIST, EINVAL, ENXIO } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { PRL_DEFAULT } from '../../netlink/rtnl/link/tunnel-ioctl.js';
import * as ip6 from '../../wire/ipv6.js';
import type { NetDevice } from '../../net/core/device.js';
import { NODE_DEFAULT_ROUTER, NODE_HOST, NODE_ROUTER, NODE_UNSPECIFIED } from '../../net/core/ndisc-node.js';
import type { PacketBuffer } from '../../net/core/packet-buffer.js';

interface Router {
  readonly address: number;
  flags: number;
}

/** The potential routers of an ISATAP link, RFC 5214 7.2: newest first. */
export class PotentialRouters {
  readonly #routers: Router[] = [];

  get all(): readonly Readonly<Router>[] {
    return this.#routers;
  }

  find(address: number): Readonly<Router> | null {
    for (let i = 0; i < this.#routers.length; i++) if (this.#routers[i]!.address === address) return this.#routers[i]!;
    return null;
  }

  /** EINVAL, EEXIST; of one that is to be `changed`: ENXIO. Linux: ipip6_tunnel_add_prl() */
  add(address: number, flags: number, changed: boolean): void {
    if (address === 0) fail(EINVAL);
    const found = this.#routers.find((router) => router.address === address);
    if (found === undefined) {
      if (changed) fail(ENXIO);
      this.#routers.unshift({ address, flags });
    } else if (changed) found.flags = flags;
    else fail(EEXIST);
  }

  /** Address 0: all of them. ENXIO. Linux: ipip6_tunnel_del_prl() */
  delete(address: number): void {
    if (address === 0) {
      this.#routers.length = 0;
      return;
    }
    const at = this.#routers.findIndex((router) => router.address === address);
    if (at < 0) fail(ENXIO);
    this.#routers.splice(at, 1);
  }
}

/** The interface identifier of ISATAP with the universal bit set: ::0200:5efe:a.b.c.d. RFC 5214 6.1 */
export const ISATAP_IDENTIFIER = 0x0200_5efe;
const UNIVERSAL = 0x0200_0000;

/** The IPv4 address that an IPv6 address at `at` has as its interface identifier; 0: it has none. Linux: ipv6_addr_is_isatap() */
export const isatapAddress = (v: DataView, at: number): number =>
  (v.getUint32(at + 8) | UNIVERSAL) >>> 0 === ISATAP_IDENTIFIER ? v.getUint32(at + 12) : 0;

const source = new Uint32Array(4);

/**
 * Who speaks, for neighbour discovery (NODE_*), of a packet from the IPv4 address `sender`: a router of the list, or a host whose IPv6
 * address names the IPv4 one and is on this link. NODE_UNSPECIFIED: nobody who may. RFC 5214 7.3, Linux: isatap_chksrc()
 */
export function isatapSender(device: NetDevice, routers: PotentialRouters, skb: PacketBuffer, sender: number): number {
  const router = routers.find(sender);
  if (router !== null) return (router.flags & PRL_DEFAULT) !== 0 ? NODE_DEFAULT_ROUTER : NODE_ROUTER;
  const at = skb.data + ip6.SOURCE;
  if (skb.length < ip6.HEADER || isatapAddress(skb.view, at) !== sender) return NODE_UNSPECIFIED;
  ip6.readAddress(skb.view, at, source);
  return device.namespace.ipv6.addresses.isOnLink(source, device) ? NODE_HOST : NODE_UNSPECIFIED;
}

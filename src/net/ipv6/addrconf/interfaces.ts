import { EACCES, EINVAL } from '../../../base/errno.js';
import { fail, NetError } from '../../../base/net-error.js';
import {
  ARPHRD_ETHER,
  ARPHRD_IPGRE,
  ARPHRD_NONE,
  ARPHRD_SIT,
  ARPHRD_TUNNEL,
  ARPHRD_TUNNEL6,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
  IFA_F_PERMANENT,
  IFA_F_STABLE_PRIVACY,
  IFA_F_TENTATIVE,
  IFF_LOOPBACK,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_POINTOPOINT,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
  IFF_SLAVE,
} from '../../../netlink/rtnl/constants.js';
import { ALL_NODES, ALL_ROUTERS, type In6, isLinkLocal, isLoopback, LOOPBACK, MIN_MTU } from '../../../wire/ipv6.js';
import type { NetDevice } from '../../core/device.js';
import type { DeviceEvent } from '../../core/device-event.js';
import type { Ipv6Addresses } from '../addresses.js';
import { IF_RA_RCVD, IF_READY, IF_RS_SENT, Ipv6Device } from '../device.js';
import { ADDR_GEN_EUI64, ADDR_GEN_RANDOM, ADDR_GEN_STABLE_PRIVACY, drawSecret, eui64, stablePrivacy } from './generate.js';
import { addIpv4Addresses } from './tunnel-addresses.js';
import { address6Request, DEAD, PREDAD } from './request.js';

/** Links without addresses of their own, on which temporary ones make no sense. */
const TUNNELS: ReadonlySet<number> = new Set([ARPHRD_TUNNEL, ARPHRD_TUNNEL6, ARPHRD_SIT, ARPHRD_NONE]);

/** ff01::2, ff05::2 */
const INTERFACE_LOCAL_ALL_ROUTERS: In6 = Uint32Array.of(0xff01_0000, 0, 0, 2);
const SITE_LOCAL_ALL_ROUTERS: In6 = Uint32Array.of(0xff05_0000, 0, 0, 2);
// IFA_PROTO: IFAPROT_KERNEL_*
const PROTOCOL_LOOPBACK = 1;
const PROTOCOL_LINK_LOCAL = 3;

/** IPv6 comes to devices and leaves them. Linux: addrconf_notify() */
export class Interfaces {
  readonly #addresses: Ipv6Addresses;

  constructor(addresses: Ipv6Addresses) {
    this.#addresses = addresses;
  }

  /** The device's part, made if need be, for an address that comes. EACCES, EINVAL. Linux: addrconf_add_dev() */
  prepare(device: NetDevice): Ipv6Device {
    const owner = device.ipv6 ?? this.#attach(device) ?? fail(EINVAL);
    if (owner.disabled()) fail(EACCES);
    // Linux: ipv6_find_idev(): with each new address routers hear of all groups again.
    if (device.up) this.#addresses.ipv6.multicast.deviceUp(device);
    if ((device.flags & IFF_LOOPBACK) === 0 && device.l3Table === 0) this.#addresses.prefixRoutes.addMulticast(device);
    return owner;
  }

  /** The device goes down, or (`unregister`) IPv6 leaves it. Linux: addrconf_ifdown() */
  down(device: NetDevice, unregister: boolean): void {
    const owner = device.ipv6;
    const { ipv6, dad } = this.#addresses;
    ipv6.fib.deviceDown(device, unregister);
    if (owner === null) return;
    if (unregister) owner.dead = true;
    const keeping =
      !unregister &&
      !owner.disabled() &&
      (owner.all.keepAddrOnDown > 0 || (owner.all.keepAddrOnDown === 0 && owner.config.keepAddrOnDown > 0));
    this.#addresses.routers.stop(owner);
    const wasReady = (owner.flags & IF_READY) !== 0;
    if (!unregister) owner.flags &= ~(IF_RS_SENT | IF_RA_RCVD | IF_READY);
    for (const held of [...owner.addresses]) {
      dad.stopTimer(held);
      const keep = keeping && (held.flags & IFA_F_PERMANENT) !== 0 && !isLinkLocal(held.address) && !isLoopback(held.address);
      if (keep) {
        held.state = PREDAD;
        if ((held.flags & IFA_F_NODAD) === 0) held.flags |= IFA_F_TENTATIVE;
        held.route = null;
        dad.leaveSolicited(held);
        continue;
      }
      held.state = DEAD;
      held.dead = true;
      owner.addresses.splice(owner.addresses.indexOf(held), 1);
      this.#addresses.gone(held);
    }
    if (unregister) this.#addresses.anycast.leaveAll(owner);
    if (unregister || wasReady) ipv6.multicast.deviceDown(device, unregister);
    if (unregister) device.ipv6 = null;
    owner.updatedUs = device.stack.nowUs;
    owner.raMtu = 0;
    this.#addresses.lifetimes.arm();
  }

  /** NETDEV_UP, NETDEV_CHANGE. */
  up(device: NetDevice, change = false): void {
    let owner = device.ipv6;
    if (owner?.disabled() === true) return;
    let pending = false;
    if (change) {
      if (!isReady(device) || owner === null) {
        this.#addresses.ipv6.fib.carrierChanged(device);
        return;
      }
      if ((owner.flags & IF_READY) !== 0) {
        this.#addresses.ipv6.fib.carrierChanged(device);
        return;
      }
      pending = true;
    } else {
      this.#restore(device);
      if (!isReady(device)) return;
      owner ??= this.#attach(device);
      pending = owner !== null;
    }
    if (owner === null) return;
    owner.flags |= IF_READY;
    this.#addresses.ipv6.multicast.deviceUp(device);
    this.#configure(device, owner);
    if (pending) this.#addresses.dad.run(owner);
    this.#addresses.ipv6.fib.deviceUp(device);
    if (device.mtu >= MIN_MTU) owner.config.mtu = device.mtu;
    owner.updatedUs = device.stack.nowUs;
    this.#addresses.linkEvents.notify(device);
  }

  /** disable_ipv6 of a device. Linux: dev_disable_change() */
  setDisabled(device: NetDevice, disabled: boolean): void {
    const owner = device.ipv6;
    if (owner === null || owner.disabled() === disabled) return;
    owner.config.disableIpv6 = disabled ? 1 : 0;
    if (disabled) this.down(device, false);
    else if (device.up) this.up(device);
  }

  /** A device forwards from now on, or no longer. Linux: dev_forward_change() */
  forwardingChanged(device: NetDevice): void {
    const owner = device.ipv6;
    if (owner === null) return;
    const { multicast } = this.#addresses.ipv6;
    const on = owner.forwards();
    if ((device.flags & IFF_MULTICAST) !== 0)
      for (const group of [ALL_ROUTERS, INTERFACE_LOCAL_ALL_ROUTERS, SITE_LOCAL_ALL_ROUTERS]) {
        if (on) multicast.join(device, group);
        else multicast.leave(device, group);
      }
    for (const held of [...owner.addresses]) {
      if ((held.flags & IFA_F_TENTATIVE) !== 0) continue;
      if (on) this.#addresses.anycast.joinSubnetRouter(held);
      else this.#addresses.anycast.leaveSubnetRouter(held);
    }
  }

  /** `ip link set addrgenmode`: a device that has no link-local address yet gets one. Linux: inet6_set_link_af() */
  addressModeChanged(owner: Ipv6Device): void {
    if (owner.config.addrGenMode === ADDR_GEN_STABLE_PRIVACY && owner.config.stableSecret === null) return;
    if (isReady(owner.device) && !owner.disabled()) this.#configure(owner.device, owner);
  }

  /** What happens to a device. */
  deviceEvent(event: DeviceEvent): void {
    const { device } = event;
    switch (event.type) {
      case 'register':
        this.#attach(device);
        break;
      case 'up':
        // A bond's slave has no IPv6 of its own.
        if ((device.flags & IFF_SLAVE) === 0) this.up(device);
        break;
      case 'carrier':
        if (device.up && (device.flags & IFF_SLAVE) === 0) this.up(device, true);
        break;
      case 'notifyPeers':
        this.#announce(device);
        break;
      case 'down':
        this.down(device, false);
        break;
      case 'mtu':
        this.#mtuChanged(device);
        break;
      case 'master':
        // Into a VRF or out of it: what was there goes, and comes back in the other table.
        if (event.upper.l3Table !== 0) this.down(device, false);
        break;
      case 'unregister':
        this.down(device, true);
        break;
    }
  }

  /** Neighbours hear where the device's addresses are. Linux: ndisc_send_unsol_na() */
  #announce(device: NetDevice): void {
    const owner = device.ipv6;
    if (owner === null) return;
    for (const held of owner.addresses) {
      if ((held.flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) === IFA_F_TENTATIVE) continue;
      this.#addresses.ipv6.ndisc.sendAdvertisement(device, ALL_NODES, held.address, owner.forwards(), false, true, true);
    }
  }

  #mtuChanged(device: NetDevice): void {
    if (device.mtu < MIN_MTU) {
      if (device.ipv6 !== null) this.down(device, (device.flags & IFF_LOOPBACK) === 0);
      return;
    }
    if (device.ipv6 !== null) {
      this.#addresses.ipv6.fib.deviceMtu(device, device.ipv6.config.mtu);
      device.ipv6.config.mtu = device.mtu;
      this.#addresses.ipv6.fib.flushCache();
      return;
    }
    if (this.#attach(device) !== null && device.up) this.up(device);
  }

  // Linux: ipv6_add_dev()
  #attach(device: NetDevice): Ipv6Device | null {
    if (device.ipv6 !== null || device.mtu < MIN_MTU) return device.ipv6;
    const { ipv6 } = this.#addresses;
    const owner = new Ipv6Device(device, ipv6.allConfig, ipv6.defaultConfig, ipv6.ndisc.table.parametersOf(device));
    if (owner.config.stableSecret !== null) owner.config.addrGenMode = ADDR_GEN_STABLE_PRIVACY;
    // Linux: ipv6_add_dev(): nobody would answer, or nobody is to know.
    if ((device.flags & (IFF_NOARP | IFF_LOOPBACK)) !== 0) owner.config.acceptDad = -1;
    if ((device.flags & IFF_LOOPBACK) !== 0 || TUNNELS.has(device.type)) owner.config.useTempaddr = -1;
    device.ipv6 = owner;
    if (isReady(device)) owner.flags |= IF_READY;
    ipv6.multicast.attach(device);
    return owner;
  }

  /** Addresses that were kept while the device was down. Linux: addrconf_permanent_addr() */
  #restore(device: NetDevice): void {
    for (const held of [...(device.ipv6?.addresses ?? [])]) {
      if ((held.flags & IFA_F_PERMANENT) === 0) continue;
      const { prefixRoutes } = this.#addresses;
      if (held.route === null || held.route.dead) held.route = prefixRoutes.local(held.address, device, false);
      if ((held.flags & IFA_F_NOPREFIXROUTE) === 0) prefixRoutes.add(held.address, held.prefixLength, held.priority, device);
      if (held.state === PREDAD) this.#addresses.dad.start(held);
      else if ((held.flags & IFA_F_TENTATIVE) === 0) prefixRoutes.link(held.route);
    }
  }

  // Linux: init_loopback(), addrconf_dev_config()
  #configure(device: NetDevice, owner: Ipv6Device): void {
    if ((device.flags & IFF_LOOPBACK) !== 0) {
      this.#configureLoopback(owner);
      return;
    }
    if (owner.disabled()) return;
    const { type } = device;
    if (type === ARPHRD_SIT) {
      this.#configureSit(device, owner);
      return;
    }
    if (type !== ARPHRD_ETHER && type !== ARPHRD_NONE && type !== ARPHRD_TUNNEL && type !== ARPHRD_IPGRE) return;
    if (device.l3Table === 0) this.#addresses.prefixRoutes.addMulticast(device);
    if (device.type === ARPHRD_NONE && owner.config.addrGenMode === ADDR_GEN_EUI64) owner.config.addrGenMode = ADDR_GEN_RANDOM;
    // A VRF has no link, and one under a bridge or a bond has no addresses of its own.
    if (device.l3Table !== 0) return;
    if (device.master !== null && device.rxHandler !== null) return;
    // Linux: addrconf_gre_config(): without an address of its own there is no identifier.
    if (type === ARPHRD_IPGRE && owner.config.addrGenMode === ADDR_GEN_EUI64 && device.address.every((byte) => byte === 0))
      addIpv4Addresses(this.#addresses, owner);
    else this.#generateLinkLocal(device, owner);
  }

  // Linux: addrconf_sit_config()
  #configureSit(device: NetDevice, owner: Ipv6Device): void {
    if (device.isatap) {
      this.#generateLinkLocal(device, owner);
      return;
    }
    addIpv4Addresses(this.#addresses, owner);
    if ((device.flags & IFF_POINTOPOINT) !== 0) this.#addresses.prefixRoutes.addMulticast(device);
  }

  #configureLoopback(owner: Ipv6Device): void {
    if (this.#addresses.find(LOOPBACK, owner.device) !== null) return;
    try {
      const request = address6Request(LOOPBACK, 128, { flags: IFA_F_PERMANENT, protocol: PROTOCOL_LOOPBACK });
      const held = this.#addresses.insert(owner, request);
      held.flags &= ~IFA_F_TENTATIVE;
      this.#addresses.ready(held);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  }

  // Linux: addrconf_addr_gen()
  #generateLinkLocal(device: NetDevice, owner: Ipv6Device): void {
    const address: In6 = Uint32Array.of(0xfe80_0000, 0, 0, 0);
    const mode = owner.config.addrGenMode;
    if (mode === ADDR_GEN_EUI64) {
      if (eui64(device, address)) this.#addLinkLocal(owner, address, 0);
      return;
    }
    if (mode === ADDR_GEN_RANDOM && owner.config.stableSecret === null) owner.config.stableSecret = drawSecret(device.stack.random);
    if (mode !== ADDR_GEN_RANDOM && mode !== ADDR_GEN_STABLE_PRIVACY) return;
    const secret = owner.config.stableSecret ?? this.#addresses.ipv6.defaultConfig.stableSecret;
    if (secret !== null && stablePrivacy(device, secret, address, 0, this.#addresses.ipv6.settings.idgenRetries))
      this.#addLinkLocal(owner, address, IFA_F_STABLE_PRIVACY);
  }

  // Linux: addrconf_add_linklocal()
  #addLinkLocal(owner: Ipv6Device, address: In6, flags: number): void {
    const optimistic = (owner.all.optimisticDad | owner.config.optimisticDad) !== 0 && owner.all.forwarding === 0;
    try {
      const held = this.#addresses.insert(
        owner,
        address6Request(address, 64, {
          flags: flags | IFA_F_PERMANENT | (optimistic ? IFA_F_OPTIMISTIC : 0),
          protocol: PROTOCOL_LINK_LOCAL,
        }),
      );
      this.#addresses.prefixRoutes.add(address, 64, 0, owner.device);
      this.#addresses.dad.start(held);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
    }
  }
}

/** Packets can go: the device is up, and its state allows it. Linux: addrconf_link_ready() */
function isReady(device: NetDevice): boolean {
  return device.up && device.carrier && (device.operState === IF_OPER_UP || device.operState === IF_OPER_UNKNOWN);
}

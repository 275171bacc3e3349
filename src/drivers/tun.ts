import type { EthtoolOps } from '../net/core/ethtool-ops.js';
import { tunEthtool } from './ethtool/tun.js';
import { EBUSY, EINVAL } from '../base/errno.js';
import { fail } from '../base/net-error.js';
import { ARPHRD_NONE, IFF_MULTICAST, IFF_NOARP, IFF_POINTOPOINT } from '../netlink/rtnl/constants.js';
import {
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_ONE_QUEUE,
  IFF_PERSIST,
  IFF_TAP,
  IFF_TUN,
  IFF_VNET_HDR,
  type TunData,
  tunData,
} from '../netlink/rtnl/link/tun.js';
import { NetDevice } from '../net/core/device.js';
import { registerDevice } from '../net/core/device-registry.js';
import type { LinkSettings } from '../net/core/ethtool-ops.js';
import type { LinkKind } from '../net/core/link-kind.js';
import type { Namespace } from '../net/core/namespace.js';
import { announceLink, deleteLinks } from '../net/core/new-link.js';
import type { PacketBuffer } from '../net/core/packet-buffer.js';
import type { Stack } from '../net/core/stack.js';
import { TunQueues } from './tun-queues.js';
import { EthernetDevice } from '../net/ethernet/ethernet-device.js';

/** What `ip tuntap add` says of a device (struct tun_struct). */
export interface TunSettings {
  /** IFF_* of linux/if_tun.h. */
  readonly flags: number;
  /** Who may open it; undefined: root. */
  readonly user: number | undefined;
  readonly group: number | undefined;
}

/** A device whose wire is a program, or several. */
export interface ProgramDevice extends NetDevice {
  settings: TunSettings;
  readonly queues: TunQueues;
}

/** `tun`: a program's end of packets without a link header. */
export class TunDevice extends NetDevice implements ProgramDevice {
  override ethtool: EthtoolOps = tunEthtool;
  settings: TunSettings;
  readonly queues = new TunQueues(this);
  /** What ethtool -s said it is. */
  linkSettings: LinkSettings | null = null;
  messageLevel = 0;
  /** Packets that a program may hand over as one batch (rx-frames). */
  rxBatched = 0;

  constructor(stack: Stack, name: string, settings: TunSettings) {
    super(stack, name);
    this.settings = settings;
    this.type = ARPHRD_NONE;
    this.receivesLinear = true;
    this.flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
    this.hardHeaderBytes = 0;
    this.address = new Uint8Array(0);
    this.broadcast = new Uint8Array(0);
    this.maxMtu = 65_535;
    this.txQueueLength = 500;
    this.carrier = false;
  }

  createHeader(): void {
    // Packets go as they are.
  }

  parseHeader(skb: PacketBuffer): void {
    skb.macHeader = skb.data;
    skb.protocol = skb.length > 0 && skb.view.getUint8(skb.data) >>> 4 === 6 ? 0x86dd : 0x0800;
  }

  transmit(skb: PacketBuffer): void {
    this.queues.transmit(skb);
  }

  override unregistered(): void {
    this.queues.close();
  }
}

/** `tap`: a program's end of an Ethernet cable. */
export class TapDevice extends EthernetDevice implements ProgramDevice {
  override ethtool: EthtoolOps = tunEthtool;
  settings: TunSettings;
  readonly queues = new TunQueues(this);
  /** What ethtool -s said it is. */
  linkSettings: LinkSettings | null = null;
  messageLevel = 0;
  /** Packets that a program may hand over as one batch (rx-frames). */
  rxBatched = 0;

  constructor(stack: Stack, name: string, settings: TunSettings) {
    super(stack, name);
    this.settings = settings;
    this.maxMtu = 65_521;
    this.liveAddressChange = true;
    this.carrier = false;
  }

  transmit(skb: PacketBuffer): void {
    this.queues.transmit(skb);
  }

  override unregistered(): void {
    this.queues.close();
  }
}

export const isProgramDevice = (device: NetDevice | undefined): device is TunDevice | TapDevice =>
  device instanceof TunDevice || device instanceof TapDevice;

const TYPE = IFF_TUN | IFF_TAP;
const SETTABLE = TYPE | IFF_MULTI_QUEUE | IFF_NO_PI | IFF_ONE_QUEUE | IFF_VNET_HDR;

/** Makes a device that lasts. EBUSY: there is one of the name and kind; EINVAL: the name is another's. Linux: tun_set_iff(), TUNSETPERSIST */
export function addProgramDevice(namespace: Namespace, name: string, settings: TunSettings): TunDevice | TapDevice {
  const there = name === '' ? undefined : namespace.deviceByName(name);
  if (there !== undefined) fail(isProgramDevice(there) ? EBUSY : EINVAL);
  return makeProgramDevice(namespace, name, { ...settings, flags: settings.flags | IFF_PERSIST });
}

/** Makes a device; without IFF_PERSIST it is for whoever makes it to let go. Throws NetError: EINVAL (neither tun nor tap, a bad name). */
export function makeProgramDevice(namespace: Namespace, name: string, settings: TunSettings, ifindex = 0): TunDevice | TapDevice {
  const { stack } = namespace;
  const type = settings.flags & TYPE;
  if (type !== IFF_TUN && type !== IFF_TAP) fail(EINVAL);
  const kept = { ...settings, flags: settings.flags & (SETTABLE | IFF_PERSIST) };
  const pattern = type === IFF_TUN ? 'tun%d' : 'tap%d';
  const wanted = name === '' ? pattern : name;
  const device = type === IFF_TUN ? new TunDevice(stack, wanted, kept) : new TapDevice(stack, wanted, kept);
  if (device instanceof TapDevice) device.setRandomAddress();
  device.kind = stack.linkKinds.get('tun') ?? null;
  if (ifindex !== 0) device.ifindex = ifindex;
  registerDevice(namespace, device, { announce: false });
  announceLink(device, {});
  return device;
}

/**
 * Lets one go that lasts. One that is not there is made first, as whoever opens a device by its name does, and takes an ifindex.
 * EINVAL: it is of another type.
 */
export function deleteProgramDevice(namespace: Namespace, name: string, flags: number): void {
  const there = name === '' ? undefined : namespace.deviceByName(name);
  const device = there ?? makeProgramDevice(namespace, name, { flags, user: undefined, group: undefined });
  if (!isProgramDevice(device) || (device.settings.flags & TYPE) !== (flags & TYPE)) return fail(EINVAL);
  deleteLinks([device]);
}

export const tun: LinkKind<TunData> = {
  kind: 'tun',
  data: tunData,
  namePattern: 'tun%d',
  create: () => fail(EINVAL, 'tun/tap creation via rtnetlink is not supported.'),
  describe(device) {
    if (!isProgramDevice(device)) return undefined;
    const { flags, user, group } = device.settings;
    const bit = (mask: number) => ((flags & mask) !== 0 ? 1 : 0);
    return {
      type: flags & TYPE,
      ...(user === undefined ? {} : { owner: user }),
      ...(group === undefined ? {} : { group }),
      pi: bit(IFF_NO_PI) ^ 1,
      vnetHdr: bit(IFF_VNET_HDR),
      persist: bit(IFF_PERSIST),
      multiQueue: bit(IFF_MULTI_QUEUE),
      ...(bit(IFF_MULTI_QUEUE) === 1 ? { numQueues: device.queues.attached, numDisabledQueues: device.queues.disabled } : {}),
    };
  },
};

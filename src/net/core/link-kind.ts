import type { Deferred } from '../../netlink/schema.js';
import type { LinkAttributes } from '../../netlink/rtnl/link/link.js';
import type { KindStats } from '../../netlink/rtnl/stats.js';
import type { NetDevice } from './device.js';
import type { Namespace } from './namespace.js';
import type { Stack } from './stack.js';

/** What RTM_NEWLINK asks of a new link, its IFLA_INFO_DATA still in the kind's own words. */
export interface LinkRequest<Data = unknown> {
  readonly stack: Stack;
  /** Where the device will live. */
  readonly namespace: Namespace;
  /** The name asked for; '' or with %d: the kind's pattern is completed by the registry. */
  readonly name: string;
  /** The device of IFLA_LINK, in the namespace of the request; null: none given. */
  readonly lower: NetDevice | null;
  readonly data: Data;
  /** IFLA_ADDRESS, IFLA_MTU, ... were given: the caller applies them, the kind may look. */
  readonly address: Uint8Array | null;
  readonly mtu: number | null;
  /** The namespace of the socket that asks, where `lower` is and the peer of a pair goes by default; left out: `namespace`. */
  readonly source?: Namespace;
  /** The namespace that IFLA_NET_NS_PID, _FD of a peer name; left out: only namespace ids in IFLA_NET_NS_FD are known. */
  readonly namespaceOf?: (attributes: LinkAttributes) => Namespace | null;
}

/**
 * Everything about one link kind (rtnl_link_ops), in one descriptor. `Data` is the plain value of its IFLA_INFO_DATA.
 * create() makes devices that are not registered yet and throws NetError to refuse; a kind that makes two (veth) registers
 * its second through `registerPeer`.
 */
export interface LinkKind<Data = unknown> {
  readonly kind: string;
  /** IFLA_INFO_DATA's table; null: the kind takes none. */
  readonly data: InfoDataCodec<Data> | null;
  /** Name pattern where the user gives none: "veth%d". */
  readonly namePattern: string;
  /** Judges a request before it matters whether its device is there. Throws NetError. */
  validate?(attributes: LinkAttributes, data: Data): void;
  create(request: LinkRequest<Data>): NetDevice;
  /** Called when the device is registered: what needs an ifindex happens here; throwing undoes the registration. */
  registered?(device: NetDevice, request: LinkRequest<Data>): void;
  /** `ip link set ... type KIND ...`; left out: Linux answers EOPNOTSUPP. */
  change?(device: NetDevice, data: Data): void;
  /** The values of IFLA_INFO_DATA in answers; undefined: none. */
  describe?(device: NetDevice): Data | undefined;
  /** Which devices go when this one is deleted, itself included (veth: both ends). */
  deletes?(device: NetDevice): readonly NetDevice[];
  /** ndo_add_slave, ndo_del_slave: takes a device as a member, lets it go. Throws NetError to refuse. Left out: it takes none. */
  enslave?(master: NetDevice, device: NetDevice): void;
  release?(master: NetDevice, device: NetDevice): void;
  /** IFLA_INFO_SLAVE_DATA of its members; left out: there is none. */
  readonly member?: MemberData;
  /** Statistics in the kind's own words, of a device of it or of a member (fill_linkxstats); null or left out: there are none. */
  xstats?(device: NetDevice, asMember: boolean): KindStats | null;
  /** Moving the namespace's end: a device with a kind is destroyed when its namespace is, unless this is false. */
  readonly destroyedWithNamespace?: boolean;
}

/** What a kind of master says about its members, and lets be changed. */
export interface MemberData {
  /** IFLA_INFO_SLAVE_DATA of `device`, written. */
  describe(device: NetDevice): Deferred;
  change(device: NetDevice, data: Deferred): void;
}

/** How IFLA_INFO_DATA is read and written: an AttributeTable of netlink/attributes.ts satisfies it. */
export interface InfoDataCodec<Data> {
  parse(source: { bytes: Uint8Array; view: DataView; base: number; strict: boolean }, start: number, end: number): Data;
  write(writer: import('../../netlink/writer.js').MessageWriter, values: Data): void;
}

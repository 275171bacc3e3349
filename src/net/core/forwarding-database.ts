/** What RTM_NEWNEIGH and RTM_DELNEIGH of family AF_BRIDGE say, already checked for form. */
export interface FdbRequest {
  /** Six bytes. */
  readonly address: Uint8Array;
  /** NUD_* */
  readonly state: number;
  /** NTF_* */
  readonly flags: number;
  /** NLM_F_CREATE, EXCL, REPLACE, APPEND. */
  readonly nlFlags: number;
  /** 0: none. */
  readonly vlan: number;
  readonly destination: Uint8Array | undefined;
  readonly port: number | undefined;
  readonly vni: number | undefined;
  /** Frames with that VNI have the entry (NDA_SRC_VNI), where a device has many. */
  readonly srcVni: number | undefined;
  readonly ifindex: number | undefined;
  /** A group of nexthops in the stead of a destination (NDA_NH_ID). */
  readonly nexthopId: number | undefined;
}

/** One entry with one of its remotes, as it is told of. */
export interface FdbRecord {
  readonly address: Uint8Array;
  readonly state: number;
  readonly flags: number;
  readonly vlan?: number;
  readonly destination?: Uint8Array;
  readonly port?: number;
  readonly vni?: number;
  readonly srcVni?: number;
  readonly ifindex?: number;
  readonly nexthopId?: number;
  /** When it was used and changed last, microseconds of the stack's clock. */
  readonly usedUs: number;
  readonly updatedUs: number;
}

/** A device's own table of link-layer addresses (ndo_fdb_add, ndo_fdb_del, ndo_fdb_dump). Its changes are told by `onChange`. */
export interface ForwardingDatabase {
  add(request: FdbRequest): void;
  delete(request: FdbRequest): void;
  entries(): Iterable<FdbRecord>;
  /** Set by rtnetlink: RTM_NEWNEIGH (`gone` false), RTM_DELNEIGH. */
  onChange: ((record: FdbRecord, gone: boolean) => void) | null;
  /** Set by rtnetlink: RTM_GETNEIGH that asks whoever listens about a link-layer or a network address that is not known. */
  onMiss?: ((address: Uint8Array | null, destination: Uint8Array | null) => void) | null;
  /** One entry (ndo_fdb_get), that of frames with `vni` where the device has many; null: there is none. */
  get?(address: Uint8Array, vni: number): FdbRecord | null;
}

/** An address with a prefix length and a port, as "src", "dst", "sport =" name them. */
export interface HostCondition {
  /** AF_*; of packet and netlink sockets the protocol takes the place of the address. */
  readonly family: number;
  readonly address: Uint8Array;
  /** How many bits of the address count; 0: any address. */
  readonly bits: number;
  /** -1: any port. */
  readonly port: number;
  /** Of Unix sockets: a pattern for the name. */
  readonly pattern?: string;
  /** Of packet and netlink sockets. */
  readonly protocol?: number;
}

export type Side = 'local' | 'peer';

/** A filter as a tree. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly of: Expression }
  /** One of the hosts fits: a name may stand for several addresses. */
  | { readonly kind: 'host'; readonly side: Side; readonly hosts: readonly HostCondition[] }
  | { readonly kind: 'atLeast' | 'atMost'; readonly side: Side; readonly port: number }
  | { readonly kind: 'device'; readonly ifindex: number }
  | { readonly kind: 'mark'; readonly mark: number; readonly mask: number }
  | { readonly kind: 'cgroup'; readonly id: number }
  | { readonly kind: 'autobound' };

/** What a filter looks at of a socket. */
export interface SocketSeen {
  readonly family: number;
  readonly local: Uint8Array;
  readonly peer: Uint8Array;
  readonly localPort: number;
  readonly peerPort: number;
  /** Of Unix sockets. */
  readonly name?: string;
  readonly peerName?: string;
  /** Of packet and netlink sockets. */
  readonly protocol?: number;
  readonly ifindex: number;
  readonly mark: number;
  readonly cgroupId: number;
  /** Its port is of those that the stack chooses from. */
  readonly ephemeral: boolean;
}

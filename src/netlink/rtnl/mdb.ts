import {
  type AttributeCodec,
  type AttributeShape,
  type AttributeTable,
  type ValuesOf,
  attributes,
  binary,
  layout,
  list,
  many,
  nest,
  plain,
  u16,
  u32,
  u8,
} from '../attributes.js';
import { message } from '../schema.js';

// The multicast database of a bridge: RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB, linux/if_bridge.h.

export const MDB_TEMPORARY = 0;
export const MDB_PERMANENT = 1;
export const MDB_FLAGS_OFFLOAD = 1 << 0;
export const MDB_FLAGS_FAST_LEAVE = 1 << 1;
export const MDB_FLAGS_STAR_EXCL = 1 << 2;
export const MDB_FLAGS_BLOCKED = 1 << 3;

/** struct br_mdb_entry: 4 ifindex | 1 state | 1 flags | 2 VLAN | 16 address | 2 EtherType | 2 padding. */
export const MDB_ENTRY_BYTES = 28;
const ADDRESS_AT = 8;
const PROTOCOL_AT = 24;

export interface MdbEntryStruct {
  readonly ifindex: number;
  readonly state: number;
  readonly flags: number;
  readonly vid: number;
  /** ETH_P_IP, ETH_P_IPV6; 0: an Ethernet address. */
  readonly protocol: number;
  /** 16 bytes, of which the protocol's address are the first. */
  readonly address: Uint8Array;
}

type Writer = Parameters<AttributeCodec<unknown>['write']>[0];

function readEntry(view: DataView, bytes: Uint8Array, at: number): MdbEntryStruct {
  return {
    ifindex: view.getUint32(at, true),
    state: view.getUint8(at + 4),
    flags: view.getUint8(at + 5),
    vid: view.getUint16(at + 6, true),
    protocol: view.getUint16(at + PROTOCOL_AT),
    address: bytes.slice(at + ADDRESS_AT, at + PROTOCOL_AT),
  };
}

function writeEntry(writer: Writer, entry: MdbEntryStruct): void {
  writer.u32(entry.ifindex);
  writer.u8(entry.state);
  writer.u8(entry.flags);
  writer.u16(entry.vid);
  const address = new Uint8Array(PROTOCOL_AT - ADDRESS_AT);
  address.set(entry.address.subarray(0, address.length));
  writer.raw(address);
  writer.be16(entry.protocol);
  writer.u16(0);
}

/** Fixed bytes, then attributes: `size` bytes by `read` and `write`. */
function headed<H, S extends AttributeShape>(
  type: number,
  size: number,
  read: (view: DataView, bytes: Uint8Array, at: number) => H,
  write: (writer: Writer, head: H) => void,
  table: AttributeTable<S>,
): AttributeCodec<{ readonly head: H; readonly attributes: ValuesOf<S> } | null> {
  return {
    type,
    read: (source, start, end) =>
      end - start < size ? null : { head: read(source.view, source.bytes, start), attributes: table.parse(source, start + size, end) },
    write(writer, value) {
      if (value === null) return;
      write(writer, value.head);
      writer.pad();
      table.write(writer, value.attributes);
    },
  };
}

const sourceAttributes = attributes('MDBA_MDB_SRCATTR', { address: binary(1), timer: u32(2) });

/** MDBA_MDB_EATTR_*, in the order of __mdb_fill_info(). Timers in 10 ms. */
const entryAttributes = attributes('MDBA_MDB_EATTR', {
  timer: u32(1),
  source: binary(4),
  protocol: u8(5),
  sources: list(2, nest(1, sourceAttributes)),
  groupMode: u8(3),
});
export type MdbEntryAttributes = ValuesOf<typeof entryAttributes.shape>;

const entryInfo = headed(1, MDB_ENTRY_BYTES, readEntry, writeEntry, entryAttributes);

/** MDBA_ROUTER_PATTR_*. */
const routerAttributes = attributes('MDBA_ROUTER_PATTR', {
  timer: u32(1),
  type: u8(2),
  inetTimer: u32(3),
  inet6Timer: u32(4),
  vid: u16(5),
});
export type RouterAttributes = ValuesOf<typeof routerAttributes.shape>;

/** MDBA_ROUTER_PORT: interface index, then attributes. */
export const routerPort = headed(
  1,
  4,
  (view, _bytes, at) => view.getUint32(at, true),
  (writer, ifindex) => writer.u32(ifindex),
  routerAttributes,
);

const routerPorts = attributes('MDBA_ROUTER', { ports: many(routerPort) });
export const routersNest = (type: number) => nest(type, routerPorts);

/** What MDBA_SET_ENTRY_ATTRS may say besides the entry. */
const setAttributes = attributes('MDBE_ATTR', { source: binary(1) });

const mdbHeader = layout({ family: 'u8', pad1: 'pad8', pad2: 'pad16', ifindex: 'u32' });

/** What is told: RTM_NEWMDB, RTM_DELMDB, and the answers of RTM_GETMDB. */
export const mdbMessage = message(
  'mdb',
  mdbHeader,
  attributes('MDBA', {
    mdb: plain(list(1, plain(list(1, entryInfo)))),
    router: plain(routersNest(2)),
  }),
);

/** What is asked for: RTM_NEWMDB, RTM_DELMDB. */
export const mdbSetMessage = message(
  'mdb',
  mdbHeader,
  attributes('MDBA_SET_ENTRY', {
    entry: {
      type: 1,
      read: (source, start, end) => (end - start < MDB_ENTRY_BYTES ? null : readEntry(source.view, source.bytes, start)),
      write: (writer, entry) => {
        if (entry !== null) writeEntry(writer, entry);
      },
    } satisfies AttributeCodec<MdbEntryStruct | null> as AttributeCodec<MdbEntryStruct | null>,
    attributes: nest(2, setAttributes),
  }),
);

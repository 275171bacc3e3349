import { ADDRESS_BYTES } from './ethernet.js';

// Link aggregation control, IEEE 802.1AX-2014 6.4.2.3; slow protocols, IEEE 802.3 annex 57A. From the subtype on:
//   0 subtype | 1 version
//   2 TLV 1, actor   | 3 length 20 | 4 system priority | 6 system | 12 key | 14 port priority | 16 port | 18 state | 19 reserved
//  22 TLV 2, partner | 23 length 20 | 24 as the actor's
//  42 TLV 3, collector | 43 length 16 | 44 maximum delay, 10 us | 46 reserved
//  58 TLV 0, terminator | 59 length 0 | 60 reserved
// A marker, 6.5.3: 0 subtype | 1 version | 2 TLV (1 information, 2 response) | 3 length 22 | 4 port | 6 system | 12 transaction

export const ETH_P_SLOW = 0x8809;
/** 01:80:c2:00:00:02: no bridge passes it on. */
export const SLOW_PROTOCOLS: Uint8Array = Uint8Array.of(0x01, 0x80, 0xc2, 0, 0, 0x02);

export const SUBTYPE_LACP = 1;
export const SUBTYPE_MARKER = 2;
const VERSION = 1;
/** Bytes of a LACPDU or a marker. */
export const PDU = 110;
export const ACTOR = 4;
export const PARTNER = 24;
const COLLECTOR_MAX_DELAY = 5;

export const MARKER_INFORMATION = 1;
export const MARKER_RESPONSE = 2;

// Bits of a port's state.
export const LACP_ACTIVITY = 1 << 0;
export const LACP_TIMEOUT = 1 << 1;
export const AGGREGATION = 1 << 2;
export const SYNCHRONIZATION = 1 << 3;
export const COLLECTING = 1 << 4;
export const DISTRIBUTING = 1 << 5;
export const DEFAULTED = 1 << 6;
export const EXPIRED = 1 << 7;

/** What one side says of itself, or the other of it. */
export interface PortParameters {
  systemPriority: number;
  readonly system: Uint8Array;
  key: number;
  portPriority: number;
  port: number;
  state: number;
}

export const newPortParameters = (): PortParameters => ({
  systemPriority: 0,
  system: new Uint8Array(ADDRESS_BYTES),
  key: 0,
  portPriority: 0,
  port: 0,
  state: 0,
});

export const subtype = (v: DataView, at: number): number => v.getUint8(at);
/** Of a marker. */
export const markerType = (v: DataView, at: number): number => v.getUint8(at + 2);
export const setMarkerType = (v: DataView, at: number, type: number): void => v.setUint8(at + 2, type);

/** Reads ACTOR or PARTNER, at that offset of the PDU. */
export function readParameters(v: DataView, at: number, into: PortParameters): void {
  into.systemPriority = v.getUint16(at);
  for (let i = 0; i < ADDRESS_BYTES; i++) into.system[i] = v.getUint8(at + 2 + i);
  into.key = v.getUint16(at + 8);
  into.portPriority = v.getUint16(at + 10);
  into.port = v.getUint16(at + 12);
  into.state = v.getUint8(at + 14);
}

function writeParameters(v: DataView, at: number, from: PortParameters): void {
  v.setUint16(at, from.systemPriority);
  for (let i = 0; i < ADDRESS_BYTES; i++) v.setUint8(at + 2 + i, from.system[i]!);
  v.setUint16(at + 8, from.key);
  v.setUint16(at + 10, from.portPriority);
  v.setUint16(at + 12, from.port);
  v.setUint8(at + 14, from.state);
}

/** Writes a LACPDU of PDU bytes, all of which are zero before. */
export function writeLacpdu(v: DataView, at: number, actor: PortParameters, partner: PortParameters): void {
  v.setUint16(at, (SUBTYPE_LACP << 8) | VERSION);
  v.setUint16(at + 2, 0x0114);
  writeParameters(v, at + ACTOR, actor);
  v.setUint16(at + 22, 0x0214);
  writeParameters(v, at + PARTNER, partner);
  v.setUint16(at + 42, 0x0310);
  v.setUint16(at + 44, COLLECTOR_MAX_DELAY);
}

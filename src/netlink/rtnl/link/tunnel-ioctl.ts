// linux/if_tunnel.h: what `ip tunnel` asks by ioctl, and on the bus in the same bytes.

export const SIOCGETTUNNEL = 0x89f0;
export const SIOCADDTUNNEL = 0x89f1;
export const SIOCDELTUNNEL = 0x89f2;
export const SIOCCHGTUNNEL = 0x89f3;
export const SIOCGETPRL = 0x89f4;
export const SIOCADDPRL = 0x89f5;
export const SIOCDELPRL = 0x89f6;
export const SIOCCHGPRL = 0x89f7;
export const SIOCGET6RD = 0x89f8;
export const SIOCADD6RD = 0x89f9;
export const SIOCDEL6RD = 0x89fa;
export const SIOCCHG6RD = 0x89fb;

/** A router of the list may be the default one. */
export const PRL_DEFAULT = 1;

/** struct ip_tunnel_prl: be32 address, u16 flags, u16, u32 bytes of the entries behind it (SIOCGETPRL), u32 */
export const PRL = 16;
/** struct ip_tunnel_6rd: the IPv6 prefix, be32 relay prefix, u16 length of the one, u16 of the other */
export const SIX_RD = 24;
/** struct ip_tunnel_parm: 0 name | 16 link | 20 be16 flags in | 22 out | 24 be32 key in | 28 out | 32 an IPv4 header */
export const TUNNEL_PARM = 52;

export interface PrlEntry {
  readonly address: number;
  /** PRL_DEFAULT */
  readonly flags: number;
}

export function writePrl(view: DataView, at: number, { address, flags }: PrlEntry): void {
  view.setUint32(at, address);
  view.setUint16(at + 4, flags, true);
}

export const readPrl = (view: DataView, at: number): PrlEntry => ({ address: view.getUint32(at), flags: view.getUint16(at + 4, true) });

/** A request of one router, or for as many as fit behind it. */
export function prlRequest(entry: PrlEntry, room = 0): Uint8Array {
  const bytes = new Uint8Array(PRL * (1 + room));
  const view = new DataView(bytes.buffer);
  writePrl(view, 0, entry);
  view.setUint32(8, PRL * room, true);
  return bytes;
}

/** What SIOCGETPRL answered. */
export function prlAnswer(bytes: Uint8Array): PrlEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: PrlEntry[] = [];
  const end = Math.min(PRL + view.getUint32(8, true), bytes.length);
  for (let at = PRL; at + PRL <= end; at += PRL) entries.push(readPrl(view, at));
  return entries;
}

/** struct ip_tunnel_parm; addresses and keys are numbers. */
export interface TunnelParm {
  readonly name: string;
  readonly link: number;
  readonly inputFlags: number;
  readonly outputFlags: number;
  readonly inputKey: number;
  readonly outputKey: number;
  /** Version and header length, 0x45. */
  readonly version: number;
  readonly tos: number;
  readonly fragmentOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly local: number;
  readonly remote: number;
}

const decoder = new TextDecoder('latin1');
const NAME = 16;

export function readTunnelParm(bytes: Uint8Array): TunnelParm {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nameBytes = bytes.subarray(0, NAME - 1);
  const end = nameBytes.indexOf(0);
  return {
    name: decoder.decode(end < 0 ? nameBytes : nameBytes.subarray(0, end)),
    link: view.getUint32(16, true),
    inputFlags: view.getUint16(20),
    outputFlags: view.getUint16(22),
    inputKey: view.getUint32(24),
    outputKey: view.getUint32(28),
    version: view.getUint8(32),
    tos: view.getUint8(33),
    fragmentOffset: view.getUint16(38),
    ttl: view.getUint8(40),
    protocol: view.getUint8(41),
    local: view.getUint32(44),
    remote: view.getUint32(48),
  };
}

export function writeTunnelParm(parm: TunnelParm): Uint8Array {
  const bytes = new Uint8Array(TUNNEL_PARM);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < parm.name.length && i < NAME - 1; i++) bytes[i] = parm.name.charCodeAt(i);
  view.setUint32(16, parm.link, true);
  view.setUint16(20, parm.inputFlags);
  view.setUint16(22, parm.outputFlags);
  view.setUint32(24, parm.inputKey);
  view.setUint32(28, parm.outputKey);
  view.setUint8(32, parm.version);
  view.setUint8(33, parm.tos);
  view.setUint16(38, parm.fragmentOffset);
  view.setUint8(40, parm.ttl);
  view.setUint8(41, parm.protocol);
  view.setUint32(44, parm.local);
  view.setUint32(48, parm.remote);
  return bytes;
}

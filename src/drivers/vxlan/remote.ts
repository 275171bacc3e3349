import { EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import * as ip6 from '../../wire/ipv6.js';
import * as ip from '../../wire/ipv4.js';

/** An address of the underlay: an IPv4 number, or an IPv6 address; neither of them: none. */
export interface Endpoint {
  address: number;
  address6: ip6.In6 | null;
}

/** Where frames to an address go (struct vxlan_rdst). */
export interface Remote extends Endpoint {
  port: number;
  vni: number;
  /** 0: whatever the route says. */
  ifindex: number;
}

export const nowhere = (): Endpoint => ({ address: 0, address6: null });

export const isNowhere = (at: Endpoint): boolean => at.address === 0 && (at.address6 === null || ip6.isAny(at.address6));

export const isGroup = (at: Endpoint): boolean => (at.address6 === null ? ip.isMulticast(at.address) : ip6.isMulticast(at.address6));

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  if (a.address !== b.address) return false;
  if (a.address6 === null || b.address6 === null) return a.address6 === b.address6;
  return ip6.equalAddress(a.address6, b.address6);
}

export const sameRemote = (a: Remote, b: Remote): boolean =>
  sameEndpoint(a, b) && a.port === b.port && a.vni === b.vni && a.ifindex === b.ifindex;

/** Four or sixteen bytes in network order. EINVAL. */
export function endpointOf(bytes: Uint8Array): Endpoint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) return { address: view.getUint32(0), address6: null };
  if (bytes.length !== ip6.IN6_BYTES) fail(EINVAL);
  return { address: 0, address6: ip6.readAddress(view, 0, new Uint32Array(4)) };
}

export function bytesOf({ address, address6 }: Endpoint): Uint8Array {
  const bytes = new Uint8Array(address6 === null ? 4 : ip6.IN6_BYTES);
  const view = new DataView(bytes.buffer);
  if (address6 === null) view.setUint32(0, address);
  else ip6.writeAddress(view, 0, address6);
  return bytes;
}

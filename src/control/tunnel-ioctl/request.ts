import { EFAULT, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from '../../net/core/device.js';

/** One of SIOCGETTUNNEL to SIOCCHG6RD about a device: what its caller's pointer leads to, and whether he may change the network. */
export interface TunnelRequest {
  readonly device: NetDevice;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly admin: boolean;
}

/** What is written back there; null: nothing. Throws NetError. */
export interface TunnelCommand {
  /** Bytes that are read. */
  readonly size: number;
  run(request: TunnelRequest): Uint8Array | null;
}

export function needAdmin({ admin }: TunnelRequest): void {
  if (!admin) fail(EPERM);
}

export function tunnelRequest(device: NetDevice, bytes: Uint8Array, size: number, admin: boolean): TunnelRequest {
  if (bytes.length < size) fail(EFAULT);
  return { device, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), admin };
}

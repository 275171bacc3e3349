import { ENODEV, EPERM } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NetDevice } from '../../net/core/device.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { ProgramCall } from './program-call.js';
import type { Workbench } from './workbench.js';

/** struct ifreq: 0 name, 16 bytes | 16 a union of 24. */
export const IFREQ = 40;
export const IFNAMSIZ = 16;

/** One request about a namespace. Its structure lies at the beginning of `bytes`, and goes back from there. */
export interface IoctlRequest {
  readonly bench: Workbench;
  readonly call: ProgramCall;
  readonly namespace: Namespace;
  readonly view: DataView;
  readonly bytes: Uint8Array;
}

export interface IoctlHandler {
  /** Bytes of the structure. */
  readonly size: number;
  /** The structure goes back to the program. */
  readonly writes: boolean;
  /** 0 or a negative errno; throws NetError. */
  run(request: IoctlRequest): number;
}

const decoder = new TextDecoder('latin1');

/** A name at `at`, of at most 15 letters. */
export function nameAt(bytes: Uint8Array, at: number): string {
  let end = at;
  while (end < at + IFNAMSIZ - 1 && bytes[end] !== 0) end++;
  return decoder.decode(bytes.subarray(at, end));
}

export function putName(bytes: Uint8Array, at: number, name: string): void {
  bytes.fill(0, at, at + IFNAMSIZ);
  for (let i = 0; i < name.length && i < IFNAMSIZ - 1; i++) bytes[at + i] = name.charCodeAt(i);
}

/** The device that a struct ifreq names; of an alias ("eth0:1") the device itself. ENODEV. */
export function deviceOf({ namespace, bytes }: IoctlRequest): NetDevice {
  return namespace.deviceByName(nameAt(bytes, 0).replace(/:.*$/s, '')) ?? fail(ENODEV);
}

/** EPERM for who may not change the network. */
export function needAdmin({ bench, call }: IoctlRequest): void {
  if (!bench.credentialsOf(call.tid).netAdmin) fail(EPERM);
}

/** A request that reads about a device and fills the union. */
export const reading = (run: (request: IoctlRequest, device: NetDevice) => void): IoctlHandler => ({
  size: IFREQ,
  writes: true,
  run(request) {
    run(request, deviceOf(request));
    return 0;
  },
});

/** A request that changes a device. */
export const changing = (run: (request: IoctlRequest, device: NetDevice) => void): IoctlHandler => ({
  size: IFREQ,
  writes: false,
  run(request) {
    needAdmin(request);
    run(request, deviceOf(request));
    return 0;
  },
});

/** struct sockaddr_in at `at`: family AF_INET, no port. */
export function putIpv4({ view, bytes }: IoctlRequest, at: number, address: number): void {
  bytes.fill(0, at, at + 16);
  view.setUint16(at, 2, true);
  view.setUint32(at + 4, address);
}

import { AF_BRIDGE, AF_INET, AF_INET6, AF_MPLS, AF_PACKET, AF_UNSPEC } from '../../netlink/constants.js';

const names: ReadonlyArray<readonly [name: string, family: number]> = [
  ['inet', AF_INET],
  ['inet6', AF_INET6],
  ['link', AF_PACKET],
  ['mpls', AF_MPLS],
  ['bridge', AF_BRIDGE],
];

/** The family that `-f NAME` means; null for an unknown name. */
export function familyByName(name: string): number | null {
  return names.find(([known]) => known === name)?.[1] ?? null;
}

export function familyName(family: number): string {
  return names.find(([, known]) => known === family)?.[0] ?? '???';
}

/** Bits of an address: 32 for IPv4, 128 for IPv6. */
export function addressBits(family: number): number {
  return family === AF_INET ? 32 : family === AF_INET6 ? 128 : family === AF_MPLS ? 20 : family === AF_PACKET ? 64 : 0;
}

export const familyOfLength = (bytes: number) => (bytes === 4 ? AF_INET : bytes === 16 ? AF_INET6 : AF_UNSPEC);

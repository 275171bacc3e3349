import type { DestinationAttributes, ServiceAttributes } from '../../netlink/genl/ip-vs.js';

/** As C subtracts: what is more than half of all numbers away is on the other side. */
const difference = (a: number, b: number): number => (a - b) | 0;

function compareAddresses(a: Uint8Array = new Uint8Array(16), b: Uint8Array = new Uint8Array(16)): number {
  const one = new DataView(a.buffer, a.byteOffset);
  const other = new DataView(b.buffer, b.byteOffset);
  for (let at = 0; at + 4 <= Math.min(a.length, b.length); at += 4) {
    const order = difference(one.getUint32(at), other.getUint32(at));
    if (order !== 0) return order;
  }
  return 0;
}

// Linux's tool: ipvs_cmp_services(), ipvs_cmp_dests()
const compareServices = (a: ServiceAttributes, b: ServiceAttributes): number =>
  difference(a.fwmark ?? 0, b.fwmark ?? 0) ||
  difference(a.af ?? 0, b.af ?? 0) ||
  difference(a.protocol ?? 0, b.protocol ?? 0) ||
  compareAddresses(a.addr, b.addr) ||
  difference(a.port ?? 0, b.port ?? 0);

const compareServers = (a: DestinationAttributes, b: DestinationAttributes): number =>
  compareAddresses(a.addr, b.addr) || difference(a.port ?? 0, b.port ?? 0);

/** Merge sort as glibc's qsort(3) has it: where comparisons contradict each other, the order is what comes of its steps. */
function mergeSort<T>(items: readonly T[], compare: (a: T, b: T) => number): T[] {
  if (items.length <= 1) return [...items];
  const half = items.length >> 1;
  const left = mergeSort(items.slice(0, half), compare);
  const right = mergeSort(items.slice(half), compare);
  const merged: T[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) merged.push(compare(left[i]!, right[j]!) <= 0 ? left[i++]! : right[j++]!);
  return [...merged, ...left.slice(i), ...right.slice(j)];
}

export const sortServices = (services: readonly ServiceAttributes[]) => mergeSort(services, compareServices);
export const sortServers = (servers: readonly DestinationAttributes[]) => mergeSort(servers, compareServers);

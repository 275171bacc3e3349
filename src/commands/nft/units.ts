const sizes: readonly (readonly [string, number])[] = [
  ['mbytes', 1024 * 1024],
  ['kbytes', 1024],
  ['bytes', 1],
];

/** How many bytes a unit has: bytes, kbytes, mbytes. */
export const bytesOfUnit = (unit: string): number | undefined => sizes.find(([name]) => name === unit)?.[1];

/** A number of bytes in the largest unit that divides it. */
export function unitOf(bytes: number): { readonly count: number; readonly unit: string } {
  if (bytes === 0) return { count: 0, unit: 'bytes' };
  const [unit, size] = sizes.find(([, each]) => bytes % each === 0)!;
  return { count: bytes / size, unit };
}

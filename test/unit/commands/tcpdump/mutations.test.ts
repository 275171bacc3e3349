import { describe, expect, it } from '@jest/globals';
import { mutatePackets } from '../../../support/mutate-packets.js';

describe('packets made to break printers', () => {
  it.each([1, 2, 3])('print something bounded, seed %d', (seed) => {
    expect(mutatePackets([], 4000, seed).longest).toBeLessThan(1 << 16);
  });
});

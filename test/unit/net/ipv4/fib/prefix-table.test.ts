import fc from 'fast-check';
import { PrefixTable } from '../../../../../src/net/ipv4/fib/prefix-table.js';
import { ipv4Mask } from '../../../../../src/wire/ipv4-address.js';

/** The same by looking at every prefix. */
class LinearModel {
  readonly entries = new Map<string, { prefix: number; length: number; value: number }>();

  set(prefix: number, length: number, value: number): void {
    this.entries.set(`${prefix}/${length}`, { prefix, length, value });
  }

  delete(prefix: number, length: number): boolean {
    return this.entries.delete(`${prefix}/${length}`);
  }

  lookup(address: number, longest = 32): { length: number; value: number } | undefined {
    let best: { length: number; value: number } | undefined;
    for (const { prefix, length, value } of this.entries.values())
      if (length <= longest && (address & ipv4Mask(length)) >>> 0 === prefix && (best === undefined || length > best.length))
        best = { length, value };
    return best;
  }

  sorted(): [number, number, number][] {
    return [...this.entries.values()]
      .sort((a, b) => a.prefix - b.prefix || b.length - a.length)
      .map(({ prefix, length, value }) => [prefix, length, value]);
  }
}

// Few addresses, so that prefixes nest and meet.
const address = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.integer({ min: 0, max: 255 }).map((low) => (0x0a00_0000 + low * 0x0001_0101) >>> 0),
  fc.integer({ min: 0, max: 1023 }).map((low) => (0xc0a8_0000 + low) >>> 0),
);
const prefix = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([a, length]) => ({ prefix: (a & ipv4Mask(length)) >>> 0, length }));
const operation = fc.record({ add: fc.boolean(), prefix, value: fc.integer({ min: 1, max: 0xffff_ffff }), probe: address });

function compare(table: PrefixTable, model: LinearModel, probe: number): void {
  const expected = model.lookup(probe);
  expect(table.lookup(probe)).toBe(expected?.value ?? 0);
  if (expected !== undefined) expect(table.matchedLength).toBe(expected.length);
}

function walked(table: PrefixTable, from?: number): [number, number, number][] {
  const seen: [number, number, number][] = [];
  table.walk((p, length, value) => {
    seen.push([p, length, value]);
    return true;
  }, from);
  return seen;
}

describe('a table of prefixes', () => {
  test.each([
    ['alone', Number.POSITIVE_INFINITY],
    ['with a direct table beside it, which comes and goes', 4],
  ])('%s is the same as a list that is searched, under any additions and deletions', (_, directFrom) => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120 }), address, (operations, from) => {
        const table = new PrefixTable(directFrom);
        const model = new LinearModel();
        for (const { add, prefix, value, probe } of operations) {
          if (add) {
            table.set(prefix.prefix, prefix.length, value);
            model.set(prefix.prefix, prefix.length, value);
          } else {
            const victim = [...model.entries.values()][value % Math.max(1, model.entries.size)] ?? prefix;
            expect(table.delete(victim.prefix, victim.length)).toBe(model.delete(victim.prefix, victim.length));
          }
          compare(table, model, probe);
          compare(table, model, prefix.prefix);
          for (const longest of [31, 24, 20, 17, 16, 9, 8, 0])
            expect(table.lookupShorter(prefix.prefix, longest)).toBe(model.lookup(prefix.prefix, longest)?.value ?? 0);
          expect(table.get(prefix.prefix, prefix.length)).toBe(model.entries.get(`${prefix.prefix}/${prefix.length}`)?.value ?? 0);
        }
        expect(table.size).toBe(model.entries.size);
        expect(walked(table)).toEqual(model.sorted());
        expect(walked(table, from)).toEqual(model.sorted().filter(([p]) => p >= from));
      }),
      { numRuns: 150 },
    );
  });

  test('forgets all it held when all is deleted, and its memory is used again', () => {
    const table = new PrefixTable();
    const fill = () => {
      for (let i = 0; i < 3000; i++) table.set((i * 2_654_435_761) >>> 0, 32, i + 1);
    };
    fill();
    const bytes = table.bytes;
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 3000; i++) expect(table.delete((i * 2_654_435_761) >>> 0, 32)).toBe(true);
      expect(table.size).toBe(0);
      expect(walked(table)).toEqual([]);
      fill();
    }
    expect(table.bytes).toBe(bytes);
  });

  test('more different values than a direct table can name are found all the same', () => {
    const table = new PrefixTable(10);
    const count = 66_000;
    for (let i = 0; i < count; i++) table.set(((i + 1) << 8) >>> 0, 24, i + 1);
    for (const i of [0, 5, 65_533, 65_534, 65_535, count - 1]) expect(table.lookup((((i + 1) << 8) | 7) >>> 0)).toBe(i + 1);
    expect(table.bytes).toBeLessThan(8_000_000);
  });

  test('a walk ends when it is told to', () => {
    const table = new PrefixTable();
    for (let i = 0; i < 10; i++) table.set(i << 8, 24, i + 1);
    let seen = 0;
    table.walk(() => ++seen < 4);
    expect(seen).toBe(4);
  });
});

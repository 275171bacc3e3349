import { SetElement } from '../../../../src/net/netfilter/nf_tables/element.js';
import { IntervalBackend } from '../../../../src/net/netfilter/nf_tables/sets/interval.js';
import { RangesBackend } from '../../../../src/net/netfilter/nf_tables/sets/ranges.js';
import { toWords } from '../../../../src/net/netfilter/nf_tables/expressions/bytes.js';

const END = 1;
const bytesOf = (value: number, bytes: number) =>
  Uint8Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) & 255);
let state = 1;
const random = (below: number) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state % below;
};

describe.each([2, 4, 16])('intervals of keys of %i bytes', (bytes) => {
  test('are found as by looking at each, while they come and go in any order', () => {
    const backend = new IntervalBackend(bytes);
    const there = new Map<number, SetElement[]>();
    const lookup = (value: number) => backend.lookup(toWords(bytesOf(value, bytes)), 0);
    for (let round = 0; round < 3000; round++) {
      const slot = random(600);
      const begin = slot * 100 + 10;
      const held = there.get(slot);
      if (held !== undefined) {
        for (const element of held) backend.remove(element);
        there.delete(slot);
      } else {
        const both = [new SetElement(bytesOf(begin, bytes), null, 0), new SetElement(bytesOf(begin + 50, bytes), null, END)];
        if (slot % 3 === 0) both[0]!.userdata = Uint8Array.of(slot & 255);
        for (const element of both) expect(backend.insert(element)).toBeNull();
        there.set(slot, both);
      }
      backend.check();
      const asked = random(60_100);
      const own = Math.floor(asked / 100);
      const inside = there.has(own) && asked % 100 >= 10 && asked % 100 < 60;
      expect(lookup(asked) !== null).toBe(inside);
      if (inside && own % 3 === 0) expect(lookup(asked)?.userdata).toEqual(Uint8Array.of(own & 255));
    }
    expect(backend.size).toBe(there.size * 2);
    const listed = [...backend.elements()].map(({ key }) => Number(`0x${Buffer.from(key!).toString('hex')}`));
    expect(listed).toEqual([...listed].sort((a, b) => b - a));
  });

  test('that overlap are refused', () => {
    const backend = new IntervalBackend(bytes);
    backend.insertPlain(bytesOf(10, bytes), 0, 0);
    backend.insertPlain(bytesOf(20, bytes), 0, END);
    backend.check();
    backend.insertPlain(bytesOf(15, bytes), 0, 0);
    backend.insertPlain(bytesOf(25, bytes), 0, END);
    expect(() => backend.check()).toThrow();
  });
});

test('concatenated ranges are found as by looking at each, in sets of any size', () => {
  for (const count of [3, 40, 900]) {
    const backend = new RangesBackend(8, [4, 2], 7);
    const all: [number, number, number, number][] = [];
    for (let i = 0; i < count; i++) {
      const net = i * 64;
      const port = random(1000);
      const width = random(60);
      const high = random(500);
      all.push([net, net + width, port, port + high]);
      const key = (address: number, at: number) => Uint8Array.of(...bytesOf(address, 4), ...bytesOf(at, 2), 0, 0);
      expect(backend.insert(new SetElement(key(net, port), key(net + width, port + high), 0))).toBeNull();
    }
    backend.check();
    for (let i = 0; i < 2000; i++) {
      const address = random(count * 64 + 100);
      const port = random(1600);
      const expected = all.findIndex(([a, b, c, d]) => address >= a && address <= b && port >= c && port <= d);
      const found = backend.lookup(toWords(Uint8Array.of(...bytesOf(address, 4), ...bytesOf(port, 2), 0, 0)), 0);
      expect(found === null ? -1 : all.findIndex(([a]) => a === new DataView(found.key!.buffer).getUint32(0))).toBe(expected);
    }
    const inside = new SetElement(
      Uint8Array.of(...bytesOf(0, 4), ...bytesOf(all[0]![2], 2), 0, 0),
      Uint8Array.of(...bytesOf(70_000, 4), ...bytesOf(all[0]![3], 2), 0, 0),
      0,
    );
    expect(() => {
      backend.insert(inside);
      backend.check();
    }).toThrow();
  }
});

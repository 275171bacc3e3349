import { Python } from '../../../src/packetdrill/python/run.js';

function run(...snippets: readonly string[]): string[] {
  const lines: string[] = [];
  const python = new Python((line) => lines.push(line));
  python.names.set('tcpi_rtt', 1500);
  for (const snippet of snippets) python.run(snippet);
  return lines;
}

test.each([
  ['print(1 + 2 * 3 ** 2, 7 // 2, -7 // 2, 7 % 3, 1 / 2)', '19 3 -4 1 0.5'],
  ['print 1 < 2 < 3, not 1 == 2, 1 in (1, 2), 3 not in [1]', 'True True True True'],
  ['print("%d of %s: %.2f" % (3, "x", 1.5))', '3 of x: 1.50'],
  ['x = [i * i for i in range(4) if i != 2]; print(x, sum(x), max(x), len(x))', '[0, 1, 9] 10 9 3'],
  ['print(5 if tcpi_rtt > 1000 else 6, abs(-3), int(2.9), round(2.5), 0x10 | 1, 1 << 4, ~0)', '5 3 2 2 17 16 -1'],
  ['print("a" + "b" * 2, (1,), {"k": 1}["k"], "abc"[1:], None)', 'abb (1,) 1 bc None'],
])('%s', (code, printed) => {
  expect(run(code)).toEqual([printed]);
});

test('blocks, functions and names hold from one snippet to the next', () => {
  const first = `
    def near(a, b, by=10):
      if abs(a - b) <= by:
        return True
      elif a > b:
        return 'over'
      else:
        return 'under'
    total = 0
    for i in range(3):
      total += i
  `;
  expect(run(first, 'print(near(5, 9), near(50, 9), near(5, 90), total)')).toEqual(['True over under 3']);
});

test.each([
  ['assert tcpi_rtt == 1', 'AssertionError'],
  ['assert tcpi_rtt == 1, tcpi_rtt', 'AssertionError: 1500'],
  ['print(nothing)', "NameError: name 'nothing' is not defined"],
  ['assert 1 < "a"', "TypeError: '<' not supported between instances of 'int' and 'str'"],
  ['while True: pass', 'RuntimeError: the code does not end'],
  ['x = (', 'SyntaxError: invalid syntax'],
])('%s raises what Python does', (code, message) => {
  expect(() => run(code)).toThrow(message);
});

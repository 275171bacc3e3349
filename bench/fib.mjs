// Routes of a table of a million: bytes a route, nanoseconds a lookup, seconds to fill. `node bench/fib.mjs [ROUTES]`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const routes = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'fib-'));
const outfile = join(folder, 'fib.mjs');
await build({ entryPoints: ['src/net/ipv4/fib/table.ts'], bundle: true, format: 'esm', platform: 'node', outfile, logLevel: 'error' });
await build({
  entryPoints: ['src/net/ipv4/fib/info.ts'],
  bundle: true,
  format: 'esm',
  platform: 'node',
  outfile: join(folder, 'info.mjs'),
  logLevel: 'error',
});
const { FibTable, RouteStore } = await import(outfile);
const { FibInfo, FibNexthop } = await import(join(folder, 'info.mjs'));
rmSync(folder, { recursive: true });

// Lengths as a full table of the Internet has them, in thousandths.
const LENGTHS = [
  [24, 600],
  [23, 90],
  [22, 120],
  [21, 50],
  [20, 45],
  [19, 27],
  [18, 14],
  [17, 9],
  [16, 14],
  [15, 3],
  [14, 2],
  [13, 1],
  [32, 25],
];
let state = 1;
const random = () => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
};
const mask = (length) => (length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0);

function prefixes(kind) {
  const seen = new Set();
  const found = [];
  while (found.length < routes) {
    let length = 32;
    if (kind === 'internet') {
      let die = random() % 1000;
      let row = 0;
      while (die >= LENGTHS[row][1]) die -= LENGTHS[row++][1];
      length = LENGTHS[row][0];
    }
    const prefix = (random() & mask(length)) >>> 0;
    const key = prefix * 64 + length;
    if (seen.has(key) || prefix >>> 28 >= 14) continue;
    seen.add(key);
    found.push([prefix, length]);
  }
  return found;
}

/** Nanoseconds to read one of 2^24 places at random: what a lookup that misses all caches takes at least, on this machine now. */
function bareRead() {
  const memory = new Uint16Array(1 << 24).fill(1);
  const places = Uint32Array.from({ length: 1 << 20 }, () => random() >>> 8);
  let best = Infinity;
  let sum = 0;
  for (let round = 0; round < 5; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < 1 << 20; i++) sum += memory[places[i]];
    best = Math.min(best, Number(process.hrtime.bigint() - start) / (1 << 20));
  }
  if (sum === 0) throw new Error('nothing was read');
  return best;
}

console.log(`one read at random of 32 MB: ${bareRead().toFixed(1)} ns`);
for (const kind of ['internet', 'hosts']) {
  const list = prefixes(kind);
  const store = new RouteStore();
  const table = new FibTable(254, store);
  const infos = Array.from({ length: 64 }, (_, i) => {
    const info = new FibInfo({
      protocol: 186,
      scope: 0,
      type: 1,
      priority: 0,
      preferredSource: 0,
      tableId: 254,
      flags: 0,
      metrics: null,
      congestionControl: '',
    });
    const nexthop = new FibNexthop(info);
    nexthop.oif = 2;
    nexthop.gateway = 0x0a000001 + i;
    info.nexthops.push(nexthop);
    store.list(info);
    return info;
  });
  const filled = process.hrtime.bigint();
  for (let i = 0; i < list.length; i++) table.insert(list[i][0], list[i][1], 0, 1, infos[i & 63], 0);
  const fillMs = Number(process.hrtime.bigint() - filled) / 1e6;

  const flow = { destination: 0, tos: 0, scope: 0, oif: 0 };
  const result = {};
  const probes = Uint32Array.from({ length: 1 << 20 }, (_, i) => (i & 1 ? list[random() % list.length][0] : random()) >>> 0);
  const few = probes.slice(0, 4096);
  const measure = (addresses) => {
    let best = Infinity;
    for (let round = 0; round < 5; round++) {
      const start = process.hrtime.bigint();
      let found = 0;
      for (let i = 0; i < 1 << 20; i++) {
        flow.destination = addresses[i & (addresses.length - 1)];
        if (table.lookup(flow, result, 0) === 0) found++;
      }
      best = Math.min(best, Number(process.hrtime.bigint() - start) / (1 << 20));
      if (found === 0) throw new Error('nothing was found');
    }
    return best.toFixed(1);
  };
  const bytes = (table.prefixes.bytes + store.aliases.bytes) / list.length;
  const deleting = process.hrtime.bigint();
  const line = `${kind}: ${list.length} routes, ${bytes.toFixed(1)} bytes a route, filled in ${fillMs.toFixed(0)} ms, lookup ${measure(probes)} ns (any of a million), ${measure(few)} ns (4096 destinations)`;
  for (const [prefix, length] of list) table.remove(prefix, length, table.first(prefix, length));
  console.log(`${line}; emptied, with the lookups, in ${(Number(process.hrtime.bigint() - deleting) / 1e6).toFixed(0)} ms`);
}

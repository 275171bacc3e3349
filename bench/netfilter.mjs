// What rules and connections cost: nanoseconds a rule of a linear chain of 1,000 (ip saddr and tcp dport, none matches) as compiled
// functions, as the interpreter, and by the host kernel's own nft in the same run (where there are root, ip and nft); a lookup in a set of a
// million addresses; bytes and new connections a second of a table of a million connections.
//   node bench/netfilter.mjs [rules] [connections]
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadParts } from './library.mjs';

const RULES = Number(process.argv[2] ?? 1000);
const CONNECTIONS = Number(process.argv[3] ?? 1_000_000);

if (globalThis.gc === undefined) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', ...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

/** The parts that are measured. */
const contents = [
  "export { createInstance } from './src/library/index.ts';",
  "export { Chain } from './src/net/netfilter/nf_tables/chain.ts';",
  "export { compileChain } from './src/net/netfilter/nf_tables/compile.ts';",
  "export { evaluate } from './src/net/netfilter/nf_tables/evaluate.ts';",
  "export { Program } from './src/net/netfilter/nf_tables/machine.ts';",
  "export { HashBackend } from './src/net/netfilter/nf_tables/sets/hash.ts';",
  "export { IntervalBackend } from './src/net/netfilter/nf_tables/sets/interval.ts';",
  "export { SetElement } from './src/net/netfilter/nf_tables/element.ts';",
  "export { Tuple } from './src/net/netfilter/conntrack/tuple.ts';",
  "export { NftClient, saddr, dport, protocol, accept, counts } from './test/support/nft-batch.ts';",
].join('\n');
const {
  createInstance,
  compileChain,
  evaluate,
  Program,
  HashBackend,
  IntervalBackend,
  SetElement,
  Tuple,
  NftClient,
  saddr,
  dport,
  protocol,
  accept,
  counts,
} = await loadParts('netfilter', contents);
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const row = (name, value, note = '') => console.log(`${name.padEnd(44)} ${value.padStart(12)}   ${note}`);

/** Nanoseconds a call, the median of runs, warm. */
function time(work, count, runs = 7) {
  const times = [];
  for (let run = -3; run < runs; run++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++) work(i);
    if (run >= 0) times.push(Number(process.hrtime.bigint() - start) / count);
  }
  return median(times);
}

const address = (i) => `10.${100 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
const instance = await createInstance();
const { stack } = instance;
const nft = new NftClient(instance.transport());
const errors = await nft.batch((b) => {
  b.table('t').chain('t', 'f', { hook: 2, priority: 0 });
  for (let i = 0; i < RULES; i++) b.rule('t', 'f', saddr(address(i)), protocol(6), dport(1 + i), counts, accept);
});
if (errors.length > 0) throw new Error(`errno ${errors}`);
const tables = instance.namespace().nfTables;
const chain = tables.tables[0].chains.get('f');

/** Ethernet is left out: IPv4 and TCP, from 10.1.1.1 to port 22. */
function packet() {
  const skb = stack.pool.allocate(60);
  const at = skb.put(60);
  skb.view.setUint32(at, 0x4500003c);
  skb.view.setUint8(at + 9, 6);
  skb.view.setUint32(at + 12, 0x0a010101);
  skb.view.setUint32(at + 16, 0x0a020202);
  skb.view.setUint16(at + 22, 22);
  skb.networkHeader = at;
  skb.protocol = 0x0800;
  return skb;
}
const skb = packet();
const info = tables.takePacket();
info.set(skb, 2, 2, null, null);
const perRule = (work, count) => time(work, count) / RULES;
const interpreted = perRule(() => evaluate(chain, info, 0), 2000);
const program = Program.of(chain);
const cold = perRule(() => program.run(info), 5000);
const code = compileChain(chain);
for (let i = 0; i < 60_000; i++) code(info);
const compiled = perRule(() => code(info), 20_000);
const kernel = kernelPerRule();
console.log(`${RULES} rules of a linear chain (ip saddr, tcp dport), a packet that matches none, in one run:`);
row('compiled', `${compiled.toFixed(2)} ns`, 'a rule');
row('bytecode machine', `${cold.toFixed(2)} ns`, 'a rule');
row('interpreted', `${interpreted.toFixed(2)} ns`, 'a rule');
if (kernel === null) row("the host kernel's nft", '-', 'wants root, ip and nft');
else {
  row("the host kernel's nft", `${kernel.toFixed(2)} ns`, 'a rule');
  row('compiled / kernel', (compiled / kernel).toFixed(3), compiled / kernel <= 0.1 ? 'aim 1/10: met' : 'aim 1/10: missed');
  row('bytecode machine / kernel', (cold / kernel).toFixed(3), cold / kernel <= 0.5 ? 'aim 1/2: met' : 'aim 1/2: missed');
}

const SET = 1_000_000;
const set = new HashBackend(4, 12345);
for (let i = 0; i < SET; i++) set.insert(new SetElement(Uint8Array.of(10, i >> 16, (i >> 8) & 255, i & 255), null, 0));
const registers = new Int32Array(16);
let found = 0;
const lookup = time((i) => {
  const n = Math.imul(i, 0x9e3779b1) >>> 12;
  registers[0] = 10 | ((n >> 16) << 8) | (((n >> 8) & 255) << 16) | ((n & 255) << 24);
  if (set.lookup(registers, 0) !== null) found++;
}, 200_000);
row(`lookup in a set of ${SET} addresses`, `${lookup.toFixed(0)} ns`, lookup < 150 ? 'aim 150 ns: met' : 'aim 150 ns: missed');

globalThis.gc();
const emptyMemory = process.memoryUsage();
const intervals = new IntervalBackend(4);
const loadStart = process.cpuUsage();
const intervalKey = new Uint8Array(4);
for (let i = 0; i < SET; i++)
  for (const [value, end] of [
    [(i * 4096 + 16) >>> 0, 0],
    [(i * 4096 + 2064) >>> 0, 1],
  ]) {
    for (let b = 0; b < 4; b++) intervalKey[b] = value >>> (24 - 8 * b);
    intervals.insertPlain(intervalKey, 0, end);
  }
intervals.check();
const loaded = process.cpuUsage(loadStart);
globalThis.gc();
const fullMemory = process.memoryUsage();
row(`load of ${SET} intervals`, `${((loaded.user + loaded.system) / 1000).toFixed(0)} ms`, 'of a processor, the set alone');
row(
  'an interval',
  `${((fullMemory.heapUsed + fullMemory.arrayBuffers - emptyMemory.heapUsed - emptyMemory.arrayBuffers) / SET).toFixed(0)} bytes`,
);
const inIntervals = time((i) => {
  registers[0] = Math.imul(i, 0x9e3779b1);
  if (intervals.lookup(registers, 0) !== null) found++;
}, 200_000);
row(`lookup in ${SET} intervals`, `${inIntervals.toFixed(0)} ns`, inIntervals < 150 ? 'aim 150 ns: met' : 'aim 150 ns: missed');

const { conntrack } = instance.namespace();
conntrack.settings.max = 0;
globalThis.gc();
const before = process.memoryUsage();
const start = process.hrtime.bigint();
const original = new Tuple();
const reply = new Tuple();
for (let i = 0; i < CONNECTIONS; i++) {
  original.protocol = 17;
  original.source[0] = 0x0a000000 + i;
  original.destination[0] = 0x0b000001;
  original.setPorts(1024 + (i & 0x7fff), 53);
  original.invert(reply);
  const id = conntrack.table.allocate(0, 0, original, reply);
  conntrack.setTimeout(id, 1_000_000);
  conntrack.confirm(id);
  conntrack.table.release(id);
}
const took = Number(process.hrtime.bigint() - start) / 1e9;
globalThis.gc();
const after = process.memoryUsage();
const bytes = (after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / CONNECTIONS;
row(`a connection of ${CONNECTIONS}`, `${bytes.toFixed(0)} bytes`, bytes <= 300 ? 'aim 300: met' : 'aim 300: missed');
row('new connections', `${Math.round(CONNECTIONS / took)}`, 'a second (table only)');
const find = time((i) => {
  const n = (Math.imul(i, 0x9e3779b1) >>> 0) % CONNECTIONS;
  original.source[0] = 0x0a000000 + n;
  original.setPorts(1024 + (n & 0x7fff), 53);
  if (conntrack.table.find(0, 0, original) !== 0) found++;
}, 200_000);
row('finding one of them', `${find.toFixed(0)} ns`);
if (found === 0) throw new Error('nothing was found');
instance.close();

/** What a rule costs a packet of the host's kernel: UDP in a namespace of its own, with the rules and without; null: it cannot be had. */
function kernelPerRule() {
  if (process.getuid() !== 0) return null;
  const name = `tapstack-bench-${process.pid}`;
  const run = (file, ...args) => execFileSync(file, args, { stdio: 'pipe' });
  try {
    run('ip', 'netns', 'add', name);
  } catch {
    return null;
  }
  try {
    // To a neighbour that nobody is: what is sent passes the rules once, and ends behind the wire.
    run('ip', '-n', name, 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
    for (const device of ['v0', 'v1']) run('ip', '-n', name, 'link', 'set', device, 'up');
    run('ip', '-n', name, 'addr', 'add', '192.0.2.1/24', 'dev', 'v0');
    run('ip', '-n', name, 'neigh', 'add', '192.0.2.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'v0');
    const file = join(tmpdir(), `${name}.nft`);
    const rules = Array.from({ length: RULES }, (_, i) => `ip saddr ${address(i)} tcp dport ${1 + i} counter accept`);
    writeFileSync(file, `table ip t {\n chain f {\n type filter hook output priority 0;\n ${rules.join('\n ')}\n }\n}\n`);
    const flood = join(tmpdir(), `${name}.mjs`);
    writeFileSync(
      flood,
      `import dgram from 'node:dgram';
const socket = dgram.createSocket('udp4');
const count = 30000;
let left = count;
socket.bind(0, '192.0.2.1', () => socket.connect(9, '192.0.2.2', () => {
  const start = process.hrtime.bigint();
  const next = () => { if (left-- === 0) { console.log(Number(process.hrtime.bigint() - start) / count); socket.close(); return; } socket.send('x', next); };
  next();
}));
socket.on('error', () => undefined);
`,
    );
    const once = () => Number(run('ip', 'netns', 'exec', name, process.execPath, flood));
    once();
    const without = median([once(), once(), once()]);
    run('ip', 'netns', 'exec', name, 'nft', '-f', file);
    const withRules = median([once(), once(), once()]);
    return (withRules - without) / RULES;
  } catch (error) {
    console.error(String(error.stderr ?? error).split('\n')[0]);
    return null;
  } finally {
    spawnSync('ip', ['netns', 'del', name]);
  }
}

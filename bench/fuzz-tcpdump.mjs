// Mutated packets through every printer: nothing is thrown, and no text grows without bound.
// `node bench/fuzz-tcpdump.mjs [PACKETS] [SEED] [CAPTURE...]`; packets of captures, where they are given, are mutated.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const packets = Number(process.argv[2] ?? 10_000_000);
const seed = Number(process.argv[3] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
const outfile = join(folder, 'mutate.mjs');
await build({ entryPoints: ['test/support/mutate-packets.ts'], bundle: true, format: 'esm', platform: 'node', outfile, logLevel: 'error' });
const { mutatePackets, packetsOf } = await import(outfile);
rmSync(folder, { recursive: true });

const given = [];
for (const path of process.argv.slice(4)) given.push(...(await packetsOf(readFileSync(path))));
const began = performance.now();
const { longest, slowest, slowestPacket } = mutatePackets(given, packets, seed, () => performance.now());
console.log(`${packets} packets, ${given.length} of captures to mutate, in ${((performance.now() - began) / 1000).toFixed(0)} s`);
console.log(`longest text: ${longest} characters; slowest packet: ${slowest.toFixed(1)} ms, ${slowestPacket}`);

// tcpdump-lite -r of a large capture, with and without a filter, beside the real tool. `node bench/tcpdump.mjs [PACKETS] [RUNS]`
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const packets = Number(process.argv[2] ?? 1_000_000);
const runs = Number(process.argv[3] ?? 3);
const folder = mkdtempSync(join(tmpdir(), 'tcpdump-'));
const file = join(folder, 'capture.pcap');

/** Ethernet and IPv4 around TCP, UDP and ICMP of many lengths. */
function packet(n) {
  const payload = [0, 0, 40, 512, 1400][n % 5];
  const protocol = n % 10 < 7 ? 6 : n % 10 < 9 ? 17 : 1;
  const header = protocol === 6 ? 32 : 8;
  const bytes = Buffer.alloc(14 + 20 + header + payload);
  bytes.write('020000000001020000000002080045', 0, 'hex');
  bytes.writeUInt16BE(20 + header + payload, 16);
  bytes[22] = 64;
  bytes[23] = protocol;
  bytes.writeUInt32BE(0x0a000001, 26);
  bytes.writeUInt32BE(0x0a000100 + (n % 200), 30);
  if (protocol === 1) bytes[34] = 8;
  else {
    bytes.writeUInt16BE(40000 + (n % 100), 34);
    bytes.writeUInt16BE(n % 3 === 0 ? 8443 : 9999, 36);
  }
  if (protocol === 17) bytes.writeUInt16BE(8 + payload, 38);
  if (protocol === 6) {
    bytes.writeUInt32BE(n * 100, 38);
    bytes.writeUInt32BE(n * 10, 42);
    bytes.write('801001f5000000000101080a0000100000002000', 46, 'hex');
  }
  return bytes;
}

const fd = openSync(file, 'w');
const head = Buffer.alloc(24);
head.write('d4c3b2a102000400', 0, 'hex');
head.writeUInt32LE(262144, 16);
head.writeUInt32LE(1, 20);
writeSync(fd, head);
let pieces = [];
for (let n = 0; n < packets; n++) {
  const bytes = packet(n);
  const record = Buffer.alloc(16);
  record.writeUInt32LE(1_700_000_000 + Math.floor(n / 1000), 0);
  record.writeUInt32LE((n % 1000) * 1000, 4);
  record.writeUInt32LE(bytes.length, 8);
  record.writeUInt32LE(bytes.length, 12);
  pieces.push(record, bytes);
  if (pieces.length < 4096 && n < packets - 1) continue;
  writeSync(fd, Buffer.concat(pieces));
  pieces = [];
}
closeSync(fd);

const cases = [
  ['every packet printed', ['-n', '-r', file]],
  ['every packet printed, -v', ['-nv', '-r', file]],
  ['a filter that takes a tenth', ['-n', '-r', file, 'icmp']],
  ['a filter that takes none', ['-n', '-r', file, 'tcp port 80 and host 192.0.2.1']],
  ['--count', ['--count', '-r', file]],
  ['-w of every packet', ['-r', file, '-w', join(folder, 'copy.pcap')]],
];
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];
const sink = openSync('/dev/null', 'w');
function seconds(command, words) {
  const began = performance.now();
  const { status, error } = spawnSync(command, words, { stdio: ['ignore', sink, 'ignore'] });
  if (error !== undefined || status !== 0) return Number.NaN;
  return (performance.now() - began) / 1000;
}
console.log(`${packets} packets, median of ${runs} runs, seconds`);
for (const [name, words] of cases) {
  const ours = [];
  const theirs = [];
  for (let i = 0; i < runs; i++) {
    ours.push(seconds(process.execPath, ['bin/tcpdump-lite', ...words]));
    theirs.push(seconds('tcpdump', words));
  }
  const [one, other] = [median(ours), median(theirs)];
  console.log(`${name.padEnd(30)} ours ${one.toFixed(2)}  theirs ${other.toFixed(2)}  ratio ${(one / other).toFixed(2)}`);
}
rmSync(folder, { recursive: true });

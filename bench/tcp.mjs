// TCP from one namespace to another inside a stack, over a veth: Gbit/s, microseconds and bytes allocated a segment on the wire, with
// super-packets and without, in one run; with a second checkout beside it, the ratio of both, measured in turn.
//   node bench/tcp.mjs [megabytes a run] [runs] [other checkout]
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { loadLibrary, median, withLargeHeap } from './library.mjs';

withLargeHeap();

const megabytes = Number(process.argv[2] ?? 128);
const runs = Number(process.argv[3] ?? 5);
const other = process.argv[4];
const CHUNK = 65_536;
const PORT = 5001;
const AF_INET = 2;
const SOCK_STREAM = 1;

const SETUP = [
  'ip netns add a',
  'ip netns add b',
  'ip link add va netns a type veth peer name vb netns b',
  'ip -n a addr add 10.0.0.1/24 dev va',
  'ip -n b addr add 10.0.0.2/24 dev vb',
  'ip -n a link set va up',
  'ip -n b link set vb up',
];

function address(SocketAddress, ip, port) {
  const result = new SocketAddress();
  result.family = AF_INET;
  result.words[2] = 0xffff;
  result.words[3] = ip;
  result.port = port;
  return result;
}

async function pair(library, offload) {
  const { createInstance } = library;
  const instance = await createInstance();
  for (const line of SETUP) {
    const { status, stderr } = await instance.sh(line);
    if (status !== 0) throw new Error(`${line}: status ${status}: ${stderr}`);
  }
  const va = instance.device('va', 'a');
  const vb = instance.device('vb', 'b');
  if (!offload) for (const device of [va, vb]) device.features = 0;
  const open = ({ namespace }) => {
    const { families } = namespace.sockets;
    return families.find(({ family, type }) => family === AF_INET && type === SOCK_STREAM).create(namespace, 0, 0, true);
  };
  const listener = open(vb);
  const SocketAddress = listener.local.constructor;
  listener.bind(address(SocketAddress, 0, PORT));
  listener.listen(1);
  const client = open(va);
  client.connect(address(SocketAddress, 0x0a000002, PORT));
  const { stack } = instance;
  stack.onWork = null;
  let server = -11;
  while (typeof server === 'number') {
    while (stack.poll());
    server = listener.accept();
  }
  return { instance, stack, client, server };
}

function transfer({ stack, client, server }, total, bytes, into) {
  let sent = 0;
  let got = 0;
  while (got < total) {
    while (sent < total) {
      const n = client.send(bytes, 0, Math.min(CHUNK, total - sent), 0, null);
      if (n <= 0) break;
      sent += n;
    }
    while (stack.poll());
    for (let n = server.receive(into, 0, CHUNK, 0, null); n > 0; n = server.receive(into, 0, CHUNK, 0, null)) got += n;
  }
}

async function measure(library, offload) {
  const ends = await pair(library, offload);
  const bytes = new Uint8Array(CHUNK);
  const into = new Uint8Array(CHUNK);
  const total = megabytes << 20;
  const rows = [];
  for (let run = -2; run < runs; run++) {
    const segments = ends.client.dataSegmentsOut;
    globalThis.gc();
    const heap = process.memoryUsage().heapUsed;
    const start = process.hrtime.bigint();
    transfer(ends, total, bytes, into);
    const us = Number(process.hrtime.bigint() - start) / 1000;
    const grown = Math.max(0, process.memoryUsage().heapUsed - heap);
    const count = ends.client.dataSegmentsOut - segments;
    if (run >= 0)
      rows.push({ gbits: (total * 8) / us / 1000, us: us / count, bytes: grown / count, retransmitted: ends.client.totalRetrans });
  }
  ends.instance.close();
  const of = (key) => median(rows.map((row) => row[key]));
  return { gbits: of('gbits'), us: of('us'), bytes: of('bytes'), retransmitted: rows.at(-1).retransmitted };
}

const library = await loadLibrary();
const result = { tso: await measure(library, true), plain: await measure(library, false) };
if (process.env.TAPSTACK_BENCH_JSON !== undefined) console.log(JSON.stringify(result));
else {
  console.log(`median of ${runs} runs of ${megabytes} MB, namespace to namespace over a veth`);
  for (const [name, { gbits, us, bytes, retransmitted }] of [
    ['super-packets', result.tso],
    ['without offload', result.plain],
  ])
    console.log(
      `${name.padEnd(16)} ${gbits.toFixed(2).padStart(6)} Gbit/s ${us.toFixed(3).padStart(7)} us and ${bytes.toFixed(1)} bytes a segment, ${retransmitted} sent again`,
    );
}
if (other !== undefined) {
  const env = { ...process.env, TAPSTACK_BENCH_JSON: '1' };
  const { stdout } = spawnSync(process.execPath, [join(other, 'bench', 'tcp.mjs'), String(megabytes), String(runs)], {
    env,
    encoding: 'utf8',
  });
  const theirs = JSON.parse(stdout);
  for (const kind of ['tso', 'plain']) console.log(`${kind}: ${(result[kind].gbits / theirs[kind].gbits).toFixed(2)} x the other`);
}

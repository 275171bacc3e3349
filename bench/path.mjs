// What one packet costs inside a stack: microseconds and bytes allocated for a 64-byte UDP frame that is forwarded from a veth
// through a router namespace to another veth, beside what the parts of that way cost, in one run. Prints medians and ratios.
//   node bench/path.mjs [packets a run] [runs]
import { loadLibrary, median, withLargeHeap } from './library.mjs';

const AIM_US = 1.5;
const BATCH = 64;
const packets = Number(process.argv[2] ?? 200_000);
const runs = Number(process.argv[3] ?? 9);

withLargeHeap();

const SETUP = [
  'ip netns add a',
  'ip netns add r',
  'ip netns add b',
  'ip link add va address 02:00:00:00:00:0a netns a type veth peer name ra address 02:00:00:00:01:0a netns r',
  'ip link add vb address 02:00:00:00:00:0b netns b type veth peer name rb address 02:00:00:00:01:0b netns r',
  'ip -n a link set va up',
  'ip -n r link set ra up',
  'ip -n b link set vb up',
  'ip -n r link set rb up',
  'ip -n r addr add 10.0.1.1/24 dev ra',
  'ip -n r addr add 10.0.2.1/24 dev rb',
  'ip -n r neigh add 10.0.2.2 lladdr 02:00:00:00:00:0b dev rb',
  'ip netns exec r sysctl -qw net.ipv4.ip_forward=1',
];

/** Ethernet, IPv4, UDP from 10.0.1.2 to 10.0.2.2, with `bytes` in all. */
function frame(bytes) {
  const skb = new Uint8Array(bytes);
  const view = new DataView(skb.buffer);
  skb.set([0x02, 0, 0, 0, 0x01, 0x0a, 0x02, 0, 0, 0, 0, 0x0a, 0x08, 0x00]);
  skb.set([0x45, 0, 0, 0, 0, 1, 0x40, 0, 64, 17, 0, 0, 10, 0, 1, 2, 10, 0, 2, 2], 14);
  view.setUint16(16, bytes - 14);
  let sum = 0;
  for (let at = 14; at < 34; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(24, ~sum & 0xffff);
  view.setUint16(34, 1000);
  view.setUint16(36, 2000);
  view.setUint16(38, bytes - 34);
  return skb;
}

/** Medians over all runs of microseconds and bytes a packet. */
function measure(sendOne, stack, arrived) {
  const times = [];
  const bytes = [];
  // The first runs are V8's to compile in.
  for (let run = -3; run < runs; run++) {
    const before = arrived();
    globalThis.gc();
    const heap = process.memoryUsage().heapUsed;
    const start = process.hrtime.bigint();
    for (let sent = 0; sent < packets; sent += BATCH) {
      for (let i = 0; i < BATCH; i++) sendOne();
      while (stack.poll());
    }
    const took = Number(process.hrtime.bigint() - start) / 1000;
    const grown = process.memoryUsage().heapUsed - heap;
    const count = Math.ceil(packets / BATCH) * BATCH;
    if (arrived() - before !== count) throw new Error(`${arrived() - before} of ${count} packets arrived`);
    if (run < 0) continue;
    times.push(took / count);
    bytes.push(Math.max(0, grown) / count);
  }
  return { us: median(times), bytes: median(bytes) };
}

const { createInstance } = await loadLibrary();
const instance = await createInstance();
for (const line of SETUP) {
  const { status, stderr } = await instance.sh(line);
  if (status !== 0) throw new Error(`${line}: status ${status}: ${stderr}`);
}
const { stack } = instance;
const { pool } = stack;
// From here on the bench polls, as the daemon's loop does.
stack.onWork = null;
let count = 0;
const arrived = () => count;
const swallow = (skb) => {
  count++;
  stack.consume(skb);
  return true;
};
const device = (name, namespace) => instance.device(name, namespace);
const va = device('va', 'a');
const ra = device('ra', 'r');

const sample = frame(64);
const sendFrom = (from) => () => {
  const skb = pool.allocate(64);
  const { bytes } = skb;
  const at = skb.put(64);
  for (let i = 0; i < 64; i++) bytes[at + i] = sample[i];
  skb.macHeader = at;
  skb.device = from;
  from.transmit(skb);
};

const rows = [];
rows.push([
  'allocate, fill, free',
  measure(
    () => {
      const skb = pool.allocate(64);
      const { bytes } = skb;
      const at = skb.put(64);
      for (let i = 0; i < 64; i++) bytes[at + i] = sample[i];
      swallow(skb);
    },
    stack,
    arrived,
  ),
]);
ra.rxHandler = swallow;
rows.push(['one veth', measure(sendFrom(va), stack, arrived)]);
ra.rxHandler = null;
device('vb', 'b').rxHandler = swallow;
rows.push(['veth, router, veth', measure(sendFrom(va), stack, arrived)]);
if (pool.inUse !== 0) throw new Error(`${pool.inUse} packets were not freed`);
instance.close();

const forwarded = rows[2][1];
console.log(`median of ${runs} runs of ${packets} frames of 64 bytes, in batches of ${BATCH}`);
for (const [name, { us, bytes }] of rows)
  console.log(
    `${name.padEnd(22)} ${us.toFixed(3).padStart(7)} us ${bytes.toFixed(1).padStart(7)} bytes   ${(us / rows[1][1].us).toFixed(2)} x one veth`,
  );
const verdict = forwarded.us < AIM_US && forwarded.bytes < 1 ? 'met' : 'missed';
console.log(`aim: under ${AIM_US} us and 0 bytes for a forwarded packet: ${verdict}`);

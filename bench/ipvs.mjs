// What a director costs: packets and new connections a second through a virtual service (masqueraded, direct), beside plain forwarding of
// the same packets in the same run; bytes a connection of a table of a million.
//   node bench/ipvs.mjs [packets] [connections]
import { loadParts } from './library.mjs';

const PACKETS = Number(process.argv[2] ?? 300_000);
const CONNECTIONS = Number(process.argv[3] ?? 1_000_000);

/** The parts that are measured. */
const contents =
  "export { createInstance } from './src/library/index.ts';\nexport { ConnectionKey } from './src/net/netfilter/ipvs/connection-table.ts';";
const { createInstance, ConnectionKey } = await loadParts('ipvs', contents);
const row = (name, value, note = '') => console.log(`${name.padEnd(44)} ${value.padStart(14)}   ${note}`);
const perSecond = (ns) => `${Math.round(1e9 / ns).toLocaleString('en')}/s`;

const instance = await createInstance({ clock: 'virtual' });
const { stack } = instance;
const setUp = [
  'ip link add va address 02:00:00:00:00:0a type veth peer name ra address 02:00:00:00:01:0a',
  'ip link add vb address 02:00:00:00:00:0b type veth peer name rb address 02:00:00:00:01:0b',
  'ip netns add x; ip link set va netns x; ip link set vb netns x; ip -n x link set va up; ip -n x link set vb up',
  'ip addr add 10.0.1.1/24 dev ra; ip addr add 10.0.2.1/24 dev rb; ip link set ra up; ip link set rb up',
  'ip neigh add 10.0.2.2 lladdr 02:00:00:00:00:0b dev rb; ip neigh add 10.0.1.2 lladdr 02:00:00:00:00:0a dev ra',
  'ip route add 10.8.0.0/13 via 10.0.1.2; sysctl -qw net.ipv4.ip_forward=1',
  'ipvsadm -A -t 10.0.1.1:80 -s rr; ipvsadm -a -t 10.0.1.1:80 -r 10.0.2.2:8080 -m',
  'ipvsadm -A -t 10.0.1.1:81 -s rr; ipvsadm -a -t 10.0.1.1:81 -r 10.0.2.2 -g',
].join('; ');
const { stderr } = await instance.sh(setUp);
if (stderr !== '') throw new Error(stderr);
const ra = instance.device('ra');
const rb = instance.device('rb');
let sent = 0;
rb.taps = [
  ...rb.taps,
  (_skb, _device, outgoing) => {
    if (outgoing) sent++;
  },
];

const SYN = 0x02;
const ACK = 0x10;
/** Frames of 60 bytes from the client to `to`; `change` makes one another connection. */
function send(count, to, port, flags, change) {
  for (let i = 0; i < count; ) {
    for (let batch = 0; batch < 64 && i < count; batch++, i++) {
      const skb = stack.pool.allocate(60);
      const at = skb.put(60);
      const v = skb.view;
      v.setUint32(at, 0x02000000);
      v.setUint32(at + 4, 0x010a0200);
      v.setUint32(at + 8, 0x0000000a);
      v.setUint16(at + 12, 0x0800);
      const ip = at + 14;
      v.setUint32(ip, 0x4500002e);
      v.setUint32(ip + 4, 0x4000);
      v.setUint32(ip + 8, 0x40060000);
      v.setUint32(ip + 12, 0x0a080000 + (change ? i >>> 15 : 1));
      v.setUint32(ip + 16, to);
      let sum = 0;
      for (let w = 0; w < 20; w += 2) sum += v.getUint16(ip + w);
      while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
      v.setUint16(ip + 10, ~sum & 0xffff);
      v.setUint16(ip + 20, 1024 + (change ? i & 0x7fff : 0));
      v.setUint16(ip + 22, port);
      v.setUint32(ip + 24, 1);
      v.setUint32(ip + 28, 1);
      v.setUint16(ip + 32, 0x5000 | flags);
      v.setUint16(ip + 34, 65_000);
      v.setUint32(ip + 36, 0);
      skb.device = ra;
      skb.ipSummed = 1;
      ra.parseHeader(skb);
      stack.enqueue(skb);
    }
    while (stack.poll());
  }
}

/** Nanoseconds a packet, the best of runs: other work on the machine only adds. */
function time(count, ...words) {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run++) {
    sent = 0;
    const start = process.hrtime.bigint();
    send(count, ...words);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / count);
    if (sent < count * 0.99) throw new Error(`${sent} of ${count} packets came out`);
  }
  return best;
}

const VIP = 0x0a000101;
const SERVER = 0x0a000202;
send(1, VIP, 80, SYN, false);
send(1, VIP, 81, SYN, false);
const plain = time(PACKETS, SERVER, 8080, ACK, false);
const nat = time(PACKETS, VIP, 80, ACK, false);
const direct = time(PACKETS, VIP, 81, ACK, false);
row('plain forwarding', perSecond(plain), 'packets of 60 bytes, one flow');
row('a virtual service, masqueraded', perSecond(nat), `${(plain / nat).toFixed(2)} of plain forwarding`);
row('a virtual service, direct routing', perSecond(direct), `${(plain / direct).toFixed(2)} of plain forwarding`);
const { ipvs } = instance.namespace();
let best = Number.POSITIVE_INFINITY;
for (let run = 0; run < 3; run++) {
  ipvs.connections.flush();
  const count = 100_000;
  const start = process.hrtime.bigint();
  send(count, VIP, 80, SYN, true);
  best = Math.min(best, Number(process.hrtime.bigint() - start) / count);
  if (ipvs.connections.table.count !== count) throw new Error(`${ipvs.connections.table.count} connections`);
}
row('new connections', perSecond(best), 'each with its first packet');
ipvs.connections.flush();

const { table } = ipvs.connections;
const key = new ConnectionKey();
const client = new Uint32Array(4);
const server = new Uint32Array(4);
const virtual = Uint32Array.of(VIP, 0, 0, 0);
for (let i = 0; i < CONNECTIONS; i++) {
  client[0] = 0x0b000000 + (i >>> 4);
  table.insert(table.allocate(key.set(2, 6, client, 1024 + (i & 15), virtual, 80), 2, server, 80));
}
const bytes = table.bytes / CONNECTIONS;
row(`bytes a connection, of ${CONNECTIONS.toLocaleString('en')}`, bytes.toFixed(0), bytes <= 300 ? 'aim 300: met' : 'aim 300: missed');
let found = 0;
const start = process.hrtime.bigint();
for (let i = 0; i < 500_000; i++) {
  const n = (Math.imul(i, 0x9e3779b1) >>> 0) % CONNECTIONS;
  client[0] = 0x0b000000 + (n >>> 4);
  if (table.findIn(key.set(2, 6, client, 1024 + (n & 15), virtual, 80)) !== 0) found++;
}
row(
  'a look-up among them',
  `${(Number(process.hrtime.bigint() - start) / 500_000).toFixed(0)} ns`,
  found === 500_000 ? '' : 'some were not found',
);
instance.close();

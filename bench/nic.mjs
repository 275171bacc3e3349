// What lines of a tuning guide change: Gbit/s out of a captured program of the stack and into it, over a NIC whose wire is a TAP of the
// host, and the time of a round trip, after each line in turn; all in one run. Wants root, python3 and ip.
//   node bench/nic.mjs [seconds a measurement]
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const seconds = Number(process.argv[2] ?? 1);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'tapstack-nic-'));
const peer = `tsn${process.pid}`;

/** Each begins where the NIC is as it comes. */
const lines = [
  '',
  '-K eth0 tso off',
  '-K eth0 tso off gso off tx off',
  '-K eth0 rx-gro-hw off',
  '-K eth0 rx-gro-hw off gro off',
  '-G eth0 rx 16 tx 16',
  '-G eth0 rx 4096 tx 4096',
  '-C eth0 rx-usecs 500',
  '-C eth0 tx-usecs 500 tx-frames 256',
];
const AS_IT_COMES = [
  'ethtool -K eth0 tso on gso on gro on tx on rx on rx-gro-hw on',
  'ethtool -G eth0 rx 256 tx 256',
  'ethtool -C eth0 rx-usecs 0 tx-usecs 0 tx-frames 0',
].map((line) => `${line} >/dev/null 2>&1 || true`);

const SERVER = `
import socket, threading
def serve(port, handle):
    listener = socket.socket(); listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('', port)); listener.listen(16)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=guard, args=(handle, connection), daemon=True).start()
def guard(handle, connection):
    try: handle(connection)
    except OSError: pass
    finally: connection.close()
def sink(c):
    while c.recv(1 << 20): pass
def source(c):
    data = b'y' * (1 << 18)
    while True: c.sendall(data)
def echo(c):
    c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        data = c.recv(1)
        if not data: return
        c.sendall(data)
for port, handle in ((5001, sink), (5002, source)): threading.Thread(target=serve, args=(port, handle), daemon=True).start()
serve(5003, echo)
`;

const CLIENT = `
import json, socket, sys, time
seconds = float(sys.argv[1])
def connect(port): return socket.create_connection(('10.77.0.2', port), timeout=20)
def rate(port, step):
    c = connect(port); began = time.time(); total = 0
    while time.time() - began < seconds: total += step(c)
    took = time.time() - began; c.close()
    return total * 8 / took / 1e9
data = b'x' * (1 << 18)
out = rate(5001, lambda c: c.send(data)); into = rate(5002, lambda c: len(c.recv(1 << 20)))
c = connect(5003); c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1); trips = []
for _ in range(200):
    at = time.perf_counter(); c.send(b'1'); c.recv(1); trips.append(time.perf_counter() - at)
trips.sort()
print(json.dumps({'line': sys.argv[2], 'out': out, 'in': into, 'p50': trips[100] * 1e6}))
`;

const script = [
  'ip address add 10.77.0.1/24 dev eth0; ip link set eth0 up',
  // The TAP has come up on the other side meanwhile.
  'n=0; until ping -c 1 -W 1 10.77.0.2 >/dev/null; do n=$((n + 1)); [ $n -lt 20 ]; done',
  // Code that has run is compiled.
  `python3 ${join(folder, 'client.py')} ${seconds} '' >/dev/null`,
  ...lines.flatMap((line) => [
    ...AS_IT_COMES,
    ...(line === '' ? [] : [`ethtool ${line} >/dev/null`]),
    `python3 ${join(folder, 'client.py')} ${seconds} '${line}'`,
  ]),
  // The driver, its queues and ip count the same.
  'ethtool -S eth0 | grep -e tx_packets -e tx_completions -e rx_packets -e dropped; ip -s link show dev eth0',
].join('\n');

let server = null;
try {
  writeFileSync(join(folder, 'server.py'), SERVER);
  writeFileSync(join(folder, 'client.py'), CLIENT);
  execFileSync('ip', ['netns', 'add', peer]);
  server = spawn('ip', ['netns', 'exec', peer, 'python3', join(folder, 'server.py')], { stdio: 'ignore' });
  const up = `until ip -n ${peer} link show dev tap0 >/dev/null 2>&1; do sleep 0.1; done; ip -n ${peer} address add 10.77.0.2/24 dev tap0; ip -n ${peer} link set tap0 up`;
  const raising = spawn('sh', ['-c', up]);
  const words = ['run', '--nic', `eth0,tap=tap0,netns=/run/netns/${peer}`, '--', 'sh', '-ec', script];
  const limit = 60_000 + lines.length * (seconds * 2000 + 10_000);
  const { status, stdout, stderr } = spawnSync(join(root, 'bin', 'tapstack'), words, { encoding: 'utf8', timeout: limit });
  raising.kill();
  if (status !== 0) throw new Error(`status ${status}: ${stderr}${stdout}`);
  let first = null;
  for (const text of stdout.trimEnd().split('\n')) {
    if (!text.startsWith('{')) {
      console.log(text);
      continue;
    }
    const result = JSON.parse(text);
    first ??= result;
    const ratio = (key) => `(${(result[key] / first[key]).toFixed(2)}x)`;
    const name = result.line === '' ? 'as it comes' : `ethtool ${result.line}`;
    console.log(
      `${name}: ${result.out.toFixed(2)} Gbit/s out ${ratio('out')}, ${result.in.toFixed(2)} Gbit/s in ${ratio('in')}, ${Math.round(result.p50)} us a round trip ${ratio('p50')}`,
    );
  }
} finally {
  server?.kill();
  spawnSync('ip', ['netns', 'del', peer]);
  rmSync(folder, { recursive: true, force: true });
}

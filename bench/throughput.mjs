// A captured program of the stack and the host's kernel, over a TAP: Gbit/s both ways, latency, connections and datagrams a second, with
// the TAP's offloads and without, beside the same program in the kernel over a veth; then a socket in the stack's own thread in the
// program's place (bench/tap-endpoint.mjs); all in one run. Wants root, python3, ip and ethtool.
//   node bench/throughput.mjs [seconds a measurement]
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const seconds = Number(process.argv[2] ?? 3);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'tapstack-throughput-'));
const peer = `tsb${process.pid}p`;
const near = `tsb${process.pid}n`;

/** What answers: a sink, a source, an echo, a counter of datagrams, and who tells the count. */
const SERVER = `
import socket, threading
counted = [0]
def serve(port, handle):
    listener = socket.socket(); listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('', port)); listener.listen(128)
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
def count():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 5004))
    while True: s.recv(2048); counted[0] += 1
def tell(c): c.sendall(str(counted[0]).encode())
threading.Thread(target=count, daemon=True).start()
for port, handle in ((5001, sink), (5002, source), (5003, echo)): threading.Thread(target=serve, args=(port, handle), daemon=True).start()
serve(5005, tell)
`;

/** What asks: one line of JSON. */
const CLIENT = `
import json, socket, sys, time
host, seconds = sys.argv[1], float(sys.argv[2])
def connect(port): return socket.create_connection((host, port), timeout=20)
def rate(port, step):
    c = connect(port); began = time.time(); total = 0
    while time.time() - began < seconds: total += step(c)
    took = time.time() - began; c.close()
    return total * 8 / took / 1e9
data = b'x' * (1 << 18)
out = rate(5001, lambda c: c.send(data)); into = rate(5002, lambda c: len(c.recv(1 << 20)))
c = connect(5003); c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1); trips = []
began = time.time()
while time.time() - began < seconds:
    at = time.perf_counter(); c.send(b'1'); c.recv(1); trips.append(time.perf_counter() - at)
c.close(); trips.sort()
began = time.time(); made = 0
while time.time() - began < seconds:
    c = connect(5003); c.send(b'1'); c.recv(1); c.close(); made += 1
connections = made / (time.time() - began)
def told():
    c = connect(5005); text = c.recv(64); c.close(); return int(text)
before = told(); s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect((host, 5004)); began = time.time()
while time.time() - began < seconds:
    for _ in range(64):
        try: s.send(b'z' * 18)
        except OSError: pass
took = time.time() - began; time.sleep(0.3)
print(json.dumps({'out': out, 'in': into, 'p50': trips[len(trips) // 2] * 1e6, 'p99': trips[len(trips) * 99 // 100] * 1e6, 'connections': connections, 'datagrams': (told() - before) / took}))
`;

const run = (program, ...words) => execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const measured = ({ status, stdout, stderr }) => {
  if (status !== 0) throw new Error(`status ${status}: ${stderr}${stdout}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
};

function inKernel(offload) {
  for (const [namespace, device] of [
    [near, 'v0'],
    [peer, 'v1'],
  ])
    run('ip', 'netns', 'exec', namespace, 'ethtool', '-K', device, 'tso', offload, 'gso', offload, 'tx', offload);
  const words = ['netns', 'exec', near, 'python3', join(folder, 'client.py'), '10.78.0.2', String(seconds)];
  return measured(spawnSync('ip', words, { encoding: 'utf8' }));
}

function inStack(offload) {
  const script = [
    'ip address add 10.79.0.1/24 dev eth0; ip link set eth0 up',
    `ethtool -K eth0 tso ${offload} tx ${offload} rx ${offload} >/dev/null || true`,
    // The TAP has come up on the other side meanwhile.
    'n=0; until ping -c 1 -W 1 10.79.0.2 >/dev/null; do n=$((n + 1)); [ $n -lt 20 ]; done',
    `exec python3 ${join(folder, 'client.py')} 10.79.0.2 ${seconds}`,
  ].join('\n');
  const up = spawn('sh', [
    '-c',
    `until ip -n ${peer} link show dev tap0 >/dev/null 2>&1; do sleep 0.1; done; ip -n ${peer} address add 10.79.0.2/24 dev tap0; ip -n ${peer} link set tap0 up`,
  ]);
  const words = ['run', '--nic', `eth0,tap=tap0,netns=/run/netns/${peer}`, '--', 'sh', '-c', script];
  try {
    return measured(spawnSync(join(root, 'bin', 'tapstack'), words, { encoding: 'utf8', timeout: 120_000 + seconds * 10_000 }));
  } finally {
    up.kill();
  }
}

/** The stack without a captured program: a source, a sink. */
function inThread(offload) {
  const results = { source: 5001, sink: 5002 };
  for (const [role, port] of Object.entries(results)) {
    const words = [join(root, 'bench', 'tap-endpoint.mjs'), 'tap1', `/run/netns/${peer}`, offload, String(seconds), role, String(port)];
    results[role] = measured(spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 60_000 + seconds * 10_000 }));
  }
  return results;
}

function showThread(offload, { source, sink }, beside) {
  const column = (name, { rate, userUs, systemUs, gcPercent }, other) =>
    `${rate.toFixed(2)} Gbit/s ${name} (${(rate / other).toFixed(2)}x; ${userUs.toFixed(1)} + ${systemUs.toFixed(1)} us a 64 KB, ${gcPercent.toFixed(1)} % garbage collection)`;
  console.log(`stack's own thread over a TAP, offloads ${offload}: ${column('out', source, beside.out)}, ${column('in', sink, beside.in)}`);
}

const units = {
  out: 'Gbit/s out',
  in: 'Gbit/s in',
  p50: 'us p50',
  p99: 'us p99',
  connections: 'connections/s',
  datagrams: '64-byte frames/s out',
};

function show(name, result, beside) {
  const columns = Object.entries(units).map(([key, unit]) => {
    const value = result[key];
    const ratio = beside === undefined ? '' : ` (${(value / beside[key]).toFixed(2)}x)`;
    return `${value < 100 ? value.toFixed(2) : Math.round(value)} ${unit}${ratio}`;
  });
  console.log(`${name}: ${columns.join(', ')}`);
}

let server = null;
try {
  writeFileSync(join(folder, 'server.py'), SERVER);
  writeFileSync(join(folder, 'client.py'), CLIENT);
  for (const namespace of [peer, near]) run('ip', 'netns', 'add', namespace);
  run('ip', 'link', 'add', 'v0', 'netns', near, 'type', 'veth', 'peer', 'name', 'v1', 'netns', peer);
  for (const [namespace, device, address] of [
    [near, 'v0', '10.78.0.1/24'],
    [peer, 'v1', '10.78.0.2/24'],
  ]) {
    run('ip', '-n', namespace, 'address', 'add', address, 'dev', device);
    run('ip', '-n', namespace, 'link', 'set', device, 'up');
  }
  server = spawn('ip', ['netns', 'exec', peer, 'python3', join(folder, 'server.py')], { stdio: 'ignore' });
  for (const offload of ['on', 'off']) {
    const kernel = inKernel(offload);
    show(`kernel over veth, offloads ${offload}`, kernel);
    show(`program on the stack over a TAP, offloads ${offload}`, inStack(offload), kernel);
    showThread(offload, inThread(offload), kernel);
  }
} finally {
  server?.kill();
  for (const namespace of [peer, near]) spawnSync('ip', ['netns', 'del', namespace]);
  rmSync(folder, { recursive: true, force: true });
}

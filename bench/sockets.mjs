// Many established TCP sockets in one stack: bytes an idle socket, the time to make them, and the time that `ss -tan` takes to show both ends of all;
// beside it the host kernel's, by as many connections over its loopback as this process may open.
//   node bench/sockets.mjs [CONNECTIONS]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { loadLibrary, withLargeHeap } from './library.mjs';

withLargeHeap();

const AF_INET = 2;
const SOCK_STREAM = 1;
const TCP_ESTABLISHED = 1;
const PORT = 5001;
const BATCH = 500;
const connections = Number(process.argv[2] ?? 50_000);
const MB = 1 << 20;

const memory = () => {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** Both ends of all connections in one stack, from several addresses, since one has 64,000 ports at most. */
async function ofStack() {
  const { createInstance } = await loadLibrary();
  const instance = await createInstance({ clock: 'real' });
  const { stack } = instance;
  await instance.sh(
    'sysctl -qw net.ipv4.ip_local_port_range="1024 65535"; sysctl -qw net.core.somaxconn=4096; sysctl -qw net.ipv4.tcp_max_syn_backlog=4096',
  );
  const { families } = stack.initial.sockets;
  const kind = families.find(({ family, type }) => family === AF_INET && type === SOCK_STREAM);
  const open = () => kind.create(stack.initial, 0, 0, true);
  const listener = open();
  const SocketAddress = listener.local.constructor;
  const address = (ip, port) => {
    const result = new SocketAddress();
    result.family = AF_INET;
    result.words[2] = 0xffff;
    result.words[3] = ip;
    result.port = port;
    return result;
  };
  listener.bind(address(0, PORT));
  listener.listen(4096);
  const sockets = [];
  const before = memory();
  const start = performance.now();
  while (sockets.length < 2 * connections) {
    const batch = [];
    for (let i = 0; i < BATCH; i++) {
      const client = open();
      client.bindAddressNoPort = true;
      client.bind(address(0x7f000001 + Math.floor(sockets.length / 60_000), 0));
      client.connect(address(0x7f000001, PORT));
      batch.push(client);
    }
    while (stack.poll());
    for (let server = listener.accept(); typeof server !== 'number'; server = listener.accept()) sockets.push(server);
    sockets.push(...batch);
  }
  const took = performance.now() - start;
  const established = sockets.filter(({ state }) => state === TCP_ESTABLISHED).length;
  const bytes = (memory() - before) / sockets.length;
  const shown = performance.now();
  const { stdout, stderr } = await instance.sh('ss -tan');
  const ss = performance.now() - shown;
  const lines = stdout.split('\n').length - 2;
  if (established !== sockets.length || lines < established)
    throw new Error(`${established} of ${sockets.length} established, ${lines} shown ${stderr}`);
  console.log(
    `stack: ${established} established sockets, ${((took / established) * 1000) | 0} us each to make, ${bytes.toFixed(0)} bytes each, ss -tan ${(ss / 1000).toFixed(2)} s`,
  );
  instance.close();
  return { bytes, ss: ss / established };
}

/** Slab memory of the machine's kernel. */
const slab = () => Number(/^Slab: +(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))[1]) * 1024;

async function ofKernel() {
  const soft = Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))[1]);
  const count = Math.min(connections, 20_000, (soft - 100) >> 1);
  const held = [];
  const server = net.createServer((socket) => held.push(socket));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  const before = slab();
  for (let made = 0; made < count; made += BATCH)
    await Promise.all(
      Array.from(
        { length: Math.min(BATCH, count - made) },
        () =>
          new Promise((resolve, reject) => {
            const socket = net.connect(server.address().port, '127.0.0.1', resolve);
            socket.on('error', reject);
            held.push(socket);
          }),
      ),
    );
  while (held.length < 2 * count) await new Promise((resolve) => setTimeout(resolve, 10));
  const bytes = (slab() - before) / held.length;
  const tool = ['/usr/bin/ss', '/bin/ss', '/usr/sbin/ss'].find((path) => existsSync(path));
  let ss = Number.NaN;
  if (tool !== undefined) {
    const start = performance.now();
    spawnSync(tool, ['-tan'], { stdio: ['ignore', 'ignore', 'ignore'] });
    ss = performance.now() - start;
  }
  console.log(`kernel: ${held.length} established sockets, ${bytes.toFixed(0)} bytes of slabs each, ss -tan ${(ss / 1000).toFixed(2)} s`);
  for (const socket of held) socket.destroy();
  server.close();
  return { bytes, ss: ss / (2 * count) };
}

const ours = await ofStack();
const theirs = await ofKernel();
console.log(
  `stack beside kernel: ${(ours.bytes / theirs.bytes).toFixed(2)}x the bytes a socket, ${(ours.ss / theirs.ss).toFixed(2)}x the time of ss -tan a socket; process ${(process.memoryUsage().rss / MB).toFixed(0)} MB`,
);
process.exit(0);

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import type { Server } from '../../src/library/net.js';
import { describePeer, HostPeer, succeeded } from './host-peer.js';

// The host's own kernel as the peer: a TAP leads from the stack into a network namespace of the host that this file makes.

const STACK = '10.99.0.2';
const HOST = '10.99.0.1';
const PORT = 8080;
const BAD_WIRE = 'loss=1%,duplicate=1%,reorder=1%';

const body = randomBytes(20 << 20);
const digest = createHash('sha256').update(body).digest('hex');

/** An instance and a namespace of the host with a wire between them, and an address at each end. */
class Wire extends HostPeer {
  override async open(_wires: number, faults: string): Promise<void> {
    await super.open(1, faults);
    await this.configure(`address add ${STACK}/24 dev eth0\nlink set eth0 up\n`);
    this.configureHost(`address add ${HOST}/24 dev tap0\nlink set tap0 up\n`);
  }
}

/** The real curl fetches from a server that lives on the stack; the SHA-256 of what it got. */
async function curlFromStack(wire: Wire): Promise<string> {
  const web = http.createServer((_request, response) => response.end(body));
  const server: Server = wire
    .net()
    .createServer((socket) => web.emit('connection', socket))
    .listen(PORT, STACK);
  await once(server, 'listening');
  const file = join(wire.lab.folder, 'fetched');
  try {
    succeeded(await wire.inside('curl', '-sS', '--max-time', '60', '-o', file, `http://${STACK}:${PORT}/`));
  } finally {
    server.close();
    await once(server, 'close');
  }
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** The stack fetches from a real server in the host's namespace; the SHA-256 of what it got. */
async function fetchFromHost(wire: Wire): Promise<string> {
  const net = wire.net();
  const file = join(wire.lab.folder, 'served');
  writeFileSync(file, body);
  const program = `require('http').createServer((q, r) => require('fs').createReadStream(process.argv[1]).pipe(r)).listen(${PORT}, '${HOST}', () => console.log('ready'))`;
  const web = spawn('ip', ['netns', 'exec', wire.namespace, process.execPath, '-e', program, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(web.stdout, 'data');
    return await new Promise<string>((resolve, reject) => {
      const request = http.request({ path: '/', createConnection: () => net.connect(PORT, HOST) as never }, (response) => {
        const hash = createHash('sha256');
        response.on('data', (chunk: Buffer) => hash.update(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(hash.digest('hex')));
      });
      request.on('error', reject);
      request.end();
    });
  } finally {
    web.kill('SIGKILL');
  }
}

describePeer('a NIC on a TAP of the host', () => {
  const wire = new Wire();
  beforeAll(() => wire.open(1, ''));
  afterAll(() => wire.close());

  test('the real ping loses nothing', async () => {
    const { stdout, status } = await wire.inside('ping', '-c', '5', '-i', '0.2', STACK);
    expect(stdout).toContain('5 packets transmitted, 5 received, 0% packet loss');
    expect(status).toBe(0);
  });

  test('our ping reaches the host and says so as the real one does', async () => {
    const { stdout, status } = await wire.start('ping', '-c', '3', '-i', '0.2', HOST);
    expect(stdout).toMatch(
      /^PING 10\.99\.0\.1 \(10\.99\.0\.1\) 56\(84\) bytes of data\.\n64 bytes from 10\.99\.0\.1: icmp_seq=1 ttl=64 time=/,
    );
    expect(stdout).toContain('3 packets transmitted, 3 received, 0% packet loss');
    expect(status).toBe(0);
  });

  test('the real curl fetches 20 MB from a server on the stack', async () => {
    expect(await curlFromStack(wire)).toBe(digest);
  });

  test('the stack fetches 20 MB from a real server', async () => {
    expect(await fetchFromHost(wire)).toBe(digest);
  });
});

describePeer('a NIC whose wire loses, doubles and reorders one frame in a hundred', () => {
  const wire = new Wire();
  beforeAll(() => wire.open(1, BAD_WIRE));
  afterAll(() => wire.close());

  test('the real curl fetches 20 MB from a server on the stack', async () => {
    expect(await curlFromStack(wire)).toBe(digest);
  }, 90_000);

  test('the stack fetches 20 MB from a real server', async () => {
    expect(await fetchFromHost(wire)).toBe(digest);
  }, 90_000);
});

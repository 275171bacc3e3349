import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { busTransportAt } from '../../src/client/bus.js';
import { type Net, netOf, type Server } from '../../src/library/net.js';
import { BIN, Lab, type Result } from './daemon-support.js';

// The host's own kernel as the peer: a TAP leads from the stack into a network namespace of the host that this file makes.

const STACK = '10.99.0.2';
const HOST = '10.99.0.1';
const TAP = 'tap0';
const PORT = 8080;
const BAD_WIRE = 'loss=1%,duplicate=1%,reorder=1%';

/** Why the host's kernel cannot be the peer here; empty: it can. */
function obstacle(): string {
  if (process.geteuid!() !== 0) return 'it wants root';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return '/dev/net/tun is not there or may not be opened';
  }
  return '';
}

const missing = obstacle();
// In CI nothing is left out: what is missing there makes the tests fail.
const describeTap = missing === '' || process.env['CI'] ? describe : describe.skip;
if (missing !== '' && !process.env['CI']) process.stderr.write(`Left out: interop with the host's kernel over a TAP, ${missing}.\n`);

const body = randomBytes(20 << 20);
const digest = createHash('sha256').update(body).digest('hex');

/** An instance and a namespace of the host with a wire between them. */
class Wire {
  readonly lab = new Lab();
  readonly namespace = `tstap${process.pid}`;
  net!: Net;
  #made = false;

  async open(faults: string): Promise<void> {
    real('ip', 'netns', 'add', this.namespace);
    this.#made = true;
    const nic = `eth0,tap=${TAP},netns=/run/netns/${this.namespace}${faults === '' ? '' : `,${faults}`}`;
    succeeded(await this.lab.tapstack('up', '--name', 'wire', '--nic', nic));
    this.lab.variables['TAPSTACK_INSTANCE'] = 'wire';
    succeeded(await this.ours('ip', 'address', 'add', `${STACK}/24`, 'dev', 'eth0'));
    succeeded(await this.ours('ip', 'link', 'set', 'eth0', 'up'));
    real('ip', '-n', this.namespace, 'address', 'add', `${HOST}/24`, 'dev', TAP);
    real('ip', '-n', this.namespace, 'link', 'set', TAP, 'up');
    this.net = netOf(busTransportAt(this.lab.socketOf('wire')));
  }

  /** One of our commands, in the stack. */
  ours(command: string, ...words: readonly string[]): Promise<Result> {
    return this.lab.start([join(BIN, command), ...words]).done;
  }

  /** A program of the host, in the namespace at the other end. */
  inside(...argv: readonly string[]): Promise<Result> {
    return this.lab.start(['ip', 'netns', 'exec', this.namespace, ...argv]).done;
  }

  async close(): Promise<void> {
    delete this.lab.variables['TAPSTACK_INSTANCE'];
    try {
      await this.lab.close();
    } finally {
      if (this.#made) execFileSync('sh', ['-c', 'ip netns pids "$0" | xargs -r kill -9; ip netns del "$0"', this.namespace]);
    }
  }
}

function real(program: string, ...words: readonly string[]): void {
  execFileSync(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
}

function succeeded(result: Result): void {
  if (result.status !== 0) throw new Error(`status ${result.status}: ${result.stderr}${result.stdout}`);
}

/** The real curl fetches from a server that lives on the stack; the SHA-256 of what it got. */
async function curlFromStack(wire: Wire): Promise<string> {
  const web = http.createServer((_request, response) => response.end(body));
  const server: Server = wire.net.createServer((socket) => web.emit('connection', socket)).listen(PORT, STACK);
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
  const file = join(wire.lab.folder, 'served');
  writeFileSync(file, body);
  const program = `require('http').createServer((q, r) => require('fs').createReadStream(process.argv[1]).pipe(r)).listen(${PORT}, '${HOST}', () => console.log('ready'))`;
  const web = spawn('ip', ['netns', 'exec', wire.namespace, process.execPath, '-e', program, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(web.stdout, 'data');
    return await new Promise<string>((resolve, reject) => {
      const request = http.request({ path: '/', createConnection: () => wire.net.connect(PORT, HOST) as never }, (response) => {
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

describeTap('a NIC on a TAP of the host', () => {
  const wire = new Wire();
  beforeAll(() => {
    if (missing !== '') throw new Error(`CI has to run these tests, but ${missing}`);
    return wire.open('');
  });
  afterAll(() => wire.close());

  test('the real ping loses nothing', async () => {
    const { stdout, status } = await wire.inside('ping', '-c', '5', '-i', '0.2', STACK);
    expect(stdout).toContain('5 packets transmitted, 5 received, 0% packet loss');
    expect(status).toBe(0);
  });

  test('our ping reaches the host and says so as the real one does', async () => {
    const { stdout, status } = await wire.ours('ping', '-c', '3', '-i', '0.2', HOST);
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

describeTap('a NIC whose wire loses, doubles and reorders one frame in a hundred', () => {
  const wire = new Wire();
  beforeAll(() => {
    if (missing !== '') throw new Error(`CI has to run these tests, but ${missing}`);
    return wire.open(BAD_WIRE);
  });
  afterAll(() => wire.close());

  test('the real curl fetches 20 MB from a server on the stack', async () => {
    expect(await curlFromStack(wire)).toBe(digest);
  }, 90_000);

  test('the stack fetches 20 MB from a real server', async () => {
    expect(await fetchFromHost(wire)).toBe(digest);
  }, 90_000);
});

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { NetlinkSocket } from '../../../src/control/netlink-socket.js';
import { socketCommands } from '../../../src/control/tapstack/sockets.js';
import { type Net, netOf, type Server, type Socket } from '../../../src/library/net.js';
import { LoopSocket, loopFamily } from '../../support/loop-sockets.js';
import { netlinkStack } from '../../support/netlink-stack.js';

function newNet(): Net & { readonly sockets: ReadonlySet<NetlinkSocket> } {
  const { stack, server, transport } = netlinkStack([socketCommands]);
  stack.initial.sockets.register(loopFamily);
  return { ...netOf(transport()), sockets: server.sockets };
}

async function listening(net: Net, listener: (socket: Socket) => void, options = {}): Promise<Server> {
  const server = net.createServer(options, listener).listen(8080, '10.0.0.1');
  await once(server, 'listening');
  return server;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('an HTTP server and client of Node talk over the stack', async () => {
  const net = newNet();
  const body = randomBytes(3_000_000);
  const web = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(`${request.method} ${request.url} ${sha256(Buffer.concat(chunks))}`));
  });
  const server = await listening(net, (socket) => web.emit('connection', socket));
  const answer = await new Promise<string>((resolve, reject) => {
    const request = http.request(
      { method: 'POST', path: '/here', createConnection: () => net.connect(8080, '10.0.0.1') as never },
      (response) => {
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
  expect(answer).toBe(`POST /here ${sha256(body)}`);
  server.close();
  await once(server, 'close');
});

test('a connection knows both its ends, counts its bytes and closes after both sides have ended', async () => {
  const net = newNet();
  const events: string[] = [];
  const server = await listening(net, (socket) => socket.end('hello'));
  expect(server.address()).toEqual({ address: '10.0.0.1', family: 'IPv4', port: 8080 });
  const socket = net.connect({ port: 8080, host: '10.0.0.1' });
  expect(socket.readyState).toBe('opening');
  for (const event of ['lookup', 'connect', 'ready', 'end', 'close']) socket.on(event, () => events.push(event));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'ready');
  expect([socket.remoteAddress, socket.remotePort, socket.remoteFamily]).toEqual(['10.0.0.1', 8080, 'IPv4']);
  expect(socket.address()).toEqual({ address: '10.0.0.1', family: 'IPv4', port: 50_000 });
  await once(socket, 'close');
  expect(Buffer.concat(chunks).toString()).toBe('hello');
  expect(socket.bytesRead).toBe(5);
  expect(events).toEqual(['connect', 'ready', 'end', 'close']);
  server.close();
  await once(server, 'close');
});

test('a refused connection is an error like that of Node', async () => {
  const net = newNet();
  const [error] = await once(net.connect(81, '10.0.0.1'), 'error').catch((thrown: unknown) => [thrown]);
  expect(error).toMatchObject({
    message: 'connect ECONNREFUSED 10.0.0.1:81',
    code: 'ECONNREFUSED',
    errno: -111,
    syscall: 'connect',
    address: '10.0.0.1',
    port: 81,
  });
});

test('a name that is no address is not found', async () => {
  const [error] = await once(newNet().connect(80, 'example.org'), 'error').catch((thrown: unknown) => [thrown]);
  expect(error).toMatchObject({ code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'example.org' });
});

test('a second listener on a port is told that the address is in use', async () => {
  const net = newNet();
  const server = await listening(net, () => undefined);
  const [error] = await once(net.createServer().listen(8080, '10.0.0.1'), 'error').catch((thrown: unknown) => [thrown]);
  expect(error).toMatchObject({
    message: 'listen EADDRINUSE: address already in use 10.0.0.1:8080',
    code: 'EADDRINUSE',
    syscall: 'listen',
  });
  server.close();
});

test('a reader that pauses stops the writer', async () => {
  const net = newNet();
  let accepted: Socket | undefined;
  const server = await listening(net, (socket) => {
    accepted = socket;
  });
  const socket = net.connect(8080, '10.0.0.1');
  await once(socket, 'connect');
  const body = randomBytes(2_000_000);
  let finished = false;
  socket.end(body, () => {
    finished = true;
  });
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
  expect(finished).toBe(false);
  const chunks: Buffer[] = [];
  for await (const chunk of accepted!) chunks.push(chunk as Buffer);
  expect(sha256(Buffer.concat(chunks))).toBe(sha256(body));
  expect(finished).toBe(true);
  server.close();
});

test('resetAndDestroy reaches the other side as ECONNRESET', async () => {
  const net = newNet();
  const server = await listening(net, (socket) => socket.resetAndDestroy());
  const socket = net.connect(8080, '10.0.0.1');
  const [error] = await once(socket, 'error').catch((thrown: unknown) => [thrown]);
  expect(error).toMatchObject({ code: 'ECONNRESET', syscall: 'read', message: 'read ECONNRESET' });
  server.close();
});

test('options asked for before the connection stands are set when it does', async () => {
  const net = newNet();
  const server = await listening(net, () => undefined);
  const set = jest.spyOn(LoopSocket.prototype, 'setOption');
  const socket = net.connect({ port: 8080, host: '10.0.0.1', noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
  await once(socket, 'connect');
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
  expect(set.mock.calls.map(([level, option, value]) => [level, option, value[0]])).toEqual([
    [6, 1, 1],
    [1, 9, 1],
    [6, 4, 30],
  ]);
  set.mockRestore();
  socket.destroy();
  server.close();
});

test('more than maxConnections are dropped', async () => {
  const net = newNet();
  const server = await listening(net, () => undefined);
  server.maxConnections = 1;
  const first = net.connect(8080, '10.0.0.1');
  await once(first, 'connect');
  const second = net.connect(8080, '10.0.0.1');
  const [dropped] = await once(server, 'drop');
  expect(dropped).toMatchObject({ localPort: 8080, remoteAddress: '10.0.0.1' });
  second.destroy();
  first.destroy();
  server.close();
});

test('with its last socket the connection to the stack closes', async () => {
  const net = newNet();
  const server = await listening(net, (socket) => socket.end());
  expect(net.sockets.size).toBe(1);
  const socket = net.connect(8080, '10.0.0.1').resume();
  await once(socket, 'close');
  server.close();
  await once(server, 'close');
  expect(net.sockets.size).toBe(0);
});

test('an idle connection tells its timeout', async () => {
  const { stack, transport } = netlinkStack([socketCommands]);
  stack.initial.sockets.register(loopFamily);
  const timers: [number, () => void][] = [];
  const after = (ms: number, run: () => void) => {
    timers.push([ms, run]);
    return () => undefined;
  };
  const net = netOf(transport(), { after });
  const server = await listening(net, () => undefined);
  const socket = net.connect({ port: 8080, host: '10.0.0.1', timeout: 500 });
  await once(socket, 'connect');
  const timeout = once(socket, 'timeout');
  const [ms, run] = timers.at(-1)!;
  expect(ms).toBe(500);
  run();
  await timeout;
  socket.destroy();
  server.close();
});

import dgram from 'node:dgram';
import { once } from 'node:events';
import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import type { RemoteInfo, Socket } from '../../../src/library/dgram.js';

let instance: TapstackInstance;
beforeEach(async () => {
  instance = await createInstance();
  const { stderr } = await instance.sh(`
    ip netns add left; ip netns add right
    ip link add l0 type veth peer name r0; ip link set l0 netns left; ip link set r0 netns right
    ip -n left address add 10.0.0.1/24 dev l0; ip -n left link set l0 up
    ip -n right address add 10.0.0.2/24 dev r0; ip -n right link set r0 up
    ip -n left address add 2001:db8::1/64 dev l0 nodad; ip -n right address add 2001:db8::2/64 dev r0 nodad`);
  expect(stderr).toBe('');
});
afterEach(() => instance.close());

/** What an emitter says next, while virtual time goes on. */
const next = (socket: Socket, event: string): Promise<unknown[]> => instance.time.awaiting(once(socket, event));

async function bound(namespace: string, port: number, address: string): Promise<Socket> {
  const socket = instance.dgramIn(namespace).createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind(port, address);
  await next(socket, 'listening');
  return socket;
}

test.each([
  ['10.0.0.1', '10.0.0.2', 'IPv4'],
  ['2001:db8::1', '2001:db8::2', 'IPv6'],
] as const)('a datagram goes from %s to %s and back', async (left, right, family) => {
  const server = await bound('right', 53, right);
  server.on('message', (message, { port, address }) => server.send(`re: ${message}`, port, address));
  const client = await bound('left', 4000, left);
  client.send('hello', 53, right);
  const [answer, from] = (await next(client, 'message')) as [Buffer, RemoteInfo];
  expect(answer.toString()).toBe('re: hello');
  expect(from).toEqual({ address: right, family, port: 53, size: 9 });
  expect(server.address()).toEqual({ address: right, family, port: 53 });
});

test('a socket that is used unbound gets a port of its own', async () => {
  const server = await bound('right', 53, '10.0.0.2');
  const client = instance.dgramIn('left').createSocket('udp4');
  client.send(['a', Buffer.from('bc')], 53, '10.0.0.2');
  const [message, from] = (await next(server, 'message')) as [Buffer, RemoteInfo];
  expect(message.toString()).toBe('abc');
  expect(from.port).toBe(client.address().port);
  expect(from.port).toBeGreaterThanOrEqual(32768);
});

test('a part of a buffer can be sent, and the callback is told how much went', async () => {
  const server = await bound('right', 53, '10.0.0.2');
  const client = instance.dgramIn('left').createSocket('udp4');
  const sent = new Promise<number>((resolve, reject) =>
    client.send(Buffer.from('0123456789'), 2, 3, 53, '10.0.0.2', (error: Error | null, bytes: number) =>
      error === null ? resolve(bytes) : reject(error),
    ),
  );
  const [message] = (await next(server, 'message')) as [Buffer];
  expect(message.toString()).toBe('234');
  expect(await instance.time.awaiting(sent)).toBe(3);
});

test('a connected socket hears its peer alone, and of a port where nobody listens', async () => {
  const server = await bound('right', 53, '10.0.0.2');
  const other = await bound('right', 54, '10.0.0.2');
  const client = await bound('left', 4000, '10.0.0.1');
  client.connect(53, '10.0.0.2');
  await next(client, 'connect');
  expect(client.remoteAddress()).toEqual({ address: '10.0.0.2', family: 'IPv4', port: 53 });
  const heard: string[] = [];
  client.on('message', (message) => heard.push(message.toString()));
  other.send('from elsewhere', 4000, '10.0.0.1');
  server.send('from the peer', 4000, '10.0.0.1');
  await next(client, 'message');
  expect(heard).toEqual(['from the peer']);
  expect(() => client.send('x', 53, '10.0.0.2')).toThrow('Already connected');
  server.close();
  await next(server, 'close');
  client.send('is anybody there');
  const [error] = (await next(client, 'error')) as [NodeJS.ErrnoException];
  expect(error).toMatchObject({ code: 'ECONNREFUSED', message: 'recvmsg ECONNREFUSED' });
  client.disconnect();
  other.send('now heard', 4000, '10.0.0.1');
  const [message] = (await next(client, 'message')) as [Buffer];
  expect(message.toString()).toBe('now heard');
});

test('members of a group hear what is sent to it', async () => {
  const member = await bound('right', 5353, '0.0.0.0');
  member.addMembership('224.0.0.251', '10.0.0.2');
  const sender = await bound('left', 5353, '10.0.0.1');
  sender.setMulticastInterface('10.0.0.1');
  sender.setMulticastTTL(255);
  await instance.clock.advance(10);
  sender.send('who is there', 5353, '224.0.0.251');
  const [message] = (await next(member, 'message')) as [Buffer];
  expect(message.toString()).toBe('who is there');
});

test('a broadcast wants setBroadcast', async () => {
  const hears = await bound('right', 67, '0.0.0.0');
  const client = await bound('left', 68, '10.0.0.1');
  client.send('discover', 67, '10.0.0.255');
  const [error] = (await next(client, 'error')) as [NodeJS.ErrnoException];
  expect(error).toMatchObject({ code: 'EACCES', syscall: 'send', message: 'send EACCES 10.0.0.255:67' });
  client.setBroadcast(true);
  client.send('discover', 67, '10.0.0.255');
  const [message] = (await next(hears, 'message')) as [Buffer];
  expect(message.toString()).toBe('discover');
});

test('buffers have the size that was asked for, doubled as Linux does', async () => {
  const socket = instance.dgramIn('left').createSocket({ type: 'udp4', recvBufferSize: 10_000 });
  socket.bind();
  await next(socket, 'listening');
  expect(socket.getRecvBufferSize()).toBe(20_000);
  expect(socket.getSendBufferSize()).toBe(212_992);
});

/** What Node's own dgram does with the same calls is what ours must do. */
test.each([
  ['a type that is none', (make: typeof dgram.createSocket) => make('udp5' as never)],
  ['port 0 as destination', (make: typeof dgram.createSocket) => make('udp4').send('x', 0, '127.0.0.1')],
  ['a port that is none', (make: typeof dgram.createSocket) => make('udp4').send('x', 70_000, '127.0.0.1')],
  ['an offset beyond the buffer', (make: typeof dgram.createSocket) => make('udp4').send(Buffer.from('abc'), 5, 1, 53, '127.0.0.1')],
  ['a length beyond the buffer', (make: typeof dgram.createSocket) => make('udp4').send(Buffer.from('abc'), 1, 5, 53, '127.0.0.1')],
  ['disconnect without a peer', (make: typeof dgram.createSocket) => make('udp4').disconnect()],
  ['remoteAddress without a peer', (make: typeof dgram.createSocket) => make('udp4').remoteAddress()],
  ['a socket that is closed', (make: typeof dgram.createSocket) => make('udp4').close().address()],
  ['a second bind', (make: typeof dgram.createSocket) => make('udp4').bind().bind()],
] as const)('%s throws as in Node', (_what, call) => {
  const thrown = (make: typeof dgram.createSocket) => {
    const made: { close(): void }[] = [];
    try {
      call(((type: never) => {
        const socket = make(type);
        made.push(socket);
        socket.on('error', () => undefined);
        return socket;
      }) as typeof dgram.createSocket);
      return null;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return { code, message };
    } finally {
      for (const socket of made)
        try {
          socket.close();
        } catch (error) {
          expect((error as NodeJS.ErrnoException).code).toBe('ERR_SOCKET_DGRAM_NOT_RUNNING');
        }
    }
  };
  expect(thrown(instance.dgram.createSocket as never)).toEqual(thrown(dgram.createSocket));
});

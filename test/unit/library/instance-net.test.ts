import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { createInstance, type TapstackInstance } from '../../../src/library/index.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Two namespaces and a cable. */
async function cable(instance: TapstackInstance): Promise<void> {
  const { status, stderr } = await instance.sh(`
    ip netns add left; ip netns add right
    ip link add l0 type veth peer name r0; ip link set l0 netns left; ip link set r0 netns right
    ip -n left link set lo up; ip -n right link set lo up
    ip -n left address add 10.0.0.1/24 dev l0; ip -n left link set l0 up
    ip -n right address add 10.0.0.2/24 dev r0; ip -n right link set r0 up`);
  expect(stderr).toBe('');
  expect(status).toBe(0);
}

test.each(['virtual', 'real'] as const)('Node fetches over HTTP across a cable of an instance, under %s time', async (clock) => {
  const instance = await createInstance({ clock });
  await cable(instance);
  const body = randomBytes(1_000_000);
  const web = http.createServer((_request, response) => response.end(body));
  const server = instance.netIn('right').createServer((socket) => web.emit('connection', socket));
  server.listen(80, '10.0.0.2');
  await instance.time.awaiting(once(server, 'listening'));
  const fetched = new Promise<string>((resolve, reject) => {
    const createConnection = () => instance.netIn('left').connect(80, '10.0.0.2') as never;
    http
      .get({ path: '/', createConnection, headers: { connection: 'close' } }, (response) => {
        const hash = createHash('sha256');
        response.on('data', (chunk: Buffer) => hash.update(chunk));
        response.on('end', () => resolve(hash.digest('hex')));
      })
      .on('error', reject);
  });
  expect(await instance.time.awaiting(fetched)).toBe(sha256(body));
  server.close();
  await instance.time.awaiting(once(server, 'close'));
  instance.close();
});

test('ping goes across a cable of an instance under virtual time', async () => {
  const instance = await createInstance();
  await cable(instance);
  const { stdout, stderr, status } = await instance.sh('ip netns exec left ping -c 3 10.0.0.2');
  expect(stderr).toBe('');
  expect(stdout).toContain('3 packets transmitted, 3 received, 0% packet loss, time 2000ms\n');
  expect(status).toBe(0);
  const lost = await instance.sh('ip netns exec left ping -c 1 10.0.0.9');
  expect(lost.stdout).toContain('From 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n');
  expect(lost.status).toBe(1);
  instance.close();
});

test('a connection to a port where nobody listens is refused', async () => {
  const instance = await createInstance();
  await cable(instance);
  const socket = instance.netIn('left').connect(81, '10.0.0.2');
  const refused = new Promise<Error>((resolve) => socket.on('error', resolve));
  expect((await instance.time.awaiting(refused)).message).toBe('connect ECONNREFUSED 10.0.0.2:81');
  instance.close();
});

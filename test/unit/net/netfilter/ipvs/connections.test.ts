import type { TapstackInstance } from '../../../../../src/library/index.js';
import { ask, askOften, lab, say, serve } from './lab.js';

async function balanced(instance: TapstackInstance, service = '-t 10.9.0.1:80 -s rr', servers = '-m'): Promise<void> {
  await serve(instance, 8080);
  await say(instance, `ipvsadm -A ${service}`);
  const [option, name] = service.split(' ');
  for (const i of [1, 2]) await say(instance, `ipvsadm -a ${option} ${name} -r 10.0.0.1${i}:8080 ${servers}`);
}
const connections = async (instance: TapstackInstance) => (await say(instance, 'ipvsadm -Lnc')).split('\n').slice(2, -1);

/** A connection that stays open: what it hears, and how to end it. */
function stay(instance: TapstackInstance, port: number) {
  const socket = instance.netIn('cl').connect(port, '10.9.0.1');
  const heard: string[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(String(chunk)));
  socket.on('error', (error: NodeJS.ErrnoException) => heard.push(error.code ?? 'error'));
  return { socket, heard };
}

test('a client of a persistent service stays with its server, its template outlives its connections, and then it is anybody again', async () => {
  const instance = await lab();
  await balanced(instance, '-t 10.9.0.1:80 -s rr -p 60');
  expect(new Set(await askOften(instance, '10.9.0.1', 80, 4))).toEqual(new Set(['rs2']));
  expect(
    (await connections(instance)).filter((line) => /ASSURED +10\.9\.0\.2:0 +10\.9\.0\.1:80 +10\.0\.0\.12:8080/.test(line)),
  ).toHaveLength(1);
  expect(await say(instance, 'ipvsadm -Ln --persistent-conn')).toMatch(/10\.0\.0\.12:8080 +1 +1 +0 +4 /);
  await instance.clock.advance(300_000);
  expect(await connections(instance)).toEqual([]);
  expect(await ask(instance, '10.9.0.1', 80)).toBe('rs1');
  instance.close();
});

test('a template of a net keeps all its clients together; one whose server is quiesced goes with expire_quiescent_template', async () => {
  const instance = await lab();
  await balanced(instance, '-t 10.9.0.1:80 -s rr -p 60 -M 255.255.255.0');
  await say(instance, 'ip -n cl addr add 10.9.0.3/24 dev eth0');
  expect(await ask(instance, '10.9.0.1', 80)).toBe('rs2');
  expect((await connections(instance)).some((line) => line.includes(' 10.9.0.0:0 '))).toBe(true);
  await say(instance, 'ipvsadm -e -t 10.9.0.1:80 -r 10.0.0.12:8080 -m -w 0');
  expect(await ask(instance, '10.9.0.1', 80)).toBe('rs2');
  await say(instance, 'sysctl -qw net.ipv4.vs.expire_quiescent_template=1');
  expect(await ask(instance, '10.9.0.1', 80)).toBe('rs1');
  instance.close();
});

test('a quiesced server keeps the connections that it has and gets no others', async () => {
  const instance = await lab();
  for (const name of ['rs1', 'rs2']) {
    const server = instance.netIn(name).createServer((socket) => socket.on('data', (chunk: Buffer) => socket.write(`${name} ${chunk}`)));
    server.listen(8080, '0.0.0.0');
  }
  await instance.clock.advance(10);
  await say(
    instance,
    'ipvsadm -A -t 10.9.0.1:80 -s rr; ipvsadm -a -t 10.9.0.1:80 -r 10.0.0.11:8080 -m; ipvsadm -a -t 10.9.0.1:80 -r 10.0.0.12:8080 -m',
  );
  const first = stay(instance, 80);
  await instance.clock.advance(50);
  expect(await say(instance, 'ipvsadm -Ln')).toMatch(/10\.0\.0\.12:8080 +Masq +1 +1 +0 /);
  await say(instance, 'ipvsadm -e -t 10.9.0.1:80 -r 10.0.0.12:8080 -m -w 0');
  first.socket.write('still here');
  const others = [stay(instance, 80), stay(instance, 80)];
  await instance.clock.advance(50);
  for (const other of others) other.socket.write('?');
  await instance.clock.advance(50);
  expect(first.heard.join('')).toBe('rs2 still here');
  expect(others.map(({ heard }) => heard.join(''))).toEqual(['rs1 ?', 'rs1 ?']);
  instance.close();
});

test('at its upper threshold a server gets no more, until it is below the lower one', async () => {
  const instance = await lab();
  await balanced(instance, '-t 10.9.0.1:80 -s rr', '-m -x 2 -y 1');
  expect(await askOften(instance, '10.9.0.1', 80, 5)).toEqual(['rs2', 'rs1', 'rs2', 'rs1', 'ECONNREFUSED']);
  // TIME_WAIT is over after two minutes.
  await instance.clock.advance(121_000);
  expect(await ask(instance, '10.9.0.1', 80)).toMatch(/rs[12]/);
  instance.close();
});

test('connections are kept as long as their state says, and --set changes that', async () => {
  const instance = await lab();
  await balanced(instance);
  await ask(instance, '10.9.0.1', 80);
  await instance.clock.advance(50);
  const [line = ''] = await connections(instance);
  expect(line).toMatch(/^TCP 0[12]:[05]\d {2}TIME_WAIT/);
  await instance.clock.advance(118_000);
  expect(await connections(instance)).toHaveLength(1);
  await instance.clock.advance(3000);
  expect(await connections(instance)).toEqual([]);
  expect(await say(instance, 'ipvsadm --set 100 0 30; ipvsadm -L --timeout')).toBe('Timeout (tcp tcpfin udp): 100 120 30\n');
  const open = instance.netIn('cl').connect(80, '10.9.0.1');
  open.on('error', () => undefined);
  instance.close();
});

test('connections to a server that is gone get no answer, or with expire_nodest_conn another server when they begin anew', async () => {
  const instance = await lab();
  await balanced(instance);
  const first = stay(instance, 80);
  await instance.clock.advance(5);
  await say(instance, 'ipvsadm -d -t 10.9.0.1:80 -r 10.0.0.12:8080');
  expect(await ask(instance, '10.9.0.1', 80)).toBe('rs1');
  // The server comes back with what it had.
  await say(instance, 'ipvsadm -a -t 10.9.0.1:80 -r 10.0.0.12:8080 -m');
  expect(await say(instance, 'ipvsadm -Ln')).toMatch(/10\.0\.0\.12:8080 +Masq +1 +[01] +[01] /);
  first.socket.destroy();
  instance.close();
});

test('datagrams of one packet are scheduled each by itself and leave no connection', async () => {
  const instance = await lab();
  await say(
    instance,
    'ipvsadm -A -u 10.9.0.1:53 -s rr -o; ipvsadm -a -u 10.9.0.1:53 -r 10.0.0.11 -m; ipvsadm -a -u 10.9.0.1:53 -r 10.0.0.12 -m',
  );
  const { udp } = instance.namespace('cl');
  const socket = udp.createSocket(0, true);
  const to = {
    family: 2,
    words: Uint32Array.of(0, 0, 0xffff, 0x0a09_0001),
    port: 53,
    scopeId: 0,
    flowInfo: 0,
    bytes: null,
    hardwareType: 0,
    packetType: 0,
  };
  for (let i = 0; i < 4; i++) {
    socket.send(new Uint8Array(10), 0, 10, 0, to);
    await instance.clock.advance(10);
  }
  await instance.clock.advance(2000);
  expect(await connections(instance)).toEqual([]);
  const counts = (await say(instance, 'ipvsadm -Ln --stats')).split('\n').slice(3, 6);
  expect(counts.map((line) => line.trim().split(/\s+/).slice(-5).map(Number))).toEqual([
    [4, 4, 0, 152, 0],
    [2, 2, 0, 76, 0],
    [2, 2, 0, 76, 0],
  ]);
  instance.close();
});

test('an error about a packet to a real server comes to the client from the virtual address', async () => {
  const instance = await lab();
  await say(instance, 'ipvsadm -A -u 10.9.0.1:53 -s rr; ipvsadm -a -u 10.9.0.1:53 -r 10.0.0.11 -m');
  const socket = instance.namespace('cl').udp.createSocket(0, true);
  const address = {
    family: 2,
    words: Uint32Array.of(0, 0, 0xffff, 0x0a09_0001),
    port: 53,
    scopeId: 0,
    flowInfo: 0,
    bytes: null,
    hardwareType: 0,
    packetType: 0,
  };
  expect(socket.connect(address)).toBe(0);
  socket.send(new Uint8Array(4), 0, 4, 0, null);
  await instance.clock.advance(100);
  // ECONNREFUSED: nobody listens there, and the error is about the socket's own connection.
  expect(socket.takeError()).toBe(111);
  instance.close();
});

test('rates fall off as the estimator has it: a quarter of the difference each two seconds', async () => {
  const instance = await lab();
  await balanced(instance);
  await askOften(instance, '10.9.0.1', 80, 20);
  await instance.clock.advance(2000);
  const rates = async () => (await say(instance, 'ipvsadm -Ln --rate')).split('\n')[3]!.trim().split(/\s+/).slice(2).map(Number);
  const [first = 0] = await rates();
  expect(first).toBeGreaterThan(0);
  await instance.clock.advance(60_000);
  expect(await rates()).toEqual([0, 0, 0, 0, 0]);
  expect(await say(instance, 'ipvsadm -Z; ipvsadm -Ln --stats')).toMatch(/TCP {2}10\.9\.0\.1:80 +0 +0 +0 +0 +0\n/);
  instance.close();
});

test('a backup hears of connections and goes on with them', async () => {
  const instance = await lab();
  await balanced(instance);
  await say(
    instance,
    'ip netns add backup; ip -n backup link add eth0 type veth peer name pb netns sw; ip -n sw link set pb master hub up',
  );
  await say(instance, 'ip -n backup addr add 10.0.0.2/24 dev eth0; ip -n backup link set eth0 up');
  await say(
    instance,
    'ip netns exec backup ipvsadm -A -t 10.9.0.1:80 -s rr; ip netns exec backup ipvsadm -a -t 10.9.0.1:80 -r 10.0.0.12:8080 -m',
  );
  await say(instance, 'ip netns exec backup ipvsadm --start-daemon backup --mcast-interface eth0 --syncid 7');
  await say(instance, 'ipvsadm --start-daemon master --mcast-interface lan --syncid 7');
  expect(await say(instance, 'ipvsadm -L --daemon')).toBe(
    'master sync daemon (mcast=lan, syncid=7, maxlen=1472, group=224.0.0.81, port=8848, ttl=1)\n',
  );
  await ask(instance, '10.9.0.1', 80);
  await instance.clock.advance(3000);
  const [line = ''] = (await say(instance, 'ip netns exec backup ipvsadm -Lnc')).split('\n').slice(2);
  expect(line).toMatch(/^TCP \d\d:\d\d {2}[A-Z_]+ +10\.9\.0\.2:\d+ +10\.9\.0\.1:80 +10\.0\.0\.12:8080$/);
  await say(instance, 'ipvsadm --stop-daemon master; ip netns exec backup ipvsadm --stop-daemon backup');
  instance.close();
});

test('a million connections take less than 300 bytes each', async () => {
  const instance = await lab();
  const { ipvs } = instance.namespace();
  const { table } = ipvs.connections;
  const { ConnectionKey } = await import('../../../../../src/net/netfilter/ipvs/connection-table.js');
  const key = new ConnectionKey();
  const server = new Uint32Array(4);
  const virtual = Uint32Array.of(0x0a09_0001, 0, 0, 0);
  const client = new Uint32Array(4);
  for (let i = 0; i < 1_000_000; i++) {
    client[0] = 0x0b00_0000 + (i >>> 4);
    key.set(2, 6, client, 1024 + (i & 15), virtual, 80);
    table.insert(table.allocate(key, 2, server, 80));
  }
  expect(table.count).toBe(1_000_000);
  expect(table.bytes / 1_000_000).toBeLessThan(300);
  client[0] = 0x0b00_0000 + (777_777 >>> 4);
  expect(table.findIn(key.set(2, 6, client, 1024 + (777_777 & 15), virtual, 80))).toBeGreaterThan(0);
  expect(table.findIn(key.set(2, 6, client, 99, virtual, 80))).toBe(0);
  ipvs.connections.flush();
  expect(table.count).toBe(0);
  instance.close();
});

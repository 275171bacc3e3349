import type { TapstackInstance } from '../../../../../src/library/index.js';
import { checksum } from '../../../../../src/wire/checksum.js';
import { ask, askOften, lab, say, serve } from './lab.js';

const add = async (instance: TapstackInstance, service: string, servers: readonly string[], options: string): Promise<void> => {
  await say(instance, `ipvsadm -A ${service} -s rr`);
  for (const server of servers) await say(instance, `ipvsadm -a ${service} -r ${server} ${options}`);
};
/** Servers have the virtual address too, but do not tell of it. */
const hidden = [1, 2].map(
  (i) =>
    `ip netns exec rs${i} sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2; ip -n rs${i} addr add 10.0.0.100/32 dev lo`,
);

test('masqueraded connections go to other ports of servers in turn, the newest first, and answers come from the virtual address', async () => {
  const instance = await lab();
  await serve(instance, 8080);
  await add(instance, '-t 10.9.0.1:80', ['10.0.0.11:8080', '10.0.0.12:8080', '10.0.0.13:8080'], '-m');
  expect(await askOften(instance, '10.9.0.1', 80, 6)).toEqual(['rs3', 'rs2', 'rs1', 'rs3', 'rs2', 'rs1']);
  await instance.clock.advance(2000);
  const stats = (await say(instance, 'ipvsadm -Ln --stats')).split('\n').slice(3);
  const [all, ...servers] = stats.filter((line) => line !== '').map((line) => line.trim().split(/\s+/).slice(-5).map(Number));
  // SYN, ACK, ACK of the data or of the end, FIN: what a connection has depends on TCP; the parts add up.
  expect(servers.map(([conns]) => conns)).toEqual([2, 2, 2]);
  for (let i = 0; i < 5; i++) expect(servers.reduce((sum, server) => sum + server[i]!, 0)).toBe(all![i]);
  expect(await say(instance, 'ipvsadm -Lnc')).toMatch(/TCP 0\d:\d\d {2}TIME_WAIT {3}10\.9\.0\.2:\d+ +10\.9\.0\.1:80 +10\.0\.0\.13:8080\n/);
  instance.close();
});

test('so do those of IPv6', async () => {
  const instance = await lab();
  await serve(instance, 80, '::');
  await add(instance, '-t [fd09::1]:80', ['[fd00::11]:80', '[fd00::12]:80'], '-m');
  expect(await askOften(instance, 'fd09::1', 80, 4)).toEqual(['rs2', 'rs1', 'rs2', 'rs1']);
  instance.close();
});

test('direct routing hands packets to servers as they are, which answer by themselves', async () => {
  const instance = await lab();
  await serve(instance, 80);
  await say(instance, hidden.join('; '));
  await add(instance, '-t 10.0.0.100:80', ['10.0.0.11', '10.0.0.12'], '-g');
  expect(await askOften(instance, '10.0.0.100', 80, 4)).toEqual(['rs2', 'rs1', 'rs2', 'rs1']);
  await instance.clock.advance(2000);
  const [conns, , outPackets] = (await say(instance, 'ipvsadm -Ln --stats')).split('\n')[3]!.trim().split(/\s+/).slice(2).map(Number);
  expect([conns, outPackets]).toEqual([4, 0]);
  instance.close();
});

test.each(['ipip', 'gre'])('tunnels of %s carry packets to servers, which answer by themselves', async (type) => {
  const instance = await lab();
  await serve(instance, 80);
  await say(instance, hidden.join('; '));
  for (const i of [1, 2]) {
    await say(instance, `ip -n rs${i} link add tun type ${type} local 10.0.0.1${i}; ip -n rs${i} link set tun up`);
    await say(instance, `ip netns exec rs${i} sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tun.rp_filter=0`);
  }
  await add(instance, '-t 10.0.0.100:80', ['10.0.0.11', '10.0.0.12'], `-i --tun-type ${type}`);
  expect(await askOften(instance, '10.0.0.100', 80, 4)).toEqual(['rs2', 'rs1', 'rs2', 'rs1']);
  instance.close();
});

test('a tunnel of gue has UDP to the port that was told, with a checksum if that was told, and the packet behind four bytes', async () => {
  const instance = await lab();
  await add(instance, '-t 10.9.0.1:80', ['10.0.0.11'], '-i --tun-type gue --tun-port 6080 --tun-csum');
  await say(instance, 'ip neigh add 10.0.0.11 lladdr 02:00:00:00:00:99 dev lan');
  const capture = instance.capture(instance.device('lan'));
  instance
    .netIn('cl')
    .connect(80, '10.9.0.1')
    .on('error', () => undefined);
  await instance.clock.advance(500);
  capture.stop();
  const frame = capture.frames.find(({ bytes }) => bytes[12] === 8 && bytes[13] === 0)!.bytes;
  const view = new DataView(frame.buffer, frame.byteOffset + 14);
  // DF and TTL are those of the packet inside, which has lived one hop longer.
  expect([view.getUint16(6), view.getUint8(8), view.getUint8(9)]).toEqual([0x4000, 63, 17]);
  expect(frame.slice(14 + 12, 14 + 20).join('.')).toBe('10.0.0.1.10.0.0.11');
  expect(view.getUint16(22)).toBe(6080);
  expect(view.getUint16(26)).not.toBe(0);
  expect(view.getUint32(28)).toBe(0x0004_0000);
  expect(frame.slice(14 + 32 + 12, 14 + 32 + 20).join('.')).toBe('10.9.0.2.10.9.0.1');
  instance.close();
});

test('a server on the director itself is spoken to, by its own address', async () => {
  const instance = await lab();
  await serve(instance, 8080, '0.0.0.0', ['rs1']);
  const local = instance.net.createServer((socket) => socket.end('director'));
  local.listen(8080, '10.0.0.1');
  await instance.clock.advance(10);
  await add(instance, '-t 10.9.0.1:80', ['10.0.0.11:8080', '10.0.0.1:8080'], '-m');
  expect(await askOften(instance, '10.9.0.1', 80, 3)).toEqual(['director', 'rs1', 'director']);
  instance.close();
});

test('a client on the director is balanced as well', async () => {
  const instance = await lab();
  await serve(instance, 8080);
  await add(instance, '-t 10.0.0.100:80', ['10.0.0.11:8080', '10.0.0.12:8080'], '-m');
  const answer = new Promise<string>((resolve) => {
    const socket = instance.net.connect(80, '10.0.0.100');
    socket.on('data', (chunk: Buffer) => resolve(String(chunk)));
    socket.on('error', (error: Error) => resolve(error.message));
  });
  expect(await instance.time.awaiting(answer)).toBe('rs2');
  instance.close();
});

test('who finds no server is refused', async () => {
  const instance = await lab();
  await add(instance, '-t 10.9.0.1:80', ['10.0.0.11'], '-m -w 0');
  expect(await ask(instance, '10.9.0.1', 80)).toBe('ECONNREFUSED');
  instance.close();
});

test('what a firewall marks is a service, whatever its ports', async () => {
  const instance = await lab();
  await serve(instance, 80);
  await serve(instance, 81);
  await say(instance, "nft add table ip m; nft add chain ip m p '{ type filter hook prerouting priority mangle; }'");
  await say(instance, 'nft add rule ip m p ip daddr 10.9.0.1 tcp dport { 80, 81 } meta mark set 7');
  await add(instance, '-f 7', ['10.0.0.11', '10.0.0.12'], '-m');
  expect([await ask(instance, '10.9.0.1', 80), await ask(instance, '10.9.0.1', 81)]).toEqual(['rs2', 'rs1']);
  instance.close();
});

test('with conntrack=1 the firewall can masquerade behind the director, and knows the connection', async () => {
  const instance = await lab();
  await serve(instance, 8080);
  // Servers have no way back but by the director's own address.
  for (const i of [1, 2]) await say(instance, `ip -n rs${i} route del default`);
  await say(instance, 'ipvsadm -Ln; sysctl -qw net.ipv4.vs.conntrack=1');
  await say(instance, "nft add table ip n; nft add chain ip n p '{ type nat hook postrouting priority srcnat; }'");
  await say(instance, 'nft add rule ip n p oifname lan masquerade');
  await add(instance, '-t 10.9.0.1:80', ['10.0.0.11:8080', '10.0.0.12:8080'], '-m');
  expect(await askOften(instance, '10.9.0.1', 80, 2)).toEqual(['rs2', 'rs1']);
  const { stdout } = await instance.sh('conntrack -L');
  expect(stdout).toMatch(/src=10\.9\.0\.2 dst=10\.9\.0\.1 sport=\d+ dport=80 src=10\.0\.0\.12 dst=10\.0\.0\.1 sport=8080 /);
  instance.close();
});

test('with schedule_icmp an error about a connection of another director goes to whom the connection would go', async () => {
  const instance = await lab();
  await say(instance, hidden.join('; '));
  await say(instance, 'ipvsadm -A -t 10.0.0.100:80 -s sh');
  for (const i of [1, 2]) await say(instance, `ipvsadm -a -t 10.0.0.100:80 -r 10.0.0.1${i} -g`);
  const capture = instance.capture(instance.device('lan'));
  const raw = instance.namespace('cl').raw.createSocket(1, 0, true);
  // Fragmentation needed, MTU 1400, about a segment of 10.0.0.100:80 to 10.9.0.2:1234.
  const error = new Uint8Array(8 + 20 + 8);
  const view = new DataView(error.buffer);
  view.setUint16(0, 0x0304);
  view.setUint16(6, 1400);
  view.setUint16(8, 0x4500);
  view.setUint16(10, 1500);
  view.setUint16(16, 0x4006);
  view.setUint32(20, 0x0a00_0064);
  view.setUint32(24, 0x0a09_0002);
  view.setUint32(28, (80 << 16) | 1234);
  view.setUint16(2, checksum(view, 0, error.length, 0));
  const to = { family: 2, words: Uint32Array.of(0, 0, 0xffff, 0x0a00_0064), port: 0, scopeId: 0, flowInfo: 0, bytes: null };
  const send = async () => {
    raw.send(error, 0, error.length, 0, { ...to, hardwareType: 0, packetType: 0 });
    await instance.clock.advance(100);
    return capture.frames.filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 1 && bytes[34] === 3).length;
  };
  await say(instance, 'ip -n cl route add 10.0.0.100 via 10.9.0.1');
  expect(await send()).toBe(0);
  await say(instance, 'sysctl -qw net.ipv4.vs.schedule_icmp=1');
  expect(await send()).toBe(1);
  expect(await say(instance, 'ipvsadm -Lnc')).toMatch(/TCP 00:0[23] {2}NONE +10\.9\.0\.2:1234 +10\.0\.0\.100:80 +10\.0\.0\.1[12]:80\n/);
  instance.close();
});

test('with ignore_tunneled what comes out of a tunnel to the director is not sent on once more', async () => {
  const instance = await lab();
  await serve(instance, 80, '0.0.0.0', ['rs2']);
  await add(instance, '-t 10.9.0.1:80', ['10.0.0.12'], '-m');
  for (const [name, near, far, inner] of [
    ['rs1', '10.0.0.11', '10.0.0.1', '10.5.0.2'],
    ['', '10.0.0.1', '10.0.0.11', '10.5.0.1'],
  ]) {
    const where = name === '' ? '' : `-n ${name} `;
    await say(instance, `ip ${where}link add tun9 type ipip local ${near} remote ${far}; ip ${where}addr add ${inner}/24 dev tun9`);
    await say(instance, `ip ${where}link set tun9 up`);
  }
  await say(instance, 'ip -n rs1 route add 10.9.0.1 dev tun9; sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tun9.rp_filter=0');
  expect(await ask(instance, '10.9.0.1', 80, 'rs1')).toBe('rs2');
  await say(instance, 'sysctl -qw net.ipv4.vs.ignore_tunneled=1');
  expect(await ask(instance, '10.9.0.1', 80, 'rs1')).toBe('ECONNREFUSED');
  instance.close();
});

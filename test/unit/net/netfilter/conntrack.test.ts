import type { TapstackInstance as Instance } from '../../../../src/library/index.js';
import { wireExpression } from '../../../../src/netlink/nfnl/expression.js';
import { masq } from '../../../../src/netlink/nfnl/expressions/masq.js';
import { nat } from '../../../../src/netlink/nfnl/expressions/nat.js';
import { NftClient, accept, be, counts, ctState, drop, ip, into, protocol } from '../../../support/nft-batch.js';
import { ipv4, udp } from '../packets.js';
import { router, send } from './router.js';
import { tcpSegment } from './segments.js';

const datagram = (from: string, sport: number, to: string, dport: number, bytes = 10) =>
  ipv4({ from, to, protocol: 17 }, udp(from, sport, to, dport, new Uint8Array(bytes)));
const source = (packet: Uint8Array) => packet.slice(12, 16).join('.');
const destination = (packet: Uint8Array) => packet.slice(16, 20).join('.');
const ports = (packet: Uint8Array) => [packet[20]! * 256 + packet[21]!, packet[22]! * 256 + packet[23]!];
const list = async (instance: Instance, words = '') => (await instance.sh(`conntrack -L ${words}`)).stdout;

async function tracking(instance: Instance): Promise<NftClient> {
  const nft = new NftClient(instance.transport());
  await nft.batch((b) =>
    b.table('t').chain('t', 'f', { hook: 2, priority: 0 }).rule('t', 'f', ctState(1), counts, drop).rule('t', 'f', counts, accept),
  );
  return nft;
}

test('UDP is unreplied, then replied, then assured, and ends', async () => {
  const instance = await router();
  await tracking(instance);
  expect(send(instance, 'ra', datagram('10.0.1.2', 1000, '10.0.2.2', 53))).toHaveLength(1);
  expect(await list(instance)).toBe(
    'udp      17 30 src=10.0.1.2 dst=10.0.2.2 sport=1000 dport=53 [UNREPLIED] src=10.0.2.2 dst=10.0.1.2 sport=53 dport=1000 mark=0 use=1\n',
  );
  send(instance, 'rb', datagram('10.0.2.2', 53, '10.0.1.2', 1000));
  expect(await list(instance)).not.toContain('UNREPLIED');
  await instance.clock.advance(3000);
  send(instance, 'ra', datagram('10.0.1.2', 1000, '10.0.2.2', 53));
  expect(await list(instance)).toContain('udp      17 120 ');
  expect(await list(instance)).toContain('[ASSURED]');
  await instance.clock.advance(121_000);
  expect(await list(instance)).toBe('');
  expect((await instance.sh('conntrack -C')).stdout).toBe('0\n');
  instance.close();
});

test('TCP goes through its states, and what lies outside of the windows is invalid', async () => {
  const instance = await router();
  const nft = await tracking(instance);
  const a = (fields: Parameters<typeof tcpSegment>[2]) => tcpSegment(['10.0.1.2', 4000], ['10.0.2.2', 80], fields);
  const b = (fields: Parameters<typeof tcpSegment>[2]) => tcpSegment(['10.0.2.2', 80], ['10.0.1.2', 4000], fields);
  const state = async () => /tcp +6 \d+ (\S+)/.exec(await list(instance))?.[1];
  send(instance, 'ra', a({ flags: 'S', seq: 100 }));
  expect(await state()).toBe('SYN_SENT');
  send(instance, 'rb', b({ flags: 'SA', seq: 500, ack: 101 }));
  expect(await state()).toBe('SYN_RECV');
  send(instance, 'ra', a({ flags: 'A', seq: 101, ack: 501 }));
  expect(await state()).toBe('ESTABLISHED');
  expect(await list(instance)).toContain('[ASSURED]');
  expect(send(instance, 'ra', a({ flags: 'PA', seq: 101, ack: 501, bytes: 10 }))).toHaveLength(1);
  // Far outside of what the receiver can take.
  expect(send(instance, 'ra', a({ flags: 'PA', seq: 10_000_000, ack: 501, bytes: 10 }))).toHaveLength(0);
  expect((await nft.counters())[0]!.packets).toBe(1);
  await instance.sh('sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=1');
  expect(send(instance, 'ra', a({ flags: 'PA', seq: 10_000_000, ack: 501, bytes: 10 }))).toHaveLength(1);
  await instance.sh('sysctl -qw net.netfilter.nf_conntrack_tcp_be_liberal=0');
  send(instance, 'ra', a({ flags: 'FA', seq: 111, ack: 501 }));
  expect(await state()).toBe('FIN_WAIT');
  send(instance, 'rb', b({ flags: 'A', seq: 501, ack: 112 }));
  expect(await state()).toBe('CLOSE_WAIT');
  send(instance, 'rb', b({ flags: 'FA', seq: 501, ack: 112 }));
  expect(await state()).toBe('LAST_ACK');
  send(instance, 'ra', a({ flags: 'A', seq: 112, ack: 502 }));
  expect(await state()).toBe('TIME_WAIT');
  instance.close();
});

test('a segment in the middle of nothing begins a connection, unless tracking is not to be loose', async () => {
  const instance = await router();
  await tracking(instance);
  const middle = tcpSegment(['10.0.1.2', 4000], ['10.0.2.2', 80], { flags: 'A', seq: 1, ack: 1 });
  expect(send(instance, 'ra', middle)).toHaveLength(1);
  expect(await list(instance)).toContain('ESTABLISHED');
  await instance.sh('conntrack -F; sysctl -qw net.netfilter.nf_conntrack_tcp_loose=0');
  expect(send(instance, 'ra', middle)).toHaveLength(0);
  instance.close();
});

test('masquerading takes another port where one is taken, and answers find their way', async () => {
  const instance = await router();
  const nft = new NftClient(instance.transport());
  await nft.batch((b) =>
    b.table('n').chain('n', 'post', { type: 'nat', hook: 4, priority: 100 }).rule('n', 'post', wireExpression(masq, {})),
  );
  await instance.sh('ip neigh add 10.0.1.3 lladdr 02:00:00:00:00:0a dev ra');
  const [first] = send(instance, 'ra', datagram('10.0.1.2', 1024, '10.0.2.2', 53));
  const [second] = send(instance, 'ra', datagram('10.0.1.3', 1024, '10.0.2.2', 53));
  expect([source(first!), source(second!)]).toEqual(['10.0.2.1', '10.0.2.1']);
  expect(ports(first!)[0]).toBe(1024);
  const port = ports(second!)[0]!;
  expect(port).not.toBe(1024);
  const [answer] = send(instance, 'rb', datagram('10.0.2.2', 53, '10.0.2.1', port));
  expect(destination(answer!)).toBe('10.0.1.3');
  expect(ports(answer!)).toEqual([53, 1024]);
  // The checksums are those of a packet made so.
  expect(answer).toEqual(datagramWithTtl('10.0.2.2', 53, '10.0.1.3', 1024, 63));
  await instance.sh('ip addr del 10.0.2.1/24 dev rb');
  expect(await list(instance)).toBe('');
  instance.close();
});

const datagramWithTtl = (from: string, sport: number, to: string, dport: number, ttl: number) =>
  ipv4({ from, to, protocol: 17, ttl }, udp(from, sport, to, dport, new Uint8Array(10)));

test('an ICMP error about a translated packet is translated back, inside and out', async () => {
  const instance = await router();
  const nft = new NftClient(instance.transport());
  await nft.batch((b) =>
    b
      .table('n')
      .chain('n', 'post', { type: 'nat', hook: 4, priority: 100 })
      .rule(
        'n',
        'post',
        protocol(17),
        into(ip('10.0.2.77')),
        into(be(5555, 2), 2),
        wireExpression(nat, { type: 0, family: 2, regAddrMin: 1, regProtoMin: 2 }),
      ),
  );
  const [sent] = send(instance, 'ra', datagram('10.0.1.2', 1000, '10.0.2.2', 53));
  expect([source(sent!), ...ports(sent!)]).toEqual(['10.0.2.77', 5555, 53]);
  const error = new Uint8Array(8 + 28);
  error.set([3, 3, 0, 0, 0, 0, 0, 0]);
  error.set(sent!.slice(0, 28), 8);
  const view = new DataView(error.buffer);
  let sum = 0;
  for (let i = 0; i < error.length; i += 2) sum += view.getUint16(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(2, ~sum & 0xffff);
  const [back] = send(instance, 'rb', ipv4({ from: '10.0.2.2', to: '10.0.2.77', protocol: 1 }, error));
  expect(destination(back!)).toBe('10.0.1.2');
  expect(source(back!.slice(28))).toBe('10.0.1.2');
  expect(ports(back!.slice(28))).toEqual([1000, 53]);
  instance.close();
});

test('fragments are put together before rules see them', async () => {
  const instance = await router();
  const nft = await tracking(instance);
  const whole = udp('10.0.1.2', 1000, '10.0.2.2', 53, new Uint8Array(40));
  const piece = (from: number, to: number, fragment: number) =>
    ipv4({ from: '10.0.1.2', to: '10.0.2.2', protocol: 17, id: 7, fragment }, whole.slice(from, to));
  expect(send(instance, 'ra', piece(0, 24, 0x2000))).toHaveLength(0);
  const out = send(instance, 'ra', piece(24, 48, 3));
  expect(out).toHaveLength(2);
  expect((await nft.counters())[1]!.packets).toBe(1);
  expect(instance.stack.pool.inUse).toBe(0);
  instance.close();
});

test('connections are made, changed, watched and deleted by conntrack', async () => {
  const instance = await router();
  const watch = instance.start('conntrack -E');
  expect(
    await instance.sh(
      'conntrack -I -p tcp -s 10.0.0.1 -d 10.0.0.2 --sport 1000 --dport 80 --state ESTABLISHED --timeout 1000 -u SEEN_REPLY,ASSURED',
    ),
  ).toMatchObject({ status: 0, stderr: 'conntrack v1.4.7 (conntrack-tools): 1 flow entries have been created.\n' });
  const line =
    'tcp      6 1000 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1000 [ASSURED]';
  expect(await list(instance)).toBe(`${line} mark=0 use=1\n`);
  expect((await instance.sh('conntrack -U -f ipv4 -p tcp --dport 80 --mark 7')).stdout).toBe(`${line} mark=7 use=2\n`);
  expect(await list(instance, '--mark 7 -o extended')).toBe(`ipv4     2 ${line} mark=7 use=1\n`);
  expect(await instance.sh('conntrack -D -s 10.0.0.9')).toMatchObject({ status: 1, stdout: '' });
  expect((await instance.sh('conntrack -D -s 10.0.0.0/24')).status).toBe(0);
  expect(await list(instance)).toBe('');
  watch.kill('SIGINT');
  const { stdout, stderr } = await watch.done;
  expect(stdout.split('\n').map((text) => text.slice(0, 9))).toEqual(['    [NEW]', ' [UPDATE]', '[DESTROY]', '']);
  expect(stderr).toBe('conntrack v1.4.7 (conntrack-tools): 3 flow events have been shown.\n');
  instance.close();
});

test('a full table makes room by what is not assured, and otherwise refuses', async () => {
  const instance = await router();
  await tracking(instance);
  await instance.sh('sysctl -qw net.netfilter.nf_conntrack_max=2');
  for (let port = 1; port <= 4; port++) send(instance, 'ra', datagram('10.0.1.2', port, '10.0.2.2', 53));
  expect((await instance.sh('conntrack -C')).stdout).toBe('2\n');
  expect((await instance.sh('conntrack -S')).stdout).toContain('early_drop=2 ');
  instance.close();
});

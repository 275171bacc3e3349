import { once } from 'node:events';
import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { hex, settled, sh, underlay } from './tunnel-world.js';

/** An overlay between left (10.0.0.1) and right (10.0.0.2), whose ends have these words. */
async function overlay(left: string, right: string): Promise<TapstackInstance> {
  const instance = await underlay();
  await sh(
    instance,
    `ip -n left link add vx type vxlan id 7 dstport 4789 local 192.0.2.1 remote 198.51.100.1 ${left}
     ip -n right link add vx type vxlan id 7 dstport 4789 local 198.51.100.1 remote 192.0.2.1 ${right}
     ip -n left addr add 10.0.0.1/24 dev vx; ip -n right addr add 10.0.0.2/24 dev vx; ip -n left link set vx up; ip -n right link set vx up`,
  );
  return instance;
}

/** What a datagram from left to right looks like outside, and whether it came. */
async function sent(instance: TapstackInstance): Promise<{ readonly frame: Uint8Array; readonly came: boolean }> {
  const server = instance.dgramIn('right').createSocket('udp4');
  server.bind(53, '10.0.0.2');
  await instance.time.awaiting(once(server, 'listening'));
  let came = false;
  server.on('message', (message) => {
    came = message.toString() === 'hello';
  });
  await instance.sh('ip netns exec left ping -c 1 -W 1 10.0.0.2');
  const capture = instance.capture(instance.device('eth0', 'left'));
  const client = instance.dgramIn('left').createSocket('udp4');
  client.send('hello', 53, '10.0.0.2');
  await instance.clock.advance(100);
  capture.stop();
  client.close();
  server.close();
  const frame = capture.frames.map(({ bytes }) => bytes).find((bytes) => hex(bytes).endsWith(Buffer.from('hello').toString('hex')));
  return { frame: frame ?? new Uint8Array(0), came };
}

/** Behind the headers of Ethernet, IPv4 and UDP; and the checksum of the UDP inside. */
const VXLAN_AT = 42;
const CHECKSUM_AT = VXLAN_AT + 8 + 14 + 20 + 6;
/** Of the pseudo-header of 13 bytes of UDP from 10.0.0.1 to 10.0.0.2, alone. */
const PSEUDO = 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 17 + 13;

test('with remcsumtx the checksum inside is left to the receiver, who is told where it is', async () => {
  const instance = await overlay('remcsumtx', 'remcsumrx');
  const { frame, came } = await sent(instance);
  expect(hex(frame.subarray(VXLAN_AT, VXLAN_AT + 8))).toBe('0820000000000791');
  expect(hex(frame.subarray(CHECKSUM_AT, CHECKSUM_AT + 2))).toBe(PSEUDO.toString(16).padStart(4, '0'));
  expect(came).toBe(true);
  expect(await sh(instance, 'ip -n left -d link show vx')).toContain(' remcsumtx ');
  expect(await sh(instance, 'ip -n right -d link show vx')).toContain(' remcsumrx ');
  await settled(instance);
});

test('without remcsumrx the flag is unknown, and the packet is dropped; without remcsumtx it is not sent', async () => {
  const deaf = await overlay('remcsumtx', '');
  expect((await sent(deaf)).came).toBe(false);
  await settled(deaf);
  const plain = await overlay('', 'remcsumrx');
  const { frame, came } = await sent(plain);
  expect(hex(frame.subarray(VXLAN_AT, VXLAN_AT + 8))).toBe('0800000000000700');
  expect(came).toBe(true);
  await settled(plain);
});

test('the flags are for good', async () => {
  const instance = await overlay('remcsumtx', 'remcsumrx');
  expect((await instance.sh('ip -n left link set vx type vxlan id 7 remcsumtx')).stderr).toContain('vxlan: cannot change REMCSUM_TX flag');
  expect((await instance.sh('ip -n left link set vx type vxlan id 7 noremcsumrx')).stderr).toContain(
    'vxlan: cannot change REMCSUM_RX flag',
  );
  await settled(instance);
});

test('a host does not hear what its own vxlan sends to a group that it is in', async () => {
  const instance = await createInstance({ debugPool: true });
  await sh(instance, 'ip netns add h1; ip netns add h2; ip link add eth0 netns h1 type veth peer name eth0 netns h2');
  for (const n of [1, 2])
    await sh(
      instance,
      `ip netns add vm${n}; ip -n h${n} addr add 172.16.0.${n}/24 dev eth0; ip -n h${n} link set eth0 up
       ip -n h${n} link add br0 type bridge; ip -n h${n} link set br0 up
       ip link add lan0 netns h${n} type veth peer name eth0 netns vm${n}
       ip -n h${n} link set lan0 master br0; ip -n h${n} link set lan0 up; ip -n vm${n} link set eth0 up; ip -n vm${n} addr add 10.0.0.${n}/24 dev eth0
       ip -n h${n} link add vx type vxlan id 7 dstport 4789 group 239.1.1.1 dev eth0 local 172.16.0.${n}
       ip -n h${n} link set vx master br0; ip -n h${n} link set vx up`,
    );
  await instance.clock.advance(3000);
  expect(await sh(instance, 'ip netns exec vm1 ping -c 2 10.0.0.2')).toContain('2 received');
  const sentFrames = instance.device('vx', 'h1').statistics.txPackets;
  expect(instance.device('vx', 'h2').statistics.rxPackets).toBeLessThanOrEqual(sentFrames);
  const mac = (await sh(instance, 'ip -n vm1 -br link show eth0')).trim().split(/\s+/)[2]!;
  expect(await sh(instance, 'bridge -n h1 fdb show br br0 dev lan0')).toContain(mac);
  await settled(instance);
});

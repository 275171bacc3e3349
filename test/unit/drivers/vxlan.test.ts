import { fold, verify } from '../../../src/wire/checksum.js';
import { pseudoHeaderSum } from '../../../src/wire/ipv4.js';
import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { framesOf, hex, NO_IPV6, settled, sh, underlay } from './tunnel-world.js';

async function overlay(instance: TapstackInstance, left: string, right: string): Promise<void> {
  await sh(
    instance,
    `ip -n left link add vx address 02:00:00:00:0a:01 type vxlan id 42 dstport 4789 ${left}
     ip -n right link add vx address 02:00:00:00:0a:02 type vxlan id 42 dstport 4789 ${right}
     ip -n left address add 10.0.0.1/24 dev vx; ip -n right address add 10.0.0.2/24 dev vx
     ip -n left link set vx up; ip -n right link set vx up`,
  );
}

const view = (frame: Uint8Array) => new DataView(frame.buffer, frame.byteOffset, frame.length);

describe('vxlan', () => {
  test('carries pings between two hosts over a routed network', async () => {
    const instance = await underlay();
    await overlay(instance, 'remote 198.51.100.1', 'remote 192.0.2.1');
    expect(await sh(instance, 'ip netns exec left ping -c 3 10.0.0.2')).toContain('3 received, 0% packet loss');
    await settled(instance);
  });

  test('a frame looks as RFC 7348 5 draws it', async () => {
    const instance = await underlay();
    await overlay(instance, 'remote 198.51.100.1 local 192.0.2.1 ttl 9 tos 0x10', 'remote 192.0.2.1');
    await sh(instance, 'ip netns exec left ping -c 1 10.0.0.2');
    const frames = await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 1 -p ff -s 8 10.0.0.2');
    expect(frames.length).toBe(1);
    const frame = frames[0]!;
    const v = view(frame);
    // Ethernet to the router; IPv4 of 20 + 8 + 8 + 14 + 20 + 16 bytes.
    expect(hex(frame.subarray(0, 14))).toBe('0200000000020200000000010800');
    expect([v.getUint16(14), v.getUint16(16), v.getUint16(20), v.getUint16(22)]).toEqual([0x4510, 86, 0, 0x0911]);
    expect(hex(frame.subarray(26, 34))).toBe('c0000201c6336401');
    expect(v.getUint16(34)).toBeGreaterThanOrEqual(32_768);
    expect([v.getUint16(36), v.getUint16(38)]).toEqual([4789, 66]);
    // Over a cable that needs no checksum, it is left at the pseudo-header's.
    expect(v.getUint16(40)).toBe(fold(pseudoHeaderSum(v.getUint32(26), v.getUint32(30), 17, 66)));
    expect(hex(frame.subarray(42, 50))).toBe('0800000000002a00');
    expect(hex(frame.subarray(50, 64))).toBe('020000000a02020000000a010800');
    await settled(instance);
  });

  test('is within the VRF of the device below, once that is in one and the vxlan was down', async () => {
    const instance = await underlay();
    await sh(
      instance,
      `ip -n left link add vx type vxlan id 42 dstport 4789 remote 198.51.100.1 dev eth0
       ip -n right link add vx type vxlan id 42 dstport 4789 remote 192.0.2.1
       ip -n left address add 10.0.0.1/24 dev vx; ip -n right address add 10.0.0.2/24 dev vx
       ip -n left link set vx up; ip -n right link set vx up
       ip -n left link add red type vrf table 10; ip -n left link set red up; ip -n left link set eth0 master red
       ip -n left route add vrf red default via 192.0.2.254
       ip -n left link set vx down; ip -n left link set vx up`,
    );
    expect(await sh(instance, 'ip netns exec left ping -c 2 -W 1 10.0.0.2')).toContain('2 received');
    await settled(instance);
  });

  test('one network does not hear another: a VNI has its own frames', async () => {
    const instance = await underlay();
    await sh(
      instance,
      `ip -n left link add vx type vxlan id 42 dstport 4789 remote 198.51.100.1
       ip -n right link add vx type vxlan id 43 dstport 4789 remote 192.0.2.1
       ip -n left address add 10.0.0.1/24 dev vx; ip -n right address add 10.0.0.2/24 dev vx
       ip -n left link set vx up; ip -n right link set vx up`,
    );
    const { stdout, status } = await instance.sh('ip netns exec left ping -c 1 -W 1 10.0.0.2');
    expect(stdout).toContain('100% packet loss');
    expect(status).toBe(1);
    expect(instance.device('vx', 'right').statistics.rxPackets).toBe(0);
    await settled(instance);
  });

  test('learns where an address is from the frames of the other side, and forgets it after its time', async () => {
    const instance = await underlay();
    await overlay(instance, 'remote 198.51.100.1 ageing 20', 'ageing 20');
    // The right one has no remote: what it knows, it has learned.
    expect(await sh(instance, 'ip netns exec left ping -c 1 10.0.0.2')).toContain('1 received');
    const learned = [...instance.device('vx', 'right').forwarding!.entries()];
    expect(learned.map(({ address, destination }) => [hex(address), hex(destination!)])).toEqual([['020000000a01', 'c0000201']]);
    await instance.clock.advance(45_000);
    expect([...instance.device('vx', 'right').forwarding!.entries()]).toEqual([]);
    await settled(instance);
  });

  test('nolearning learns nothing', async () => {
    const instance = await underlay();
    await overlay(instance, 'remote 198.51.100.1', 'nolearning');
    await instance.sh('ip netns exec left ping -c 1 -W 1 10.0.0.2');
    expect([...instance.device('vx', 'right').forwarding!.entries()]).toEqual([]);
    expect(instance.device('vx', 'right').statistics.txDropped).toBeGreaterThan(0);
    await settled(instance);
  });

  test('a multicast network finds its members by its group', async () => {
    const instance = await createInstance({ debugPool: true });
    await sh(
      instance,
      `ip netns add left; ip netns add right
       ip netns exec left ${NO_IPV6}; ip netns exec right ${NO_IPV6}
       ip -n left link add eth0 type veth peer name eth0 netns right
       ip -n left link set eth0 up; ip -n right link set eth0 up
       ip -n left address add 192.0.2.1/24 dev eth0; ip -n right address add 192.0.2.2/24 dev eth0`,
    );
    await overlay(instance, 'group 239.1.1.1 dev eth0', 'group 239.1.1.1 dev eth0');
    const frames = await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 2 10.0.0.2');
    // The question who 10.0.0.2 is goes to the group, with a TTL of one; the pings to whom answered.
    expect(hex(frames[0]!.subarray(0, 6))).toBe('01005e010101');
    expect(frames[0]![22]).toBe(1);
    const pings = frames.slice(1).filter((frame) => frame[23] === 17);
    expect(new Set(pings.map((frame) => hex(frame.subarray(30, 34))))).toEqual(new Set(['c0000202']));
    await settled(instance);
  });

  test('a super-packet is cut before it is wrapped, and too long a packet outside is cut to fragments', async () => {
    const instance = await underlay();
    await overlay(instance, 'remote 198.51.100.1', 'remote 192.0.2.1');
    expect(await sh(instance, 'ip netns exec left ping -c 1 -s 1472 10.0.0.2')).toContain('1 received');
    const server = instance.netIn('right').createServer((socket) => {
      let bytes = 0;
      socket.on('data', (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes === 300_000) socket.end('all');
      });
    });
    server.listen(80, '10.0.0.2');
    const client = instance.netIn('left').connect(80, '10.0.0.2');
    const answer = new Promise<string>((resolve, reject) => {
      client.on('data', (chunk: Uint8Array) => resolve(new TextDecoder().decode(chunk)));
      client.on('error', reject);
    });
    const capture = instance.capture(instance.device('eth0', 'left'));
    client.write(new Uint8Array(300_000));
    expect(await instance.time.awaiting(answer)).toBe('all');
    capture.stop();
    expect(Math.max(...capture.frames.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(1514);
    client.destroy();
    server.close();
    instance.close();
  });

  test('goes on sending by the namespace that it was made in after it has moved', async () => {
    const instance = await underlay();
    await overlay(instance, 'remote 198.51.100.1', 'remote 192.0.2.1');
    await sh(
      instance,
      `ip netns add guest; ip -n left link set vx netns guest
       ip -n guest address add 10.0.0.1/24 dev vx; ip -n guest link set vx up`,
    );
    expect(await sh(instance, 'ip netns exec guest ping -c 1 10.0.0.2')).toContain('1 received');
    await settled(instance);
  });

  test('congestion in the tunnel is told to the packet inside (RFC 6040)', async () => {
    const instance = await underlay();
    await overlay(instance, 'remote 198.51.100.1', 'remote 192.0.2.1');
    await sh(instance, 'ip netns exec left ping -c 1 10.0.0.2');
    const frames = await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -c 1 -Q 2 10.0.0.2');
    const frame = frames[0]!.slice();
    expect(frame[15]).toBe(2);
    // A router on the way has marked it.
    const v = view(frame);
    frame[15] = 3;
    v.setUint16(24, v.getUint16(24) - 1);
    v.setUint16(40, 0);
    const inside = instance.capture(instance.device('vx', 'right'));
    instance.inject(instance.device('to-left', 'router'), frame);
    await instance.clock.advance(10);
    const received = inside.frames.filter(({ outgoing }) => !outgoing);
    expect(received.map(({ bytes }) => bytes[15])).toEqual([3]);
    expect(verify(view(received[0]!.bytes), 14, 20, 0)).toBe(true);
    await settled(instance);
  });

  test('a second device of the same VNI and port is refused, and a port in use cannot be opened', async () => {
    const instance = await createInstance();
    await sh(instance, 'ip link add vxa type vxlan id 1 dstport 4789');
    const twin = await instance.sh('ip link add vxb type vxlan id 1 dstport 4789');
    expect([twin.stderr, twin.status]).toEqual(['Error: A VXLAN device with the specified VNI already exists.\n', 2]);
    await sh(instance, 'ip link add vxc type vxlan id 1 dstport 4790; ip link set vxa up; ip link set vxc up; ip link del vxa');
    await sh(instance, 'ip link add vxd type vxlan id 1 dstport 4789');
    instance.close();
  });

  test('goes with the device below it', async () => {
    const instance = await createInstance();
    await sh(instance, 'ip link add d0 type dummy; ip link add vxa type vxlan id 1 dstport 4789 dev d0; ip link del d0');
    expect((await instance.sh('ip link show vxa')).stderr).toBe('Device "vxa" does not exist.\n');
    instance.close();
  });
});

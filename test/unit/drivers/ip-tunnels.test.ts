import { verify } from '../../../src/wire/checksum.js';
import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { framesOf, hex, settled, sh, underlay } from './tunnel-world.js';

/** A tunnel of `kind` from left to right, 10.0.0.1 to 10.0.0.2. */
async function tunnel(instance: TapstackInstance, kind: string, left = '', right = left): Promise<void> {
  await sh(
    instance,
    `ip -n left link add tun1 type ${kind} local 192.0.2.1 remote 198.51.100.1 ${left}
     ip -n right link add tun1 type ${kind} local 198.51.100.1 remote 192.0.2.1 ${right}
     ip -n left address add 10.0.0.1/24 dev tun1; ip -n right address add 10.0.0.2/24 dev tun1
     ip -n left link set tun1 up; ip -n right link set tun1 up`,
  );
}

const pinged = (instance: TapstackInstance, options = '-c 1') => sh(instance, `ip netns exec left ping ${options} 10.0.0.2`);

/** What stands behind the outer IPv4 header of the one frame that a small ping makes. */
async function pingFrame(instance: TapstackInstance, options = '-c 1 -s 8'): Promise<Uint8Array> {
  const frames = await framesOf(instance, 'eth0', 'left', `ip netns exec left ping ${options} 10.0.0.2`);
  expect(frames.length).toBe(1);
  return frames[0]!;
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

describe.each(['ipip', 'gre', 'gretap', 'gre key 1.2.3.4', 'gre csum', 'gre seq', 'gre key 7 csum seq', 'sit'])('%s', (spec) => {
  const [kind, ...options] = spec.split(' ');
  test('carries pings between two hosts over a routed network', async () => {
    const instance = await underlay();
    await tunnel(instance, kind!, options.join(' '));
    expect(await pinged(instance, '-c 3')).toContain('3 received, 0% packet loss');
    const { rxPackets, txPackets } = instance.device('tun1', 'right').statistics;
    expect(rxPackets).toBeGreaterThanOrEqual(3);
    expect(txPackets).toBe(rxPackets);
    await settled(instance);
  });
});

describe('headers', () => {
  test('ipip: RFC 2003, with DF, and the TTL as it was set', async () => {
    const instance = await underlay();
    await tunnel(instance, 'ipip', 'ttl 9 tos 0x10');
    await pinged(instance);
    const frame = await pingFrame(instance);
    const v = view(frame);
    expect([v.getUint16(14), v.getUint16(16), v.getUint16(20), v.getUint16(22)]).toEqual([0x4510, 56, 0x4000, 0x0904]);
    expect(hex(frame.subarray(26, 34))).toBe('c0000201c6336401');
    expect(verify(v, 14, 20, 0)).toBe(true);
    expect([v.getUint16(34), v.getUint16(36)]).toEqual([0x4500, 36]);
    expect(hex(frame.subarray(46, 54))).toBe('0a0000010a000002');
    await settled(instance);
  });

  test('gre: RFC 2784 and RFC 2890, each field in its place', async () => {
    const instance = await underlay();
    await tunnel(instance, 'gre', 'key 42 csum seq');
    await pinged(instance);
    const frame = await pingFrame(instance);
    const v = view(frame);
    expect(v.getUint8(23)).toBe(47);
    // Flags, EtherType; checksum and reserved; key; sequence number.
    expect(hex(frame.subarray(34, 38))).toBe('b0000800');
    expect(verify(v, 34, frame.length - 34, 0)).toBe(true);
    expect([v.getUint16(40), v.getUint32(42), v.getUint32(46)]).toEqual([0, 42, 1]);
    expect(v.getUint16(50)).toBe(0x4500);
    await settled(instance);
  });

  test('gretap: a frame inside', async () => {
    const instance = await underlay();
    await tunnel(instance, 'gretap');
    await pinged(instance);
    const frame = await pingFrame(instance);
    expect(hex(frame.subarray(34, 38))).toBe('00006558');
    const ends = [instance.device('tun1', 'right').address, instance.device('tun1', 'left').address];
    expect(hex(frame.subarray(38, 52))).toBe(`${ends.map(hex).join('')}0800`);
    await settled(instance);
  });

  test('the TTL and the congestion mark of the packet inside are inherited', async () => {
    const instance = await underlay();
    await tunnel(instance, 'gre', 'tos inherit');
    await pinged(instance);
    const frame = await pingFrame(instance, '-c 1 -s 8 -t 33 -Q 0x2a');
    expect([frame[15], frame[22]]).toEqual([0x2a, 33]);
    await settled(instance);
  });

  test.each([
    ['gre', '', 1476],
    ['gre', 'key 1 seq', 1468],
    ['gretap', '', 1462],
    ['ipip', '', 1480],
  ])('%s %s leaves room for its headers in the MTU', async (kind, options, mtu) => {
    const instance = await underlay();
    await tunnel(instance, kind, options);
    expect(instance.device('tun1', 'left').mtu).toBe(mtu);
    instance.close();
  });
});

describe('path MTU', () => {
  test('a narrow link outside is told to the senders inside', async () => {
    const instance = await underlay();
    await tunnel(instance, 'ipip');
    await pinged(instance);
    await sh(instance, 'ip -n router link set to-right mtu 1000');
    // The first is lost to the router, whose ICMP error the tunnel notes; the next is answered by the tunnel itself.
    await instance.sh('ip netns exec left ping -c 1 -W 1 -M do -s 1200 10.0.0.2');
    const second = await instance.sh('ip netns exec left ping -c 1 -W 1 -M do -s 1200 10.0.0.2');
    expect(second.stdout + second.stderr).toMatch(/mtu\s?=\s?980/);
    expect(await pinged(instance, '-c 1 -M do -s 900')).toContain('1 received');
    await settled(instance);
  });

  test('nopmtudisc lets the outer packet be cut', async () => {
    const instance = await underlay();
    await tunnel(instance, 'gre', 'nopmtudisc');
    await pinged(instance);
    await sh(instance, 'ip -n router link set to-right mtu 1000; ip -n right link set eth0 mtu 1000');
    expect(await pinged(instance, '-c 1 -M dont -s 1200')).toContain('1 received');
    await settled(instance);
  });

  test('TCP goes through with super-packets cut before they are wrapped', async () => {
    const instance = await underlay();
    await tunnel(instance, 'gre', 'key 5');
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
    expect(Math.max(...capture.frames.map(({ bytes }) => bytes.length))).toBe(1514);
    client.destroy();
    server.close();
    instance.close();
  });
});

describe('who gets what', () => {
  test('a key that the other side does not have is no tunnel: port unreachable', async () => {
    const instance = await underlay();
    await tunnel(instance, 'gre', 'key 1', 'key 2');
    const { stdout } = await instance.sh('ip netns exec left ping -c 1 -W 1 10.0.0.2');
    expect(stdout).toContain('100% packet loss');
    expect(instance.device('tun1', 'right').statistics.rxPackets).toBe(0);
    await settled(instance);
  });

  test('checksums that were asked for and are not there make errors', async () => {
    const instance = await underlay();
    await tunnel(instance, 'gre', '', 'csum');
    await instance.sh('ip netns exec left ping -c 1 -W 1 10.0.0.2');
    const { rxErrors, rxCrcErrors } = instance.device('tun1', 'right').statistics;
    expect([rxErrors, rxCrcErrors]).toEqual([1, 1]);
    await settled(instance);
  });

  test('one gre device without a remote speaks with many: the neighbour says where they are (NBMA)', async () => {
    const instance = await underlay();
    await sh(
      instance,
      `ip -n left link add tun1 type gre local 192.0.2.1 key 9; ip -n right link add tun1 type gre local 198.51.100.1 key 9
       ip -n left address add 10.0.0.1/24 dev tun1; ip -n right address add 10.0.0.2/24 dev tun1
       ip -n left link set tun1 up; ip -n right link set tun1 up
       ip -n left neighbour add 10.0.0.2 lladdr 198.51.100.1 dev tun1; ip -n right neighbour add 10.0.0.1 lladdr 192.0.2.1 dev tun1`,
    );
    expect(await pinged(instance)).toContain('1 received');
    await settled(instance);
  });

  test('a tunnel moved to another namespace goes on outside in the one that it came from', async () => {
    const instance = await underlay();
    await tunnel(instance, 'ipip');
    await sh(
      instance,
      `ip netns add guest; ip -n left link set tun1 netns guest
       ip -n guest address add 10.0.0.1/24 dev tun1; ip -n guest link set tun1 up`,
    );
    expect(await sh(instance, 'ip netns exec guest ping -c 1 10.0.0.2')).toContain('1 received');
    await settled(instance);
  });

  test('a tunnel over itself is counted as a collision, not followed for ever', async () => {
    const instance = await createInstance({ debugPool: true });
    await sh(instance, `ip link add tun1 type ipip remote 10.0.0.2; ip address add 10.0.0.1/24 dev tun1; ip link set tun1 up`);
    await instance.sh('ping -c 1 -W 1 10.0.0.2');
    expect(instance.device('tun1').statistics.collisions).toBe(1);
    await settled(instance);
  });

  test('the devices of the modules stay until their namespace goes', async () => {
    const instance = await createInstance();
    await sh(instance, 'ip link add tun1 type gre remote 192.0.2.1; ip link del gre0; ip netns add guest');
    expect(await sh(instance, 'ip -br link show gre0')).toContain('gre0@NONE');
    // IPv6 comes to gre0 and tunl0 when they go up, to the others at once.
    await sh(instance, 'ip link add tun2 type ipip remote 192.0.2.2');
    for (const name of ['gre0', 'tunl0']) {
      expect(await sh(instance, `ip maddr show dev ${name}`)).not.toContain('ff02::1');
      await sh(instance, `ip link set ${name} up`);
      expect(await sh(instance, `ip maddr show dev ${name}`)).toContain('ff02::1');
    }
    expect(await sh(instance, 'ip maddr show dev gretap0')).toContain('ff02::1');
    expect((await sh(instance, 'ip -n guest -o link')).match(/: (\w+)/g)).toEqual([': lo', ': gre0', ': gretap0', ': erspan0', ': tunl0']);
    await sh(instance, 'ip netns del guest');
    instance.close();
  });

  test('change moves a tunnel to another remote', async () => {
    const instance = await underlay();
    await tunnel(instance, 'gre');
    await sh(instance, 'ip -n left link set tun1 type gre remote 198.51.100.9');
    await instance.sh('ip netns exec left ping -c 1 -W 1 10.0.0.2');
    await sh(instance, 'ip -n left link set tun1 type gre remote 198.51.100.1 ttl 5');
    expect(await pinged(instance)).toContain('1 received');
    expect(await sh(instance, 'ip -d -n left link show tun1')).toContain('gre remote 198.51.100.1 local 192.0.2.1 ttl 5 ');
    await settled(instance);
  });
});

test('what a VLAN inside carries says TOS, TTL and DF of gretap and vxlan that inherit them', async () => {
  const instance = await underlay();
  await sh(
    instance,
    `ip -n left link add t0 type gretap local 192.0.2.1 remote 198.51.100.1 tos inherit ttl inherit
     ip -n left link add t1 type vxlan id 5 dstport 4789 local 192.0.2.1 remote 198.51.100.1 tos inherit ttl inherit df inherit`,
  );
  const offset = 14;
  for (const name of ['t0', 't1']) {
    await sh(
      instance,
      `ip -n left link set ${name} up; ip -n left link add link ${name} name ${name}.7 type vlan id 7; ip -n left link set ${name}.7 up
       ip -n left addr add 10.7.0.1/24 dev ${name}.7; ip -n left neigh add 10.7.0.2 lladdr 02:00:00:00:00:77 dev ${name}.7`,
    );
    const capture = instance.capture(instance.device('eth0', 'left'));
    await instance.sh('ip netns exec left ping -c 1 -W 1 -Q 0x48 -t 77 -M do 10.7.0.2');
    capture.stop();
    const outer = capture.frames.map(({ bytes }) => bytes).find((bytes) => bytes.length > 100 && bytes[offset] === 0x45)!;
    expect([outer[offset + 1], outer[offset + 8], outer[offset + 6]! & 0x40]).toEqual([0x48, 77, 0x40]);
    await sh(instance, `ip -n left link del ${name}`);
  }
  await settled(instance);
});

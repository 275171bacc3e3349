import { framesOf, hex, settled, sh, underlay } from './tunnel-world.js';

const IPV6_ON = 'sysctl -qw net.ipv6.conf.all.disable_ipv6=0';

test('with a prefix of 6rd, IPv6 packets go to the IPv4 address that their destination names (RFC 5969)', async () => {
  const instance = await underlay();
  await sh(
    instance,
    `ip netns exec left ${IPV6_ON}; ip netns exec right ${IPV6_ON}
     ip -n left tunnel add rd mode sit local 192.0.2.1; ip -n right tunnel add rd mode sit local 198.51.100.1
     ip -n left tunnel 6rd dev rd 6rd-prefix 2001:db8::/32; ip -n right tunnel 6rd dev rd 6rd-prefix 2001:db8::/32
     ip -n left link set rd up; ip -n right link set rd up
     ip -n left addr add 2001:db8:c000:201::1/32 dev rd nodad; ip -n right addr add 2001:db8:c633:6401::1/32 dev rd nodad`,
  );
  const frames = await framesOf(instance, 'eth0', 'left', 'ip netns exec left ping -6 -c 1 2001:db8:c633:6401::1');
  // IPv4 of protocol 41, from 192.0.2.1 to 198.51.100.1.
  expect(frames.map(hex).some((frame) => frame.slice(46, 48) === '29' && frame.slice(52, 68) === 'c0000201c6336401')).toBe(true);
  expect(await sh(instance, 'ip -n left tunnel show rd')).toBe(
    'rd: ipv6/ip remote any local 192.0.2.1 ttl inherit 6rd-prefix 2001:db8::/32\n',
  );
  await settled(instance);
});

test('what all sites have in common is not in the IPv6 address', async () => {
  const instance = await underlay();
  await sh(
    instance,
    `ip netns exec left ${IPV6_ON}; ip -n left tunnel add rd mode sit local 192.0.2.1
     ip -n left tunnel 6rd dev rd 6rd-prefix 2001:db8::/32 6rd-relay_prefix 198.51.0.0/16
     ip -n left link set rd up; ip -n left addr add 2001:db8:201::1/32 dev rd nodad`,
  );
  const frames = await framesOf(instance, 'eth0', 'left', 'ip -n left route add 2001:db8:6401::/48 dev rd');
  expect(frames).toEqual([]);
  const capture = instance.capture(instance.device('eth0', 'left'));
  await instance.sh('ip netns exec left ping -6 -c 1 -W 1 2001:db8:6401::1');
  capture.stop();
  expect(capture.frames.map(({ bytes }) => hex(bytes)).some((frame) => frame.slice(60, 68) === 'c6336401')).toBe(true);
  await sh(instance, 'ip -n left tunnel 6rd dev rd 6rd-reset');
  expect(await sh(instance, 'ip -n left tunnel show rd')).toContain(' 6rd-prefix 2002::/16\n');
  await settled(instance);
});

test('a prefix with bits behind it is refused as the ioctl refuses it, and so is a device that is no sit tunnel', async () => {
  const instance = await underlay();
  await sh(instance, 'ip -n left tunnel add rd mode sit local 192.0.2.1');
  const stderrOf = async (line: string) => (await instance.sh(line)).stderr;
  expect(await stderrOf('ip -n left tunnel 6rd dev rd 6rd-prefix 2001:db8::1/32')).toBe('rd: ioctl 89f9 failed: Invalid argument\n');
  expect(await stderrOf('ip -n left tunnel 6rd dev nosuch 6rd-prefix 2001:db8::/32')).toBe('nosuch: ioctl 89f9 failed: No such device\n');
  expect(await stderrOf('ip -n left tunnel 6rd dev eth0 6rd-prefix 2001:db8::/32')).toBe(
    'eth0: ioctl 89f9 failed: Operation not supported\n',
  );
  await settled(instance);
});

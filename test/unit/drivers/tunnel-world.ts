import { createInstance, type TapstackInstance } from '../../../src/library/index.js';

/** Runs a script that must succeed, and gives its output. */
export async function sh(instance: TapstackInstance, script: string): Promise<string> {
  const { stdout, stderr, status } = await instance.sh(script);
  expect(`${stderr}${status === 0 ? '' : stdout}`).toBe('');
  expect(status).toBe(0);
  return stdout;
}

/** Two hosts, left 192.0.2.1 and right 198.51.100.1, and a router between them: what tunnels run over. */
export async function underlay(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  await sh(
    instance,
    `ip netns add left; ip netns add router; ip netns add right
     ip -n left link add eth0 address 02:00:00:00:00:01 type veth peer name to-left address 02:00:00:00:00:02 netns router
     ip -n right link add eth0 address 02:00:00:00:00:03 type veth peer name to-right address 02:00:00:00:00:04 netns router
     ip -n router link set to-left up; ip -n router link set to-right up
     ip -n router address add 192.0.2.254/24 dev to-left; ip -n router address add 198.51.100.254/24 dev to-right
     ip netns exec router sysctl -qw net.ipv4.ip_forward=1
     ip -n left link set lo up; ip -n left link set eth0 up; ip -n left address add 192.0.2.1/24 dev eth0
     ip -n right link set lo up; ip -n right link set eth0 up; ip -n right address add 198.51.100.1/24 dev eth0
     ip -n left route add default via 192.0.2.254; ip -n right route add default via 198.51.100.254`,
  );
  return instance;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Frames that `device` sends while `script` runs. */
export async function framesOf(instance: TapstackInstance, device: string, namespace: string, script: string): Promise<Uint8Array[]> {
  const capture = instance.capture(instance.device(device, namespace));
  await sh(instance, script);
  capture.stop();
  return capture.frames.filter(({ outgoing }) => outgoing).map(({ bytes }) => bytes);
}

/** Nothing that was under way is left behind. */
export async function settled(instance: TapstackInstance): Promise<void> {
  await instance.clock.advance(2000);
  expect(instance.stack.pool.inUse).toBe(0);
  instance.close();
}

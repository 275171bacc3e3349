import { createInstance, type TapstackInstance as Instance } from '../../../../src/library/index.js';

/** A router between a (10.0.1.2) and b (10.0.2.2), whose neighbours are known: frames can be put in by hand. */
export async function router(): Promise<Instance> {
  const instance = await createInstance({ clock: 'virtual' });
  const { status, stderr } = await instance.sh(
    [
      'ip link add va address 02:00:00:00:00:0a type veth peer name ra address 02:00:00:00:01:0a',
      'ip link add vb address 02:00:00:00:00:0b type veth peer name rb address 02:00:00:00:01:0b',
      'ip netns add x; ip link set va netns x; ip link set vb netns x; ip -n x link set va up; ip -n x link set vb up',
      'ip addr add 10.0.1.1/24 dev ra; ip addr add 10.0.2.1/24 dev rb; ip link set ra up; ip link set rb up',
      'ip neigh add 10.0.1.2 lladdr 02:00:00:00:00:0a dev ra; ip neigh add 10.0.2.2 lladdr 02:00:00:00:00:0b dev rb',
      'sysctl -qw net.ipv4.ip_forward=1',
    ].join('; '),
  );
  if (status !== 0) throw new Error(stderr);
  return instance;
}

/** Puts an IPv4 packet onto the wire before `device` (ra or rb), and gives what comes out of the other side, without Ethernet header. */
export function send(instance: Instance, device: 'ra' | 'rb', packet: Uint8Array): Uint8Array[] {
  const other = device === 'ra' ? 'rb' : 'ra';
  const out = instance.capture(instance.device(other));
  const back = instance.capture(instance.device(device));
  const frame = new Uint8Array(14 + packet.length);
  frame.set([2, 0, 0, 0, 1, device === 'ra' ? 0x0a : 0x0b, 2, 0, 0, 0, 0, device === 'ra' ? 0x0a : 0x0b, 8, 0]);
  frame.set(packet, 14);
  instance.inject(instance.device(device), frame);
  while (instance.stack.poll());
  out.stop();
  back.stop();
  return [...out.frames, ...back.frames]
    .filter(({ outgoing, bytes }) => outgoing && bytes[12] === 8 && bytes[13] === 0)
    .map(({ bytes }) => bytes.slice(14));
}

import { createInstance, type TapstackInstance } from '../../../src/library/index.js';
import { sh } from './tunnel-world.js';

/** A host with two VRFs, each with a tenant of its own behind a wire; both tenants are 10.0.0.2 and fd00::2. */
export async function tenants(): Promise<TapstackInstance> {
  const instance = await createInstance({ debugPool: true });
  await sh(
    instance,
    `ip link add red address 02:00:00:00:0a:00 type vrf table 10; ip link set red up
     ip link add blue address 02:00:00:00:0b:00 type vrf table 20; ip link set blue up
     ip netns add tenant-a; ip netns add tenant-b
     ip link add a0 address 02:00:00:00:00:a0 type veth peer name eth0 address 02:00:00:00:00:a1 netns tenant-a
     ip link add b0 address 02:00:00:00:00:b0 type veth peer name eth0 address 02:00:00:00:00:b1 netns tenant-b
     ip link set a0 master red; ip link set b0 vrf blue
     ip link set a0 up; ip link set b0 up
     ip address add 10.0.0.1/24 dev a0; ip address add 10.0.0.1/24 dev b0
     ip -n tenant-a link set lo up; ip -n tenant-b link set lo up
     ip -n tenant-a link set eth0 up; ip -n tenant-b link set eth0 up
     ip -n tenant-a address add 10.0.0.2/24 dev eth0; ip -n tenant-b address add 10.0.0.2/24 dev eth0
     ip -n tenant-a route add default via 10.0.0.1; ip -n tenant-b route add default via 10.0.0.1
     ip address add fd00::1/64 dev a0 nodad; ip address add fd00::1/64 dev b0 nodad
     ip -n tenant-a address add fd00::2/64 dev eth0 nodad; ip -n tenant-b address add fd00::2/64 dev eth0 nodad
     ip -n tenant-a route add default via fd00::1; ip -n tenant-b route add default via fd00::1`,
  );
  return instance;
}

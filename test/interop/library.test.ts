import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// The package as it is installed: bundles that load their parts late, which virtual time must not take for a wait.
const script = `
import { createInstance } from ${JSON.stringify(join(__dirname, '..', '..', 'dist', 'library', 'index.js'))};
const lab = await createInstance();
await lab.files.write('/batch', new TextEncoder().encode('route add 10.9.0.0/16 dev v0\\nroute\\n'));
const lines = [
  'ip link add v0 type veth peer name v1', 'ip link add d0 type dummy', 'ip link add br0 type bridge', 'ip link add link d0 name d0.5 type vlan id 5',
  'ip link add vx0 type vxlan id 1 dstport 4789 dev d0', 'ip link add t0 type gre remote 10.0.0.9 local 10.0.0.1', 'ip tuntap add tap0 mode tap',
  'ip link set v0 master br0', 'ip link set v0 nomaster', 'ip addr add 10.0.0.1/24 dev v0', 'ip link set v0 up', 'ip link set v1 up', 'ip -batch /batch',
  'ip -d -s -s link', 'ip -j -p addr', 'ip route get 10.9.1.1', 'ip -6 route', 'ip rule', 'ip nexthop', 'ip neigh', 'ip tunnel', 'ip tuntap',
  'ip addrlabel', 'ip maddr', 'ip token', 'ip netns add n', 'ip netns exec n ip link', 'ip netns list-id', 'bridge link', 'bridge fdb', 'bridge vlan',
  'sysctl -a', 'ping -c 1 -W 1 10.0.0.1', 'ip link help', 'ip -V',
];
for (const line of lines) {
  const { status, stderr } = await lab.sh(line);
  if (status !== 0 && !line.endsWith('help')) console.log(line, status, stderr);
}
const monitor = lab.start('ip monitor link');
await lab.clock.advance(10);
await lab.sh('ip link set v0 down');
await lab.clock.advance(10);
if (!monitor.stdout.includes('v0')) console.log('monitor saw nothing');
lab.close();
`;

test('the built library runs every command under virtual time in a plain Node process', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(stdout + stderr).toBe('');
  expect(status).toBe(0);
}, 90_000);

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asRoot } from './daemon-support.js';

/** A little of everything that is asked of links, addresses, routes, rules, neighbours, virtual servers and features. */
const lines = [
  'ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02',
  'ip link set v0 alias "the first" up; ip link set v1 up',
  'ip -d link show v0',
  'ip link show type veth',
  'ip -j -p link show v0',
  'ip link add link v0 name v0.5 type vlan id 5 ingress-qos-map 1:2; ip -d link show v0.5',
  'ip addr add 10.0.0.1/24 dev v0; ip -br addr show v0',
  'ip route add 10.1.0.0/16 via 10.0.0.2 mtu 1400 advmss 1200; ip route show',
  'ip route add 10.2.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop via 10.0.0.3; ip -d route show 10.2.0.0/16',
  'ip rule add from 10.9.0.0/16 lookup 100 pref 50; ip rule show',
  'ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0; ip neigh show nud permanent',
  'ip route add 10.3.0.0/16 via 192.0.2.1',
  'sysctl -w net.ipv4.conf.v0.promote_secondaries=1',
  'ipvsadm -A -t 10.0.0.1:80 -s wrr -p 60; ipvsadm -a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m -w 3',
  'ipvsadm -Ln; ipvsadm -Sn; ipvsadm -Ln --stats --exact; ipvsadm -L --timeout',
  'ipvsadm -A -t 10.0.0.1:80',
  'ipvsadm -A -t 10.0.0.1:81 -s nosuch',
  'ethtool -i v0; ethtool -k v0 | head -20; ethtool -S v0; ethtool -T v0',
  'ethtool -K v0 tx off; ethtool -g v0; ethtool -L v0 rx 9',
];

asRoot(
  'ours and the real commands print the same on the same stack',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ts-real-'));
    const transcript = join(folder, 'lines.jsonl');
    writeFileSync(transcript, lines.map((cmd) => `${JSON.stringify({ cmd })}\n`).join(''));
    const words = [join(__dirname, '../../scripts/replay-both.mjs'), '--min', '100', '--show', '99', transcript];
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, words, { encoding: 'utf8', timeout: 100_000 }, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
    });
    rmSync(folder, { recursive: true });
    expect(output).toBe(`lines.jsonl: ${lines.length}/${lines.length}\nboth: ${lines.length}/${lines.length} the same (100.0 %)\n`);
  },
  120_000,
);

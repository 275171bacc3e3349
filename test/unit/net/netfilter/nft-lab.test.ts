import { RoutedLab } from '../../../support/routed-lab.js';

/** a - r - b by names of nft itself, IPv4 and IPv6: what rules make of real packets. */
let lab: RoutedLab;

/** A connection from a to a server in b: true if it comes about. */
async function connects(address: string, port: number, listens = port): Promise<boolean> {
  const server = lab.instance.netIn('b').createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(listens, () => resolve()));
  const connected = await new Promise<boolean>((resolve) => {
    const socket = lab.instance.netIn('a').connect(port, address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
  server.close();
  return connected;
}

beforeEach(async () => {
  lab = await RoutedLab.make();
});
afterEach(() => lab.close());

test('who has no way back answers where IPv6 is masqueraded', async () => {
  await lab.rules(
    'table ip6 n { chain p { type nat hook postrouting priority srcnat; oifname "rb" counter masquerade comment "masq"; }; }',
  );
  expect(await lab.ping('a', 'fd02::2')).toBe(true);
  expect(await lab.packets('masq')).toBe(1);
});

test('a prefix is mapped address by address', async () => {
  await lab.run('ip -n b route add default via 10.0.2.1');
  await lab.rules(
    'table ip n { chain p { type nat hook prerouting priority dstnat; dnat prefix to ip daddr map { 10.9.0.0/24 : 10.0.2.0/24 }; }; }',
  );
  expect(await lab.ping('a', '10.9.0.2')).toBe(true);
  expect(await lab.ping('a', '10.9.0.3')).toBe(false);
});

test('a host reaches itself by the address that the router has for it', async () => {
  await lab.rules(`table ip n {
    chain pre { type nat hook prerouting priority dstnat; ip daddr 10.9.9.9 dnat to 10.0.1.2; }
    chain post { type nat hook postrouting priority srcnat; ip saddr 10.0.1.0/24 ip daddr 10.0.1.0/24 counter masquerade comment "hairpin"; }
  }`);
  expect(await lab.ping('a', '10.9.9.9')).toBe(true);
  expect(await lab.packets('hairpin')).toBe(1);
});

test('a redirected connection comes to the port that was meant', async () => {
  await lab.rules(
    'table inet n { chain p { type nat hook prerouting priority dstnat; tcp dport 80 counter redirect to :8080 comment "redir"; }; }',
    'b',
  );
  await lab.run('ip -n b route add default via 10.0.2.1');
  expect(await connects('10.0.2.2', 80, 8080)).toBe(true);
  expect(await lab.packets('redir', 'b')).toBe(1);
});

test('rules know whether a socket waits for a packet, and how it is bound', async () => {
  await lab.run('ip -n b route add default via 10.0.2.1');
  await lab.rules(
    `table inet f { chain i { type filter hook input priority filter;
      tcp dport 80 tcp flags syn socket wildcard 1 counter comment "waits"
      tcp dport 80 socket transparent 1 counter comment "transparent"
      tcp dport 81 socket wildcard 1 counter comment "nobody"
      osf name "unknown" counter comment "syn"
    }; }`,
    'b',
  );
  expect(await connects('10.0.2.2', 80)).toBe(true);
  await connects('10.0.2.2', 81, 82);
  expect(await lab.packets('waits', 'b')).toBe(1);
  expect(await lab.packets('transparent', 'b')).toBe(0);
  expect(await lab.packets('nobody', 'b')).toBe(0);
  expect(await lab.packets('syn', 'b')).toBeGreaterThanOrEqual(2);
});

test('a connection that another one announced is related to it', async () => {
  await lab.run('ip -n b route add default via 10.0.2.1');
  await lab.rules(`table inet f {
    ct expectation e { protocol tcp; dport 9876; timeout 60s; size 2; l3proto ip; }
    chain i { type filter hook forward priority filter;
      ct state new tcp dport 80 ct expectation set "e"
      ct state related tcp dport 9876 counter comment "related"
    }
  }`);
  expect(await connects('10.0.2.2', 80)).toBe(true);
  expect(await lab.run('ip netns exec r conntrack -L expect')).toContain('dport=9876');
});

test('objects that Linux refuses are refused', async () => {
  await lab.rules('table ip t { }');
  const refused = async (text: string) => (await lab.instance.sh(`ip netns exec r nft '${text}'`)).stderr;
  expect(await refused('add ct helper ip t h { type "ftp" protocol tcp; l3proto ip6; }')).toContain('Invalid argument');
  expect(await refused('add ct helper ip t h { type "nosuch" protocol tcp; }')).toContain('No such file or directory');
  expect(await refused('add ct expectation ip t e { protocol tcp; dport 5; }')).toContain('missing options');
  expect(await refused('add ct helper ip t h { type "ftp" protocol tcp; }')).toBe('');
});

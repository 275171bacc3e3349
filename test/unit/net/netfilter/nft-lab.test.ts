import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

/** a - r - b by names of nft itself, IPv4 and IPv6: what rules make of real packets. */
let instance: TapstackInstance;

const run = async (line: string) => {
  const { stdout, stderr, status } = await instance.sh(line);
  if (status !== 0) throw new Error(`${line}: ${stderr}`);
  return stdout;
};
const ping = async (from: string, to: string) => (await instance.sh(`ip netns exec ${from} ping -c 1 -W 1 ${to}`)).status === 0;
const rules = async (text: string, where = 'r') => {
  await instance.files.write('/rules.nft', new TextEncoder().encode(text));
  await run(`ip netns exec ${where} nft -f /rules.nft`);
};
/** Packets of the rule with this comment. */
const packets = async (comment: string, where = 'r') => {
  const listing = await run(`ip netns exec ${where} nft list ruleset`);
  return Number(new RegExp(`counter packets (\\d+) .*comment "${comment}"`).exec(listing)?.[1] ?? Number.NaN);
};
/** A connection from a to a server in b: true if it comes about. */
async function connects(address: string, port: number, listens = port): Promise<boolean> {
  const server = instance.netIn('b').createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(listens, () => resolve()));
  const connected = await new Promise<boolean>((resolve) => {
    const socket = instance.netIn('a').connect(port, address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
  server.close();
  return connected;
}

beforeEach(async () => {
  instance = await createInstance({ clock: 'virtual' });
  await run(
    [
      'ip netns add a; ip netns add r; ip netns add b',
      'ip link add va netns a type veth peer name ra netns r; ip link add vb netns b type veth peer name rb netns r',
      'ip -n a addr add 10.0.1.2/24 dev va; ip -n b addr add 10.0.2.2/24 dev vb',
      'ip -n r addr add 10.0.1.1/24 dev ra; ip -n r addr add 10.0.2.1/24 dev rb',
      'ip -n a addr add fd01::2/64 dev va nodad; ip -n b addr add fd02::2/64 dev vb nodad',
      'ip -n r addr add fd01::1/64 dev ra nodad; ip -n r addr add fd02::1/64 dev rb nodad',
      'ip -n a link set va up; ip -n b link set vb up; ip -n r link set ra up; ip -n r link set rb up',
      'ip -n a route add default via 10.0.1.1; ip -n a -6 route add default via fd01::1',
      'ip netns exec r sysctl -qw net.ipv4.ip_forward=1; ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1',
    ].join('; '),
  );
});
afterEach(() => instance.close());

test('who has no way back answers where IPv6 is masqueraded', async () => {
  await rules('table ip6 n { chain p { type nat hook postrouting priority srcnat; oifname "rb" counter masquerade comment "masq"; }; }');
  expect(await ping('a', 'fd02::2')).toBe(true);
  expect(await packets('masq')).toBe(1);
});

test('a prefix is mapped address by address', async () => {
  await run('ip -n b route add default via 10.0.2.1');
  await rules(
    'table ip n { chain p { type nat hook prerouting priority dstnat; dnat prefix to ip daddr map { 10.9.0.0/24 : 10.0.2.0/24 }; }; }',
  );
  expect(await ping('a', '10.9.0.2')).toBe(true);
  expect(await ping('a', '10.9.0.3')).toBe(false);
});

test('a host reaches itself by the address that the router has for it', async () => {
  await rules(`table ip n {
    chain pre { type nat hook prerouting priority dstnat; ip daddr 10.9.9.9 dnat to 10.0.1.2; }
    chain post { type nat hook postrouting priority srcnat; ip saddr 10.0.1.0/24 ip daddr 10.0.1.0/24 counter masquerade comment "hairpin"; }
  }`);
  expect(await ping('a', '10.9.9.9')).toBe(true);
  expect(await packets('hairpin')).toBe(1);
});

test('a redirected connection comes to the port that was meant', async () => {
  await rules(
    'table inet n { chain p { type nat hook prerouting priority dstnat; tcp dport 80 counter redirect to :8080 comment "redir"; }; }',
    'b',
  );
  await run('ip -n b route add default via 10.0.2.1');
  expect(await connects('10.0.2.2', 80, 8080)).toBe(true);
  expect(await packets('redir', 'b')).toBe(1);
});

test('rules know whether a socket waits for a packet, and how it is bound', async () => {
  await run('ip -n b route add default via 10.0.2.1');
  await rules(
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
  expect(await packets('waits', 'b')).toBe(1);
  expect(await packets('transparent', 'b')).toBe(0);
  expect(await packets('nobody', 'b')).toBe(0);
  expect(await packets('syn', 'b')).toBeGreaterThanOrEqual(2);
});

test('a connection that another one announced is related to it', async () => {
  await run('ip -n b route add default via 10.0.2.1');
  await rules(`table inet f {
    ct expectation e { protocol tcp; dport 9876; timeout 60s; size 2; l3proto ip; }
    chain i { type filter hook forward priority filter;
      ct state new tcp dport 80 ct expectation set "e"
      ct state related tcp dport 9876 counter comment "related"
    }
  }`);
  expect(await connects('10.0.2.2', 80)).toBe(true);
  expect(await run('ip netns exec r conntrack -L expect')).toContain('dport=9876');
});

test('objects that Linux refuses are refused', async () => {
  await rules('table ip t { }');
  const refused = async (text: string) => (await instance.sh(`ip netns exec r nft '${text}'`)).stderr;
  expect(await refused('add ct helper ip t h { type "ftp" protocol tcp; l3proto ip6; }')).toContain('Invalid argument');
  expect(await refused('add ct helper ip t h { type "nosuch" protocol tcp; }')).toContain('No such file or directory');
  expect(await refused('add ct expectation ip t e { protocol tcp; dport 5; }')).toContain('missing options');
  expect(await refused('add ct helper ip t h { type "ftp" protocol tcp; }')).toBe('');
});

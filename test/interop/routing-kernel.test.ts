import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Net } from '../../src/library/net.js';
import { BIN } from './daemon-support.js';
import { describePeer, eventually, HostPeer } from './host-peer.js';

// What routers and hosts say to each other, with the host's own kernel as the other one.

/** A router advertisement as a raw socket of the host sends it: a prefix, an MTU, preference high, half an hour. */
const ADVERTISE = `
import socket, struct, sys
device, prefix = sys.argv[1], socket.inet_pton(socket.AF_INET6, sys.argv[2])
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
mac = open('/sys/class/net/%s/address' % device).read().strip() if len(sys.argv) < 4 else sys.argv[3]
ra = struct.pack('!BBHBBHII', 134, 0, 0, 63, 0x08, 1800, 0, 0)
ra += struct.pack('!BB6s', 1, 1, bytes.fromhex(mac.replace(':', '')))
ra += struct.pack('!BBHI', 5, 1, 0, 1400)
ra += struct.pack('!BBBBIII16s', 3, 4, 64, 0xc0, 7200, 3600, 0, prefix)
s.sendto(ra, ('ff02::1', 0, 0, socket.if_nametoindex(device)))
`;

interface Shown {
  readonly local: string;
  readonly dynamic?: boolean;
  readonly tentative?: boolean;
}

/** Global IPv6 addresses out of `ip -j -6 addr show`, without those that are still checked for duplicates. */
const globals = (json: string): readonly Shown[] =>
  (JSON.parse(json) as { addr_info?: Shown[] }[])
    .flatMap(({ addr_info = [] }) => addr_info)
    .filter(({ local, tentative }) => local !== undefined && !local.startsWith('fe80') && tentative !== true);

const pingsOf = (text: string): number => Number(/(\d+) received/.exec(text)?.[1] ?? 0);

describePeer("the host's kernel behind a router of the stack", () => {
  const peer = new HostPeer();
  beforeAll(async () => {
    await peer.open(1);
    await peer.configure('address add 2001:db8:1::1/64 dev eth0 nodad\nlink set eth0 up\naddress add 2001:db8:f::1/128 dev lo\n');
    await peer.ours('sysctl', '-w', 'net.ipv6.conf.all.forwarding=1');
    peer.set('net/ipv6/conf/tap0/addr_gen_mode', '0');
    peer.configureHost('link set lo up\nlink set tap0 up\n');
  }, 30_000);
  afterAll(() => peer.close());

  test('has an address, a default route, an MTU and a route by its advertisements, and reaches what is behind it', async () => {
    const words = ['--mtu', '1400', '--preference', 'low', '--route', '2001:db8:e::/48', 'eth0', '2001:db8:1::/64'];
    const daemon = peer.lab.start([join(BIN, 'tapstack'), 'ra', ...words]);
    try {
      await eventually(() => globals(peer.host('-j', '-6', 'address', 'show', 'dev', 'tap0')).length === 1);
      expect(globals(peer.host('-j', '-6', 'address', 'show', 'dev', 'tap0'))[0]).toMatchObject({ dynamic: true });
      expect(peer.host('-6', 'route', 'show', 'default')).toMatch(
        /^default via fe80::ff:fe00:a00 dev tap0 proto ra metric 1024 expires 1[78]\d\dsec mtu 1400 hoplimit 64 pref low/,
      );
      expect(pingsOf((await peer.inside('ping', '-c', '3', '-i', '0.2', '2001:db8:f::1')).stdout)).toBe(3);
      expect(peer.host('-6', 'neighbour', 'show', 'dev', 'tap0')).toMatch(/fe80::ff:fe00:a00 lladdr 02:00:00:00:0a:00 router/);
    } finally {
      daemon.child.kill('SIGTERM');
    }
    expect((await daemon.done).status).toBe(0);
    await eventually(() => peer.host('-6', 'route', 'show', 'default') === '');
  }, 60_000);
});

describePeer("a host of the stack behind the host's kernel", () => {
  const peer = new HostPeer();
  beforeAll(async () => {
    await peer.open(1);
    peer.set('net/ipv6/conf/all/forwarding', '1');
    peer.configureHost(
      'link set lo up\nlink set tap0 up\naddress add 2001:db8:2::1/64 dev tap0 nodad\naddress add 2001:db8:f::2/128 dev lo nodad\n',
    );
    await peer.configure('link set eth0 up\n');
  }, 30_000);
  afterAll(() => peer.close());

  test('has what the advertisement says, and reaches what is behind the router', async () => {
    const mac = (JSON.parse(peer.host('-j', 'link', 'show', 'dev', 'tap0')) as { address: string }[])[0]!.address;
    // The router's link-local address has to be past duplicate detection before it can send by it.
    await eventually(() => peer.host('-6', 'address', 'show', 'dev', 'tap0', 'tentative') === '');
    await eventually(async () => {
      const { status } = await peer.inside('python3', '-c', ADVERTISE, 'tap0', '2001:db8:2::', mac);
      return status === 0 && globals(await peer.ours('ip', '-j', '-6', 'address', 'show', 'dev', 'eth0')).length === 1;
    });
    expect(await peer.ours('ip', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'global')).toMatch(
      /inet6 2001:db8:2::ff:fe00:a00\/64 scope global dynamic mngtmpaddr \n +valid_lft 7(200|1\d\d)sec preferred_lft 3(600|5\d\d)sec/,
    );
    expect(await peer.ours('ip', '-6', 'route', 'show', 'default')).toMatch(
      /^default via fe80::\S+ dev eth0 proto ra metric 1024 expires 1[78]\d\dsec mtu 1400 hoplimit 63 pref high\n$/,
    );
    expect(pingsOf(await peer.ours('ping', '-c', '3', '-i', '0.2', '2001:db8:f::2'))).toBe(3);
    expect(pingsOf((await peer.inside('ping', '-c', '3', '-i', '0.2', '2001:db8:2::ff:fe00:a00')).stdout)).toBe(3);
  }, 60_000);
});

describePeer('fragments', () => {
  const peer = new HostPeer();
  beforeAll(async () => {
    await peer.open(1);
    await peer.configure('link set eth0 mtu 1300 up\naddress add 10.99.0.2/24 dev eth0\naddress add fd99::2/64 dev eth0 nodad\n');
    peer.configureHost('link set tap0 mtu 1300 up\naddress add 10.99.0.1/24 dev tap0\naddress add fd99::1/64 dev tap0 nodad\n');
  }, 30_000);
  afterAll(() => peer.close());

  test.each([
    ['IPv4', '10.99.0.1', '10.99.0.2'],
    ['IPv6', 'fd99::1', 'fd99::2'],
  ])(
    'of %s are put together by both sides',
    async (_family, host, stack) => {
      for (const size of ['4000', '1273', '60000']) {
        expect(pingsOf((await peer.inside('ping', '-c', '2', '-i', '0.2', '-s', size, stack)).stdout)).toBe(2);
        expect(pingsOf(await peer.ours('ping', '-c', '2', '-i', '0.2', '-s', size, host))).toBe(2);
      }
    },
    60_000,
  );
});

/** What a server of `net` received of a body that `client` sent, once the connection is closed. */
async function received(server: ReturnType<Net['createServer']>): Promise<Buffer> {
  const [socket] = (await once(server, 'connection')) as [import('node:stream').Duplex];
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  socket.end();
  return Buffer.concat(chunks);
}

const BODY = randomBytes(200_000);

/** Beyond the router: the link as such takes 1500 bytes, the router's own end only 1400. */
const FAR = `link set v1 up
address add 10.50.0.2/24 dev v1
address add 10.50.0.3/24 dev v1
address add fd50::2/64 dev v1 nodad
address add fd50::3/64 dev v1 nodad
`;

describePeer('a smaller MTU behind a router of the stack', () => {
  const peer = new HostPeer();
  beforeAll(async () => {
    await peer.open(1);
    await peer.ours('ip', 'netns', 'add', 'far');
    await peer.configure(
      `link add v0 mtu 1400 type veth peer name v1 netns far mtu 1500
address add 10.99.0.2/24 dev eth0
address add fd99::2/64 dev eth0 nodad
address add 10.50.0.1/24 dev v0
address add fd50::1/64 dev v0 nodad
link set eth0 up
link set v0 up
`,
    );
    await peer.configure(`${FAR}route add default via 10.50.0.1\nroute add default via fd50::1\n`, 'far');
    await peer.ours('sysctl', '-w', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    peer.configureHost(
      'link set tap0 up\naddress add 10.99.0.1/24 dev tap0\naddress add fd99::1/64 dev tap0 nodad\nroute add 10.50.0.0/24 via 10.99.0.2\nroute add fd50::/64 via fd99::2\n',
    );
  }, 60_000);
  afterAll(() => peer.close());

  test.each([
    ['IPv4', '10.50.0.2', /Frag needed and DF set \(mtu = 1400\)/],
    ['IPv6', 'fd50::2', /Packet too big: mtu=1400/],
  ])(
    'the host learns it from %s errors',
    async (_family, far, error) => {
      const { stdout, stderr } = await peer.inside('ping', '-M', 'do', '-c', '2', '-i', '0.3', '-W', '1', '-s', '1440', far);
      expect(stdout).toMatch(error);
      expect(`${stdout}${stderr}`).toMatch(/message too long, mtu[=:] ?1400/);
      expect(peer.host('route', 'get', far)).toMatch(/mtu 1400/);
      expect(peer.host('route', 'get', far)).toMatch(/expires \d+sec/);
    },
    30_000,
  );

  test.each([
    ['IPv4', '10.50.0.3'],
    ['IPv6', 'fd50::3'],
  ])(
    'the TCP of the host gets through over %s with what it has not learned yet',
    async (_family, far) => {
      const server = peer.net('far').createServer();
      server.listen(8080, far);
      await once(server, 'listening');
      try {
        const got = received(server);
        const file = join(peer.lab.folder, 'body');
        writeFileSync(file, BODY);
        const program = `import socket,sys; s=socket.create_connection((sys.argv[1],8080),10); s.sendall(open(sys.argv[2],'rb').read()); s.shutdown(1); s.recv(1)`;
        const { status, stderr } = await peer.inside('python3', '-c', program, far, file);
        expect(`${status}${stderr}`).toBe('0');
        expect((await got).equals(BODY)).toBe(true);
        expect(peer.host('route', 'get', far)).toMatch(/mtu 1400/);
      } finally {
        server.close();
        await once(server, 'close');
      }
    },
    30_000,
  );
});

describePeer("a smaller MTU behind the host's kernel", () => {
  const peer = new HostPeer();
  const far = `${peer.namespace}f`;
  beforeAll(async () => {
    await peer.open(1);
    peer.addNamespace(far);
    peer.set('net/ipv4/ip_forward', '1');
    peer.set('net/ipv6/conf/all/forwarding', '1');
    peer.configureHost(
      `link set tap0 up
address add 10.99.0.1/24 dev tap0
address add fd99::1/64 dev tap0 nodad
link add v0 mtu 1400 type veth peer name v1 netns ${far} mtu 1500
link set v0 up
address add 10.50.0.1/24 dev v0
address add fd50::1/64 dev v0 nodad
`,
    );
    peer.configureHost(`${FAR}route add default via 10.50.0.1\nroute add default via fd50::1\n`, far);
    await peer.configure(
      'link set eth0 up\naddress add 10.99.0.2/24 dev eth0\naddress add fd99::2/64 dev eth0 nodad\nroute add 10.50.0.0/24 via 10.99.0.1\nroute add fd50::/64 via fd99::1\n',
    );
  }, 60_000);
  afterAll(() => peer.close());

  test.each([
    ['IPv4', '10.50.0.2', /From 10\.99\.0\.1 icmp_seq=1 Frag needed and DF set \(mtu = 1400\)/],
    ['IPv6', 'fd50::2', /From fd99::1 icmp_seq=1 Packet too big: mtu=1400/],
  ])(
    'the stack learns it from %s errors',
    async (_family, to, error) => {
      const { stdout, stderr } = await peer.start('ping', '-M', 'do', '-c', '2', '-i', '0.3', '-W', '1', '-s', '1440', to);
      expect(stdout).toMatch(error);
      expect(`${stdout}${stderr}`).toMatch(/message too long, mtu[=:] ?1400/);
      expect(await peer.ours('ip', 'route', 'get', to)).toMatch(/expires (5\d\d|600)sec mtu 1400/);
    },
    30_000,
  );

  test.each([
    ['IPv4', '10.50.0.3'],
    ['IPv6', 'fd50::3'],
  ])(
    'the TCP of the stack gets through over %s with what it has not learned yet',
    async (_family, to) => {
      const file = join(peer.lab.folder, 'got');
      const program = `import socket,sys; l=socket.create_server((sys.argv[1],8080),family=socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET); print('ready',flush=True); c,a=l.accept(); c.settimeout(20); f=open(sys.argv[2],'wb')
while True:
  d=c.recv(65536)
  if not d: break
  f.write(d)
f.close(); c.close()`;
      const server = peer.lab.start(['ip', 'netns', 'exec', far, 'python3', '-c', program, to, file]);
      await once(server.child.stdout!, 'data');
      const socket = peer.net().connect(8080, to);
      socket.end(BODY);
      expect((await server.done).status).toBe(0);
      expect(readFileSync(file).equals(BODY)).toBe(true);
      expect(await peer.ours('ip', 'route', 'get', to)).toMatch(/mtu 1400/);
    },
    30_000,
  );
});

describePeer('two ways of the stack to one place', () => {
  const peer = new HostPeer();
  beforeAll(async () => {
    await peer.open(2);
    peer.configureHost('link set lo up\naddress add 172.16.0.7/32 dev lo\naddress add fd16::7/128 dev lo nodad\n');
    for (const at of [0, 1]) {
      peer.set(`net/ipv4/conf/tap${at}/rp_filter`, '0');
      peer.configureHost(`link set tap${at} up\naddress add 10.${at}.0.1/24 dev tap${at}\naddress add fd0${at}::1/64 dev tap${at} nodad\n`);
      await peer.configure(
        `link set eth${at} up\naddress add 10.${at}.0.2/24 dev eth${at}\naddress add fd0${at}::2/64 dev eth${at} nodad\n`,
      );
    }
    peer.set('net/ipv4/conf/all/rp_filter', '0');
    await peer.configure(
      'route add 172.16.0.0/24 nexthop via 10.0.0.1 dev eth0 nexthop via 10.1.0.1 dev eth1\nroute add fd16::/64 nexthop via fd00::1 dev eth0 nexthop via fd01::1 dev eth1\naddress add 10.9.9.9/32 dev lo\naddress add fd99::9/128 dev lo\n',
    );
    peer.configureHost('route add 10.9.9.9 via 10.0.0.2\nroute add fd99::9 via fd00::2\n');
    await peer.ours('sysctl', '-w', 'net.ipv4.fib_multipath_hash_policy=1', 'net.ipv6.fib_multipath_hash_policy=1');
  }, 60_000);
  afterAll(() => peer.close());

  const received = (at: number): { readonly packets: number; readonly bytes: number } =>
    (JSON.parse(peer.host('-s', '-j', 'link', 'show', 'dev', `tap${at}`)) as { stats64: { rx: { packets: number; bytes: number } } }[])[0]!
      .stats64.rx;

  /** Packets, or bytes, that came in by each wire meanwhile. */
  async function byWire(what: 'packets' | 'bytes', run: () => Promise<void>): Promise<readonly [number, number]> {
    const before = [0, 1].map((at) => received(at)[what]);
    await run();
    const after = [0, 1].map((at) => received(at)[what]);
    return [after[0]! - before[0]!, after[1]! - before[1]!];
  }

  /** Connections that nobody takes: one SYN each. */
  async function refused(net: Net, to: string, from: string, count: number): Promise<void> {
    for (let port = 1; port <= count; port++) {
      const socket = net.connect({ port, host: to, localAddress: from });
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNREFUSED');
    }
  }

  test.each([
    ['IPv4', '172.16.0.7', '10.9.9.9'],
    ['IPv6', 'fd16::7', 'fd99::9'],
  ])(
    'flows of %s are spread by their ports, each stays on its way',
    async (_family, to, from) => {
      const net = peer.net();
      const count = 60;
      const [left, right] = await byWire('packets', () => refused(net, to, from, count));
      expect(left + right).toBeGreaterThanOrEqual(count);
      expect(left).toBeGreaterThan(count / 6);
      expect(right).toBeGreaterThan(count / 6);
      const program = `import socket,sys; l=socket.create_server((sys.argv[1],8080),family=socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET); print('ready',flush=True); c,a=l.accept(); c.settimeout(20)
while c.recv(65536): pass`;
      const server = peer.lab.start(peer.argvInside('python3', '-c', program, to));
      await once(server.child.stdout!, 'data');
      const ways = await byWire('bytes', async () => {
        const socket = net.connect({ port: 8080, host: to, localAddress: from });
        socket.end(BODY);
        expect((await server.done).status).toBe(0);
      });
      // Super-packets cross the wire uncut: bytes tell which way the flow went, packets no longer do.
      expect(Math.max(...ways)).toBeGreaterThan(BODY.length);
      expect(Math.min(...ways)).toBeLessThan(2000);
    },
    60_000,
  );
});

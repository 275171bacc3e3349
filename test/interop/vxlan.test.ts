import { describePeer, HostPeer, real, succeeded } from './host-peer.js';

// VXLAN with the host's own kernel as the peer: a TAP leads from the stack into a network namespace of the host that this file makes.

describePeer("vxlan with the host's kernel", () => {
  const peer = new HostPeer();
  beforeAll(async () => {
    await peer.open(1);
    await peer.configure('address add 10.99.0.2/24 dev eth0\nlink set eth0 up\n');
    peer.configureHost('address add 10.99.0.1/24 dev tap0\nlink set tap0 up\n');
  }, 30_000);
  afterAll(() => peer.close());

  test.each([
    ['with UDP checksums', '42', ['udpcsum']],
    ['without UDP checksums', '43', ['noudpcsum']],
  ])(
    'pings go both ways, long ones too, %s',
    async (_how, id, options) => {
      const words = (remote: string) => [
        'link',
        'add',
        `vx${id}`,
        'type',
        'vxlan',
        'id',
        id,
        'dstport',
        '4789',
        'remote',
        remote,
        ...options,
      ];
      await peer.ours('ip', ...words('10.99.0.1'));
      peer.host(...words('10.99.0.2'));
      await peer.ours('ip', 'address', 'add', `10.${id}.0.2/24`, 'dev', `vx${id}`);
      await peer.ours('ip', 'link', 'set', `vx${id}`, 'up');
      peer.host('address', 'add', `10.${id}.0.1/24`, 'dev', `vx${id}`);
      peer.host('link', 'set', `vx${id}`, 'up');
      expect(await peer.ours('ping', '-c', '2', '-i', '0.2', `10.${id}.0.1`)).toContain('2 received');
      expect(succeeded(await peer.inside('ping', '-c', '2', '-i', '0.2', `10.${id}.0.2`))).toContain('2 received');
      expect(succeeded(await peer.inside('ping', '-c', '1', '-s', '4000', `10.${id}.0.2`))).toContain('1 received');
      // The kernel has learned where our device is.
      expect(real('bridge', '-n', peer.namespace, 'fdb', 'show', 'dev', `vx${id}`)).toMatch(/dst 10\.99\.0\.2 self/);
    },
    30_000,
  );
});

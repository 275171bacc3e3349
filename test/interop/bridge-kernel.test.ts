import { describePeer, eventually, HostPeer } from './host-peer.js';

// A bridge of the stack and one of the host's kernel, with two wires between them: a loop that the spanning tree has to cut.

const HOST = '10.98.0.1';
const STACK = '10.98.0.2';
const WIRES = ['tap0', 'tap1'] as const;

class Loop extends HostPeer {
  override async open(): Promise<void> {
    await super.open(WIRES.length);
    // The shortest times that 802.1D has: forwarding after four seconds.
    const bridge = 'link add br0 type bridge stp_state 1 forward_delay 200 hello_time 100 max_age 600';
    const ports = (names: readonly string[]) => names.map((name) => `link set ${name} master br0 up\n`).join('');
    this.configureHost(`${bridge} priority 4096\n${ports(WIRES)}address add ${HOST}/24 dev br0\n`);
    await this.configure(`${bridge}\n${ports(['eth0', 'eth1'])}address add ${STACK}/24 dev br0\nlink set br0 up\n`);
    this.host('link', 'set', 'br0', 'up');
  }

  /** States of the stack's ports by name. */
  async states(): Promise<Record<string, string>> {
    const links = JSON.parse(await this.ours('bridge', '-j', 'link')) as { ifname: string; state: string }[];
    return Object.fromEntries(links.map(({ ifname, state }) => [ifname, state]));
  }

  /** The host's kernel pings the stack across the bridges; packets that came back. */
  async pings(count: number): Promise<number> {
    const { stdout } = await this.inside('ping', '-q', '-c', `${count}`, '-i', '0.2', '-W', '1', STACK);
    return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
  }

  /** Frames that the kernel's bridge received so far. */
  received(): number {
    const links = JSON.parse(this.host('-s', '-j', 'link')) as { ifname: string; stats64: { rx: { packets: number } } }[];
    return links.filter(({ ifname }) => ifname.startsWith('tap')).reduce((sum, { stats64 }) => sum + stats64.rx.packets, 0);
  }
}

describePeer("a loop with the kernel's bridge", () => {
  test("two wires to the kernel's bridge: one port blocks, traffic flows, and a cut wire is made up for by the other", async () => {
    const loop = new Loop();
    try {
      await loop.open();
      const settled = async () =>
        Object.values(await loop.states())
          .sort()
          .join() === 'blocking,forwarding';
      await eventually(settled);
      const states = await loop.states();
      const forwarding = states['eth0'] === 'forwarding' ? 0 : 1;
      // The kernel's bridge has the better priority: it is the root, and the stack's says so.
      expect(await loop.ours('ip', '-d', 'link', 'show', 'br0')).toContain('designated_root 1000.');
      expect(await loop.pings(5)).toBe(5);
      // A loop would multiply each broadcast without end.
      const before = loop.received();
      await loop.pings(3);
      expect(loop.received() - before).toBeLessThan(100);
      loop.host('link', 'set', WIRES[forwarding]!, 'nomaster');
      await eventually(
        async () => (await loop.states())[forwarding === 0 ? 'eth1' : 'eth0'] === 'forwarding' && (await loop.pings(1)) === 1,
      );
      expect(await loop.pings(5)).toBe(5);
    } finally {
      await loop.close();
    }
  }, 120_000);
});

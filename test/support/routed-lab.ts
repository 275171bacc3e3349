import { createInstance, type TapstackInstance } from '../../src/library/index.js';

/** a (10.0.1.2) - r - b (10.0.2.2), each in a namespace, with IPv6 fd01:: and fd02::, under virtual time. */
export class RoutedLab {
  private constructor(readonly instance: TapstackInstance) {}

  static async make(): Promise<RoutedLab> {
    const lab = new RoutedLab(await createInstance({ clock: 'virtual' }));
    await lab.run(
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
    return lab;
  }

  async run(line: string): Promise<string> {
    const { stdout, stderr, status } = await this.instance.sh(line);
    if (status !== 0) throw new Error(`${line}: ${stderr}`);
    return stdout;
  }

  /** A ruleset in place of the one before. */
  async rules(text: string, where = 'r'): Promise<void> {
    await this.instance.files.write('/rules.nft', new TextEncoder().encode(`flush ruleset\n${text}`));
    await this.run(`ip netns exec ${where} nft -f /rules.nft`);
  }

  async ping(from: string, to: string): Promise<boolean> {
    return (await this.instance.sh(`ip netns exec ${from} ping -c 1 -W 1 ${to}`)).status === 0;
  }

  /** Packets of the rule with this comment. */
  async packets(comment: string, where = 'r'): Promise<number> {
    const listing = await this.run(`ip netns exec ${where} nft list ruleset`);
    return Number(new RegExp(`counter packets (\\d+) .*comment "${comment}"`).exec(listing)?.[1] ?? Number.NaN);
  }

  /** A server in `where` that answers each line by what `answer` says of it, and keeps what it was told and by whom. */
  async server(where: string, port: number, answer: (line: string) => string): Promise<{ heard: string[]; close(): void }> {
    const heard: string[] = [];
    const server = this.instance.netIn(where).createServer((socket) => {
      heard.push(`from ${socket.remoteAddress}`);
      socket.on('data', (data: Uint8Array) => {
        const line = new TextDecoder().decode(data);
        heard.push(line);
        socket.write(answer(line));
      });
      socket.on('error', () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(port, () => resolve()));
    return { heard, close: () => server.close() };
  }

  /** A connection; `say` sends a line and gives what comes back. Null: it is refused. */
  async connect(where: string, address: string, port: number) {
    const socket = this.instance.netIn(where).connect(port, address);
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (!connected) return null;
    return {
      say(line: string): Promise<string> {
        return new Promise((resolve) => {
          socket.once('data', (data: Uint8Array) => resolve(new TextDecoder().decode(data)));
          socket.write(line);
        });
      },
      close: () => socket.destroy(),
    };
  }

  close(): void {
    this.instance.close();
  }
}

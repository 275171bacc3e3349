import { type Socket, ReceiveInfo, SocketAddress } from '../../../../src/net/core/socket.js';
import { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { RoutedLab } from '../../../support/routed-lab.js';

/** What is for others comes to a socket of the router, as a transparent proxy needs it (Documentation/networking/tproxy.rst). */
let lab: RoutedLab;
beforeEach(async () => {
  lab = await RoutedLab.make();
  await lab.run(
    'ip -n r link set lo up; ip -n r rule add fwmark 1 lookup 100; ip -n r route add local default dev lo table 100; ip -n b route add default via 10.0.2.1',
  );
  await lab.rules(`table ip f { chain pre { type filter hook prerouting priority mangle;
    meta l4proto { tcp, udp } th dport 53 tproxy to :5300 meta mark set 1 counter comment "taken"
  }; }`);
});
afterEach(() => lab.close());

function at(ip: number, port: number): SocketAddress {
  const address = new SocketAddress();
  address.family = 2;
  address.words.set([0, 0, 0xffff, ip]);
  address.port = port;
  return address;
}

const SERVER = 0x0a00_0202;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function receive(socket: Socket): { data: string; from: SocketAddress } | null {
  const into = new Uint8Array(100);
  const info = new ReceiveInfo();
  const count = socket.receive(into, 0, into.length, 0, info);
  return count < 0 ? null : { data: text(into.slice(0, count)), from: info.from };
}

test('a connection to another host is accepted by a transparent listener, which has the address of that host', async () => {
  const listener = new TcpSocket(lab.instance.namespace('r').tcp, 2, 0, true);
  listener.transparent = true;
  expect(listener.bind(at(0, 5300))).toBe(0);
  expect(listener.listen(5)).toBe(0);
  const client = (await lab.connect('a', '10.0.2.2', 53))!;
  const accepted = listener.accept() as TcpSocket;
  expect([accepted.local.words[3], accepted.local.port]).toEqual([SERVER, 53]);
  const said = client.say('question');
  await lab.instance.clock.advance(10);
  expect(receive(accepted)!.data).toBe('question');
  accepted.send(new TextEncoder().encode('answer'), 0, 6, 0, null);
  expect(await said).toBe('answer');
  expect(await lab.packets('taken')).toBeGreaterThanOrEqual(2);
  client.close();
  for (const socket of [accepted, listener]) socket.close();
});

test('datagrams for another host come to a transparent socket, and to no other', async () => {
  const { udp } = lab.instance.namespace('r');
  const proxy = udp.createSocket(0, true);
  expect(proxy.bind(at(0, 5300))).toBe(0);
  const [client, server] = [lab.instance.namespace('a').udp.createSocket(0, true), lab.instance.namespace('b').udp.createSocket(0, true)];
  expect(server.bind(at(0, 53))).toBe(0);
  const ask = async (words: string) => {
    client.send(new TextEncoder().encode(words), 0, words.length, 0, at(SERVER, 53));
    await lab.instance.clock.advance(10);
    return [receive(proxy)?.data, receive(server)?.data];
  };
  expect(await ask('not yet')).toEqual([undefined, 'not yet']);
  proxy.transparent = true;
  expect(await ask('now')).toEqual(['now', undefined]);
  for (const socket of [client, server, proxy]) socket.close();
});

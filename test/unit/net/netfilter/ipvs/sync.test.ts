import { once } from 'node:events';
import type { TapstackInstance } from '../../../../../src/library/index.js';
import { lab, say } from './lab.js';

/** A connection of client port `from` to the virtual service, which says four words and ends; rs1 echoes until then. */
async function converse(instance: TapstackInstance, from: number): Promise<void> {
  const socket = instance.netIn('cl').connect({ port: 81, host: '10.9.0.1', localPort: from });
  await instance.time.awaiting(once(socket, 'connect'));
  for (let i = 0; i < 4; i++) {
    const echo = once(socket, 'data');
    socket.write(`hi${i}`);
    await instance.time.awaiting(echo);
    await instance.clock.advance(300);
  }
  socket.on('data', () => undefined);
  socket.end();
  await instance.time.awaiting(once(socket, 'close'));
  await instance.clock.advance(3000);
}

async function master() {
  const instance = await lab();
  instance
    .netIn('rs1')
    .createServer((socket) => socket.pipe(socket))
    .listen(8080, '0.0.0.0');
  await instance.clock.advance(10);
  await say(instance, 'ipvsadm -A -t 10.9.0.1:81 -s rr; ipvsadm -a -t 10.9.0.1:81 -r 10.0.0.11:8080 -m');
  await say(instance, 'ipvsadm --start-daemon master --mcast-interface lan --syncid 7');
  const capture = instance.capture(instance.device('lan'));
  /** The messages that backups got, in hexadecimal. */
  const messages = () =>
    capture.frames
      .map(({ bytes }) => bytes)
      .filter((bytes) => bytes[23] === 17 && bytes[36] === 0x22 && bytes[37] === 0x90)
      .map((bytes) => Buffer.from(bytes.subarray(42)).toString('hex'));
  return { instance, messages };
}

// As Linux 6.1 sent them of the like connection: ESTABLISHED, CLOSE_WAIT and TIME_WAIT.
const addresses = '0a0900020a0900010a00000b';
const first = (port: string) =>
  `0007007403010000${[
    ['00000000', '0001', '00000384'],
    ['00000100', '0007', '0000003c'],
    ['00000100', '0005', '00000078'],
  ]
    .map(([flags, state, timeout]) => `00060024${flags}${state}${port}00511f9000000000${timeout}${addresses}`)
    .join('')}`;
const zeroth = (port: string) =>
  `0307004c${[
    ['0000', '0001'],
    ['0100', '0007'],
    ['0100', '0005'],
  ]
    .map(([flags, state]) => `0006${port}00511f90${addresses}${flags}${state}`)
    .join('')}`;

/** What both messages say together, as one: how many fit into one is a matter of time. */
const joined = (messages: readonly string[], header: number) => messages.map((message) => message.slice(header)).join('');

test('a master tells of connections in the bytes that Linux has, of version 1 and of version 0', async () => {
  const { instance, messages } = await master();
  await converse(instance, 0x9c42);
  expect(joined(messages(), 16)).toBe(first('9c42').slice(16));
  expect(messages()[0]!.slice(0, 4)).toBe('0007');
  const before = messages().length;
  await say(instance, 'sysctl -qw net.ipv4.vs.sync_version=0');
  await converse(instance, 0x9c4c);
  expect(joined(messages().slice(before), 8)).toBe(zeroth('9c4c').slice(8));
  instance.close();
});

test('a backup takes messages of both versions', async () => {
  const instance = await lab();
  await say(instance, 'ip netns exec rs1 ipvsadm --start-daemon backup --mcast-interface eth0 --syncid 7');
  const { udp } = instance.namespace();
  const socket = udp.createSocket(0, true);
  socket.multicastIfindex = instance.device('lan').ifindex;
  const words = Uint32Array.of(0, 0, 0xffff, 0xe000_0051);
  for (const message of [first('9c42'), zeroth('9c4c'), `0107000${'0'}${'00'.repeat(20)}`, '03']) {
    const bytes = new Uint8Array(Buffer.from(message, 'hex'));
    socket.send(bytes, 0, bytes.length, 0, {
      family: 2,
      words,
      port: 8848,
      scopeId: 0,
      flowInfo: 0,
      bytes: null,
      hardwareType: 0,
      packetType: 0,
    });
    await instance.clock.advance(10);
  }
  const lines = (await say(instance, 'ip netns exec rs1 ipvsadm -Lnc')).split('\n').slice(2, -1).sort();
  expect(lines.map((line) => line.replace(/\d\d:\d\d/, 'time'))).toEqual([
    'TCP time  TIME_WAIT   10.9.0.2:40002     10.9.0.1:81        10.0.0.11:8080',
    'TCP time  TIME_WAIT   10.9.0.2:40012     10.9.0.1:81        10.0.0.11:8080',
  ]);
  instance.close();
});

test('with sync_ports the daemons have as many sockets, one port behind the other', async () => {
  const instance = await lab();
  await say(instance, 'ipvsadm -Ln; sysctl -qw net.ipv4.vs.sync_ports=4; ipvsadm --start-daemon backup --mcast-interface lan');
  const { stdout } = await instance.sh('ss -Hlun');
  for (const port of [8848, 8849, 8850, 8851]) expect(stdout).toContain(`224.0.0.81%lan:${port}`);
  instance.close();
});

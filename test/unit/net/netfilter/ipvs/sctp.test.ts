import { readFileSync } from 'node:fs';
import type { TapstackInstance } from '../../../../../src/library/index.js';
import { crc32c } from '../../../../../src/wire/crc32c.js';
import { lab, say } from './lab.js';

/**
 * By way of forwarding: what Linux 6.1 says of a connection's state after these chunks, each by who sends it (i: the client, o: the
 * server) and its type; empty: there is no connection.
 */
const seen = JSON.parse(readFileSync(new URL('./sctp-states.json', import.meta.url), 'utf8')) as Record<string, Record<string, string>>;

/** One packet of SCTP with the chunks of these types, each of 16 bytes. */
function packet(from: number, to: number, chunks: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(12 + 16 * chunks.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, from);
  view.setUint16(2, to);
  view.setUint32(4, 1);
  for (const [i, type] of chunks.entries()) {
    view.setUint8(12 + 16 * i, type);
    view.setUint16(14 + 16 * i, 16);
  }
  view.setUint32(8, crc32c(view, 0, bytes.length, 8), true);
  return bytes;
}

/** Sends packets of SCTP out of a namespace. */
function sender(instance: TapstackInstance, name: string, destination: number) {
  const socket = instance.namespace(name).raw.createSocket(132, 0, true);
  const words = Uint32Array.of(0, 0, 0xffff, destination);
  const to = { family: 2, words, port: 0, scopeId: 0, flowInfo: 0, bytes: null, hardwareType: 0, packetType: 0 };
  return (bytes: Uint8Array) => expect(socket.send(bytes, 0, bytes.length, 0, to)).toBe(bytes.length);
}

async function balanced(methods: readonly string[]) {
  const instance = await lab();
  for (const [i, method] of methods.entries())
    await say(
      instance,
      `ipvsadm -A --sctp-service 10.9.0.1:${132 + i} -s rr; ipvsadm -a --sctp-service 10.9.0.1:${132 + i} -r 10.0.0.11 ${method}`,
    );
  // What is handed to it as it is, it is not to send on.
  await say(instance, 'ip netns exec rs1 sysctl -qw net.ipv4.ip_forward=0');
  const fromClient = sender(instance, 'cl', 0x0a09_0001);
  const fromServer = sender(instance, 'rs1', 0x0a09_0002);
  /** Chunks one by one, as "i1 o2". */
  const run = async (client: number, server: number, way: string) => {
    for (const step of way.split(' ')) {
      if (step.startsWith('i')) fromClient(packet(client, server, [Number(step.slice(1))]));
      else fromServer(packet(server, client, [Number(step.slice(1))]));
      await instance.clock.advance(1);
    }
  };
  /** By the client's port: the state, and how many seconds are left. */
  const states = async () => {
    const lines = (await say(instance, 'ipvsadm -Lnc')).split('\n').slice(2, -1);
    return new Map(
      lines.map((line) => {
        const [, left = '', state = '', source = ''] = line.split(/\s+/);
        const [minutes = 0, seconds = 0] = left.split(':').map(Number);
        return [Number(source.split(':')[1]), { state, left: minutes * 60 + seconds }] as const;
      }),
    );
  };
  return { instance, fromClient, run, states };
}

test('each chunk leads from each state to that which Linux has it lead to, whichever way answers go', async () => {
  const { instance, run, states } = await balanced(['-m', '-g']);
  const wrong: string[] = [];
  let port = 1024;
  for (const [i, ways] of [seen['nat']!, seen['dr']!].entries()) {
    const ports = new Map<number, string>();
    for (const way of Object.keys(ways)) {
      ports.set(++port, way);
      await run(port, 132 + i, way);
    }
    const now = await states();
    for (const [client, way] of ports) {
      const { state = '' } = now.get(client) ?? {};
      // What was over by time is not in the list any more.
      if (state !== ways[way] && !(state === '' && ['INIT1', 'REJECTED'].includes(ways[way]!)))
        wrong.push(`${i} ${way}: ${state}, not ${ways[way]}`);
    }
  }
  expect(wrong).toEqual([]);
  instance.close();
});

test('an association is counted as active while it is established, and kept as long as its state says', async () => {
  const { instance, run, states } = await balanced(['-m']);
  await run(2000, 132, 'i1 o2 i10 o11');
  expect((await states()).get(2000)).toEqual({ state: 'ESTABLISHED', left: 899 });
  expect(await say(instance, 'ipvsadm -Ln')).toMatch(/10\.0\.0\.11:132 +Masq +1 +1 +0 /);
  await run(2000, 132, 'i7 o8 i14');
  expect((await states()).get(2000)!.state).toBe('CLOSED');
  expect(await say(instance, 'ipvsadm -Ln')).toMatch(/10\.0\.0\.11:132 +Masq +1 +0 +1 /);
  await instance.clock.advance(62_000);
  expect(await states()).toEqual(new Map());
  instance.close();
});

test('packets are translated both ways with a checksum that holds', async () => {
  const { instance, run } = await balanced(['-m']);
  const there = instance.capture(instance.device('eth0', 'rs1'));
  const back = instance.capture(instance.device('eth0', 'cl'));
  await run(2000, 132, 'i1 o2');
  for (const [capture, source, destination] of [
    [there, '10.9.0.2', '10.0.0.11'],
    [back, '10.9.0.1', '10.9.0.2'],
  ] as const) {
    capture.stop();
    const frames = capture.frames.map(({ bytes }) => bytes).filter((bytes) => bytes[12] === 8 && bytes[13] === 0 && bytes[23] === 132);
    const frame = frames.find((bytes) => bytes.slice(26, 30).join('.') === source)!;
    expect(frame.slice(30, 34).join('.')).toBe(destination);
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    expect(view.getUint32(42, true)).toBe(crc32c(view, 34, frame.length, 42));
  }
  instance.close();
});

test('out of the blue only INIT begins an association, but for sloppy_sctp, and an ABORT never', async () => {
  const { instance, run, states } = await balanced(['-m']);
  await run(2000, 132, 'i0');
  expect(await states()).toEqual(new Map());
  await say(instance, 'sysctl -qw net.ipv4.vs.sloppy_sctp=1');
  await run(2000, 132, 'i0');
  await run(2001, 132, 'i6');
  expect([...(await states())].map(([port, { state }]) => [port, state])).toEqual([[2000, 'ESTABLISHED']]);
  instance.close();
});

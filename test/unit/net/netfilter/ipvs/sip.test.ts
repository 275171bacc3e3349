import { lab, say } from './lab.js';

test('calls of SIP stay each with its server, by Call-ID or its compact form, and what is of no call is dropped', async () => {
  const instance = await lab();
  await say(instance, 'ip -n cl addr add 10.9.0.3/24 dev eth0; ipvsadm -A -u 10.9.0.1:5060 -s rr -p 60 --pe sip');
  for (const i of [1, 2]) await say(instance, `ipvsadm -a -u 10.9.0.1:5060 -r 10.0.0.1${i}:5060 -m`);
  const { udp } = instance.namespace('cl');
  const to = { family: 2, port: 5060, scopeId: 0, flowInfo: 0, bytes: null, hardwareType: 0, packetType: 0 };
  const send = async (client: number, port: number, headers: string) => {
    const socket = udp.createSocket(0, true);
    expect(socket.bind({ ...to, words: Uint32Array.of(0, 0, 0xffff, 0x0a09_0000 + client), port })).toBe(0);
    const bytes = new TextEncoder().encode(`INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x\r\n${headers}\r\n\r\n`);
    socket.send(bytes, 0, bytes.length, 0, { ...to, words: Uint32Array.of(0, 0, 0xffff, 0x0a09_0001) });
    await instance.clock.advance(10);
  };
  await send(2, 5070, 'Call-ID: abc123@host');
  await send(2, 5071, 'i: abc123@host');
  await send(2, 5072, 'Call-ID:   other');
  await send(3, 5073, 'Call-ID: abc123@host');
  await send(3, 5074, 'X-Call: abc123@host');
  const lines = (await say(instance, 'ipvsadm -Lnc --persistent-conn')).split('\n').slice(1);
  expect(lines[0]).toBe('pro expire state       source             virtual            destination        pe name          pe_data');
  // As Linux 6.1 lists them, but for their order.
  expect(
    lines
      .slice(1, -1)
      .map((line) => line.replace(/\d\d:\d\d/, 'left'))
      .sort(),
  ).toEqual([
    'UDP left  NONE        10.9.0.2:0         10.9.0.1:5060      10.0.0.11:5060   sip                other',
    'UDP left  NONE        10.9.0.2:0         10.9.0.1:5060      10.0.0.12:5060   sip                abc123@host',
    'UDP left  NONE        10.9.0.3:0         10.9.0.1:5060      10.0.0.12:5060   sip                abc123@host',
    'UDP left  UDP         10.9.0.2:5070      10.9.0.1:5060      10.0.0.12:5060',
    'UDP left  UDP         10.9.0.2:5071      10.9.0.1:5060      10.0.0.12:5060',
    'UDP left  UDP         10.9.0.2:5072      10.9.0.1:5060      10.0.0.11:5060',
    'UDP left  UDP         10.9.0.3:5073      10.9.0.1:5060      10.0.0.12:5060',
  ]);
  await instance.clock.advance(400_000);
  expect((await say(instance, 'ipvsadm -Lnc')).split('\n').slice(2, -1)).toEqual([]);
  instance.close();
});

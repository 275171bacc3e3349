// Without -n: names of hosts from files and from the name servers of the namespace, under virtual time.
import { once } from 'node:events';
import { createInstance, type ShellRun, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;

beforeEach(async () => {
  instance = await createInstance({ debugPool: true });
  const { stderr } = await instance.sh(`
    ip netns add left; ip netns add right
    ip link add l0 type veth peer name r0; ip link set l0 netns left; ip link set r0 netns right
    ip -n left address add 10.0.0.1/24 dev l0; ip -n left link set l0 up; ip -n left route add default via 10.0.0.2
    ip -n right address add 10.0.0.2/24 dev r0; ip -n right address add 192.0.2.1/32 dev r0; ip -n right link set r0 up
    ip netns exec left ping -c 1 10.0.0.2`);
  expect(stderr).toBe('');
  await file('/etc/hosts', '10.0.0.1 left.lab left\n');
  await file('/etc/resolv.conf', 'search lab\nnameserver 10.0.0.2\noptions timeout:1 attempts:2\n');
});

afterEach(() => instance.close());

const file = (path: string, text: string) => instance.files.write(path, new TextEncoder().encode(text));

/** A name server at 10.0.0.2 that knows `names` by the questions' names. Returns the questions it was asked. */
async function nameServer(names: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const asked: string[] = [];
  const socket = instance.dgramIn('right').createSocket('udp4');
  socket.bind(53, '10.0.0.2');
  await instance.time.awaiting(once(socket, 'listening'));
  socket.on('message', (query, { port, address }) => {
    const labels: string[] = [];
    for (let at = 12; query[at]! > 0; at += 1 + query[at]!) labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    const question = labels.join('.');
    asked.push(question);
    const name = names[question];
    const header = Buffer.from([
      query[0]!,
      query[1]!,
      0x81,
      name === undefined ? 0x83 : 0x80,
      0,
      1,
      0,
      name === undefined ? 0 : 1,
      0,
      0,
      0,
      0,
    ]);
    const encoded = Buffer.concat([
      ...(name ?? '').split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
      Buffer.of(0),
    ]);
    const record = Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, encoded.length, ...encoded]);
    socket.send(Buffer.concat([header, query.subarray(12), ...(name === undefined ? [] : [record])]), port, address);
  });
  return asked;
}

async function listening(words: string): Promise<ShellRun> {
  const run = instance.start(`ip netns exec left tcpdump-lite -t -i l0 ${words}`);
  await instance.clock.advance(50);
  return run;
}

/** Senders and receivers of the lines. */
async function ends(run: ShellRun): Promise<readonly string[]> {
  await instance.clock.advance(50);
  run.kill('SIGINT');
  const { stdout } = await run.done;
  return stdout.split('\n').flatMap((line) => /IP (\S+ > \S+): ICMP/.exec(line)?.[1] ?? []);
}

const ping = (words: string) => instance.sh(`ip netns exec left ping -n ${words}`);

test('a host has the name of the hosts file, else the one that a name server knows; each is asked for once', async () => {
  const asked = await nameServer({ '2.0.0.10.in-addr.arpa': 'right.lab' });
  const run = await listening('icmp');
  await ping('-c 2 10.0.0.2');
  await ping('-c 1 192.0.2.1');
  expect(await ends(run)).toEqual([
    'left.lab > right.lab',
    'right.lab > left.lab',
    'left.lab > right.lab',
    'right.lab > left.lab',
    'left.lab > 192.0.2.1',
    '192.0.2.1 > left.lab',
  ]);
  expect(asked).toEqual(['2.0.0.10.in-addr.arpa', '1.2.0.192.in-addr.arpa']);
});

test('-N leaves domains out, -n asks nobody, -f shows foreign addresses as numbers', async () => {
  const asked = await nameServer({ '2.0.0.10.in-addr.arpa': 'right.lab', '1.2.0.192.in-addr.arpa': 'far.example' });
  const short = await listening('-N icmp');
  await ping('-c 1 10.0.0.2');
  expect(await ends(short)).toEqual(['left > right', 'right > left']);
  const numbers = await listening('-n icmp');
  await ping('-c 1 192.0.2.1');
  expect(await ends(numbers)).toEqual(['10.0.0.1 > 192.0.2.1', '192.0.2.1 > 10.0.0.1']);
  const foreign = await listening('-f icmp');
  await ping('-c 1 192.0.2.1');
  expect(await ends(foreign)).toEqual(['left.lab > 192.0.2.1', '192.0.2.1 > left.lab']);
  expect(asked).toEqual(['2.0.0.10.in-addr.arpa']);
});

test('a name server that is silent is waited for as resolv.conf says, and then left alone', async () => {
  // Bound, and never read.
  const silent = instance.dgramIn('right').createSocket('udp4');
  silent.bind(53, '10.0.0.2');
  await instance.time.awaiting(once(silent, 'listening'));
  const run = await listening('-c 4 icmp');
  const began = instance.clock.nowUs();
  await ping('-c 2 10.0.0.2');
  const { stdout } = await instance.time.awaiting(run.done);
  expect(stdout.match(/10\.0\.0\.2/g)).toHaveLength(4);
  expect((instance.clock.nowUs() - began) / 1_000_000).toBeCloseTo(2, 1);
});

test('a signal ends the wait for a name', async () => {
  await file('/etc/resolv.conf', 'nameserver 10.0.0.77\noptions timeout:30\n');
  const run = await listening('icmp');
  await ping('-c 1 10.0.0.2');
  const began = instance.clock.nowUs();
  run.kill('SIGINT');
  const { stderr, status } = await run.done;
  expect(status).toBe(0);
  expect(stderr).toMatch(/1 packet captured\n/);
  expect(instance.clock.nowUs() - began).toBeLessThan(1_000_000);
});

test('-f without an address, -I, and -j for what the device cannot do are the errors of the real tool', async () => {
  await instance.sh('ip -n left address flush dev l0');
  const left = (words: string) => instance.sh(`ip netns exec left tcpdump-lite -n ${words}`);
  const foreign = await listening('-f icmp');
  foreign.kill('SIGINT');
  expect((await foreign.done).stderr).toContain('tcpdump: WARNING: foreign (-f) flag used but: l0: no IPv4 address assigned\n');
  expect(await left('-I -i l0')).toMatchObject({ stderr: "tcpdump: l0: That device doesn't support monitor mode\n", status: 1 });
  expect((await left('-j adapter -I -i l0')).stderr).toContain(
    "tcpdump: WARNING: When trying to set timestamp type 'adapter' on l0: That type of time stamp is not supported by that device\n",
  );
  expect(await left('-I -i nowhere0')).toMatchObject({
    stderr: "tcpdump: nowhere0: That device doesn't support monitor mode\n",
    status: 1,
  });
  expect(await left('-j sundial -i l0')).toMatchObject({ stderr: 'tcpdump: invalid time stamp type sundial\n', status: 1 });
});

import { once } from 'node:events';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';

let instance: TapstackInstance;
beforeEach(async () => {
  instance = await createInstance();
  await instance.files.write('/etc/services', new TextEncoder().encode('http-alt 8080/tcp webcache\n'));
});
afterEach(() => instance.close());

const shown = async (line: string): Promise<string> => {
  const { stdout, stderr, status } = await instance.sh(line);
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  return stdout;
};

async function connection(): Promise<void> {
  const server = instance.net.createServer((socket) => socket.on('error', () => undefined)).listen({ port: 8080, host: '127.0.0.1' });
  await instance.time.awaiting(once(server, 'listening'));
  const socket = instance.net.connect({ port: 8080, host: '127.0.0.1', localPort: 40000 });
  await instance.time.awaiting(once(socket, 'connect'));
}

test('without options sockets that are connected are shown, with -l those that listen, with -a both', async () => {
  await connection();
  const head = 'Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n';
  const listens = 'tcp        0      0 127.0.0.1:8080          0.0.0.0:*               LISTEN     \n';
  const connected =
    'tcp        0      0 127.0.0.1:40000         127.0.0.1:8080          ESTABLISHED\n' +
    'tcp        0      0 127.0.0.1:8080          127.0.0.1:40000         ESTABLISHED\n';
  const lines = (text: string) => text.split('\n').sort();
  expect(lines(await shown('netstat -tn'))).toEqual(lines(`Active Internet connections (w/o servers)\n${head}${connected}`));
  expect(await shown('netstat -tln')).toBe(`Active Internet connections (only servers)\n${head}${listens}`);
  expect(lines(await shown('netstat -tan'))).toEqual(
    lines(`Active Internet connections (servers and established)\n${head}${listens}${connected}`),
  );
  expect(await shown('netstat -tl')).toContain('127.0.0.1:http-alt      0.0.0.0:*               LISTEN');
});

test('-i, -r and -g show the devices, routes and groups of the stack', async () => {
  await shown('ip link add d0 type dummy');
  await shown('ip addr add 10.0.0.1/24 dev d0');
  await shown('ip link set d0 up');
  await shown('ip route add unreachable 10.8.0.0/16');
  expect(await shown('netstat -rn')).toBe(
    `Kernel IP routing table
Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface
10.0.0.0        0.0.0.0         255.255.255.0   U         0 0          0 d0
10.8.0.0        -               255.255.0.0     !         - -          - -
`,
  );
  expect(await shown('netstat -i')).toMatch(/^Kernel Interface table\nIface +MTU .*\nd0 {14} 1500 {8}0 {6}0 {6}0 0 .* BORU\n/);
  expect(await shown('netstat -ie')).toContain('        inet 10.0.0.1  netmask 255.255.255.0  broadcast 0.0.0.0\n');
  expect(await shown('netstat -g')).toContain('d0              1      224.0.0.1\n');
});

test('-s says in sentences what was counted', async () => {
  await shown('ping -c 2 127.0.0.1');
  const text = await shown('netstat -s');
  expect(text).toContain('    4 total packets received\n');
  expect(text).toContain('    ICMP input histogram:\n        echo requests: 2\n        echo replies: 2\n    4 ICMP messages sent\n');
  expect(await shown('netstat -s -t')).not.toContain('ICMP messages');
});

test('a histogram that goes on behind a title goes on indented, and ends at what is left out', async () => {
  await shown('ping -c 1 127.0.0.1');
  expect(await shown('netstat -s')).toContain('IcmpMsg:\n        InType0: 1\n');
  expect(await shown('netstat -s -t')).toContain('IcmpMsg:\n    InType0: 1\n');
});

test('what is not there, and what is no option, is said with the status of the real tool', async () => {
  expect(await instance.sh('netstat -M')).toMatchObject({ status: 1, stderr: "netstat: no support for `ip_masquerade' on this system.\n" });
  expect(await instance.sh('netstat -A nosuch')).toMatchObject({ status: 1, stderr: "Unknown address family `nosuch'.\n" });
  expect(await instance.sh('netstat -rA unix')).toMatchObject({ status: 3, stderr: "No routing for address family `unix'.\n" });
  const { status, stderr } = await instance.sh('netstat --bogus');
  expect(status).toBe(3);
  expect(stderr.split('\n')[0]).toBe("netstat: unrecognized option '--bogus'");
});

import { once } from 'node:events';
import { SocketCalls } from '../../../../src/client/socket-calls.js';
import { SOCK_DGRAM, SOCK_RAW, StackSocket } from '../../../../src/client/sockets.js';
import { TapstackFamily } from '../../../../src/client/tapstack-family.js';
import { createInstance, type TapstackInstance } from '../../../../src/library/index.js';
import { AF_PACKET } from '../../../../src/netlink/constants.js';
import { Command } from '../../../../src/netlink/genl/tapstack.js';

let instance: TapstackInstance;
let calls: SocketCalls;
beforeEach(async () => {
  instance = await createInstance();
  calls = await SocketCalls.open(instance.transport());
});
afterEach(() => {
  calls.close();
  instance.close();
});

async function procNet(path: string): Promise<string> {
  const family = await TapstackFamily.open(instance.transport());
  const { text } = await family.get(Command.PROCNET_GET, { path });
  family.close();
  // What differs from run to run: inode numbers and addresses of objects.
  return (text ?? '').replace(/ \d+ (\d) [0-9a-f]{16}/g, ' INODE $1 ADDR');
}

async function listening(port: number, host: string): Promise<void> {
  const server = instance.net.createServer().listen(port, host);
  await instance.time.awaiting(once(server, 'listening'));
}

// But for the marks in place of inodes and addresses, Linux 6.1 printed these.

test('/proc/net/tcp and tcp6 have listeners and connections', async () => {
  await listening(8080, '0.0.0.0');
  await listening(9090, '::');
  expect((await procNet('tcp')).replace(/ +$/gm, '')).toBe(
    `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 INODE 1 ADDR 100 0 0 10 0
`,
  );
  expect(await procNet('tcp6')).toBe(
    `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:2382 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 INODE 1 ADDR 100 0 0 10 0
`,
  );
  const socket = instance.net.connect(8080, '127.0.0.1');
  await instance.time.awaiting(once(socket, 'connect'));
  const lines = (await procNet('tcp')).trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[2]).toMatch(/^ {3}1: 0100007F:[0-9A-F]{4} 0100007F:1F90 01 00000000:00000000 /);
  expect(lines[3]).toMatch(/^ {3}2: 0100007F:1F90 0100007F:[0-9A-F]{4} 01 00000000:00000000 /);
});

test('lines of tcp are filled to 149 characters, and of udp to 127', async () => {
  await listening(8080, '0.0.0.0');
  const widths = async (path: string) => {
    const family = await TapstackFamily.open(instance.transport());
    const { text } = await family.get(Command.PROCNET_GET, { path });
    family.close();
    return text!
      .trimEnd()
      .split('\n')
      .map((line) => line.length);
  };
  expect((await widths('tcp'))[0]).toBe(149);
  const socket = await StackSocket.open(calls, SOCK_DGRAM);
  await socket.bind({ address: new Uint8Array(4), port: 53 });
  expect((await widths('udp'))[0]).toBe(127);
});

test('/proc/net/udp, raw and packet have their sockets', async () => {
  const named = await StackSocket.open(calls, SOCK_DGRAM);
  await named.bind({ address: new Uint8Array(4), port: 53 });
  await StackSocket.open(calls, SOCK_RAW, 89);
  await StackSocket.open(calls, SOCK_RAW, 0x0806, AF_PACKET);
  expect((await procNet('udp')).split('\n')[1]!.trimEnd()).toBe(
    '   53: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 INODE 2 ADDR 0',
  );
  expect((await procNet('raw')).split('\n')[1]).toBe(
    '  89: 00000000:0059 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 INODE 2 ADDR 0',
  );
  expect((await procNet('packet')).split('\n')[1]).toMatch(/^[0-9a-f]{16} 3 {6}3 {4}0806 {3}0 {5}1 0 {6}0 {6}\d+ *$/);
});

test('sockstat and sockstat6 count sockets, and ss -s adds them up', async () => {
  await listening(8080, '0.0.0.0');
  await listening(9090, '::');
  const socket = await StackSocket.open(calls, SOCK_DGRAM);
  await socket.bind({ address: new Uint8Array(4), port: 53 });
  expect(await procNet('sockstat')).toBe(
    'sockets: used 3\nTCP: inuse 1 orphan 0 tw 0 alloc 2 mem 0\nUDP: inuse 1 mem 0\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n',
  );
  expect(await procNet('sockstat6')).toBe('TCP6: inuse 1\nUDP6: inuse 0\nUDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n');
  expect((await instance.sh('ss -s')).stdout).toBe(
    'Total: 3\nTCP:   2 (estab 0, closed 0, orphaned 0, timewait 0)\n\n' +
      'Transport Total     IP        IPv6\n' +
      'RAW\t  0         0         0        \nUDP\t  1         1         0        \nTCP\t  2         1         1        \n' +
      'INET\t  3         2         1        \nFRAG\t  0         0         0        \n\n',
  );
});

test('snmp6 counts what IPv6 did', async () => {
  await instance.sh('ping -6 -c 2 ::1');
  const text = await procNet('snmp6');
  expect(text).toContain('Ip6InReceives                   \t4\n');
  expect(text).toContain('Icmp6InEchos                    \t2\n');
  expect(text).toContain('Icmp6OutType129                 \t2\n');
});

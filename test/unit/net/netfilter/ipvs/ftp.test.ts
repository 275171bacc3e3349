import { once } from 'node:events';
import type { TapstackInstance } from '../../../../../src/library/index.js';
import { ipVsViews } from '../../../../../src/control/procnet/ip-vs.js';
import { lab, say } from './lab.js';

/** An FTP server on rs1 that knows how to be asked for connections, and a client of its virtual address. */
async function ftpLab(parameters = '', port = 21) {
  const instance = await lab();
  await say(instance, `modprobe ip_vs_ftp${parameters}`);
  await say(instance, `ipvsadm -A -t 10.9.0.1:${port} -s rr; ipvsadm -a -t 10.9.0.1:${port} -r 10.0.0.11:${port} -m`);
  const server = instance.netIn('rs1').createServer((socket) => {
    socket.on('data', (line: Buffer) => {
      const asked = String(line).trim();
      if (asked === 'PASV') socket.write('227 Entering Passive Mode (10,0,0,11,200,10).\r\n');
      else if (asked === 'EPSV') socket.write('229 Entering Extended Passive Mode (|||51211|)\r\n');
      else socket.write(`200 ${asked}\r\n`);
    });
  });
  server.listen(port, '0.0.0.0');
  await instance.time.awaiting(once(server, 'listening'));
  const client = instance.netIn('cl').connect(port, '10.9.0.1');
  await instance.time.awaiting(once(client, 'connect'));
  const ask = async (line: string) => {
    const answer = once(client, 'data');
    client.write(`${line}\r\n`);
    return String((await instance.time.awaiting(answer))[0]).trim();
  };
  return { instance, tell: ask };
}

/** Who listens there says its name. */
async function listen(instance: TapstackInstance, name: string, port: number) {
  const peers: string[] = [];
  const server = instance.netIn(name).createServer((socket) => {
    peers.push(`${socket.remoteAddress}:${socket.remotePort}`);
    socket.end(name);
  });
  server.listen(port, '0.0.0.0');
  await instance.time.awaiting(once(server, 'listening'));
  return peers;
}

async function read(
  instance: TapstackInstance,
  name: string,
  options: { host: string; port: number; localPort?: number },
): Promise<string> {
  const socket = instance.netIn(name).connect(options);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    text = error.code ?? 'error';
  });
  await instance.time.awaiting(once(socket, 'close'));
  return text;
}

test('a server that is asked to listen is told of by the virtual address, which leads to it; what comes behind has its numbers right', async () => {
  const { instance, tell } = await ftpLab();
  await listen(instance, 'rs1', 51_210);
  await listen(instance, 'rs1', 51_211);
  expect(await tell('PASV')).toBe('227 Entering Passive Mode (10,9,0,1,200,10).');
  expect(await say(instance, 'ipvsadm -Lnc')).toMatch(/TCP 0[12]:\d\d {2}LISTEN +10\.9\.0\.2:0 +10\.9\.0\.1:51210 +10\.0\.0\.11:51210\n/);
  expect(await tell('USER x')).toBe('200 USER x');
  expect(await read(instance, 'cl', { host: '10.9.0.1', port: 51_210 })).toBe('rs1');
  expect(await tell('EPSV')).toBe('229 Entering Extended Passive Mode (|||51211|)');
  expect(await read(instance, 'cl', { host: '10.9.0.1', port: 51_211 })).toBe('rs1');
  expect(await tell('NOOP')).toBe('200 NOOP');
  instance.close();
});

test('a client that listens is spoken to from the port of data of the virtual address', async () => {
  const { instance, tell } = await ftpLab();
  const peers = await listen(instance, 'cl', 51_300);
  expect(await tell('PORT 10,9,0,2,200,100')).toBe('200 PORT 10,9,0,2,200,100');
  expect(await read(instance, 'rs1', { host: '10.9.0.2', port: 51_300, localPort: 20 })).toBe('cl');
  expect(peers).toEqual(['10.9.0.1:20']);
  expect(await tell('EPRT |1|10.9.0.2|51301|')).toBe('200 EPRT |1|10.9.0.2|51301|');
  await listen(instance, 'cl', 51_301);
  expect(await read(instance, 'rs1', { host: '10.9.0.2', port: 51_301, localPort: 20 })).toBe('cl');
  instance.close();
});

test('it is at work at the ports that its module was told, and /proc/net/ip_vs_app says so', async () => {
  const { instance, tell } = await ftpLab(' ports=2121,2122', 2121);
  expect(await tell('NOOP')).toBe('200 NOOP');
  expect(ipVsViews.find(({ path }) => path === 'ip_vs_app')!.text(instance.namespace())).toBe(
    'prot port    usecnt name\nTCP  2121    1      ftp              \nTCP  2122    0      ftp              \n',
  );
  instance.close();
});

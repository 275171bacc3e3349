import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BusConnection } from '../../../src/client/bus-connection.js';
import { BUS_MAJOR, BUS_MINOR, controlFrame } from '../../../src/client/bus-frames.js';

const folder = mkdtempSync(join(tmpdir(), 'ts-bus-'));
const path = join(folder, 'lab', 'bus');
let server: Server;

/** A daemon that greets, and is gone at the first request. */
beforeAll(async () => {
  mkdirSync(join(folder, 'lab'));
  server = createServer((socket) => {
    socket.once('data', () => {
      socket.write(controlFrame({ hello: { major: BUS_MAJOR, minor: BUS_MINOR, portId: 1, version: '1' } }));
      socket.once('data', () => socket.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test('a daemon that dies in the middle of a request is told by the name of its instance', async () => {
  const connection = await BusConnection.open(path, { socket: 'control' });
  await expect(connection.request({ request: 'status' })).rejects.toMatchObject({
    message: 'instance "lab" has ended',
    code: 'ECONNRESET',
  });
});

test('so is one that dies while a datagram is waited for', async () => {
  const connection = await BusConnection.open(path, { socket: 0 });
  const waiting = connection.receive();
  await connection.send(controlFrame({ id: 1, setReceiveBuffer: 1 }));
  await expect(waiting).rejects.toMatchObject({ message: 'instance "lab" has ended', code: 'ECONNRESET' });
});

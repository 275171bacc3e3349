import { EINVAL, ENOBUFS, ENOENT, ENOPROTOOPT, EPERM } from '../../../src/base/errno.js';
import { NetError } from '../../../src/base/net-error.js';
import { BUS_MAJOR, BUS_MINOR, controlFrame, datagramFrame, FrameReader, parseControl } from '../../../src/client/bus-frames.js';
import type { NetlinkSocket, SocketRequest } from '../../../src/control/netlink-socket.js';
import { BusServer } from '../../../src/daemon/bus-server.js';
import type { ByteStream, EventLoop, PeerCredentials, StreamHandler } from '../../../src/host/event-loop.js';

/** A stream whose other side is the test; with `stalled`, the reader takes nothing. */
class TestStream implements ByteStream {
  handler: StreamHandler | null = null;
  readonly frames: unknown[] = [];
  readonly #reader = new FrameReader();
  pending = 0;
  stalled = false;
  closed = false;

  constructor(readonly peer: PeerCredentials | null) {}

  takeDescriptor(): number {
    return -1;
  }

  write(bytes: Uint8Array): void {
    if (this.stalled) this.pending += bytes.length;
    const keep = {
      datagram: (payload: Uint8Array) => void this.frames.push(payload.slice()),
      control: (payload: Uint8Array) => void this.frames.push(parseControl(payload)),
    };
    this.#reader.push(bytes, keep, () => false);
  }

  end(): void {
    this.close();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.handler?.closed();
  }

  drain(): void {
    this.pending = 0;
    this.handler?.drained();
  }
}

/** Answers each datagram with `copies` of it; protocol 7 is unknown. */
class EchoSocket implements NetlinkSocket {
  readonly portId = 4711;
  readonly queue: (Uint8Array | NetError)[] = [];
  onReadable: (() => void) | null = null;
  receivedNsid: number | null = null;
  closed = false;
  sent = 0;

  constructor(readonly request: SocketRequest) {}

  get protocol(): number {
    return this.request.protocol;
  }

  send(datagram: Uint8Array): void {
    this.sent++;
    this.queue.push(datagram);
  }

  receive(): Uint8Array | null {
    const item = this.queue.shift() ?? null;
    if (item instanceof NetError) throw item;
    return item;
  }

  setOption(option: number): void {
    if (option !== 11) throw new NetError(ENOPROTOOPT);
  }

  getOption(): number {
    return 0;
  }

  setReceiveBuffer(): void {
    this.sent += 0;
  }

  close(): void {
    this.closed = true;
  }
}

function make(peer: PeerCredentials | null = { pid: 9, uid: 1000, gid: 1000 }) {
  const sockets: EchoSocket[] = [];
  const deferred: (() => void)[] = [];
  const loop: EventLoop = {
    frames: null,
    listen: () => ({ close: () => undefined }),
    defer: (work) => void deferred.push(work),
    run: () => Promise.resolve(),
    stop: () => undefined,
  };
  const server = new BusServer({
    loop,
    ownerUid: 1000,
    version: '9.9.9',
    entering: () => undefined,
    control: new Map([['status', () => ({ fine: true })]]),
    kernel: {
      open: (request) => {
        if (request.namespace === 'none') throw new NetError(ENOENT);
        const socket = new EchoSocket(request);
        sockets.push(socket);
        return socket;
      },
    },
  });
  const connect = (): TestStream => {
    const stream = new TestStream(peer);
    server.accept(stream);
    return stream;
  };
  const runDeferred = () => {
    for (const work of deferred.splice(0)) work();
  };
  return { server, sockets, connect, runDeferred };
}

const hello = (more: object = {}) => controlFrame({ hello: { major: BUS_MAJOR, minor: 0, socket: 0, ...more } });
const datagram = (...bytes: number[]) => datagramFrame(Uint8Array.from(bytes));

test("a hello opens a netlink socket with the peer's credentials, and datagrams go both ways", () => {
  const { sockets, connect } = make();
  const stream = connect();
  stream.handler!.data(hello({ namespace: 'red', portId: 17 }));
  stream.handler!.data(datagram(1, 2, 3));
  expect(sockets[0]!.request).toEqual({
    protocol: 0,
    namespace: 'red',
    portId: 17,
    credentials: { uid: 1000, gid: 1000, pid: 9, netAdmin: true },
  });
  expect(stream.frames).toEqual([
    { hello: { major: BUS_MAJOR, minor: BUS_MINOR, portId: 4711, version: '9.9.9' } },
    Uint8Array.of(1, 2, 3),
  ]);
});

test('before a datagram about another namespace goes its id', () => {
  const { sockets, connect } = make();
  const stream = connect();
  stream.handler!.data(hello());
  sockets[0]!.receivedNsid = 5;
  stream.handler!.data(datagram(1));
  expect(stream.frames.slice(1)).toEqual([{ nsid: 5 }, Uint8Array.of(1)]);
});

test.each([
  [0, true],
  [1000, true],
  [1001, false],
])('uid %d holds network capabilities: %s', (uid, netAdmin) => {
  const { sockets, connect } = make({ pid: 1, uid, gid: 0 });
  const stream = connect();
  stream.handler!.data(hello());
  expect(sockets[0]!.request.credentials.netAdmin).toBe(netAdmin);
});

test('a client without capabilities may not ask the daemon for anything', () => {
  const stream = make({ pid: 1, uid: 1001, gid: 0 }).connect();
  stream.handler!.data(hello({ socket: 'control' }));
  stream.handler!.data(controlFrame({ id: 1, request: 'status' }));
  expect(stream.frames[1]).toEqual({ id: 1, error: { errno: EPERM } });
});

test('control requests are answered by their name; an unknown one is an error that names it', () => {
  const stream = make().connect();
  stream.handler!.data(hello({ socket: 'control' }));
  stream.handler!.data(controlFrame({ id: 1, request: 'status' }));
  stream.handler!.data(controlFrame({ id: 2, request: 'frob' }));
  expect(stream.frames[1]).toEqual({ id: 1, result: { fine: true } });
  expect(stream.frames[2]).toMatchObject({ id: 2, error: { errno: EINVAL, text: expect.stringContaining('"frob"') } });
});

test('a client of another major version is told what to do, and closed', () => {
  const { sockets, connect } = make();
  const stream = connect();
  stream.handler!.data(controlFrame({ hello: { major: BUS_MAJOR + 1, minor: 0, socket: 0 } }));
  expect(stream.frames).toEqual([{ error: { errno: expect.any(Number), text: expect.stringContaining('tapstack down && tapstack up') } }]);
  expect([stream.closed, sockets.length]).toEqual([true, 0]);
});

test('an unknown namespace is ENOENT', () => {
  const stream = make().connect();
  stream.handler!.data(hello({ namespace: 'none' }));
  expect(stream.frames).toEqual([{ error: { errno: ENOENT } }]);
  expect(stream.closed).toBe(true);
});

test.each([
  ['no JSON', Uint8Array.of(3, 0, 0, 0x80, 1, 2, 3)],
  ['a length of 1 GiB', Uint8Array.of(0, 0, 0, 0x40)],
  ['a datagram before the hello', datagram(1)],
  ['a hello that is none', controlFrame({ id: 1, request: 'status' })],
  ['a protocol that is no number', hello({ socket: 'x' })],
  ['a port that is no number', hello({ portId: -1 })],
])('%s closes that client only', (_, bytes) => {
  const { server, connect } = make();
  const other = connect();
  other.handler!.data(hello());
  const stream = connect();
  stream.handler!.data(bytes);
  expect([stream.closed, other.closed, server.clients]).toEqual([true, false, 1]);
});

test('socket options are answered in order with the requests', () => {
  const stream = make().connect();
  stream.handler!.data(hello());
  stream.handler!.data(
    Buffer.concat([
      controlFrame({ id: 1, setOption: [11, 1] }),
      controlFrame({ id: 2, setOption: [99, 1] }),
      controlFrame({ id: 3, setReceiveBuffer: 4096 }),
    ]),
  );
  expect(stream.frames.slice(1)).toEqual([
    { id: 1, result: null },
    { id: 2, error: { errno: ENOPROTOOPT } },
    { id: 3, result: null },
  ]);
});

test('datagrams stay in the socket while the client does not read, and go on when it does', () => {
  const { sockets, connect } = make();
  const stream = connect();
  stream.handler!.data(hello());
  stream.stalled = true;
  const socket = sockets[0]!;
  for (let i = 0; i < 10; i++) socket.queue.push(new Uint8Array(100_000));
  stream.handler!.drained();
  expect(socket.queue.length).toBe(8);
  stream.stalled = false;
  stream.drain();
  // 512 KB a turn; the rest is deferred so that others have theirs.
  expect(socket.queue.length).toBe(2);
});

test('the rest of a long answer goes out in later turns', () => {
  const { sockets, connect, runDeferred } = make();
  const stream = connect();
  stream.handler!.data(hello());
  for (let i = 0; i < 20; i++) sockets[0]!.queue.push(new Uint8Array(100_000));
  sockets[0]!.onReadable!();
  for (let i = 0; i < 5; i++) runDeferred();
  expect(stream.frames.length).toBe(21);
});

test('lost messages are told once, in their place', () => {
  const { sockets, connect, runDeferred } = make();
  const stream = connect();
  stream.handler!.data(hello());
  sockets[0]!.queue.push(Uint8Array.of(1), new NetError(ENOBUFS), Uint8Array.of(2));
  sockets[0]!.onReadable!();
  runDeferred();
  expect(stream.frames.slice(1)).toEqual([Uint8Array.of(1), { error: { errno: ENOBUFS } }, Uint8Array.of(2)]);
});

test('a client that goes takes its socket along', () => {
  const { server, sockets, connect } = make();
  const stream = connect();
  stream.handler!.data(hello());
  stream.close();
  expect([sockets[0]!.closed, server.clients]).toEqual([true, 0]);
});

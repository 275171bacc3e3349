import fc from 'fast-check';
import { EBUSY, EINVAL, ENOBUFS, ENOENT, ENOPROTOOPT, EPERM } from '../../../src/base/errno.js';
import { NetError } from '../../../src/base/net-error.js';
import type { NetlinkProtocol } from '../../../src/control/netlink-protocol.js';
import type { LateAnswer } from '../../../src/control/netlink-request.js';
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_LISTEN_ALL_NSID,
  NETLINK_NO_ENOBUFS,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_ECHO,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from '../../../src/netlink/constants.js';
import { parseMessages } from '../../../src/netlink/message.js';
import { answerOf, bareServer, build, drain, errnoOf, root, user } from './netlink-fixture.js';

const OK = 16;
const REFUSED = 17;
const TABLE = 18;
const LATE = 19;
const TELL = 20;
const BROKEN_TABLE = 22;

function setup() {
  const server = bareServer();
  const state = { rows: 1000, generation: 1, late: [] as LateAnswer[], rowBytes: 100 };
  const protocol: NetlinkProtocol = {
    protocol: NETLINK_ROUTE,
    groups: 3,
    nonRootReceive: true,
    receive(request) {
      const { sequence } = request.message;
      if (request.type === REFUSED) throw new NetError(ENOENT, 'No such thing', 20);
      if (request.type === LATE) state.late.push(request.later());
      if (request.type === TELL)
        server.notify({ protocol: NETLINK_ROUTE, namespace: request.namespace, group: 2, answersRequest: true }, (writer, seq, port) => {
          writer.begin(99, 0, seq, port);
          writer.zeros(1000);
          writer.end();
        });
      if (request.type === TABLE || request.type === BROKEN_TABLE)
        return {
          generation: () => state.generation,
          *messages(writer) {
            for (let row = 0; row < state.rows; row++) {
              if (row === 3 && request.type === BROKEN_TABLE) throw new NetError(EINVAL, 'row 3 is broken');
              writer.begin(50, 2, sequence, request.socket.portId);
              writer.u32(row);
              writer.zeros(state.rowBytes - 20);
              writer.end();
              yield;
            }
          },
        };
      return undefined;
    },
  };
  server.register(protocol);
  const open = (credentials = root) => server.open({ protocol: NETLINK_ROUTE, credentials });
  return { server, state, open };
}

const message = (type: number, flags = 0, sequence = 1, payload = 0) =>
  build((writer) => {
    writer.begin(type, NLM_F_REQUEST | flags, sequence, 0);
    writer.zeros(payload);
    writer.end();
  });

test('a request is acknowledged when it asks for that, with its sequence and to its port', () => {
  const socket = setup().open();
  socket.send(message(OK));
  expect(socket.receive()).toBeNull();
  socket.send(message(OK, NLM_F_ACK, 77));
  const [ack] = drain(socket);
  expect(ack).toMatchObject({ type: NLMSG_ERROR, sequence: 77, portId: socket.portId });
  expect(errnoOf(ack!)).toBe(0);
});

test('an error carries the whole request, its text and offset only to those who asked', () => {
  const socket = setup().open();
  socket.send(message(REFUSED, 0, 1, 8));
  let [error] = drain(socket);
  expect(answerOf(error!)).toEqual({ errno: ENOENT });
  expect(error!.end).toBe(16 + 4 + 24);
  socket.setOption(NETLINK_EXT_ACK, 1);
  socket.setOption(NETLINK_CAP_ACK, 1);
  socket.send(message(REFUSED, 0, 1, 8));
  [error] = drain(socket);
  expect(answerOf(error!)).toEqual({ errno: ENOENT, text: 'No such thing', offset: 20 });
  expect(error!.end).toBeLessThan(16 + 4 + 16 + 20 + 8 + 1);
});

test('several messages of one datagram are answered in order', () => {
  const socket = setup().open();
  const parts = [message(OK, NLM_F_ACK, 1), message(REFUSED, 0, 2), message(OK, NLM_F_ACK, 3)];
  socket.send(Uint8Array.from(parts.flatMap((part) => [...part])));
  expect(drain(socket).map((answer) => [answer.sequence, errnoOf(answer)])).toEqual([
    [1, 0],
    [2, ENOENT],
    [3, 0],
  ]);
});

test('a dump comes in datagrams of at most 32 KiB, complete and in order, and ends with NLMSG_DONE', () => {
  const { open, state } = setup();
  const socket = open();
  socket.send(message(TABLE, NLM_F_DUMP));
  const rows: number[] = [];
  let last = 0;
  for (let datagram = socket.receive(); datagram !== null; datagram = socket.receive()) {
    expect(datagram.length).toBeLessThanOrEqual(32_768);
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
    for (let at = 0; at < datagram.length; at += view.getUint32(at, true)) {
      last = view.getUint16(at + 4, true);
      if (last === 50) rows.push(view.getUint32(at + 16, true));
    }
  }
  expect(rows).toEqual(Array.from({ length: state.rows }, (_, row) => row));
  expect(last).toBe(NLMSG_DONE);
});

test('a reader that drains inside onReadable gets the datagrams of a dump in order', () => {
  const socket = setup().open();
  const sizes: number[] = [];
  const types: number[] = [];
  socket.onReadable = () => {
    for (const answer of drain(socket)) {
      types.push(answer.type);
      if (answer.type === 50) sizes.push(answer.view.getUint32(answer.start + 16, true));
    }
  };
  socket.send(message(TABLE, NLM_F_DUMP));
  expect(sizes).toEqual(Array.from({ length: 1000 }, (_, row) => row));
  expect(types.at(-1)).toBe(NLMSG_DONE);
});

test('a dump goes on only as it is read, and a second one meanwhile is EBUSY', () => {
  const { open, state } = setup();
  const socket = open();
  state.rows = 1e6;
  socket.send(message(TABLE, NLM_F_DUMP, 5));
  socket.send(message(TABLE, NLM_F_DUMP, 6));
  socket.receive();
  const [busy] = parseMessages(socket.receive() ?? new Uint8Array(0));
  expect(answerOf(busy!)).toEqual({ errno: EBUSY });
  socket.close();
});

test('a change during a dump is told by NLM_F_DUMP_INTR', () => {
  const { open, state } = setup();
  const socket = open();
  socket.send(message(TABLE, NLM_F_DUMP));
  socket.receive();
  state.generation++;
  expect(drain(socket).some((answer) => (answer.flags & NLM_F_DUMP_INTR) !== 0)).toBe(true);
  socket.send(message(TABLE, NLM_F_DUMP));
  expect(drain(socket).some((answer) => (answer.flags & NLM_F_DUMP_INTR) !== 0)).toBe(false);
});

test('a dump that fails ends with the errno and text in NLMSG_DONE, after what it had', () => {
  const socket = setup().open();
  socket.setOption(NETLINK_EXT_ACK, 1);
  socket.send(message(BROKEN_TABLE, NLM_F_DUMP));
  const answers = drain(socket);
  expect(answers.map((answer) => answer.type)).toEqual([50, 50, 50, NLMSG_DONE]);
  expect(errnoOf(answers[3]!)).toBe(EINVAL);
  expect(new TextDecoder().decode(answers[3]!.bytes)).toContain('row 3 is broken');
});

test('a late answer comes with the request sequence, and not to a socket that has closed', () => {
  const { open, state } = setup();
  const socket = open();
  socket.send(message(LATE, NLM_F_ACK, 9));
  expect(socket.receive()).toBeNull();
  state.late[0]!.done((request) =>
    request.send((writer) => {
      writer.begin(60, 0, request.message.sequence, socket.portId);
      writer.end();
    }),
  );
  state.late[0]!.done();
  expect(drain(socket).map((answer) => [answer.type, answer.sequence])).toEqual([
    [60, 9],
    [NLMSG_ERROR, 9],
  ]);
  socket.send(message(LATE, NLM_F_ACK, 10));
  socket.close();
  expect(state.late[1]!.owed).toBe(false);
  state.late[1]!.fail(new NetError(EINVAL));
});

test('members of a group are told, and a slow one gets ENOBUFS once and the rest afterwards', () => {
  const { open } = setup();
  const sender = open();
  const slow = open();
  slow.setOption(NETLINK_ADD_MEMBERSHIP, 2);
  for (let i = 0; i < 1000; i++) sender.send(message(TELL));
  expect(() => slow.receive()).toThrow(new NetError(ENOBUFS));
  const got = drain(slow).length;
  expect(got).toBeGreaterThan(50);
  expect(got).toBeLessThan(212_992 / 1000);
  sender.send(message(TELL));
  expect(drain(slow)).toHaveLength(1);
});

test('NETLINK_NO_ENOBUFS loses silently', () => {
  const { open } = setup();
  const slow = open();
  slow.setOption(NETLINK_ADD_MEMBERSHIP, 2);
  slow.setOption(NETLINK_NO_ENOBUFS, 1);
  for (let i = 0; i < 1000; i++) slow.send(message(TELL));
  expect(drain(slow).length).toBeLessThan(250);
});

test('NLM_F_ECHO tells the sender once, whether or not it is a member', () => {
  const { open } = setup();
  const socket = open();
  socket.send(message(TELL, NLM_F_ECHO, 4));
  expect(drain(socket)).toMatchObject([{ type: 99, sequence: 4, portId: socket.portId }]);
  socket.setOption(NETLINK_ADD_MEMBERSHIP, 2);
  socket.send(message(TELL, NLM_F_ECHO, 5));
  expect(drain(socket)).toHaveLength(1);
});

test('another namespace is heard only with NETLINK_LISTEN_ALL_NSID, and with its id', () => {
  const { server } = setup();
  const other = server.names.create('blue');
  const listener = server.open({ protocol: NETLINK_ROUTE, credentials: root });
  listener.setOption(NETLINK_ADD_MEMBERSHIP, 2);
  const sender = server.open({ protocol: NETLINK_ROUTE, credentials: root, namespace: 'blue' });
  sender.send(message(TELL));
  expect(drain(listener)).toHaveLength(0);
  listener.setOption(NETLINK_LISTEN_ALL_NSID, 1);
  sender.send(message(TELL));
  expect(drain(listener)).toHaveLength(0);
  server.stack.initial.nsids.set(other, 7);
  sender.send(message(TELL));
  expect(drain(listener)).toHaveLength(1);
  expect(listener.receivedNsid).toBe(7);
});

test('options are judged as Linux does', () => {
  const { open } = setup();
  const socket = open(user);
  expect(() => socket.setOption(NETLINK_LISTEN_ALL_NSID, 1)).toThrow(new NetError(EPERM));
  expect(() => socket.setOption(NETLINK_ADD_MEMBERSHIP, 4)).toThrow(new NetError(EINVAL));
  expect(() => socket.setOption(1234, 1)).toThrow(new NetError(ENOPROTOOPT));
  expect(() => socket.setReceiveBuffer(1e6, true)).toThrow(new NetError(EPERM));
});

test('the port id is the pid for the first socket of a process, and unique', () => {
  const { open } = setup();
  const ports = [open(), open(), open()].map((socket) => socket.portId);
  expect(ports[0]).toBe(root.pid);
  expect(new Set(ports).size).toBe(3);
});

test('a namespace lives until its name and its last socket are gone', () => {
  const { server } = setup();
  const namespace = server.names.create('red');
  const socket = server.open({ protocol: NETLINK_ROUTE, credentials: root, namespace: 'red' });
  server.names.remove('red');
  expect(namespace.dead).toBe(false);
  socket.close();
  expect(namespace.dead).toBe(true);
  expect(() => server.open({ protocol: NETLINK_ROUTE, credentials: root, namespace: 'red' })).toThrow(new NetError(ENOENT));
});

test('no datagram, whatever its bytes, makes send() throw', () => {
  const { open } = setup();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const socket = open();
      socket.send(bytes);
      drain(socket);
      socket.close();
    }),
  );
});

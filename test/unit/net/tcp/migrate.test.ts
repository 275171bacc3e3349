import { TCP_CLOSE, TCP_ESTABLISHED } from '../../../../src/net/tcp/constants.js';
import type { TcpSocket } from '../../../../src/net/tcp/socket.js';
import { address, B, Kit, readText, send, text } from './kit.js';

const SO_REUSEPORT = 15;
const SO_ATTACH_REUSEPORT_CBPF = 51;
const one = Uint8Array.of(1, 0, 0, 0);

/** A listener of the group on port 80. */
function member(kit: Kit): TcpSocket {
  const sk = kit.socket(kit.b);
  expect(sk.setOption(1, SO_REUSEPORT, one)).toBe(0);
  expect([sk.bind(address(0, 80)), sk.listen(10)]).toEqual([0, 0]);
  return sk;
}

function connectTo80(kit: Kit): TcpSocket {
  const client = kit.socket(kit.a);
  client.connect(address(B, 80));
  return client;
}

test('tcp_migrate_req: who waits at a listener that closes is accepted by another of its SO_REUSEPORT group', () => {
  const kit = new Kit();
  kit.b.settings.migrateReq = 1;
  const first = member(kit);
  const client = connectTo80(kit);
  kit.advance(100);
  send(client, text('waiting'));
  const second = member(kit);
  first.close();
  kit.advance(100);
  const accepted = second.accept() as TcpSocket;
  expect([client.state, readText(accepted)]).toEqual([TCP_ESTABLISHED, 'waiting']);
  expect([kit.b.stats.TCPMigrateReqSuccess, kit.b.stats.TCPMigrateReqFailure]).toEqual([1, 0]);
  expect(kit.end()).toBe(0);
});

test('tcp_migrate_req: so does a handshake that is not complete yet', () => {
  const kit = new Kit();
  kit.b.settings.migrateReq = 1;
  const first = member(kit);
  const client = connectTo80(kit);
  kit.advance(15);
  expect(first.listenQueue!.requests).toBe(1);
  const second = member(kit);
  first.close();
  expect(second.listenQueue!.requests).toBe(1);
  kit.advance(100);
  expect(client.state).toBe(TCP_ESTABLISHED);
  expect([second.listenQueue!.requests, second.listenQueue!.length]).toEqual([0, 1]);
  expect(kit.end()).toBe(0);
});

test('without tcp_migrate_req, or without another in the group, who waited is reset', () => {
  for (const [setting, others] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const kit = new Kit();
    kit.b.settings.migrateReq = setting;
    const first = member(kit);
    const client = connectTo80(kit);
    kit.advance(100);
    for (let i = 0; i < others; i++) member(kit);
    first.close();
    kit.advance(100);
    expect(client.state).toBe(TCP_CLOSE);
    expect([kit.b.stats.TCPMigrateReqSuccess, kit.b.stats.TCPMigrateReqFailure]).toEqual([0, 1]);
    expect(kit.end()).toBe(0);
  }
});

test('who listens on another address inherits nothing', () => {
  const kit = new Kit();
  kit.b.settings.migrateReq = 1;
  const first = member(kit);
  const client = connectTo80(kit);
  kit.advance(100);
  const elsewhere = kit.socket(kit.b);
  elsewhere.setOption(1, SO_REUSEPORT, one);
  expect([elsewhere.bind(address(B, 80)), elsewhere.listen(10)]).toEqual([0, 0]);
  first.close();
  kit.advance(100);
  expect([client.state, elsewhere.listenQueue!.length]).toEqual([TCP_CLOSE, 0]);
  expect(kit.end()).toBe(0);
});

test('SO_ATTACH_REUSEPORT_CBPF chooses among the listeners of a group', () => {
  const kit = new Kit();
  const listeners = [member(kit), member(kit)];
  // ret #1
  expect(listeners[0]!.setOption(1, SO_ATTACH_REUSEPORT_CBPF, Uint8Array.of(6, 0, 0, 0, 1, 0, 0, 0))).toBe(0);
  for (let i = 0; i < 8; i++) connectTo80(kit);
  kit.advance(100);
  expect(listeners.map(({ listenQueue }) => listenQueue!.length)).toEqual([0, 8]);
  expect(kit.end()).toBe(0);
});

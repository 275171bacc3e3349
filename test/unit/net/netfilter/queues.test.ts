import { NETLINK_NETFILTER, NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR } from '../../../../src/netlink/constants.js';
import { parseMessages } from '../../../../src/netlink/message.js';
import * as wire from '../../../../src/netlink/nfnl/queue.js';
import { MessageWriter } from '../../../../src/netlink/writer.js';
import { RoutedLab } from '../../../support/routed-lab.js';

let lab: RoutedLab;
beforeEach(async () => {
  lab = await RoutedLab.make();
  await lab.run('ip -n b route add default via 10.0.2.1');
});
afterEach(() => lab.close());

/** A program that listens to a queue in the router's namespace. */
async function listener(number: number) {
  const connection = await lab.instance.transport(lab.instance.namespace('r').id).open(NETLINK_NETFILTER);
  const writer = new MessageWriter();
  const send = async (build: () => void) => {
    writer.reset();
    build();
    await connection.send(writer.take());
  };
  const configure = async (values: Parameters<typeof wire.queueConfig.build>[6]) => {
    await send(() =>
      wire.queueConfig.build(writer, wire.NFQNL_MSG_CONFIG, NLM_F_REQUEST | NLM_F_ACK, 1, 0, { family: 0, resId: number }, values),
    );
    const [message] = parseMessages(await connection.receive());
    return message!.type === NLMSG_ERROR ? Math.abs(message!.view.getInt32(message!.start + 16, true)) : -1;
  };
  return {
    connection,
    configure,
    bind: async () => {
      expect(await configure({ cmd: { command: wire.CFG_CMD_BIND, pf: 0 } })).toBe(0);
      expect(await configure({ params: { copyRange: 0xffff, copyMode: wire.COPY_PACKET } })).toBe(0);
    },
    /** The next packet. */
    next: async () => wire.queuePacket.parse(parseMessages(await connection.receive())[0]!).attributes,
    decide: (id: number, verdict: number, more: Parameters<typeof wire.queueVerdict.build>[6] = {}) =>
      send(() =>
        wire.queueVerdict.build(
          writer,
          wire.NFQNL_MSG_VERDICT,
          NLM_F_REQUEST,
          2,
          0,
          { family: 0, resId: number },
          { verdictHdr: { verdict, id }, ...more },
        ),
      ),
  };
}

const QUEUED = 'table ip f { chain fw { type filter hook forward priority filter; icmp type echo-request queue num 3; }; }';

test('nobody listens to a queue: packets are dropped, or let by where the rule says so', async () => {
  await lab.rules(QUEUED);
  expect(await lab.ping('a', '10.0.2.2')).toBe(false);
  await lab.rules(QUEUED.replace('num 3', 'flags bypass to 3'));
  expect(await lab.ping('a', '10.0.2.2')).toBe(true);
});

test('a program sees a queued packet, and its verdict counts', async () => {
  await lab.rules(QUEUED);
  const program = await listener(3);
  await program.bind();
  const answered = lab.ping('a', '10.0.2.2');
  const packet = await program.next();
  expect(packet.packetHdr).toEqual({ id: 1, protocol: 0x0800, hook: 2 });
  expect([...packet.payload!.slice(12, 20)]).toEqual([10, 0, 1, 2, 10, 0, 2, 2]);
  await program.decide(1, 1);
  expect(await answered).toBe(true);
  const lost = lab.ping('a', '10.0.2.2');
  await program.decide((await program.next()).packetHdr!.id, 0);
  expect(await lost).toBe(false);
  // Who goes leaves nothing behind: what waits is dropped.
  const waiting = lab.ping('a', '10.0.2.2');
  await program.next();
  program.connection.close();
  expect(await waiting).toBe(false);
  expect(lab.instance.stack.pool.inUse).toBe(0);
});

test('a verdict marks a packet, and another program cannot take the queue', async () => {
  await lab.rules(`table ip f { chain fw { type filter hook forward priority filter; icmp type echo-request meta mark 0 queue num 3; }
    chain later { type filter hook forward priority 10; meta mark 7 counter comment "marked"; }
}`);
  const program = await listener(3);
  await program.bind();
  const other = await listener(3);
  expect(await other.configure({ cmd: { command: wire.CFG_CMD_BIND, pf: 0 } })).toBe(1);
  const answered = lab.ping('a', '10.0.2.2');
  await program.decide((await program.next()).packetHdr!.id, 1, { mark: 7 });
  expect(await answered).toBe(true);
  expect(await lab.packets('marked')).toBe(1);
});

test('packets that rules log go to the kernel log, of other namespaces than the first only where that is wanted', async () => {
  await lab.rules('table ip f { chain fw { type filter hook forward priority filter; icmp type echo-request log prefix "seen: "; }; }');
  await lab.ping('a', '10.0.2.2');
  expect(lab.instance.stack.log.lines()).toEqual([]);
  await lab.run('sysctl -qw net.netfilter.nf_log_all_netns=1');
  await lab.ping('a', '10.0.2.2');
  expect(lab.instance.stack.log.lines()[0]).toMatch(
    /seen: IN=ra OUT=rb MAC=(\w\w:){13}\w\w SRC=10.0.1.2 DST=10.0.2.2 LEN=84 TOS=0x00 PREC=0x00 TTL=63 ID=\d+ DF PROTO=ICMP TYPE=8 CODE=0 ID=\d+ SEQ=1 $/,
  );
});

import { NETLINK_NETFILTER, NLM_F_ACK, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR } from '../../../../src/netlink/constants.js';
import { parseMessages } from '../../../../src/netlink/message.js';
import * as wire from '../../../../src/netlink/nfnl/queue.js';
import { MessageWriter } from '../../../../src/netlink/writer.js';
import { RoutedLab } from '../../../support/routed-lab.js';

/** Groups of logged packets, as ulogd reads them. */
let lab: RoutedLab;
beforeEach(async () => {
  lab = await RoutedLab.make();
  await lab.run('ip -n b route add default via 10.0.2.1');
});
afterEach(() => lab.close());

type Settings = Parameters<typeof wire.logConfig.build>[6];

/** A program that listens to a group in the router's namespace. */
async function listener(group: number) {
  const connection = await lab.instance.transport(lab.instance.namespace('r').id).open(NETLINK_NETFILTER);
  const writer = new MessageWriter();
  const configure = async (values: Settings): Promise<number> => {
    writer.reset();
    wire.logConfig.build(writer, wire.NFULNL_MSG_CONFIG, NLM_F_REQUEST | NLM_F_ACK, 1, 0, { family: 0, resId: group }, values);
    await connection.send(writer.take());
    const [message] = parseMessages(await connection.receive());
    return message!.type === NLMSG_ERROR ? Math.abs(message!.view.getInt32(message!.start + 16, true)) : -1;
  };
  /** The packets of the next datagram. */
  const next = async () =>
    parseMessages(await connection.receive())
      .filter(({ type }) => type !== NLMSG_DONE)
      .map((message) => wire.logPacket.parse(message));
  return { connection, configure, next };
}

const LOGGED = (more: string) =>
  `table ip f { chain fw { type filter hook forward priority filter; icmp type echo-request log prefix "seen: " group 5 ${more}; }; }`;

test('a program is told of logged packets, with as many of their bytes as it or the rule wants', async () => {
  await lab.rules(LOGGED('snaplen 24'));
  const program = await listener(5);
  expect(await program.configure({ cmd: { command: wire.CFG_CMD_BIND } })).toBe(0);
  expect(await program.configure({ qthresh: 1, flags: wire.NFULNL_CFG_F_SEQ })).toBe(0);
  expect(await lab.ping('a', '10.0.2.2')).toBe(true);
  const [packet] = await program.next();
  expect(packet!.header).toMatchObject({ family: 2, resId: 5 });
  const { attributes } = packet!;
  expect(attributes).toMatchObject({ prefix: 'seen: ', seq: 0, packetHdr: { protocol: 0x0800, hook: 2 } });
  expect(attributes.payload).toHaveLength(24);
  expect([...attributes.payload!.slice(12, 20)]).toEqual([10, 0, 1, 2, 10, 0, 2, 2]);
  await program.configure({ mode: { copyRange: 0, copyMode: wire.COPY_META } });
  await lab.ping('a', '10.0.2.2');
  const [again] = await program.next();
  expect(again!.attributes).toMatchObject({ prefix: 'seen: ', seq: 1 });
  expect(again!.attributes.payload).toBeUndefined();
  program.connection.close();
});

test('packets are told together when there are enough of them, or when they have waited long enough', async () => {
  await lab.rules(LOGGED('queue-threshold 2'));
  const program = await listener(5);
  await program.configure({ cmd: { command: wire.CFG_CMD_BIND } });
  for (let i = 0; i < 3; i++) await lab.ping('a', '10.0.2.2');
  expect(await program.next()).toHaveLength(2);
  await lab.instance.clock.advance(1000);
  expect(await program.next()).toHaveLength(1);
  program.connection.close();
});

test('a group is of one program; when it goes, packets go their way untold', async () => {
  await lab.rules(LOGGED(''));
  const program = await listener(5);
  const bind: Settings = { cmd: { command: wire.CFG_CMD_BIND } };
  expect(await program.configure(bind)).toBe(0);
  const other = await listener(5);
  expect(await other.configure(bind)).toBe(1);
  program.connection.close();
  expect(await lab.ping('a', '10.0.2.2')).toBe(true);
  expect(await other.configure(bind)).toBe(0);
  other.connection.close();
});

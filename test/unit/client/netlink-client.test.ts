import { ENOENT, EOPNOTSUPP } from '../../../src/base/errno.js';
import { DumpError, NetlinkClient } from '../../../src/client/netlink-client.js';
import type { NetlinkConnection, Transport } from '../../../src/client/transport.js';
import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSGERR_ATTR_MSG,
} from '../../../src/netlink/constants.js';
import { type NetlinkMessage, parseMessages } from '../../../src/netlink/message.js';
import { RTM_GETLINK, RTM_NEWLINK } from '../../../src/netlink/rtnl/constants.js';
import { linkMessage } from '../../../src/netlink/rtnl/link/link.js';
import { MessageWriter } from '../../../src/netlink/writer.js';

/** A kernel of one function: each request is answered by what it writes. */
function kernel(answer: (writer: MessageWriter, request: NetlinkMessage) => void): Transport {
  const queue: Uint8Array[] = [];
  const connection: NetlinkConnection = {
    portId: 1,
    send: async (datagram) => {
      for (const request of parseMessages(datagram)) {
        const writer = new MessageWriter();
        answer(writer, request);
        queue.push(writer.take());
      }
    },
    receive: async () => queue.shift() ?? new Promise<Uint8Array>(() => undefined),
    setOption: async () => undefined,
    setReceiveBuffer: async () => undefined,
    close: () => undefined,
  };
  return { target: 'stack', open: async () => connection };
}

function acknowledge(writer: MessageWriter, request: NetlinkMessage, errno: number, text?: string): void {
  writer.begin(NLMSG_ERROR, NLM_F_CAPPED | (text === undefined ? 0 : NLM_F_ACK_TLVS), request.sequence, 1);
  writer.s32(-errno);
  writer.raw(request.bytes.subarray(request.start, request.start + 16));
  if (text !== undefined) writer.attributeString(NLMSGERR_ATTR_MSG, text);
  writer.end();
}

function done(writer: MessageWriter, request: NetlinkMessage, errno: number, text?: string): void {
  writer.begin(NLMSG_DONE, NLM_F_MULTI | (text === undefined ? 0 : NLM_F_ACK_TLVS), request.sequence, 1);
  writer.s32(-errno);
  if (text !== undefined) writer.attributeString(NLMSGERR_ATTR_MSG, text);
  writer.end();
}

const link = (writer: MessageWriter, request: NetlinkMessage, index: number, flags = 0, sequence = request.sequence) =>
  linkMessage.build(writer, RTM_NEWLINK, NLM_F_MULTI | flags, sequence, 1, { index }, { ifname: `d${index}` });

async function collect(client: NetlinkClient): Promise<number[]> {
  const found: number[] = [];
  for await (const message of client.dump(linkMessage, { type: RTM_GETLINK })) found.push(linkMessage.readHeader(message).index);
  return found;
}

test('a refused request throws its errno and the text of the extended ACK', async () => {
  const client = await NetlinkClient.open(kernel((writer, request) => acknowledge(writer, request, EOPNOTSUPP, 'Not by this device')));
  await expect(client.request(linkMessage, { type: RTM_NEWLINK })).rejects.toMatchObject({
    errno: EOPNOTSUPP,
    extack: 'Not by this device',
  });
});

test('an extended ACK that comes with success is a warning', async () => {
  const warnings: string[] = [];
  const client = await NetlinkClient.open(
    kernel((writer, request) => acknowledge(writer, request, 0, 'This is slow')),
    { onWarning: (text) => warnings.push(text) },
  );
  await client.request(linkMessage, { type: RTM_NEWLINK });
  expect(warnings).toEqual(['This is slow']);
});

test('a dump gives its own messages up to NLMSG_DONE, not those of another sequence', async () => {
  const client = await NetlinkClient.open(
    kernel((writer, request) => {
      link(writer, request, 1);
      link(writer, request, 99, 0, request.sequence + 7);
      link(writer, request, 2);
      done(writer, request, 0);
    }),
  );
  expect(await collect(client)).toEqual([1, 2]);
});

test('a dump that breaks off in NLMSG_DONE says why', async () => {
  const client = await NetlinkClient.open(kernel((writer, request) => done(writer, request, ENOENT, 'ipv4: FIB table does not exist')));
  const error: unknown = await collect(client).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DumpError);
  expect(error).toMatchObject({ errno: ENOENT, extack: 'ipv4: FIB table does not exist', inDone: true });
});

test('a dump that went on while things changed is reported', async () => {
  let interrupted = 0;
  const client = await NetlinkClient.open(
    kernel((writer, request) => {
      link(writer, request, 1, NLM_F_DUMP_INTR);
      done(writer, request, 0);
    }),
    { onInterrupted: () => interrupted++ },
  );
  expect(await collect(client)).toEqual([1]);
  expect(interrupted).toBe(1);
});

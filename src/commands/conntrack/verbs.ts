import { EEXIST, strerror } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { CommandIo } from '../../client/command.js';
import type { NetlinkClient } from '../../client/netlink-client.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.js';
import type { NetlinkMessage } from '../../netlink/message.js';
import * as ct from '../../netlink/nfnl/ctnetlink.js';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../../netlink/nfnl/nfnetlink.js';
import { followEvents } from './events.js';
import { EXPECT_XML_HEAD, EXPECT_XML_TAIL, formatExpectation, formatExpectationXml } from './expectation.js';
import { PROGRAM, usageProblem } from './fatal.js';
import { isWanted } from './filter.js';
import type { FlowEntry } from './flow.js';
import { formatFlow } from './format.js';
import { changedLabels } from './labels.js';
import { namedTuple, replyTuple } from './request.js';
import { formatSave } from './save.js';
import type { ConntrackWords } from './words.js';
import { formatXml, XML_HEAD, XML_TAIL } from './xml.js';

const TCP = 6;
const DCCP = 33;
const SCTP = 132;
const IPS_CONFIRMED = 1 << 3;

type Verb = (client: NetlinkClient, words: ConntrackWords, io: CommandIo) => Promise<number>;

export function readFlow(message: NetlinkMessage): FlowEntry {
  const { header, attributes } = ct.conntrackMessage.parse(message);
  return { family: header.family, values: attributes, portId: message.portId };
}

/** Writes connections as the words want them, XML inside its element. */
class FlowWriter {
  readonly #words: ConntrackWords;
  readonly #io: CommandIo;
  count = 0;

  constructor(words: ConntrackWords, io: CommandIo) {
    this.#words = words;
    this.#io = io;
  }

  async write(entry: FlowEntry, letter = 'A'): Promise<void> {
    const { output } = this.#words;
    // What is gone is shown without them.
    const labels = letter === 'D' ? null : this.#words.labels;
    const quiet = { ...entry, portId: 0 };
    if (output.has('xml')) await this.#io.stdout.write(`${this.count === 0 ? XML_HEAD : ''}${formatXml(quiet, null, labels)}\n`);
    else if (output.has('save')) await this.#io.stdout.write(`${formatSave(quiet, letter)}\n`);
    else await this.#io.stdout.write(`${formatFlow(quiet, output, this.#io.nowUs(), labels)}\n`);
    this.count++;
  }

  /** "3 flow entries have been shown." */
  async end(done: string): Promise<void> {
    if (this.#words.output.has('xml') && this.count > 0) await this.#io.stdout.write(XML_TAIL);
    await told(this.#words, this.#io, this.count, done);
  }
}

async function told(words: ConntrackWords, io: CommandIo, count: number, done: string): Promise<void> {
  if (!words.quiet) await io.stderr.write(`${PROGRAM}: ${count} flow entries have been ${done}.\n`);
}

/** All connections that match. Those that come are taken before any is changed. */
async function wanted(client: NetlinkClient, words: ConntrackWords): Promise<FlowEntry[]> {
  const type = words.table === 'dying' ? ct.IPCTNL_MSG_CT_GET_DYING : words.table === 'unconfirmed' ? ct.IPCTNL_MSG_CT_GET_UNCONFIRMED : 0;
  const found: FlowEntry[] = [];
  const request = {
    type: type || (words.zero ? ct.IPCTNL_MSG_CT_GET_CTRZERO : ct.IPCTNL_MSG_CT_GET),
    header: { family: words.family ?? 0 },
  };
  for await (const message of client.dump(ct.conntrackMessage, request)) {
    const entry = readFlow(message);
    if (isWanted(entry, words)) found.push(entry);
  }
  return found;
}

const list: Verb = async (client, words, io) => {
  if (words.table === 'expect') return listExpectations(client, words, io);
  const writer = new FlowWriter(words, io);
  for (const entry of await wanted(client, words)) await writer.write(entry);
  await writer.end('shown');
  return 0;
};

async function listExpectations(client: NetlinkClient, words: ConntrackWords, io: CommandIo): Promise<number> {
  const xml = words.output.has('xml');
  let count = 0;
  for await (const message of client.dump(ct.expectMessage, { type: ct.IPCTNL_MSG_EXP_GET, header: { family: words.family ?? 0 } })) {
    const { header, attributes: values } = ct.expectMessage.parse(message);
    const entry = { family: header.family, values };
    const text = xml ? `${count === 0 ? EXPECT_XML_HEAD : ''}${formatExpectationXml(entry, null)}` : formatExpectation(entry);
    await io.stdout.write(`${text}\n`);
    count++;
  }
  if (xml && count > 0) await io.stdout.write(EXPECT_XML_TAIL);
  await io.stderr.write(`${PROGRAM}: ${count} expectations have been shown.\n`);
  return 0;
}

const get: Verb = async (client, words, io) => {
  const writer = new FlowWriter(words, io);
  const message = await client.get(ct.conntrackMessage, {
    type: ct.IPCTNL_MSG_CT_GET,
    header: { family: familyOf(words) },
    attributes: { tupleOrig: namedTuple(words), ...zoneOf(words) },
  });
  if (message !== null) await writer.write(readFlow(message));
  await writer.end('shown');
  return 0;
};

const remove: Verb = async (client, words, io) => {
  const writer = new FlowWriter(words, io);
  for (const entry of await wanted(client, words)) {
    const { tupleOrig, zone, id } = entry.values;
    const attributes = { tupleOrig, ...(zone === undefined ? {} : { zone }), ...(id === undefined ? {} : { id }) };
    await client.request(ct.conntrackMessage, { type: ct.IPCTNL_MSG_CT_DELETE, header: { family: entry.family }, attributes });
    await writer.write(entry, 'D');
  }
  await writer.end('deleted');
  return writer.count === 0 ? 1 : 0;
};

/** Asks for a new connection. */
async function request(client: NetlinkClient, words: ConntrackWords): Promise<void> {
  const tupleOrig = words.protocol === undefined ? namedTuple(words) : undefined;
  if (words.timeout === undefined) throw usageProblem("You need to supply the `--timeout' option for this command");
  if (words.protocol === TCP && words.state === undefined) throw usageProblem("You need to supply the `--state' option for this command");
  // The kernel has confirmed it before it looks at these bits, and does not let that one go.
  const status = (words.status ?? 0) | IPS_CONFIRMED;
  const protoinfo = protocolInfo(words);
  await client.request(ct.conntrackMessage, {
    type: ct.IPCTNL_MSG_CT_NEW,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    header: { family: familyOf(words) },
    attributes: {
      tupleOrig: tupleOrig ?? namedTuple(words),
      tupleReply: replyTuple(words),
      status,
      timeout: words.timeout,
      ...(protoinfo === undefined ? {} : { protoinfo }),
      ...(words.mark === undefined ? {} : { mark: words.mark.value }),
      ...changedLabels(words, undefined),
      ...zoneOf(words),
    },
  });
}

const create: Verb = async (client, words, io) => {
  await request(client, words);
  await told(words, io, 1, 'created');
  return 0;
};

/** Makes it where it is not there yet. */
const add: Verb = async (client, words, io) => {
  let made = 1;
  try {
    await request(client, words);
  } catch (error) {
    if (!(error instanceof NetError) || error.errno !== EEXIST) throw error;
    made = 0;
  }
  await told(words, io, made, 'added');
  return 0;
};

/** What only its protocol knows of a connection. */
function protocolInfo(words: ConntrackWords): ct.ConntrackAttributes['protoinfo'] {
  const { state, originalTag, replyTag, role } = words;
  switch (words.protocol) {
    case TCP:
      return { tcp: tcpInfo(words) };
    case SCTP:
      return state === undefined ? undefined : { sctp: { state, vtagOriginal: originalTag ?? 0, vtagReply: replyTag ?? 0 } };
    case DCCP:
      return state === undefined ? undefined : { dccp: { state, role: role ?? 0 } };
    default:
      return undefined;
  }
}

/** Of a made TCP connection both ends are believed. */
const tcpInfo = (words: ConntrackWords) => ({
  ...(words.state === undefined ? {} : { state: words.state }),
  flagsOriginal: { flags: 0x08, mask: 0x08 },
  flagsReply: { flags: 0x08, mask: 0x08 },
});

const update: Verb = async (client, words, io) => {
  const writer = new FlowWriter(words, io);
  for (const entry of await wanted(client, words)) {
    if (!changes(entry, words)) continue;
    const attributes: ct.ConntrackAttributes = {
      tupleOrig: entry.values.tupleOrig,
      tupleReply: entry.values.tupleReply,
      ...(entry.values.zone === undefined ? {} : { zone: entry.values.zone }),
      ...(words.timeout === undefined ? {} : { timeout: words.timeout }),
      ...(words.status === undefined ? {} : { status: (entry.values.status ?? 0) | words.status }),
      ...(words.mark === undefined
        ? {}
        : { mark: words.mark.value, ...(words.mark.mask === undefined ? {} : { markMask: words.mark.mask }) }),
      ...(words.state === undefined ? {} : { protoinfo: { tcp: { state: words.state } } }),
      ...changedLabels(words, entry.values.labels),
    };
    // Without a family the real tool names none either, and the kernel refuses.
    const header = { family: words.family ?? 0 };
    try {
      await client.request(ct.conntrackMessage, { type: ct.IPCTNL_MSG_CT_NEW, header, attributes });
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      await io.stderr.write(`Operation failed: ${strerror(error.errno)}\n`);
    }
    const changed = await client.get(ct.conntrackMessage, {
      type: ct.IPCTNL_MSG_CT_GET,
      header,
      attributes: { tupleOrig: entry.values.tupleOrig },
    });
    if (changed !== null) await writer.write(readFlow(changed), 'U');
  }
  await writer.end('updated');
  return writer.count === 0 ? 1 : 0;
};

/** Is anything of what the words want not so already? */
function changes({ values }: FlowEntry, words: ConntrackWords): boolean {
  const { timeout, status, mark, state } = words;
  const has = values.status ?? 0;
  if (timeout !== undefined || mark?.mask !== undefined || changedLabels(words, values.labels) !== undefined) return true;
  if (status !== undefined && (has | status) !== has) return true;
  if (mark !== undefined && mark.value !== (values.mark ?? 0)) return true;
  return state !== undefined && state !== values.protoinfo?.tcp?.state;
}

const flush: Verb = async (client, words, io) => {
  const expect = words.table === 'expect';
  const header = { family: words.family ?? 0 };
  if (expect) await client.request(ct.expectMessage, { type: ct.IPCTNL_MSG_EXP_DELETE, header });
  else await client.request(ct.conntrackMessage, { type: ct.IPCTNL_MSG_CT_DELETE, header });
  await io.stderr.write(`${PROGRAM}: ${expect ? 'expectation' : 'connection tracking'} table has been emptied.\n`);
  return 0;
};

const count: Verb = async (client, words, io) => {
  if (words.table === 'expect') {
    let expected = 0;
    for await (const _ of client.dump(ct.expectMessage, { type: ct.IPCTNL_MSG_EXP_GET, header: { family: 0 } })) expected++;
    await io.stdout.write(`${expected}\n`);
    return 0;
  }
  const message = await client.get(ct.conntrackStatsMessage, { type: ct.IPCTNL_MSG_CT_GET_STATS });
  if (message === null) throw new NetError(2);
  await io.stdout.write(`${ct.conntrackStatsMessage.parse(message).attributes.entries ?? 0}\n`);
  return 0;
};

const statistics: Verb = async (client, _words, io) => {
  for await (const message of client.dump(ct.conntrackStatsCpuMessage, { type: ct.IPCTNL_MSG_CT_GET_STATS_CPU })) {
    const { header, attributes: a } = ct.conntrackStatsCpuMessage.parse(message);
    const fields: readonly (readonly [string, number | undefined])[] = [
      ['found', a.found],
      ['invalid', a.invalid],
      ['insert', a.insert],
      ['insert_failed', a.insertFailed],
      ['drop', a.drop],
      ['early_drop', a.earlyDrop],
      ['error', a.error],
      ['search_restart', a.searchRestart],
      ['clash_resolve', a.clashResolve],
      ['chaintoolong', a.chainToolong],
    ];
    const text = fields.map(([name, value]) => `${name}=${value ?? 0} `).join('');
    await io.stdout.write(`cpu=${String(header.resId).padEnd(4)}\t${text}\n`);
  }
  return 0;
};

function familyOf(words: ConntrackWords): number {
  if (words.family !== undefined) return words.family;
  return words.protocol === 58 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

const zoneOf = (words: ConntrackWords) => (words.zone === undefined ? {} : { zone: words.zone });

export const verbs: Readonly<Record<string, Verb>> = {
  L: list,
  G: get,
  D: remove,
  I: create,
  A: add,
  U: update,
  F: flush,
  C: count,
  S: statistics,
  E: followEvents,
};

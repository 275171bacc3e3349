import { EINVAL, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { NeighbourFamily } from '../../net/core/neighbour-family.js';
import type { NeighbourParameters, NeighbourSettings } from '../../net/core/neighbour-parameters.js';
import type { NeighbourTable } from '../../net/core/neighbour-table.js';
import type { AttributesOf } from '../../netlink/attributes.js';
import { AF_UNSPEC, NLM_F_MULTI } from '../../netlink/constants.js';
import { payloadStart } from '../../netlink/message.js';
import { RTM_GETNEIGHTBL, RTM_NEWNEIGHTBL, RTM_SETNEIGHTBL } from '../../netlink/rtnl/constants.js';
import {
  ndtmsg,
  type neighbourTableAttributes,
  neighbourTableMessage,
  type neighbourTableParameters,
} from '../../netlink/rtnl/neighbour.js';
import type { Dump } from '../netlink-protocol.js';
import type { NetlinkRequest } from '../netlink-request.js';
import type { RtnetlinkModule } from './rtnetlink.js';
import { parseStrictly } from './strict.js';

type Table = AttributesOf<typeof neighbourTableAttributes>;
type Parameters = AttributesOf<typeof neighbourTableParameters>;

/** SKB_TRUESIZE(ETH_FRAME_LEN): how many bytes NDTPA_QUEUE_LEN counts as one packet. */
const PACKET_BYTES = 2090;
/** sizeof(struct neighbour) with its key: of no meaning here, but asked for. */
const ENTRY_BYTES: Readonly<Record<number, number>> = { 4: 376, 16: 392 };
const US_PER_MS = 1000;
const JIFFY_MS = 4;

/** Which attribute sets which parameter; NDTPA_QUEUE_LEN is apart, as it counts packets. */
const settable = {
  queueLenbytes: 'queueLenBytes',
  proxyQlen: 'proxyQlen',
  appProbes: 'appProbes',
  ucastProbes: 'ucastProbes',
  mcastProbes: 'mcastProbes',
  mcastReprobes: 'mcastReprobes',
  baseReachableTime: 'baseReachableTimeMs',
  gcStaletime: 'gcStaletimeMs',
  delayProbeTime: 'delayProbeTimeMs',
  retransTime: 'retransTimeMs',
  anycastDelay: 'anycastDelayMs',
  proxyDelay: 'proxyDelayMs',
  locktime: 'locktimeMs',
  intervalProbeTimeMs: 'intervalProbeTimeMs',
} as const satisfies Partial<Record<keyof Parameters, keyof NeighbourSettings>>;

// Linux: neightbl_fill_parms()
function describeParameters({ device, values, reachableTimeMs }: NeighbourParameters): Parameters {
  return {
    ...(device === null ? {} : { ifindex: device.ifindex }),
    refcnt: 1,
    queueLenbytes: values.queueLenBytes,
    queueLen: Math.floor(values.queueLenBytes / PACKET_BYTES),
    proxyQlen: values.proxyQlen,
    appProbes: values.appProbes,
    ucastProbes: values.ucastProbes,
    mcastProbes: values.mcastProbes,
    mcastReprobes: values.mcastReprobes,
    reachableTime: reachableTimeMs,
    baseReachableTime: values.baseReachableTimeMs,
    gcStaletime: values.gcStaletimeMs,
    delayProbeTime: values.delayProbeTimeMs,
    retransTime: values.retransTimeMs,
    anycastDelay: values.anycastDelayMs,
    proxyDelay: values.proxyDelayMs,
    locktime: values.locktimeMs,
    intervalProbeTimeMs: values.intervalProbeTimeMs,
  };
}

// Linux: neightbl_fill_info()
function describeTable(table: NeighbourTable): Table {
  const { shared, protocol, namespace } = table;
  const { statistics } = shared;
  const since = (us: number) =>
    Number.isFinite(us) ? Math.floor((namespace.stack.nowUs - us) / US_PER_MS) : Math.floor(namespace.stack.nowUs / US_PER_MS);
  return {
    name: protocol.name,
    gcInterval: shared.gcIntervalMs,
    thresh1: shared.gcThresh1,
    thresh2: shared.gcThresh2,
    thresh3: shared.gcThresh3,
    config: {
      keyLen: protocol.keyBytes,
      entrySize: ENTRY_BYTES[protocol.keyBytes] ?? 0,
      entries: shared.entries,
      lastFlush: since(shared.lastFlushUs),
      lastRand: since(shared.lastDrawUs),
      hashRnd: table.seed,
      hashMask: table.slots - 1,
      hashChainGc: 0,
      proxyQlen: table.proxies.waiting,
    },
    stats: {
      allocs: statistics.allocs,
      destroys: statistics.destroys,
      hashGrows: statistics.hashGrows,
      resFailed: statistics.resFailed,
      lookups: statistics.lookups,
      hits: statistics.hits,
      rcvProbesMcast: statistics.rcvProbesMcast,
      rcvProbesUcast: statistics.rcvProbesUcast,
      periodicGcRuns: statistics.periodicGcRuns,
      forcedGcRuns: statistics.forcedGcRuns,
      tableFulls: statistics.tableFulls,
    },
    parms: describeParameters(shared.defaults),
  };
}

/** A table, then what each device has of it, the newest device first. Linux: neightbl_dump_info() */
function dumpTables(request: NetlinkRequest): Dump {
  return {
    *messages(writer) {
      const { message, namespace, socket } = request;
      if (request.strict) checkDump(request);
      const family = message.bytes[payloadStart(message)]!;
      const build = (table: NeighbourTable, attributes: Table) =>
        neighbourTableMessage.build(
          writer,
          RTM_NEWNEIGHTBL,
          NLM_F_MULTI,
          message.sequence,
          socket.portId,
          { family: table.family },
          attributes,
        );
      for (const table of [...namespace.neighbourTables]) {
        if (family !== AF_UNSPEC && table.family !== family) continue;
        build(table, describeTable(table));
        yield;
        for (const parameters of [...table.deviceParameters()].reverse()) {
          build(table, { name: table.protocol.name, parms: describeParameters(parameters) });
          yield;
        }
      }
    },
  };
}

// Linux: neightbl_valid_dump_info()
function checkDump(request: NetlinkRequest): void {
  parseStrictly(request, neighbourTableMessage, ndtmsg.size, {
    badHeader: 'Invalid header for neighbor table dump request',
    allowed: [],
    badAttribute: 'Invalid data after header in neighbor table dump request',
  });
}

/** RTM_SETNEIGHTBL. ENOENT for a table, a device or, outside the first namespace, a default that is not there. Linux: neightbl_set() */
function setTable(request: NetlinkRequest): void {
  const { header, attributes } = neighbourTableMessage.parse(request.message);
  if (attributes.name === undefined) fail(EINVAL);
  const { namespace } = request;
  const table =
    namespace.neighbourTables.find(
      ({ family, protocol }) => (header.family === AF_UNSPEC || header.family === family) && protocol.name === attributes.name,
    ) ?? fail(ENOENT);
  const first = namespace === namespace.stack.initial;
  if (attributes.parms !== undefined) setParameters(table, attributes.parms, first);
  const { thresh1, thresh2, thresh3, gcInterval } = attributes;
  if (!first && (thresh1 ?? thresh2 ?? thresh3 ?? gcInterval) !== undefined) fail(ENOENT);
  const shared: NeighbourFamily = table.shared;
  shared.gcThresh1 = thresh1 ?? shared.gcThresh1;
  shared.gcThresh2 = thresh2 ?? shared.gcThresh2;
  shared.gcThresh3 = thresh3 ?? shared.gcThresh3;
  shared.gcIntervalMs = gcInterval ?? shared.gcIntervalMs;
}

/** msecs_to_jiffies(): what is no whole number of jiffies becomes the next. */
const inJiffies = (ms: number) => Math.ceil(ms / JIFFY_MS) * JIFFY_MS;

function setParameters(table: NeighbourTable, given: Parameters, first: boolean): void {
  const { ifindex = 0 } = given;
  let parameters: NeighbourParameters | undefined;
  if (ifindex !== 0) parameters = table.deviceParameters().find(({ device }) => device?.ifindex === ifindex);
  else if (first) parameters = table.shared.defaults;
  if (parameters === undefined) return fail(ENOENT);
  // A default set this way reaches new devices alone, unlike one set by sysctl.
  if (given.queueLen !== undefined) parameters.set('queueLenBytes', given.queueLen * PACKET_BYTES);
  for (const [attribute, key] of Object.entries(settable) as [keyof typeof settable, keyof NeighbourSettings][]) {
    const value = given[attribute];
    if (value !== undefined) parameters.set(key, key.endsWith('Ms') ? inJiffies(value) : value);
  }
}

/** Parameters of neighbour tables: RTM_GETNEIGHTBL, RTM_SETNEIGHTBL. */
export const neighbourTableModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_GETNEIGHTBL, family: AF_UNSPEC, dump: dumpTables },
    { type: RTM_SETNEIGHTBL, family: AF_UNSPEC, handle: setTable },
  ],
};

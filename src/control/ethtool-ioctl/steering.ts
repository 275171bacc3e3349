import { EINVAL, ENOENT, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { FlowSpec, Ioctl, Rxfh, RxNfc } from '../../netlink/genl/ethtool/ioctl.js';
import type { NetDevice } from '../../net/core/device.js';
import type { IoctlCommand, IoctlRequest } from './request.js';

/** RX_CLS_LOC_SPECIAL: the driver chooses a place. */
const LOCATION_SPECIAL = 0x8000_0000;
/** ETH_RXFH_INDIR_NO_CHANGE */
const NO_CHANGE = 0xffff_ffff;

const rulesOf = (device: NetDevice) => device.ethtool.flowRules ?? fail(EOPNOTSUPP);

/** ETHTOOL_GRXRINGS */
const rings: IoctlCommand = {
  command: Ioctl.GRXRINGS,
  size: RxNfc.spec,
  reads: true,
  handle: (request) => request.setU64(RxNfc.data, request.device.ethtool.rxQueues?.(request.device) ?? fail(EOPNOTSUPP)),
};

/** ETHTOOL_GRXFH and ETHTOOL_SRXFH: which fields of a kind of flow are hashed. */
const hashFields: IoctlCommand = {
  command: Ioctl.GRXFH,
  size: RxNfc.spec,
  reads: true,
  handle(request) {
    const ops = request.device.ethtool.flowHash ?? fail(EOPNOTSUPP);
    request.setU64(RxNfc.data, ops.get(request.device, request.u32(RxNfc.flowType) & 0xff));
  },
};
const setHashFields: IoctlCommand = {
  command: Ioctl.SRXFH,
  size: RxNfc.spec,
  handle(request) {
    const ops = request.device.ethtool.flowHash ?? fail(EOPNOTSUPP);
    ops.set(request.device, request.u32(RxNfc.flowType) & 0xff, request.u32(RxNfc.data));
  },
};

/** ETHTOOL_GRXCLSRLCNT: how many rules there are; `data`: how many there may be, and that the driver chooses places. */
const ruleCount: IoctlCommand = {
  command: Ioctl.GRXCLSRLCNT,
  size: RxNfc.size,
  reads: true,
  handle(request) {
    const rules = rulesOf(request.device);
    request.setU64(RxNfc.data, rules.capacity + LOCATION_SPECIAL);
    request.setU32(RxNfc.ruleCount, rules.list(request.device).length);
  },
};

const allRules: IoctlCommand = {
  command: Ioctl.GRXCLSRLALL,
  size: RxNfc.size,
  reads: true,
  handle(request) {
    const rules = rulesOf(request.device);
    const found = rules.list(request.device);
    const room = request.u32(RxNfc.ruleCount);
    request.setU64(RxNfc.data, rules.capacity);
    request.setU32(RxNfc.ruleCount, found.length);
    for (const [i, { location }] of found.slice(0, room).entries()) request.setU32(RxNfc.locations + i * 4, location);
  },
};

const rule: IoctlCommand = {
  command: Ioctl.GRXCLSRULE,
  size: RxNfc.size,
  reads: true,
  handle(request) {
    const location = request.u32(RxNfc.spec + FlowSpec.location);
    const found =
      rulesOf(request.device)
        .list(request.device)
        .find((entry) => entry.location === location) ?? fail(ENOENT);
    request.setBytes(RxNfc.spec, found.specification);
  },
};

const insertRule: IoctlCommand = {
  command: Ioctl.SRXCLSRLINS,
  size: RxNfc.size,
  handle(request) {
    const { device } = request;
    const rules = rulesOf(device);
    const specification = request.bytes.slice(RxNfc.spec, RxNfc.spec + FlowSpec.size);
    let location = request.u32(RxNfc.spec + FlowSpec.location);
    if (location >= LOCATION_SPECIAL) location = freePlace(device, rules.capacity);
    if (location >= rules.capacity) fail(EINVAL);
    new DataView(specification.buffer).setUint32(FlowSpec.location, location, true);
    rules.insert(device, { location, specification });
    request.setU32(RxNfc.spec + FlowSpec.location, location);
  },
};

function freePlace(device: NetDevice, capacity: number): number {
  const taken = new Set(
    rulesOf(device)
      .list(device)
      .map(({ location }) => location),
  );
  // Linux's drivers fill from the end, where rules of less weight stand.
  let place = capacity - 1;
  while (place > 0 && taken.has(place)) place--;
  return place;
}

const deleteRule: IoctlCommand = {
  command: Ioctl.SRXCLSRLDEL,
  size: RxNfc.size,
  handle: (request) => rulesOf(request.device).delete(request.device, request.u32(RxNfc.spec + FlowSpec.location)),
};

/** ETHTOOL_GRSSH: with no room asks how large table and key are. */
const rss: IoctlCommand = {
  command: Ioctl.GRSSH,
  size: Rxfh.size,
  reads: true,
  handle(request) {
    const settings = request.device.ethtool.rss?.get(request.device) ?? fail(EOPNOTSUPP);
    if (request.u32(Rxfh.context) !== 0) fail(EOPNOTSUPP);
    const entries = request.u32(Rxfh.entries);
    const keyBytes = request.u32(Rxfh.keyBytes);
    if ((entries !== 0 && entries !== settings.indirection.length) || (keyBytes !== 0 && keyBytes !== settings.key.length)) fail(EINVAL);
    request.setU32(Rxfh.entries, settings.indirection.length);
    request.setU32(Rxfh.keyBytes, settings.key.length);
    request.bytes[Rxfh.hashFunction] = settings.hashFunction;
    if (entries !== 0) for (const [i, queue] of settings.indirection.entries()) request.setU32(Rxfh.data + i * 4, queue);
    if (keyBytes !== 0) request.setBytes(Rxfh.data + entries * 4, settings.key);
  },
};

const tableEntries = (request: IoctlRequest) => (request.u32(Rxfh.entries) === NO_CHANGE ? 0 : request.u32(Rxfh.entries));

/** ETHTOOL_SRSSH: no entries: the table is made anew; ETH_RXFH_INDIR_NO_CHANGE: it stays. */
const setRss: IoctlCommand = {
  command: Ioctl.SRSSH,
  size: Rxfh.size,
  behind: (request) => tableEntries(request) * 4 + request.u32(Rxfh.keyBytes),
  handle(request) {
    const { device } = request;
    const knob = device.ethtool.rss;
    if (knob?.set === undefined) return fail(EOPNOTSUPP);
    if (request.u32(Rxfh.context) !== 0) fail(EOPNOTSUPP);
    const before = knob.get(device);
    const queues = device.ethtool.rxQueues?.(device) ?? 1;
    const wanted = request.u32(Rxfh.entries);
    const keyBytes = request.u32(Rxfh.keyBytes);
    const hashFunction = request.bytes[Rxfh.hashFunction]!;
    const table = wanted !== 0 && wanted !== NO_CHANGE;
    if ((table && wanted !== before.indirection.length) || (keyBytes !== 0 && keyBytes !== before.key.length)) fail(EINVAL);
    // Linux: at least one thing is to change.
    if (wanted === NO_CHANGE && keyBytes === 0 && hashFunction === 0) fail(EINVAL);
    knob.set(device, {
      indirection: indirectionOf(request, before.indirection, wanted, queues),
      key:
        keyBytes === 0
          ? before.key
          : request.bytes.slice(Rxfh.data + (table ? wanted * 4 : 0), Rxfh.data + (table ? wanted * 4 : 0) + keyBytes),
      hashFunction: hashFunction === 0 ? before.hashFunction : hashFunction,
      configured: wanted === NO_CHANGE ? before.configured : table,
    });
  },
};

function indirectionOf(request: IoctlRequest, before: Uint32Array, wanted: number, queues: number): Uint32Array {
  if (wanted === NO_CHANGE) return before;
  if (wanted === 0) return before.map((_, i) => i % queues);
  return before.map((_, i) => {
    const queue = request.u32(Rxfh.data + i * 4);
    return queue >= queues ? fail(EINVAL) : queue;
  });
}

export const steeringCommands: readonly IoctlCommand[] = [
  rings,
  hashFields,
  setHashFields,
  ruleCount,
  allRules,
  rule,
  insertRule,
  deleteRule,
  rss,
  setRss,
];

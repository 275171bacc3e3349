import { EFAULT, EINVAL, ENOMEM, EOPNOTSUPP } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import {
  Coalesce,
  coalesceWords,
  Eeprom,
  Ioctl,
  ModuleInfo,
  PerQueue,
  Registers,
  Tunable,
  Value,
} from '../../netlink/genl/ethtool/ioctl.js';
import type { CoalesceValues } from '../../net/core/ethtool-ops.js';
import type { IoctlCommand, IoctlRequest } from './request.js';

/** ETHTOOL_GREGS */
const registers: IoctlCommand = {
  command: Ioctl.GREGS,
  size: Registers.size,
  handle(request) {
    const ops = request.device.ethtool.registers ?? fail(EOPNOTSUPP);
    const dump = ops.dump(request.device);
    const room = request.u32(Registers.length);
    request.setU32(Registers.version, ops.version);
    request.setU32(Registers.length, dump.length);
    request.setBytes(Registers.data, dump.subarray(0, room));
  },
};

function rangeOf(request: IoctlRequest, bytes: number): { offset: number; length: number } {
  const offset = request.u32(Eeprom.offset);
  const length = request.u32(Eeprom.length);
  return offset + length > bytes ? fail(EINVAL) : { offset, length };
}

/** ETHTOOL_GEEPROM */
const eeprom: IoctlCommand = {
  command: Ioctl.GEEPROM,
  size: Eeprom.size,
  handle(request) {
    const ops = request.device.ethtool.eeprom ?? fail(EOPNOTSUPP);
    const { offset, length } = rangeOf(request, ops.bytes);
    request.setU32(Eeprom.magic, ops.magic);
    request.setBytes(Eeprom.data, ops.read(request.device).subarray(offset, offset + length));
  },
};

/** ETHTOOL_SEEPROM; EFAULT: the magic number is another device's. */
const setEeprom: IoctlCommand = {
  command: Ioctl.SEEPROM,
  size: Eeprom.size,
  behind: (request) => request.u32(Eeprom.length),
  handle(request) {
    const ops = request.device.ethtool.eeprom ?? fail(EOPNOTSUPP);
    const { offset, length } = rangeOf(request, ops.bytes);
    if (length === 0) fail(EINVAL);
    if (request.u32(Eeprom.magic) !== ops.magic) fail(EFAULT);
    ops.write(request.device, offset, request.bytes.slice(Eeprom.data, Eeprom.data + length));
  },
};

/** ETHTOOL_GMODULEINFO */
const moduleInfo: IoctlCommand = {
  command: Ioctl.GMODULEINFO,
  size: ModuleInfo.size,
  handle(request) {
    const { type, memory } = request.device.ethtool.moduleEeprom?.(request.device) ?? fail(EOPNOTSUPP);
    request.setU32(ModuleInfo.type, type);
    request.setU32(ModuleInfo.length, memory.length);
  },
};

/** ETHTOOL_GMODULEEEPROM */
const moduleEeprom: IoctlCommand = {
  command: Ioctl.GMODULEEEPROM,
  size: Eeprom.size,
  handle(request) {
    const { memory } = request.device.ethtool.moduleEeprom?.(request.device) ?? fail(EOPNOTSUPP);
    const { offset, length } = rangeOf(request, memory.length);
    request.setBytes(Eeprom.data, memory.subarray(offset, offset + length));
  },
};

/** ETHTOOL_NWAY_RST */
const restart: IoctlCommand = {
  command: Ioctl.NWAY_RST,
  size: 4,
  handle: ({ device }) => {
    if (device.ethtool.restartNegotiation === undefined) fail(EOPNOTSUPP);
    device.ethtool.restartNegotiation(device);
  },
};

/** ETHTOOL_PHYS_ID: blinks until the caller stops it, or for so many seconds, which the caller waits out. */
const identify: IoctlCommand = {
  command: Ioctl.PHYS_ID,
  size: Value.size,
  handle(request) {
    const { device } = request;
    if (device.ethtool.identify === undefined) fail(EOPNOTSUPP);
    device.ethtool.identify(device, true);
    device.ethtool.identify(device, false);
  },
};

const tunableOf = (request: IoctlRequest) => {
  const knob = request.device.ethtool.tunables?.get(request.u32(Tunable.id)) ?? fail(EOPNOTSUPP);
  if (request.u32(Tunable.length) !== 4) fail(EINVAL);
  return knob;
};

/** ETHTOOL_GTUNABLE and ETHTOOL_STUNABLE, of 32 bits. */
const tunable: IoctlCommand = {
  command: Ioctl.GTUNABLE,
  size: Tunable.size,
  reads: true,
  handle: (request) => request.setU32(Tunable.data, tunableOf(request).get(request.device)),
};
const setTunable: IoctlCommand = {
  command: Ioctl.STUNABLE,
  size: Tunable.size,
  behind: (request) => request.u32(Tunable.length),
  handle(request) {
    const knob = tunableOf(request);
    if (knob.set === undefined) fail(EOPNOTSUPP);
    knob.set(request.device, request.u32(Tunable.data));
  },
};

function queuesOf(request: IoctlRequest): readonly number[] {
  const queues: number[] = [];
  for (let queue = 0; queue < 4096; queue++)
    if ((request.u32(PerQueue.mask + (queue >>> 5) * 4) & (1 << (queue & 31))) !== 0) queues.push(queue);
  return queues.length > 1024 ? fail(ENOMEM) : queues;
}

/** ETHTOOL_PERQUEUE with ETHTOOL_GCOALESCE or ETHTOOL_SCOALESCE: one struct ethtool_coalesce a queue of the mask. */
const perQueue: IoctlCommand = {
  command: Ioctl.PERQUEUE,
  size: PerQueue.size,
  behind: (request) => (request.u32(PerQueue.subCommand) === Ioctl.SCOALESCE ? queuesOf(request).length * Coalesce.size : 0),
  handle(request) {
    const { device } = request;
    const ops = device.ethtool.queueCoalesce ?? fail(EOPNOTSUPP);
    const subCommand = request.u32(PerQueue.subCommand);
    if (subCommand !== Ioctl.GCOALESCE && subCommand !== Ioctl.SCOALESCE) fail(EOPNOTSUPP);
    for (const [i, queue] of queuesOf(request).entries()) {
      const at = PerQueue.data + i * Coalesce.size;
      if (subCommand === Ioctl.GCOALESCE) writeCoalesce(request, at, ops.get(device, queue));
      else ops.set(device, queue, readCoalesce(request, at));
    }
  },
};

export function writeCoalesce(request: IoctlRequest, at: number, values: CoalesceValues): void {
  request.setU32(at, Ioctl.GCOALESCE);
  for (const [i, key] of coalesceWords.entries()) request.setU32(at + 4 + i * 4, values[key] ?? 0);
}

export const readCoalesce = (request: IoctlRequest, at: number): CoalesceValues =>
  Object.fromEntries(coalesceWords.map((key, i) => [key, request.u32(at + 4 + i * 4)]));

export const hardwareCommands: readonly IoctlCommand[] = [
  registers,
  eeprom,
  setEeprom,
  moduleInfo,
  moduleEeprom,
  restart,
  identify,
  tunable,
  setTunable,
  perQueue,
];

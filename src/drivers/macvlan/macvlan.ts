import { EADDRNOTAVAIL, EBUSY, EINVAL } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { ARPHRD_ETHER, IFF_LOOPBACK } from '../../netlink/rtnl/constants.js';
import {
  MACVLAN_FLAG_NODST,
  MACVLAN_FLAG_NOPROMISC,
  MACVLAN_MACADDR_ADD,
  MACVLAN_MACADDR_DEL,
  MACVLAN_MACADDR_FLUSH,
  MACVLAN_MACADDR_SET,
  MACVLAN_MODE_BRIDGE,
  MACVLAN_MODE_PASSTHRU,
  MACVLAN_MODE_PRIVATE,
  MACVLAN_MODE_SOURCE,
  MACVLAN_MODE_VEPA,
  type MacvlanData,
  macvlanData,
} from '../../netlink/rtnl/link/macvlan.js';
import type { NetDevice } from '../../net/core/device.js';
import type { LinkKind, LinkRequest } from '../../net/core/link-kind.js';
import { ADDRESS_BYTES, isValidAddress } from '../../wire/ethernet.js';
import { checkEthernetAddress } from '../link-address.js';
import { MacvlanDevice } from './device.js';
import { MacvlanPort } from './port.js';

const MODES = [MACVLAN_MODE_PRIVATE, MACVLAN_MODE_VEPA, MACVLAN_MODE_BRIDGE, MACVLAN_MODE_PASSTHRU, MACVLAN_MODE_SOURCE];
const MACADDR_MODES = [MACVLAN_MACADDR_ADD, MACVLAN_MACADDR_DEL, MACVLAN_MACADDR_FLUSH, MACVLAN_MACADDR_SET];

function checkSource(address: Uint8Array): void {
  if (address.length !== ADDRESS_BYTES) fail(EINVAL);
  if (!isValidAddress(address)) fail(EADDRNOTAVAIL);
}

// Linux: macvlan_validate()
function validate(data: MacvlanData): void {
  if (data.flags !== undefined && (data.flags & ~(MACVLAN_FLAG_NOPROMISC | MACVLAN_FLAG_NODST)) !== 0) fail(EINVAL);
  if (data.mode !== undefined && !MODES.includes(data.mode)) fail(EINVAL);
  if (data.macaddrMode !== undefined && !MACADDR_MODES.includes(data.macaddrMode)) fail(EINVAL);
  if (data.macaddr !== undefined) checkSource(data.macaddr);
  if (data.macaddrCount !== undefined) fail(EINVAL);
}

// Linux: macvlan_changelink_sources()
function changeSources(device: MacvlanDevice, data: MacvlanData): void {
  if (device.mode !== MACVLAN_MODE_SOURCE) fail(EINVAL);
  const { sources } = device.macvlanPort;
  switch (data.macaddrMode) {
    case MACVLAN_MACADDR_ADD:
      if (data.macaddr === undefined) fail(EINVAL);
      else sources.add(device, data.macaddr);
      break;
    case MACVLAN_MACADDR_DEL:
      if (data.macaddr === undefined) fail(EINVAL);
      else sources.remove(device, data.macaddr);
      break;
    case MACVLAN_MACADDR_FLUSH:
      sources.flush(device);
      break;
    default:
      sources.flush(device);
      if (data.macaddr !== undefined) sources.add(device, data.macaddr);
      for (const address of data.macaddrData ?? []) {
        checkSource(address);
        sources.add(device, address);
      }
  }
}

/** The device that a new one stands on: of a macvlan the one below it. */
export function lowerOf(request: LinkRequest<unknown>): NetDevice {
  const { lower } = request;
  if (lower === null) return fail(EINVAL);
  return lower instanceof MacvlanDevice ? lower.lower : lower;
}

// Linux: macvlan_common_newlink()
function create(request: LinkRequest<MacvlanData>): MacvlanDevice {
  checkEthernetAddress(request.address);
  const { data } = request;
  validate(data);
  const lower = lowerOf(request);
  if (request.mtu !== null && request.mtu > lower.mtu && request.mtu >= 68) fail(EINVAL);
  const port = lower.port instanceof MacvlanPort ? lower.port : null;
  if (port === null) {
    if (lower.type !== ARPHRD_ETHER || (lower.flags & IFF_LOOPBACK) !== 0) fail(EINVAL);
    if (lower.rxHandler !== null) fail(EBUSY);
  } else if (port.passthru) fail(EINVAL);
  const mode = data.mode ?? MACVLAN_MODE_VEPA;
  if (mode === MACVLAN_MODE_PASSTHRU && port !== null) fail(EINVAL);
  if (data.macaddrMode !== undefined && mode !== MACVLAN_MODE_SOURCE) fail(EINVAL);
  const device = new MacvlanDevice(lower, request.name, mode, data.flags ?? 0);
  if (data.bcQueueLen !== undefined) device.broadcastQueueRequest = data.bcQueueLen;
  return device;
}

export const macvlan: LinkKind<MacvlanData> = {
  kind: 'macvlan',
  data: macvlanData,
  namePattern: 'macvlan%d',
  create(request) {
    const device = create(request);
    device.setRandomAddress();
    return device;
  },
  registered(device, request) {
    if (!(device instanceof MacvlanDevice)) return;
    if (device.mode === MACVLAN_MODE_PASSTHRU) {
      device.macvlanPort.passthru = true;
      device.address = device.lower.address.slice();
    }
    device.attach();
    if (request.data.macaddrMode !== undefined) changeSources(device, request.data);
  },
  // Linux: macvlan_changelink()
  change(device, data) {
    validate(data);
    if (!(device instanceof MacvlanDevice)) return;
    const mode = data.mode ?? device.mode;
    if ((mode === MACVLAN_MODE_PASSTHRU) !== (device.mode === MACVLAN_MODE_PASSTHRU)) fail(EINVAL);
    if (data.flags !== undefined) device.changeFlags(data.flags);
    if (data.bcQueueLen !== undefined) device.broadcastQueueRequest = data.bcQueueLen;
    device.changeMode(mode);
    if (data.macaddrMode !== undefined) changeSources(device, data);
  },
  // Linux: macvlan_fill_info()
  describe(device) {
    if (!(device instanceof MacvlanDevice)) return undefined;
    const sources = device.macvlanPort.sources.of(device);
    return {
      mode: device.mode,
      flags: device.macvlanFlags,
      macaddrCount: sources.length,
      ...(sources.length === 0 ? {} : { macaddrData: sources }),
      bcQueueLen: device.broadcastQueueRequest,
      bcQueueLenUsed: device.macvlanPort.broadcastQueueLength,
    };
  },
};

/** Linux: TUN_READQ_SIZE */
const READ_QUEUE = 500;

/** A macvlan whose frames a program may read; as long as none has opened it, it is a macvlan (drivers/net/macvtap.c). */
export const macvtap: LinkKind<MacvlanData> = {
  ...macvlan,
  kind: 'macvtap',
  namePattern: 'macvtap%d',
  create(request) {
    const device = create(request);
    device.setRandomAddress();
    device.txQueueLength = READ_QUEUE;
    return device;
  },
};

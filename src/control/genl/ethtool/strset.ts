import { EINVAL, EOPNOTSUPP } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { NLM_F_MULTI } from '../../../netlink/constants.js';
import { Answer, ETHTOOL_VERSION, Request } from '../../../netlink/genl/ethtool/constants.js';
import { type StringSetAttributes, strsetMessage } from '../../../netlink/genl/ethtool/messages.js';
import { globalStringSets } from '../../../netlink/genl/ethtool/strings.js';
import type { NetDevice } from '../../../net/core/device.js';
import { deviceStrings } from '../../../net/ethtool/strings.js';
import { dumpOrder } from '../../rtnl/link/get.js';
import type { GenlCommand } from '../generic-netlink.js';
import { deviceOf, readRequest } from './object.js';

const header = { command: Answer.STRSET_GET_REPLY, version: ETHTOOL_VERSION };
/** __ETH_SS_COUNT */
const SETS = 21;

function describeSet(id: number, names: readonly string[], countsOnly: boolean): StringSetAttributes {
  if (countsOnly) return { id, count: names.length };
  return { id, count: names.length, strings: { string: names.map((value, index) => ({ index, value })) } };
}

/** The string sets asked for; none asked for: all that the device, or without one the family, has. */
function setsFor(device: NetDevice | null, wanted: readonly number[], countsOnly: boolean): StringSetAttributes[] {
  const found: StringSetAttributes[] = [];
  const asked = wanted.length > 0 ? wanted : Array.from({ length: SETS }, (_, id) => id);
  for (const id of asked) {
    if (id >= SETS) fail(EOPNOTSUPP);
    const own = deviceStrings(device, id);
    const names = own ?? globalStringSets.get(id);
    // Linux: strset_prepare_data(): without a device a set of one's own is refused, with one it is left out where there is none.
    if (wanted.length > 0 && device === null && !globalStringSets.has(id)) fail(EINVAL, 'requested per device strings without dev');
    if (wanted.length === 0 && (device === null) === (own !== null)) continue;
    if (names !== undefined && names !== null) found.push(describeSet(id, names, countsOnly));
  }
  return found;
}

function read(request: Parameters<NonNullable<GenlCommand['handle']>>[0]) {
  const parsed = readRequest(request, strsetMessage);
  const { stringSets, countsOnly = false } = parsed.attributes;
  return { parsed, wanted: (stringSets?.sets ?? []).map(({ id }) => id ?? fail(EINVAL)), countsOnly };
}

/** Names behind numbers. */
export const strset: GenlCommand = {
  command: Request.STRSET_GET,
  handle(request) {
    const { parsed, wanted, countsOnly } = read(request);
    const device = deviceOf(parsed);
    request.answer(strsetMessage, header, {
      ...(device === null ? {} : { header: { index: device.ifindex, name: device.name } }),
      stringSets: { sets: setsFor(device, wanted, countsOnly) },
    });
  },
  dump(request) {
    const { wanted, countsOnly } = read(request);
    const { namespace, message, socket } = request;
    return {
      *messages(writer) {
        for (const device of dumpOrder(namespace)) {
          if (!device.registered || device.namespace !== namespace) continue;
          strsetMessage.build(writer, message.type, NLM_F_MULTI, message.sequence, socket.portId, header, {
            header: { index: device.ifindex, name: device.name },
            stringSets: { sets: setsFor(device, wanted, countsOnly) },
          });
          yield;
        }
      },
    };
  },
};

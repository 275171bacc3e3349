import { NetError } from '../../base/net-error.js';
import { DriverInfo, Ioctl, SsetInfo, STRING_BYTES, Strings } from '../../netlink/genl/ethtool/ioctl.js';
import type { EthtoolContext } from './context.js';
import { struct, textAt, viewOf } from './ioctl-words.js';

/** The strings of a set; what the kernel refuses comes back as an error. Linux ethtool: get_stringset() */
export async function stringSet(context: EthtoolContext, id: number): Promise<readonly string[] | NetError> {
  const info = struct(SsetInfo.size + 4, Ioctl.GSSET_INFO);
  info.view.setUint32(SsetInfo.mask, 1 << id, true);
  const found = await context.ioctl(info.bytes);
  if (found instanceof NetError) return found;
  const view = viewOf(found);
  const count = view.getUint32(SsetInfo.mask, true) === 0 ? 0 : view.getUint32(SsetInfo.data, true);
  if (count === 0) return [];
  const request = struct(Strings.size + count * STRING_BYTES, Ioctl.GSTRINGS);
  request.view.setUint32(Strings.set, id, true);
  request.view.setUint32(Strings.count, count, true);
  const answer = await context.ioctl(request.bytes);
  if (answer instanceof NetError) return answer;
  return Array.from({ length: count }, (_, i) => textAt(answer, Strings.data + i * STRING_BYTES, STRING_BYTES));
}

/** ETHTOOL_GDRVINFO */
export const driverInfo = (context: EthtoolContext): Promise<Uint8Array | NetError> =>
  context.ioctl(struct(DriverInfo.size, Ioctl.GDRVINFO).bytes);

import { be32 } from '../../attributes.js';
import { expression, hex, words } from '../expression.js';

/** [ masq proto_min reg 1 flags 0x2 ]: source NAT to the address of the device by which the packet leaves. */
export const masq = expression('masq', { flags: be32(1), regProtoMin: be32(2), regProtoMax: be32(3) }, (e) =>
  words(
    e.regProtoMin !== undefined && `proto_min reg ${e.regProtoMin}`,
    e.regProtoMax !== undefined && `proto_max reg ${e.regProtoMax}`,
    (e.flags ?? 0) !== 0 && `flags ${hex(e.flags)}`,
  ),
);

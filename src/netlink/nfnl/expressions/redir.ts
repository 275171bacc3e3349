import { be32 } from '../../attributes.js';
import { expression, hex, words } from '../expression.js';

/** [ redir proto_min reg 1 flags 0x2 ]: destination NAT to the host itself. */
export const redir = expression('redir', { regProtoMin: be32(1), regProtoMax: be32(2), flags: be32(3) }, (e) =>
  words(
    e.regProtoMin !== undefined && `proto_min reg ${e.regProtoMin}`,
    e.regProtoMax !== undefined && `proto_max reg ${e.regProtoMax}`,
    (e.flags ?? 0) !== 0 && `flags ${hex(e.flags)}`,
  ),
);

import { EINVAL, EOPNOTSUPP } from '../../../../base/errno.js';
import { fail } from '../../../../base/net-error.js';
import * as logs from '../../../../netlink/nfnl/expressions/log.js';
import { logPacket, type LogValues } from '../../log/log-packet.js';
import { needLogger } from '../autoload.js';
import { Expression, expressionKind } from '../expression.js';
import type { PacketInfo } from '../packet-info.js';
import { CONTINUE } from '../verdict.js';

class Log extends Expression {
  constructor(readonly values: LogValues) {
    super();
  }

  run(packet: PacketInfo): number {
    logPacket(packet, this.values);
    return CONTINUE;
  }

  describe() {
    const { group, prefix, level, flags, snaplen, qthreshold } = this.values;
    const named = prefix === undefined || prefix === '' ? {} : { prefix };
    if (group === undefined) return { ...named, level: level ?? logs.NFT_LOGLEVEL_WARNING, ...(flags === undefined ? {} : { flags }) };
    return {
      ...named,
      group,
      ...(snaplen === undefined || snaplen === 0 ? {} : { snaplen }),
      ...(qthreshold === undefined || qthreshold === 0 ? {} : { qthreshold }),
    };
  }
}

export const log = expressionKind(logs.log, (values, { namespace, transaction }) => {
  if (values.level !== undefined && values.group !== undefined) return fail(EINVAL);
  if ((values.level ?? 0) > logs.NFT_LOGLEVEL_AUDIT) return fail(EINVAL);
  if (((values.flags ?? 0) & ~logs.NF_LOG_MASK) !== 0) return fail(EINVAL);
  if (values.flags !== undefined && values.group !== undefined) return fail(EOPNOTSUPP);
  needLogger({ modules: namespace.stack.modules, transaction }, values.group !== undefined);
  return new Log(values);
});

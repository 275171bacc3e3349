import { ENOENT } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import { NLM_F_MULTI } from '../../../netlink/constants.js';
import * as ct from '../../../netlink/nfnl/ctnetlink.js';
import { nfnlOperation } from '../../../netlink/nfnl/nfnetlink.js';
import type { Conntrack } from '../../../net/netfilter/conntrack/conntrack.js';
import type { Expectation } from '../../../net/netfilter/conntrack/expectations.js';
import { Tuple } from '../../../net/netfilter/conntrack/tuple.js';
import type { NfnlHandler } from '../nfnetlink.js';
import { describeTuple, parseTuple } from './tuples.js';

const wanted = new Tuple();
const scratch = new Tuple();

function describe(conntrack: Conntrack, expectation: Expectation) {
  return {
    tuple: describeTuple(expectation.tuple),
    mask: describeTuple(expectation.mask),
    ...(expectation.master === 0 ? {} : { master: describeTuple(conntrack.table.readTuple(expectation.master, 0, scratch)) }),
    timeout: Math.max(0, Math.floor((expectation.expiresUs - conntrack.namespace.stack.nowUs) / 1_000_000)),
    id: expectation.id,
    flags: expectation.flags,
    class: expectation.class,
    ...(expectation.helper === '' ? {} : { helpName: expectation.helper }),
  };
}

/** NFNL_SUBSYS_CTNETLINK_EXP: expected connections. */
export const expectHandlers: readonly NfnlHandler[] = [
  {
    operation: nfnlOperation(ct.IPCTNL_MSG_EXP_GET),
    handle(request) {
      const { header, attributes } = ct.expectMessage.parse(request.message);
      const { conntrack } = request.namespace;
      parseTuple(header.family, attributes.tuple, wanted);
      const found = conntrack.expectations.all.find(({ tuple }) => tuple.equals(wanted)) ?? fail(ENOENT);
      request.answer(ct.expectMessage, { family: found.tuple.family }, describe(conntrack, found), ct.IPCTNL_MSG_EXP_NEW);
    },
    dump(request) {
      const { header } = ct.expectMessage.parse(request.message);
      const { conntrack } = request.namespace;
      return {
        *messages(writer) {
          for (const expectation of [...conntrack.expectations.all]) {
            if (header.family !== 0 && expectation.tuple.family !== header.family) continue;
            ct.expectMessage.build(
              writer,
              ct.IPCTNL_MSG_EXP_NEW,
              NLM_F_MULTI,
              request.message.sequence,
              request.socket.portId,
              { family: expectation.tuple.family },
              describe(conntrack, expectation),
            );
            yield;
          }
        },
      };
    },
  },
  {
    operation: nfnlOperation(ct.IPCTNL_MSG_EXP_DELETE),
    handle(request) {
      const { header, attributes } = ct.expectMessage.parse(request.message);
      const { expectations } = request.namespace.conntrack;
      if (attributes.tuple === undefined) {
        const { helpName } = attributes;
        for (const one of [...expectations.all]) if (helpName === undefined || one.helper === helpName) expectations.remove(one);
        return;
      }
      parseTuple(header.family, attributes.tuple, wanted);
      const found = expectations.all.find(({ tuple }) => tuple.equals(wanted));
      if (found === undefined || (attributes.id !== undefined && attributes.id !== found.id)) return fail(ENOENT);
      expectations.remove(found);
    },
  },
];

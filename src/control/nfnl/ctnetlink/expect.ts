import { EEXIST, EINVAL, ENOENT, EOPNOTSUPP, ESHUTDOWN } from '../../../base/errno.js';
import { fail } from '../../../base/net-error.js';
import type { Namespace } from '../../../net/core/namespace.js';
import { NETLINK_NETFILTER, NLM_F_CREATE, NLM_F_EXCL, NLM_F_MULTI } from '../../../netlink/constants.js';
import * as ct from '../../../netlink/nfnl/ctnetlink.js';
import { NFNLGRP_CONNTRACK_EXP_DESTROY, NFNLGRP_CONNTRACK_EXP_NEW, nfnlOperation } from '../../../netlink/nfnl/nfnetlink.js';
import type { Conntrack } from '../../../net/netfilter/conntrack/conntrack.js';
import { Expectation, IPEXP_DESTROY } from '../../../net/netfilter/conntrack/expectations.js';
import type { NetlinkRequest } from '../../netlink-request.js';
import type { NetlinkServer } from '../../netlink-kernel.js';
import { Tuple } from '../../../net/netfilter/conntrack/tuple.js';
import type { NfnlHandler } from '../nfnetlink.js';
import { named } from './change.js';
import { describeTuple, parseTuple } from './tuples.js';

/** Made by a program for its own helper, which nothing here is. */
const NF_CT_EXPECT_USERSPACE = 4;

const wanted = new Tuple();
const scratch = new Tuple();

/** Where an expected connection goes to counts in all its bits. Linux: ctnetlink_exp_dump_mask() */
function wholeMask({ tuple, mask }: Expectation): Tuple {
  scratch.family = tuple.family;
  scratch.protocol = tuple.protocol;
  scratch.source.set(mask.source);
  scratch.destination.fill(0xffff_ffff);
  scratch.setPorts(mask.sourcePort, 0xffff);
  return scratch;
}

function describe(conntrack: Conntrack, expectation: Expectation) {
  return {
    tuple: describeTuple(expectation.tuple),
    mask: describeTuple(wholeMask(expectation)),
    ...(expectation.master === 0 ? {} : { master: describeTuple(conntrack.table.readTuple(expectation.master, 0, scratch)) }),
    timeout: Math.max(0, Math.floor((expectation.expiresUs - conntrack.namespace.stack.nowUs) / 1_000_000)),
    id: expectation.id,
    flags: expectation.flags,
    class: expectation.class,
    ...(expectation.helper === '' ? {} : { helpName: expectation.helper }),
  };
}

/** IPCTNL_MSG_EXP_NEW: a connection that a user expects, or another time for it. Linux: ctnetlink_new_expect() */
function newExpectation(request: NetlinkRequest): void {
  const { header, attributes } = ct.expectMessage.parse(request.message);
  const { family } = header;
  const { tuple, mask, master, timeout } = attributes;
  const { conntrack } = request.namespace;
  if (tuple === undefined || mask === undefined || master === undefined) return fail(EINVAL);
  parseTuple(family, tuple, wanted);
  const there = conntrack.expectations.all.find((one) => one.tuple.equals(wanted));
  if (there === undefined) {
    if ((request.flags & NLM_F_CREATE) === 0) fail(ENOENT);
    return createExpectation(conntrack, family, attributes);
  }
  if ((request.flags & NLM_F_EXCL) !== 0) fail(EEXIST);
  if (timeout !== undefined) conntrack.expectations.prolong(there, timeout);
}

// Linux: ctnetlink_create_expect(), ctnetlink_alloc_expect()
function createExpectation(conntrack: Conntrack, family: number, values: ct.ExpectAttributes): void {
  const expectation = new Expectation();
  parseTuple(family, values.tuple, expectation.tuple);
  parseTuple(family, values.mask, expectation.mask);
  const master = named(conntrack, family, { tupleOrig: values.master }) >> 1;
  if (master === 0) fail(ENOENT);
  const { helpers, namespace } = conntrack;
  if (values.helpName !== undefined) {
    expectation.helps = helpers.numberOf(values.helpName);
    if (expectation.helps === 0) fail(EOPNOTSUPP);
    if ((values.class ?? 0) !== 0) fail(EINVAL);
  }
  // Only who is helped may expect something, for as long as its helper has it.
  const helper = helpers.of(master) ?? fail(ESHUTDOWN);
  expectation.master = master;
  expectation.helper = helper.name;
  expectation.class = values.class ?? 0;
  expectation.flags = (values.flags ?? 0) & ~NF_CT_EXPECT_USERSPACE;
  expectation.expiresUs = namespace.stack.nowUs + helper.timeout * 1_000_000;
  const refused = conntrack.expectations.add(expectation, helper.expects);
  if (refused !== 0) fail(-refused);
}

/** Tells of expectations that come and go (`conntrack -E expect`). Linux: ctnetlink_expect_event() */
export function watchExpectations(server: NetlinkServer, namespace: Namespace): void {
  const { conntrack } = namespace;
  conntrack.expectations.listener = (event, expectation) => {
    if (conntrack.settings.events === 0) return;
    const gone = event === IPEXP_DESTROY;
    const group = gone ? NFNLGRP_CONNTRACK_EXP_DESTROY : NFNLGRP_CONNTRACK_EXP_NEW;
    server.notify({ protocol: NETLINK_NETFILTER, namespace, group }, (writer, sequence) =>
      ct.expectMessage.build(
        writer,
        gone ? ct.IPCTNL_MSG_EXP_DELETE : ct.IPCTNL_MSG_EXP_NEW,
        gone ? 0 : NLM_F_CREATE | NLM_F_EXCL,
        sequence,
        0,
        { family: expectation.tuple.family },
        describe(conntrack, expectation),
      ),
    );
  };
}

/** NFNL_SUBSYS_CTNETLINK_EXP: expected connections. */
export const expectHandlers: readonly NfnlHandler[] = [
  { operation: nfnlOperation(ct.IPCTNL_MSG_EXP_NEW), handle: newExpectation },
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

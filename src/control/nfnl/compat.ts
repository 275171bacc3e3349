import { EINVAL, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import { compatMessage, NFNL_MSG_COMPAT_GET } from '../../netlink/nfnl/compat.js';
import { NFNL_SUBSYS_NFT_COMPAT, nfnlOperation } from '../../netlink/nfnl/nfnetlink.js';
import { findMatch, findTarget, hasRevision } from '../../net/netfilter/x_tables/registry.js';
import type { NfnlSubsystem } from './nfnetlink.js';

/** NFNL_SUBSYS_NFT_COMPAT: iptables-nft asks which revisions of an extension there are. Linux: nfnl_compat_get_rcu() */
export const compatSubsystem: NfnlSubsystem = {
  subsystem: NFNL_SUBSYS_NFT_COMPAT,
  handlers: [
    {
      operation: nfnlOperation(NFNL_MSG_COMPAT_GET),
      handle(request) {
        const { header, attributes } = compatMessage.parse(request.message);
        const { name, rev, type } = attributes;
        if (name === undefined || rev === undefined || type === undefined) return fail(EINVAL);
        const extension = (type === 0 ? findMatch : findTarget)(name) ?? fail(ENOENT);
        // A revision that is not there is a family that does not have it, too.
        if (!hasRevision(extension, rev)) fail(ENOENT);
        request.answer(compatMessage, { family: header.family }, { name, rev, type }, NFNL_MSG_COMPAT_GET);
      },
    },
  ],
};

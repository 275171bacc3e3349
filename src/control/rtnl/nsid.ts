import { EEXIST, EINVAL, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { AF_UNSPEC, NLM_F_DUMP_FILTERED, NLM_F_MULTI } from '../../netlink/constants.js';
import { NETNSA_NSID_NOT_ASSIGNED, RTM_DELNSID, RTM_GETNSID, RTM_NEWNSID } from '../../netlink/rtnl/constants.js';
import { type NsidAttributes, nsidMessage } from '../../netlink/rtnl/nsid.js';
import type { NetlinkRequest } from '../netlink-request.js';
import type { RtnetlinkModule } from './rtnetlink.js';
import { assignNamespaceId, namespaceById, tellNamespaceId } from './namespace-ids.js';
import { targetNamespace } from './target-namespace.js';

/** The namespace that NETNSA_FD names: on our bus its id in the tapstack family. NETNSA_PID cannot name one of ours. */
function peerOf(request: NetlinkRequest, attributes: NsidAttributes): Namespace | undefined {
  if (attributes.pid !== undefined) fail(ENOENT, 'Peer netns reference is invalid', nsidMessage.offsetOf(request.message, 'pid'));
  if (attributes.fd === undefined) return undefined;
  return (
    request.server.names.resolve(attributes.fd) ??
    fail(EINVAL, 'Peer netns reference is invalid', nsidMessage.offsetOf(request.message, 'fd'))
  );
}

// Linux: rtnl_net_newid()
function newId(request: NetlinkRequest): void {
  const { attributes } = nsidMessage.parse(request.message);
  if (attributes.nsid === undefined) fail(EINVAL, 'nsid is missing');
  const peer = peerOf(request, attributes) ?? fail(EINVAL, 'Peer netns reference is missing');
  const { nsids } = request.namespace;
  if (nsids.has(peer))
    fail(
      EEXIST,
      'Peer netns already has a nsid assigned',
      nsidMessage.offsetOf(request.message, attributes.fd === undefined ? 'pid' : 'fd'),
    );
  if (attributes.nsid >= 0 && namespaceById(request.namespace, attributes.nsid) !== undefined)
    fail(EEXIST, 'The specified nsid is already used', nsidMessage.offsetOf(request.message, 'nsid'));
  assignNamespaceId(request.server, request.namespace, peer, attributes.nsid);
}

// Linux: rtnl_net_getid()
function getId(request: NetlinkRequest): void {
  const { attributes } = nsidMessage.parse(request.message, request.strict);
  const peer =
    attributes.nsid === undefined
      ? peerOf(request, attributes)
      : (namespaceById(request.namespace, attributes.nsid) ??
        fail(ENOENT, 'Peer netns reference is invalid', nsidMessage.offsetOf(request.message, 'nsid')));
  if (peer === undefined) fail(EINVAL, 'Peer netns reference is missing');
  const viewer = targetNamespace(request, attributes.targetNsid);
  const idIn = (namespace: Namespace) => namespace.nsids.get(peer) ?? NETNSA_NSID_NOT_ASSIGNED;
  request.answer(
    nsidMessage,
    {},
    { nsid: idIn(viewer), ...(viewer === request.namespace ? {} : { currentNsid: idIn(request.namespace) }) },
    RTM_NEWNSID,
  );
}

/** RTM_NEWNSID, RTM_GETNSID: ids that namespaces give each other. */
export const nsidModule: RtnetlinkModule = {
  handlers: [
    { type: RTM_NEWNSID, family: AF_UNSPEC, handle: newId },
    {
      type: RTM_GETNSID,
      family: AF_UNSPEC,
      handle: getId,
      dump: (request) => ({
        *messages(writer) {
          const { attributes } = nsidMessage.parse(request.message, request.strict);
          const viewer = targetNamespace(request, attributes.targetNsid);
          const filtered = attributes.targetNsid === undefined ? 0 : NLM_F_DUMP_FILTERED;
          for (const [peer, nsid] of [...viewer.nsids].sort(([, a], [, b]) => a - b)) {
            const currentNsid = viewer === request.namespace ? undefined : (request.namespace.nsids.get(peer) ?? NETNSA_NSID_NOT_ASSIGNED);
            const { sequence } = request.message;
            nsidMessage.build(writer, RTM_NEWNSID, NLM_F_MULTI | filtered, sequence, request.socket.portId, {}, { nsid, currentNsid });
            yield;
          }
        },
      }),
    },
  ],

  watchStack(server) {
    // A namespace that goes takes its ids in the others with it. Linux: unhash_nsid()
    server.stack.namespaceEvents.subscribe((event) => {
      if (event.type !== 'deleted') return;
      for (const other of server.stack.namespaces.values()) {
        const nsid = other.nsids.get(event.namespace);
        if (nsid === undefined || other === event.namespace) continue;
        other.nsids.delete(event.namespace);
        tellNamespaceId(server, other, RTM_DELNSID, nsid);
      }
    });
  },
};

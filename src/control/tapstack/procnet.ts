import { EINVAL, EMSGSIZE, ENOENT } from '../../base/errno.js';
import { fail } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import { NLM_F_MULTI } from '../../netlink/constants.js';
import { Command, TAPSTACK_VERSION, tapstackMessage } from '../../netlink/genl/tapstack.js';
import type { ProcNetFolder, ProcNetView } from '../procnet/view.js';
import { answer } from './answer.js';
import type { TapstackCommands } from './family.js';

const header = { command: Command.PROCNET_GET, version: TAPSTACK_VERSION };
/** What one answer carries: a text that is longer comes in several messages of a dump. */
const PIECE = 16_384;
/** An attribute's length is 16 bits. */
const MOST_TEXT = 65_000;
const encoder = new TextEncoder();

const isThere = (view: ProcNetView, namespace: Namespace): boolean => view.there?.(namespace) ?? true;

/** PROCNET_GET: the text of a file of /proc/net, whole for a small one; as a dump any, in pieces. Without a path, a dump of the paths. */
export const procNetCommands =
  (views: readonly ProcNetView[], folders: readonly ProcNetFolder[]): TapstackCommands =>
  () => {
    const textOf = (namespace: Namespace, path: string = fail(EINVAL)): string => {
      const folder = folders.find((candidate) => path.startsWith(candidate.folder));
      if (folder !== undefined) return folder.text(namespace, path.slice(folder.folder.length)) ?? fail(ENOENT);
      return (views.find((view) => view.path === path && isThere(view, namespace)) ?? fail(ENOENT)).text(namespace);
    };
    const pathsOf = (namespace: Namespace): string[] => [
      ...views.filter((view) => isThere(view, namespace)).map((view) => view.path),
      ...folders.flatMap(({ folder, files }) => files(namespace).map((file) => folder + file)),
    ];
    return [
      {
        command: Command.PROCNET_GET,
        handle(request) {
          const { path } = tapstackMessage.parseAttributes(request.message);
          const text = textOf(request.namespace, path);
          if (text.length > MOST_TEXT) fail(EMSGSIZE, 'too long for one answer: to be dumped');
          answer(request, Command.PROCNET_GET, { path, text });
        },
        dump: (request) => ({
          *messages(writer) {
            const { path } = tapstackMessage.parseAttributes(request.message);
            const { sequence } = request.message;
            const { portId } = request.socket;
            if (path === undefined) {
              for (const file of pathsOf(request.namespace)) {
                tapstackMessage.build(writer, request.type, NLM_F_MULTI, sequence, portId, header, { path: file });
                yield;
              }
              return;
            }
            // The file is read at once, so that its lines belong together.
            const bytes = encoder.encode(textOf(request.namespace, path));
            for (let at = 0; at < bytes.length; at += PIECE) {
              const data = bytes.subarray(at, at + PIECE);
              tapstackMessage.build(writer, request.type, NLM_F_MULTI, sequence, portId, header, { path, data });
              yield;
            }
          },
        }),
      },
    ];
  };

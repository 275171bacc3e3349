import type { IpObject } from '../object.js';
import { listId } from './list-id.js';
import { NETNS_USAGE } from './usage.js';
import { add, attach, checkName, exec, identify, list, listNamespaces, monitor, pids, remove, set } from './verbs.js';

/** `ip netns`: network namespaces. */
export const netns: IpObject = {
  name: 'netns',
  summary: 'network namespaces',
  usage: NETNS_USAGE,
  description: [
    'A network namespace has its own devices, addresses, routes and settings. It has a name until that is deleted, and lives as long as something is in it.',
    'Namespaces see each other as small numbers, given when they are first needed or by set.',
    'Of a program that exec starts, our own commands act in the namespace; programs that open sockets of their own see an empty network of the host.',
  ],
  verbs: [list, listId, add, set, remove, identify, pids, exec, monitor, attach],
  withoutVerb: listNamespaces,
  check(context, cursor) {
    if (!context.options.all && cursor.left > 1) checkName(cursor.peek(1));
  },
  examples: [
    ['ip netns add blue', 'make one'],
    ['ip netns exec blue ip link set lo up', 'run a command in it'],
    ['ip -n blue addr', 'the same without a process'],
  ],
};

import type { NamespaceModule } from '../core/stack.js';
import { NexthopTable } from './table.js';

/** Nexthop objects of every namespace; stands before the families whose routes use them. */
export const nexthopModule: NamespaceModule = {
  name: 'nexthop',
  init(namespace) {
    namespace.nexthops = new NexthopTable(namespace);
  },
  exit(namespace) {
    namespace.nexthops.destroy();
  },
};

import { EACCES, ENOENT } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { Namespace } from '../../net/core/namespace.js';
import type { Sysctl, SysctlTree } from '../sysctl/sysctl.js';
import { childrenOf, type FileTree } from './file-tree.js';

function modeOf(sysctl: Sysctl): number {
  if (sysctl.writeOnly === true) return 0o200;
  return sysctl.write === undefined ? 0o444 : 0o644;
}

/** /proc/sys/net */
export function sysctlFileTree(tree: SysctlTree): FileTree {
  const find = (namespace: Namespace, path: string): Sysctl | null => {
    try {
      return tree.find(namespace, `net/${path}`);
    } catch (error) {
      if (error instanceof NetError && error.errno === ENOENT) return null;
      throw error;
    }
  };
  return {
    list: (namespace, path) => {
      const folder = path === '' ? 'net' : `net/${path}`;
      // A file itself is below no folder of its name.
      return childrenOf(
        tree.list(namespace, folder).map((sysctl) => [sysctl.path, modeOf(sysctl)]),
        folder,
      );
    },
    mode: (namespace, path) => {
      const sysctl = find(namespace, path);
      return sysctl === null ? null : modeOf(sysctl);
    },
    read: (namespace, path) => {
      const sysctl = find(namespace, path);
      if (sysctl === null) throw new NetError(ENOENT);
      if (sysctl.writeOnly === true) throw new NetError(EACCES);
      return `${sysctl.read()}\n`;
    },
    write: (namespace, path, text) => tree.write(namespace, `net/${path}`, text.replace(/\n$/, '')),
  };
}

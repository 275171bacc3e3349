import type { Namespace } from '../../net/core/namespace.js';
import { procNetFolders, procNetViews } from '../procnet/registry.js';
import { childrenOf, type FileTree } from './file-tree.js';

const views = new Map(procNetViews.map((view) => [view.path, view]));

function textOf(namespace: Namespace, path: string): string | null {
  const folder = procNetFolders.find((candidate) => path.startsWith(candidate.folder));
  return folder === undefined ? (views.get(path)?.text(namespace) ?? null) : folder.text(namespace, path.slice(folder.folder.length));
}

/** /proc/net */
export const procNetTree: FileTree = {
  list: (namespace, path) => {
    const paths = [...views.keys(), ...procNetFolders.flatMap(({ folder, files }) => files(namespace).map((file) => folder + file))];
    return childrenOf(
      paths.map((file) => [file, 0o444]),
      path,
    );
  },
  mode: (namespace, path) => (views.has(path) || (path.includes('/') && textOf(namespace, path) !== null) ? 0o444 : null),
  read: (namespace, path) => textOf(namespace, path) ?? '',
};

import type { Namespace } from '../../net/core/namespace.js';
import { procNetFolders, procNetViews } from '../procnet/registry.js';
import type { ProcNetView } from '../procnet/view.js';
import { childrenOf, type FileTree } from './file-tree.js';

const views = new Map(procNetViews.map((view) => [view.path, view]));

const isThere = (view: ProcNetView, namespace: Namespace): boolean => view.there?.(namespace) ?? true;

function viewOf(namespace: Namespace, path: string): ProcNetView | undefined {
  const view = views.get(path);
  return view !== undefined && isThere(view, namespace) ? view : undefined;
}

function textOf(namespace: Namespace, path: string): string | null {
  const folder = procNetFolders.find((candidate) => path.startsWith(candidate.folder));
  return folder === undefined
    ? (viewOf(namespace, path)?.text(namespace) ?? null)
    : folder.text(namespace, path.slice(folder.folder.length));
}

/** /proc/net */
export const procNetTree: FileTree = {
  list: (namespace, path) => {
    const paths = [
      ...procNetViews.filter((view) => isThere(view, namespace)).map(({ path: file }) => file),
      ...procNetFolders.flatMap(({ folder, files }) => files(namespace).map((file) => folder + file)),
    ];
    return childrenOf(
      paths.map((file) => [file, 0o444]),
      path,
    );
  },
  mode: (namespace, path) =>
    viewOf(namespace, path) !== undefined || (path.includes('/') && textOf(namespace, path) !== null) ? 0o444 : null,
  read: (namespace, path) => textOf(namespace, path) ?? '',
};

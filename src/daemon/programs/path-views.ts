import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { EACCES, ENOENT, ENOTDIR } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { classNetTree, virtualNetTree } from '../../control/file-trees/class-net/tree.js';
import type { FileTree } from '../../control/file-trees/file-tree.js';
import { procNetTree } from '../../control/file-trees/proc-net-tree.js';
import { sysctlFileTree } from '../../control/file-trees/sysctl-tree.js';
import { sysctls } from '../../instance/modules.js';
import type { Namespace } from '../../net/core/namespace.js';

/** A part of /proc or /sys that is the stack's in front of a program. */
interface Root {
  /** Its folder among the skeletons: links from one to the other lead there as they do in /. */
  readonly name: string;
  /** Where it lies. */
  readonly mount: string;
  readonly tree: FileTree;
  /** What is not ours there does not exist; else it is the host's, as its empty namespace has it. */
  readonly whole: boolean;
  /** To create a file is forbidden; elsewhere what is to be created is looked for first, and not there. */
  readonly forbidsCreation: boolean;
  /** Of what is written, what begins the file counts. */
  readonly fromItsBeginning: boolean;
}

const roots = {
  procNet: { name: 'proc/net', mount: '/proc/net', tree: procNetTree, whole: false, forbidsCreation: false, fromItsBeginning: false },
  sysNet: {
    name: 'proc/sys/net',
    mount: '/proc/sys/net',
    tree: sysctlFileTree(sysctls),
    whole: true,
    forbidsCreation: false,
    fromItsBeginning: true,
  },
  classNet: {
    name: 'sys/class/net',
    mount: '/sys/class/net',
    tree: classNetTree,
    whole: true,
    forbidsCreation: true,
    fromItsBeginning: false,
  },
  virtualNet: {
    name: 'sys/devices/virtual/net',
    mount: '/sys/devices/virtual/net',
    tree: virtualNetTree,
    whole: true,
    forbidsCreation: true,
    fromItsBeginning: false,
  },
} satisfies Record<string, Root>;

const ROOTS: readonly Root[] = Object.values(roots);
/** Links that one path may lead through, as in Linux. */
const MOST_LINKS = 40;

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** Where the first link on the way to a node leads, with the rest of the way; null: there is none. */
function throughLink({ root, namespace, path }: ViewNode, follows: boolean): string | null {
  const { link } = root.tree;
  if (link === undefined || path === '') return null;
  for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
    const last = end < 0;
    if (last && !follows) return null;
    const text = link(namespace, last ? path : path.slice(0, end));
    if (text !== null) return posix.join(root.mount, dirname(last ? path : path.slice(0, end)), text, last ? '' : path.slice(end));
    if (last) return null;
  }
}

/** A file or folder that a path leads to. */
export interface ViewNode {
  readonly root: Root;
  readonly namespace: Namespace;
  readonly path: string;
}

/**
 * Which files of /proc and /sys are the stack's, and a skeleton of them: real folders with empty files, one a namespace, so that the
 * kernel itself lists, examines and leads through what has been opened as a folder.
 */
export class PathViews {
  readonly #folder: string;

  constructor() {
    this.#folder = skeletonFolder();
  }

  /**
   * What an absolute path leads to; null: it is none of ours. `ofProcess` says where a process is, by the word of /proc: "self",
   * "thread-self", a number. `ofId` finds the namespace of a skeleton. `follows`: a link that it ends with is followed, too.
   */
  find(
    path: string,
    ofProcess: (word: string) => Namespace | undefined,
    ofId: (id: number) => Namespace | undefined,
    follows = true,
  ): ViewNode | null {
    let node = this.#locate(path, ofProcess, ofId);
    for (let links = 0; node !== null && links < MOST_LINKS; links++) {
      const next = throughLink(node, follows);
      if (next === null) return node;
      const { namespace } = node;
      node = this.#locate(next, () => namespace, ofId);
    }
    return null;
  }

  #locate(path: string, ofProcess: (word: string) => Namespace | undefined, ofId: (id: number) => Namespace | undefined): ViewNode | null {
    const plain = posix.normalize(path).replace(/(?!^)\/$/, '');
    const node = (root: Root, namespace: Namespace | undefined, rest = ''): ViewNode | null =>
      namespace === undefined ? null : { root, namespace, path: rest.slice(1) };
    const proc = /^\/proc\/(?:(self|thread-self|\d+)\/(?:task\/\d+\/)?)?net(\/.*)?$/.exec(plain);
    if (proc !== null) return node(roots.procNet, ofProcess(proc[1] ?? 'self'), proc[2]);
    for (const root of ROOTS) if (isBelow(plain, root.mount)) return node(root, ofProcess('self'), plain.slice(root.mount.length));
    if (!plain.startsWith(`${this.#folder}/`)) return null;
    const [, id, inside = ''] = /^(\d+)\/(.*)$/.exec(plain.slice(this.#folder.length + 1)) ?? [];
    const root = ROOTS.find(({ name }) => isBelow(inside, name));
    return id === undefined || root === undefined ? null : node(root, ofId(Number(id)), inside.slice(root.name.length));
  }

  /** The second letter of an absolute path to a skeleton. */
  get ownLetter(): number {
    return this.#folder.charCodeAt(1);
  }

  /** Whether what lies below an absolute path may be ours. */
  mayHold(folder: string): boolean {
    return folder === '/' || folder.startsWith('/proc') || folder.startsWith('/sys') || folder.startsWith(this.#folder);
  }

  kind({ root, namespace, path }: ViewNode): 'file' | 'folder' | 'link' | null {
    if ((root.tree.link?.(namespace, path) ?? null) !== null) return 'link';
    if (path !== '' && root.tree.mode(namespace, path) !== null) return 'file';
    return root.tree.list(namespace, path) === null ? null : 'folder';
  }

  /** Why there is no such node: a file stands where its folder would, it is not there, or may not be made. */
  errorOf({ root, namespace, path }: ViewNode, creates = false): number {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      if (root.tree.mode(namespace, path.slice(0, end)) !== null) return ENOTDIR;
    const folder = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
    return creates && root.forbidsCreation && root.tree.list(namespace, folder) !== null ? EACCES : ENOENT;
  }

  /** Whether a file's permission bits let somebody open it: on settings who administers the network is as good as root (net_ctl_permissions()). */
  permits({ root, namespace, path }: ViewNode, wanted: number, netAdmin: boolean): boolean {
    const mode = root.tree.mode(namespace, path) ?? 0;
    return ((netAdmin ? mode >> 6 : mode) & wanted) === wanted || (netAdmin && !root.fromItsBeginning && (wanted & 2) === 0);
  }

  /** The path of what stands for a node in its skeleton, brought up to date; null: there is no such node. */
  skeleton(node: ViewNode): string | null {
    const { root, namespace, path } = node;
    const at = join(this.#folder, String(namespace.id), root.name, path);
    const kind = this.kind(node);
    if (kind === 'folder') this.#fill(at, node);
    else if (kind === 'file') {
      makeFolder(dirname(at));
      this.#put(at, node.root.tree.mode(namespace, path) ?? 0);
    } else if (kind === 'link') {
      makeFolder(dirname(at));
      this.#link(at, node.root.tree.link?.(namespace, path) ?? '');
    } else return null;
    return at;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #fill(at: string, { root, namespace, path }: ViewNode): void {
    makeFolder(at);
    const entries = root.tree.list(namespace, path) ?? [];
    const wanted = new Set(entries.map(({ name }) => name));
    for (const name of readdirSync(at)) if (!wanted.has(name)) rmSync(join(at, name), { recursive: true, force: true });
    for (const { name, mode, link } of entries) {
      if (link !== undefined) this.#link(join(at, name), link);
      else if (mode === null) makeFolder(join(at, name));
      else this.#put(join(at, name), mode);
    }
  }

  #link(at: string, text: string): void {
    const there = lstatSync(at, { throwIfNoEntry: false });
    if (there?.isSymbolicLink() === true && readlinkSync(at) === text) return;
    if (there !== undefined) rmSync(at, { recursive: true, force: true });
    symlinkSync(text, at);
  }

  #put(at: string, mode: number): void {
    if (statSync(at, { throwIfNoEntry: false }) !== undefined) return;
    writeFileSync(at, '');
    chmodSync(at, mode);
  }
}

/**
 * A folder on a tmpfs, where "." and ".." come first as in /proc (sysctl(8) of procps counts on it), or else on any other file system.
 * Those of daemons that were killed are taken away.
 */
function skeletonFolder(): string {
  const places = ['/dev/shm', '/run', tmpdir()].filter((place) => statSync(place, { throwIfNoEntry: false })?.isDirectory());
  for (const place of places) {
    try {
      for (const name of readdirSync(place)) {
        const [, pid] = /^tapstack-views-(\d+)-/.exec(name) ?? [];
        if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(place, name), { recursive: true, force: true });
      }
      const folder = mkdtempSync(join(place, `tapstack-views-${process.pid}-`));
      chmodSync(folder, 0o755);
      return folder;
    } catch (error) {
      // Not for this user to write: the next.
      if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  throw new NetError(EACCES);
}

/** The daemon's own mask takes away what programs of other users need. */
function makeFolder(at: string): void {
  if (mkdirSync(at, { recursive: true }) !== undefined) chmodSync(at, 0o755);
}

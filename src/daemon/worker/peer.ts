import { readlinkSync, statSync } from 'node:fs';
import { readPeer } from '../../host/epoll-stream.js';
import { type Libc, SO_PEERGROUPS, SOL_SOCKET } from '../../host/libc.js';

/** Groups that a process may have: NGROUPS_MAX. */
const GROUPS = 65_536;

/** Namespaces that decide what files and users mean. */
const NAMESPACES = ['mnt', 'user', 'pid'] as const;

/** What must be equal for a client to get the same results here as in a process of its own. */
export interface Standing {
  readonly uid: number;
  readonly gid: number;
  readonly groups: string;
  readonly root: string;
  readonly namespaces: string;
}

export function ownStanding(): Standing {
  const groups = process.getgroups!();
  const gid = process.getegid!();
  return {
    uid: process.geteuid!(),
    gid,
    // getgroups(2) of Node adds the effective group.
    groups: [...new Set([...groups, gid])].sort((a, b) => a - b).join(),
    root: rootOf('self'),
    namespaces: namespacesOf('self'),
  };
}

/** Whether the process behind the socket `fd` stands as `own` does: its process id, or null where it does not or has gone. */
export function equalPeer(libc: Libc, fd: number, own: Standing): number | null {
  const { pid, uid, gid } = readPeer(libc, fd);
  if (uid !== own.uid || gid !== own.gid || groupsOf(libc, fd, gid) !== own.groups) return null;
  try {
    return rootOf(pid) === own.root && namespacesOf(pid) === own.namespaces ? pid : null;
  } catch {
    // It has gone, or may not be looked at: then it is not one of ours.
    return null;
  }
}

const groupBytes = new Uint8Array(4 * GROUPS);

function groupsOf(libc: Libc, fd: number, gid: number): string | null {
  const size = new Uint8Array(4);
  const view = new DataView(size.buffer);
  view.setUint32(0, groupBytes.length, true);
  if (libc.getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groupBytes, size) < 0) return null;
  const groups = new Uint32Array(groupBytes.buffer, 0, view.getUint32(0, true) >> 2);
  return [...new Set([...groups, gid])].sort((a, b) => a - b).join();
}

function rootOf(process: number | 'self'): string {
  const { dev, ino } = statSync(`/proc/${process}/root/`);
  return `${dev}:${ino}`;
}

const namespacesOf = (process: number | 'self') => NAMESPACES.map((kind) => readlinkSync(`/proc/${process}/ns/${kind}`)).join();

import { chmodSync, copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mountPoints } from './mount-points.js';

/** What of /etc is about networks: files, and folders with the files in them. */
const NETWORK_FILES = ['resolv.conf', 'hosts', 'sysctl.conf'];
const NETWORK_FOLDERS = ['iproute2', 'sysctl.d', 'netns', 'network', 'wireguard'];

/**
 * Puts into the instance's own etc what an overlay of the host's /etc would not show or would write through: files that are
 * mounted one by one (containers do so with resolv.conf and hosts), and links out of /etc (systemd-resolved). For an
 * `ordinaryUser`, to whom root's files stay read-only in the overlay too, copies of all that is about networks.
 */
export function fillEtc(etc: string, ordinaryUser: boolean): void {
  for (const path of mountPoints()) if (path.startsWith('/etc/')) copyTo(etc, path.slice('/etc/'.length));
  for (const name of NETWORK_FILES)
    if (ordinaryUser || lstatSync(join('/etc', name), { throwIfNoEntry: false })?.isSymbolicLink()) copyTo(etc, name);
  if (ordinaryUser) for (const folder of NETWORK_FOLDERS) copyFolder(etc, folder);
}

function copyFolder(etc: string, folder: string): void {
  const host = join('/etc', folder);
  if (existsSync(join(etc, folder)) || !isReadable(() => readdirSync(host))) return;
  mkdirSync(join(etc, folder), { recursive: true });
  for (const entry of readdirSync(host, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) copyFolder(etc, path);
    else copyTo(etc, path);
  }
}

/** A file of the host's /etc, unless the instance has its own. */
function copyTo(etc: string, path: string): void {
  const host = join('/etc', path);
  const own = join(etc, path);
  if (existsSync(own) || !statSync(host, { throwIfNoEntry: false })?.isFile()) return;
  mkdirSync(dirname(own), { recursive: true });
  if (isReadable(() => copyFileSync(host, own))) chmodSync(own, 0o644);
}

/** False where this user may not read; then the overlay shows the host's, which he may not read either. */
function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENOENT') return false;
    throw error;
  }
}

import { copyFileSync, existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mountPoints } from './mount-points.js';

/** Files that programs write through a link which leads out of /etc (systemd-resolved). */
const OFTEN_LINKS = ['/etc/resolv.conf', '/etc/hosts', '/etc/sysctl.conf'];

/**
 * Puts into the instance's own etc what an overlay of the host's /etc would not show or would write through: files that are
 * mounted one by one (containers do so with resolv.conf and hosts), and links out of /etc.
 */
export function fillEtc(etc: string): void {
  const mounted = mountPoints().filter((path) => path.startsWith('/etc/'));
  const links = OFTEN_LINKS.filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink());
  for (const path of new Set([...mounted, ...links])) {
    const own = join(etc, path.slice('/etc/'.length));
    if (existsSync(own) || !statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    mkdirSync(dirname(own), { recursive: true });
    copyFileSync(path, own);
  }
}

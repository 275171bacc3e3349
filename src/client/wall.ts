import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fillEtc } from './own-etc.js';

type Variables = Readonly<Record<string, string | undefined>>;

export interface WallRequest {
  readonly argv: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  /** Files of /etc/netns/NAME lie over /etc. */
  readonly namespaceName?: string | undefined;
  /** Shows an ordinary user's program uid 0. */
  readonly root?: boolean;
}

export interface WalledProgram {
  readonly argv: readonly string[];
  readonly variables: NodeJS.ProcessEnv;
  /** A line for standard error where the machine allows no wall; null: there is one. */
  readonly warning: string | null;
  /** It begins with unshare(CLONE_NEWNET). */
  readonly makesNamespace: boolean;
}

/** Set inside a wall to its "net:[...]": what is started there needs no second one. */
export const WALL_VARIABLE = 'TAPSTACK_WALL';

/**
 * Puts a program behind the wall: an empty network namespace of the host, and a mount namespace in which /etc is the instance's
 * own (TAPSTACK_ETC over the host's), /sys shows the empty namespace, and the host's named namespaces are out of reach.
 */
export function wall(request: WallRequest): WalledProgram {
  const { argv, namespaceName = '' } = request;
  const variables = { ...request.variables };
  const inside = isInside(variables, ownNamespace());
  const overlaid = isOverlaid(variables, namespaceName);
  if (inside && !overlaid) return { argv, variables, warning: null, makesNamespace: false };
  const flags = wallFlags(inside ? ['-m'] : ['-n', '-m'], request.root === true);
  if (flags === null) return { argv, variables, warning: inside ? null : WARNING, makesNamespace: false };
  const etc = inside ? undefined : variables['TAPSTACK_ETC'];
  let work = '';
  let names = '';
  if (etc !== undefined && etc !== '') {
    work = join(dirname(etc), 'etc.work');
    mkdirSync(etc, { recursive: true, mode: 0o755 });
    names = join(dirname(etc), 'netns');
    mkdirSync(work, { recursive: true, mode: 0o700 });
    mkdirSync(names, { recursive: true, mode: 0o755 });
    fillEtc(etc, process.geteuid?.() !== 0);
  }
  const setup = ['/bin/sh', '-c', SETUP, 'tapstack', etc ?? '', work, names, namespaceName, flags.dropCapabilities ? 'drop' : 'keep'];
  return { argv: ['unshare', ...flags.words, '--', ...setup, ...argv], variables, warning: null, makesNamespace: !inside };
}

/** Whether a process with these variables and this "net:[...]" is behind a wall already. */
export function isInside(variables: Variables, namespace: string): boolean {
  return variables[WALL_VARIABLE] !== undefined && variables[WALL_VARIABLE] === namespace;
}

/** Whether files lie over /etc in a named namespace. */
export function isOverlaid(variables: Variables, namespaceName: string): boolean {
  return namespaceName !== '' && hasFiles(`/etc/netns/${namespaceName}`, join(variables['TAPSTACK_ETC'] ?? '', 'netns', namespaceName));
}

const WARNING = 'tapstack: this machine allows no network namespaces: programs other than ours still see the host\n';

/**
 * Runs inside the new namespaces, with all rights over them, and ends as the program. Words: own etc, its overlay's work folder,
 * the folder of the instance's namespaces (/run/netns), name of a namespace whose files lie over /etc, what becomes of capabilities, then the program.
 */
const SETUP = `
etc=$1 work=$2 names=$3 netns=$4 capabilities=$5
shift 5
if [ -n "$etc" ]; then
  mount -t overlay overlay -o "lowerdir=/etc,upperdir=$etc,workdir=$work" /etc 2>/dev/null ||
  mount -t overlay overlay -o "userxattr,lowerdir=/etc,upperdir=$etc,workdir=$work" /etc 2>/dev/null ||
  { cp -a -n /etc/. "$etc"/ 2>/dev/null; mount --bind "$etc" /etc; } || exit 1
  if mount -t sysfs sysfs "$work" 2>/dev/null; then
    mount --rbind /sys/fs/cgroup "$work/fs/cgroup" 2>/dev/null
    mount --move "$work" /sys 2>/dev/null
  fi
  [ -d /run/netns ] || mkdir -p -m 0755 /run/netns 2>/dev/null
  if [ -d /run/netns ]; then mount --bind "$names" /run/netns; fi
  TAPSTACK_WALL=$(readlink /proc/self/ns/net)
  export TAPSTACK_WALL
fi
if [ -n "$netns" ]; then
  for file in /etc/netns/"$netns"/*; do
    [ -e "$file" ] || continue
    mount --bind "$file" "/etc/\${file##*/}" || echo "Bind $file -> /etc/\${file##*/} failed" >&2
  done
fi
if [ "$capabilities" = drop ]; then exec setpriv --inh-caps=-all --ambient-caps=-all -- "$@"; fi
exec "$@"
`;

interface WallFlags {
  readonly words: readonly string[];
  /** The program gets none of the rights that a user namespace gave for the setup. */
  readonly dropCapabilities: boolean;
}

/** How this user may make namespaces here: as root, else in a user namespace that keeps the uid or shows 0; null: not at all. */
function wallFlags(kinds: readonly string[], root: boolean): WallFlags | null {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot && isAllowed(kinds)) return { words: kinds, dropCapabilities: false };
  const words = root || isRoot ? ['-U', '--map-root-user', ...kinds] : ['-U', '--map-current-user', '--keep-caps', ...kinds];
  return isAllowed(words) ? { words, dropCapabilities: !root && !isRoot } : null;
}

/** Whether programs get an empty network namespace and an /etc of their own here. */
export const mayMakeWall = (): boolean => wallFlags(['-n', '-m'], false) !== null;

const isAllowed = (words: readonly string[]) => spawnSync('unshare', [...words, '--', 'true'], { stdio: 'ignore' }).status === 0;

/** "net:[4026531840]" of this process. */
export function ownNamespace(): string {
  return readlinkSync('/proc/self/ns/net');
}

function hasFiles(...folders: readonly string[]): boolean {
  return folders.some((folder) => {
    try {
      return readdirSync(folder).length > 0;
    } catch {
      // Not there: nothing lies over /etc.
      return false;
    }
  });
}

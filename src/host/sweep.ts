import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** By what the programs of one instance are known. */
export interface SweepMarks {
  /** Links of /proc/PID/ns: "net:[4026532000]". Those of the host are never among them. */
  readonly namespaces: readonly string[];
  /** Variables that every program of the instance inherits: "TAPSTACK_INSTANCE=run-1-2". */
  readonly variables: readonly string[];
}

/** Processes other than this one that carry a mark; those that this user may not look at are not his. */
export function markedProcesses(marks: SweepMarks): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isMarked(pid, marks));
}

function isMarked(pid: number, marks: SweepMarks): boolean {
  const folder = `/proc/${pid}`;
  if (marks.namespaces.length > 0)
    for (const kind of ['net', 'mnt']) if (marks.namespaces.includes(look(() => readlinkSync(`${folder}/ns/${kind}`)))) return true;
  if (marks.variables.length === 0) return false;
  const variables = look(() => readFileSync(`${folder}/environ`, 'latin1')).split('\0');
  return marks.variables.every((mark) => variables.includes(mark));
}

/** What a process shows; nothing of one that has ended meanwhile or belongs to somebody else. */
function look(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

/** Kills every process that carries a mark, and those they start meanwhile. False: some were still there after two seconds. */
export async function sweep(marks: SweepMarks, spare: readonly number[] = []): Promise<boolean> {
  for (let round = 0; round < 100; round++) {
    const found = markedProcesses(marks).filter((pid) => !spare.includes(pid) && !isZombie(pid));
    if (found.length === 0) return true;
    for (const pid of found) kill(pid);
    await new Promise((resolve) => setTimeout(resolve, round < 5 ? 2 : 20));
  }
  return false;
}

/** This process's parent, its parent, and so on. */
export function ancestors(): number[] {
  const found: number[] = [];
  for (let pid = process.ppid; pid > 0 && !found.includes(pid); ) {
    found.push(pid);
    // Behind the name: state, then the parent (proc(5)).
    pid = Number(/.*\) \S (\d+)/s.exec(look(() => readFileSync(`/proc/${pid}/stat`, 'latin1')))?.[1] ?? 0);
  }
  return found;
}

const isZombie = (pid: number) => /\) [ZX] /.test(look(() => readFileSync(`/proc/${pid}/stat`, 'latin1')));

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

import { markInLimits } from './process-tags.js';
import { readdir, readFile, readlink } from 'node:fs/promises';

/** By what the programs of one instance are known. */
export interface SweepMarks {
  /** Links of /proc/PID/ns: "net:[4026532000]". Those of the host are never among them. */
  readonly namespaces: readonly string[];
  /** Variables that every program of the instance inherits: "TAPSTACK_INSTANCE=run-1-2". */
  readonly variables: readonly string[];
  /** What their tags have in common (host/process-tags.ts), whatever a program does to its environment and to who may look at it. */
  readonly tags?: readonly number[];
}

/**
 * Processes other than this one that carry a mark; those that this user may not look at are not his. Files are read by the threads of
 * Node's pool: the main thread of a launcher is supervised as its program is, by a daemon that may be gone.
 */
export async function markedProcesses(marks: SweepMarks): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc'))
    if (/^[0-9]+$/.test(name) && Number(name) !== process.pid && (await isMarked(Number(name), marks))) found.push(Number(name));
  return found;
}

async function isMarked(pid: number, marks: SweepMarks): Promise<boolean> {
  const folder = `/proc/${pid}`;
  if (marks.namespaces.length > 0)
    for (const kind of ['net', 'mnt']) if (marks.namespaces.includes(await look(readlink(`${folder}/ns/${kind}`)))) return true;
  if (marks.tags !== undefined && marks.tags.length > 0)
    if (marks.tags.includes(markInLimits(await look(readFile(`${folder}/limits`, 'latin1'))))) return true;
  if (marks.variables.length === 0) return false;
  const variables = (await look(readFile(`${folder}/environ`, 'latin1'))).split('\0');
  return marks.variables.every((mark) => variables.includes(mark));
}

/** What a process shows; nothing of one that has ended meanwhile or belongs to somebody else. */
async function look(read: Promise<string>): Promise<string> {
  try {
    return await read;
  } catch {
    return '';
  }
}

/** Kills every process that carries a mark, and those they start meanwhile. False: some were still there after two seconds. */
export async function sweep(marks: SweepMarks, spare: readonly number[] = []): Promise<boolean> {
  for (let round = 0; round < 100; round++) {
    const found: number[] = [];
    for (const pid of await markedProcesses(marks)) if (!spare.includes(pid) && !(await isZombie(pid))) found.push(pid);
    if (found.length === 0) return true;
    for (const pid of found) kill(pid);
    await new Promise((resolve) => setTimeout(resolve, round < 5 ? 2 : 20));
  }
  return false;
}

const isZombie = async (pid: number) => /\) [ZX] /.test(await look(readFile(`/proc/${pid}/stat`, 'latin1')));

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

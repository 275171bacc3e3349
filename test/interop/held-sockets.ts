import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether namespaces can be made here and these programs are there. In CI tests run all the same, and fail where not. */
export function mayHoldSockets(tools: readonly string[]): boolean {
  const able = ['python3', 'nsenter', ...tools].every((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0);
  return process.geteuid?.() === 0 && able && spawnSync('unshare', ['-n', 'true']).status === 0;
}

/** Sockets of the host's kernel of every kind, held by socket-holder.py in a namespace of their own. */
export class HeldSockets {
  readonly #holder: ChildProcess;
  readonly #folder: string;
  readonly pid: string;

  private constructor(holder: ChildProcess, folder: string, pid: string) {
    this.#holder = holder;
    this.#folder = folder;
    this.pid = pid;
  }

  static async start(): Promise<HeldSockets> {
    const folder = mkdtempSync(join(tmpdir(), 'held-sockets-'));
    const holder = spawn('unshare', ['-n', 'python3', join(__dirname, 'socket-holder.py'), folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    for await (const chunk of holder.stdout!) {
      said += chunk;
      const ready = /ready (\d+)\n/.exec(said);
      if (ready !== null) return new HeldSockets(holder, folder, ready[1]!);
    }
    throw new Error(`the holder of sockets ended: ${said}`);
  }

  /** Runs a program in the namespace, ours on the kernel there. */
  run(program: string, words: readonly string[]) {
    const env = { ...process.env, TAPSTACK_TARGET: 'kernel' };
    const { stdout, stderr, status } = spawnSync('nsenter', ['-t', this.pid, '-n', program, ...words], {
      encoding: 'utf8',
      env,
      timeout: 20_000,
    });
    return { stdout, stderr, status };
  }

  async stop(): Promise<void> {
    this.#holder.stdin!.end();
    await once(this.#holder, 'exit');
    rmSync(this.#folder, { recursive: true });
  }
}

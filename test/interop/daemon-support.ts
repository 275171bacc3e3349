import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `npm run build` made; TAPSTACK_BIN names another build. */
export const BIN = process.env['TAPSTACK_BIN'] ?? join(__dirname, '../../bin');

/** Tests that need root fail where they must run (CI), and are left out for an ordinary user. */
export const asRoot = process.geteuid!() === 0 || process.env['CI'] ? test : test.skip;
if (asRoot !== test) process.stderr.write('Left out: tests that make namespaces and TAPs on the host, they want root.\n');

export interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: string | null;
  readonly ms: number;
}

/** Where namespaces are not allowed (an ordinary user's container), every run says so first; in CI that is a failure. */
const hasWalls = process.env['CI'] !== undefined || spawnSync('unshare', ['-U', '-r', '-n', '-m', '--', 'true']).status === 0;
const expectedPart = (stderr: string) =>
  hasWalls ? stderr : stderr.replace(/^tapstack: this machine allows no network namespaces:.*\n/m, '');

/** Tests of what only a wall gives. */
export const walled = hasWalls ? test : test.skip;

/** A runtime folder of its own, whose instances end with it. */
export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'ts-lab-'));
  readonly dir = join(this.folder, 'r');
  readonly variables: NodeJS.ProcessEnv;

  constructor(variables: NodeJS.ProcessEnv = {}) {
    this.variables = { ...process.env, TAPSTACK_DIR: this.dir, ...variables };
    for (const name of ['TAPSTACK_INSTANCE', 'TAPSTACK_NETNS', 'TAPSTACK_ETC', 'TAPSTACK_TARGET', 'TAPSTACK_WALL'])
      delete this.variables[name];
    // An ordinary user makes his runtime folder in here.
    chmodSync(this.folder, 0o777);
  }

  start(argv: readonly string[], stdin?: string): { readonly child: ChildProcess; readonly done: Promise<Result> } {
    const begin = Date.now();
    const [program = '', ...words] = argv;
    const child = spawn(program === 'tapstack' ? join(BIN, 'tapstack') : program, words, { env: this.variables, cwd: this.folder });
    child.stdin.end(stdin);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const done = new Promise<Result>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, signal) => {
        const ms = Date.now() - begin;
        resolve({ stdout: Buffer.concat(stdout).toString(), stderr: expectedPart(Buffer.concat(stderr).toString()), status, signal, ms });
      });
    });
    return { child, done };
  }

  tapstack(...words: readonly string[]): Promise<Result> {
    return this.start(['tapstack', ...words]).done;
  }

  /** The same as uid 65534, who owns nothing here. */
  asNobody(...words: readonly string[]): Promise<Result> {
    return this.start(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', join(BIN, 'tapstack'), ...words]).done;
  }

  async list(): Promise<readonly { name: string; state: string; pid?: number }[]> {
    return JSON.parse((await this.tapstack('list', '--json')).stdout) as { name: string; state: string; pid?: number }[];
  }

  pidOf(name: string): number {
    return Number(readFileSync(join(this.dir, name, 'lock'), 'utf8'));
  }

  socketOf(name: string): string {
    return join(this.dir, name, 'bus');
  }

  async close(): Promise<void> {
    for (const { name } of await this.list().catch(() => [])) await this.tapstack('down', '--name', name);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Until `check` holds; for processes, which tell nobody when they have ended. */
export async function until(check: () => boolean, limitMs = 5000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!check()) {
    if (Date.now() > end) throw new Error(`not so within ${limitMs} ms: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A process that still runs: not gone, not a zombie that nobody has waited for. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { EBUSY, EOPNOTSUPP } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { HeldNamespaces } from '../host/held-namespaces.js';
import { holderOf } from '../host/instance-lock.js';
import { sweep } from '../host/sweep.js';
import { BusConnection } from './bus-connection.js';
import { CAPTURE_VARIABLE, captures, captureSelf } from './capture.js';
import { ClientError, ProgramError } from './client-error.js';
import { endInstance } from './end-instance.js';
import type {
  ExecRequest,
  Finding,
  InstanceEntry,
  InstancePort,
  InstanceStatus,
  NicSpecification,
  NicStatus,
  RunRequest,
  UnsupportedRequest,
  UpRequest,
} from './instance-port.js';
import { folderGone, nestInstance, OUTER_VARIABLE } from './nested.js';
import { withWholePaths } from './nic-paths.js';
import { checkName, checkRuntimeFolder, type InstancePaths, instancePaths, runtimeFolder } from './paths.js';
import { meantInstance, reachInstance } from './reach.js';
import { findProgram, startProcess } from './spawn.js';
import { packageRoot, pipeEnded, startDaemon } from './start-daemon.js';
import { ownNamespace, WALL_VARIABLE, wall } from './wall.js';

/** How long a private daemon may take to end what its program left running. */
const END_LIMIT_MS = 6000;
/** A private daemon that nobody claims ends by itself. */
const UNCLAIMED_SECONDS = 30;

/** Instances of this machine, as the caller's variables have it. */
export function hostInstances(variables: NodeJS.ProcessEnv): InstancePort {
  return new HostInstances(variables);
}

class HostInstances implements InstancePort {
  readonly #variables: NodeJS.ProcessEnv;
  readonly #uid = process.geteuid?.() ?? 0;

  constructor(variables: NodeJS.ProcessEnv) {
    this.#variables = variables;
  }

  async run({ argv, nics, root, capture }: RunRequest): Promise<number> {
    if (this.#variables['TAPSTACK_TARGET'] === 'kernel') return startProcess(requireProgram(argv, this.#variables), this.#variables);
    const name = `run-${process.pid}-${Math.floor(Math.random() * 0x1000000).toString(16)}`;
    const paths = instancePaths(runtimeFolder(this.#variables, this.#uid), name);
    const variables = programVariables(this.#variables, paths, capture);
    requireProgram(argv, variables);
    try {
      return await this.#runPrivate(argv, variables, root, nics.map(withWholePaths), paths);
    } finally {
      await removeEnded(paths);
    }
  }

  async #runPrivate(
    argv: readonly string[],
    variables: NodeJS.ProcessEnv,
    root: boolean,
    nics: readonly NicSpecification[],
    paths: InstancePaths,
  ): Promise<number> {
    const { name } = paths;
    const nested = await nestInstance(this.#variables, paths, { private: true, nics });
    const pipe = nested === null ? (await startDaemon(paths, { private: true, idleSeconds: UNCLAIMED_SECONDS, nics })).pipe : null;
    const connection = await BusConnection.open(paths.socket, { socket: 'control' });
    const held = new HeldNamespaces();
    try {
      const { tags } = (await connection.request({ request: 'hold' })) as { readonly tags: readonly number[] };
      const status = await this.#inside(argv, variables, root, { connection }, async (pid) => {
        await holdNewNamespaces(held, pid);
        // A daemon that has died meanwhile cannot end anything; the launcher does, below.
        await connection.request({ request: 'marks', argument: held.paths }).catch(() => undefined);
      });
      connection.close();
      nested?.connection.close();
      const ended = pipe === null ? folderGone(paths.folder, END_LIMIT_MS) : pipeEnded(pipe, END_LIMIT_MS);
      if (!(await ended)) process.stderr.write(`tapstack: the daemon of ${name} does not end (log: ${paths.log})\n`);
      // What a daemon that was killed left to be done.
      await sweep({ namespaces: held.links, variables: [`TAPSTACK_INSTANCE=${name}`, `TAPSTACK_DIR=${paths.runtime}`], tags });
      return status;
    } finally {
      held.close();
      connection.close();
      nested?.connection.close();
      pipe?.destroy();
      await tellFailure(paths);
    }
  }

  shell(request: Omit<RunRequest, 'argv'>): Promise<number> {
    return this.run({ ...request, argv: [this.#variables['SHELL'] || '/bin/sh'] });
  }

  async exec({ argv, name, namespace, capture }: ExecRequest): Promise<number> {
    this.#needStack('exec');
    const { paths } = meantInstance(this.#variables, name);
    const variables = programVariables(this.#variables, paths, capture);
    // The connection stays while the program runs: an instance with a client is not idle.
    const connection = await this.#control(name);
    try {
      if (namespace !== undefined)
        variables['TAPSTACK_NETNS'] = String(await connection.request({ request: 'namespace', argument: namespace }));
      return await this.#inside(requireProgram(argv, variables), variables, false, {
        connection,
        ...(namespace === undefined ? {} : { namespace }),
      });
    } finally {
      connection.close();
    }
  }

  packetdrill(argv: readonly string[]): Promise<number> {
    return startProcess([process.execPath, join(packageRoot(), 'dist', 'packetdrill', 'main.js'), ...argv], this.#variables);
  }

  async up({ name, nics: given }: UpRequest): Promise<{ name: string; started: boolean }> {
    this.#needStack('up');
    const nics = given.map(withWholePaths);
    const { paths } = meantInstance(this.#variables, name);
    const nested = await nestInstance(this.#variables, paths, { private: false, nics });
    nested?.connection.close();
    const { started } = nested ?? (await startDaemon(paths, { nics }));
    if (!started && nics.length > 0)
      throw new ClientError(EBUSY, `instance "${paths.name}" is running already: tapstack nic add gives it a NIC`);
    return { name: paths.name, started };
  }

  async down(name?: string): Promise<void> {
    this.#needStack('down');
    const { paths } = meantInstance(this.#variables, name);
    checkRuntimeFolder(paths.runtime, this.#uid);
    await endInstance(paths);
  }

  async status(name?: string): Promise<InstanceStatus> {
    return (await this.#ask('status', undefined, name)) as InstanceStatus;
  }

  async unsupported(name?: string): Promise<readonly UnsupportedRequest[]> {
    return (await this.#ask('unsupported', undefined, name)) as readonly UnsupportedRequest[];
  }

  async doctor(): Promise<readonly Finding[]> {
    const { examine } = await import('./doctor.js');
    return examine(this.#variables);
  }

  async list(): Promise<readonly InstanceEntry[]> {
    this.#needStack('list');
    const runtime = runtimeFolder(this.#variables, this.#uid);
    if (!checkRuntimeFolder(runtime, this.#uid)) return [];
    const entries: InstanceEntry[] = [];
    for (const entry of readdirSync(runtime, { withFileTypes: true })) {
      if (!entry.isDirectory() || !isName(entry.name)) continue;
      const pid = holderOf(join(runtime, entry.name, 'lock'));
      entries.push(pid === null ? { name: entry.name, state: 'dead' } : { name: entry.name, state: 'running', pid });
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async nicList(name?: string): Promise<readonly NicStatus[]> {
    return (await this.#ask('nic-list', undefined, name)) as readonly NicStatus[];
  }

  async nicAdd(nic: NicSpecification, name?: string): Promise<NicStatus> {
    return (await this.#ask('nic-add', withWholePaths(nic), name)) as NicStatus;
  }

  async nicDelete(nicName: string, name?: string): Promise<void> {
    await this.#ask('nic-delete', nicName, name);
  }

  async #ask(request: string, argument: unknown, name: string | undefined): Promise<unknown> {
    this.#needStack(request.replace('-', ' '));
    const connection = await this.#control(name);
    try {
      return await connection.request({ request, argument });
    } finally {
      connection.close();
    }
  }

  #control(name: string | undefined): Promise<BusConnection> {
    return reachInstance(this.#variables, (path) => BusConnection.open(path, { socket: 'control' }), name);
  }

  #needStack(verb: string): void {
    if (this.#variables['TAPSTACK_TARGET'] === 'kernel')
      throw new ClientError(EOPNOTSUPP, `${verb} needs a stack, and TAPSTACK_TARGET is "kernel"`);
  }

  async #inside(
    argv: readonly string[],
    variables: NodeJS.ProcessEnv,
    root: boolean,
    { connection, namespace }: { readonly connection: BusConnection; readonly namespace?: string },
    started?: (pid: number) => Promise<void>,
  ): Promise<number> {
    const program = wall({ argv, variables, root });
    // Starts the threads of Node's pool, which stay outside.
    await stat('/');
    const warning = captures(variables) ? await captureSelf(connection, namespace, program.makesNamespace) : null;
    for (const line of [program.warning, warning]) if (line !== null) process.stderr.write(line);
    return startProcess(program.argv, program.variables, (pid) => void started?.(pid));
  }
}

/** What a program of an instance gets: the instance's name and folders, and our commands before the machine's. */
function programVariables(variables: NodeJS.ProcessEnv, paths: InstancePaths, capture: boolean): NodeJS.ProcessEnv {
  const own = commandFolders();
  const path = variables['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const result: NodeJS.ProcessEnv = {
    ...variables,
    PATH: [...own, ...path.split(delimiter).filter((folder) => !own.includes(folder))].join(delimiter),
    TAPSTACK_INSTANCE: paths.name,
    TAPSTACK_DIR: paths.runtime,
    TAPSTACK_ETC: paths.etc,
  };
  if (capture) result[OUTER_VARIABLE] = paths.socket;
  else result[CAPTURE_VARIABLE] = 'off';
  delete result['TAPSTACK_NETNS'];
  // Another instance's wall has another etc.
  if (variables['TAPSTACK_ETC'] !== paths.etc) delete result[WALL_VARIABLE];
  return result;
}

/** Where our commands lie: those that go through the native client, where one is built, before the others. */
function commandFolders(): readonly string[] {
  const folders = [join(packageRoot(), 'native', 'bin'), join(packageRoot(), 'bin')];
  return folders.filter((folder) => existsSync(folder));
}

function requireProgram(argv: readonly string[], variables: NodeJS.ProcessEnv): readonly string[] {
  try {
    findProgram(argv[0] ?? '', variables);
  } catch (error) {
    if (error instanceof NetError) throw new ProgramError(argv[0] ?? '', error.errno);
    throw error;
  }
  return argv;
}

/**
 * A daemon that ended well took its folder away; what one that failed has logged is shown, since the log goes with the run. Here and
 * below files are handled by the threads of Node's pool: this one is supervised by a daemon that is gone.
 */
async function tellFailure(paths: InstancePaths): Promise<void> {
  const log = await readFile(paths.log, 'utf8').catch(() => '');
  if (log !== '') process.stderr.write(`tapstack: the daemon of ${paths.name} failed:\n${log}`);
}

/** Takes the folder of a private instance away, unless its daemon still holds it. */
async function removeEnded(paths: InstancePaths): Promise<void> {
  const holder = (await readFile(paths.lock, 'latin1').catch(() => '')).trim();
  const command = holder === '' ? '' : await readFile(`/proc/${holder}/cmdline`, 'latin1').catch(() => '');
  if (!command.includes('tapstackd')) await rm(paths.folder, { recursive: true, force: true });
}

/** Holds the namespaces that `pid` has and this process has not, as soon as it is behind its wall; none if it has no wall. */
async function holdNewNamespaces(held: HeldNamespaces, pid: number): Promise<void> {
  const own = [ownNamespace(), readlinkSync('/proc/self/ns/mnt')];
  for (let i = 0; i < 100; i++) {
    const kinds = ['net', 'mnt'];
    const links = kinds.map((kind) => namespaceLink(pid, kind));
    if (links.every((link) => link !== '' && !own.includes(link))) {
      for (const kind of kinds) held.hold(`/proc/${pid}/ns/${kind}`, own);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function namespaceLink(pid: number, kind: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    // It has ended.
    return '';
  }
}

function isName(name: string): boolean {
  try {
    checkName(name);
    return true;
  } catch {
    return false;
  }
}

import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { EIO } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import { BusConnection } from '../../client/bus-connection.js';
import { captures, tagProcess } from '../../client/capture.js';
import { ClientError } from '../../client/client-error.js';
import type { ProcessPort, SpawnRequest } from '../../client/command.js';
import { reachInstance } from '../../client/reach.js';
import { findProgram, idOf } from '../../client/spawn.js';
import type { SpawnReport } from '../../client/spawn-program.js';
import { packageRoot } from '../../client/start-daemon.js';
import { isInside, isOverlaid } from '../../client/wall.js';
import { spawnFrame, type WorkerFrame, type WorkerRequest } from '../../client/worker-frames.js';
import type { FrameSink } from './client-io.js';

/** Programs that the client starts in its own process: its terminal, its descriptors, its namespaces. */
export class ClientPrograms implements ProcessPort {
  readonly uid = process.geteuid!();
  readonly #sink: FrameSink;
  readonly #request: WorkerRequest;
  readonly #pid: number;
  #ended: ((frame: WorkerFrame) => void) | null = null;

  constructor(sink: FrameSink, request: WorkerRequest, pid: number) {
    this.#sink = sink;
    this.#request = request;
    this.#pid = pid;
  }

  async spawn(request: SpawnRequest): Promise<number> {
    const variables: Record<string, string | undefined> = { ...this.#request.variables, ...request.variables };
    const file = findProgram(request.argv[0] ?? '', variables, this.#request.cwd);
    // A wall is built, and a program captured, by a helper beside the client; behind one already, only the namespace may be another.
    const helped = request.walled === true && !this.#needsNoWall(request, variables);
    if (request.walled === true && !helped && captures(variables)) await this.#tag(variables);
    const program = helped
      ? {
          file: process.execPath,
          argv: [process.execPath, join(packageRoot(), 'dist', 'client', 'spawn-program.js'), JSON.stringify(request)],
        }
      : { file, argv: request.argv };
    const frame = await new Promise<WorkerFrame>((resolve) => {
      this.#ended = resolve;
      this.#sink.send(spawnFrame({ ...program, variables: request.variables ?? {}, reports: helped }));
    });
    if (frame.value !== 0) throw new NetError(frame.value);
    if (frame.payload.length > 0) throw reported(frame.payload);
    return frame.number;
  }

  take(frame: WorkerFrame): void {
    const ended = this.#ended;
    this.#ended = null;
    ended?.(frame);
  }

  #needsNoWall(request: SpawnRequest, variables: Readonly<Record<string, string | undefined>>): boolean {
    const inside = isInside(variables, readlinkSync(`/proc/${this.#pid}/ns/net`)) && !isOverlaid(variables, request.namespaceName ?? '');
    return inside && (!captures(variables) || isFiltered(this.#pid));
  }

  async #tag(variables: Readonly<Record<string, string | undefined>>): Promise<void> {
    const connection = await reachInstance(variables, (path) => BusConnection.open(path, { socket: 'control' }));
    try {
      await tagProcess(connection, this.#pid, idOf(variables['TAPSTACK_NETNS']));
    } finally {
      connection.close();
    }
  }
}

/** Whether a process is behind a seccomp filter: inside a wall, that of the supervisor. */
const isFiltered = (pid: number) => /^Seccomp:\s*2$/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));

function reported(payload: Buffer): NetError {
  const { errno, text } = JSON.parse(payload.toString()) as Partial<SpawnReport>;
  if (typeof errno !== 'number') return new NetError(EIO);
  return text === undefined ? new NetError(errno) : new ClientError(errno, text);
}

import { constants } from 'node:os';
import { EPIPE } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import type { Command, CommandEnvironment, CommandIo, OutputPort } from './command.js';

/** What a shell shows for a program that a closed pipe ended. */
const STATUS_SIGPIPE = 128 + constants.signals.SIGPIPE;
/** EX_SOFTWARE of sysexits(3). */
const STATUS_DEFECT = 70;

/** An output that may still hold what a slow reader has not taken. */
export interface FlushedOutput extends OutputPort {
  /** Resolves when all that was written is taken; throws NetError where it cannot be. */
  flush(): Promise<void>;
}

export interface CommandRun {
  /** As the caller typed it, without its folder. */
  readonly name: string;
  readonly command: Command;
  readonly argv: readonly string[];
  readonly io: CommandIo & { readonly stdout: FlushedOutput; readonly stderr: FlushedOutput };
  readonly environment: CommandEnvironment;
  /** Writes to the caller's standard error, whatever became of the port. */
  readonly complain: (text: string) => void;
}

/** Runs a command to its exit status, with all that it wrote taken by its readers. */
export async function runCommand(run: CommandRun): Promise<number> {
  const { io } = run;
  try {
    const status = await run.command(run.argv, io, run.environment);
    await io.stdout.flush();
    await io.stderr.flush();
    return status;
  } catch (error) {
    return failureStatus(error, run);
  }
}

/** The status of a command that ended with an error, which the user is told. */
export function failureStatus(error: unknown, { name, complain }: Pick<CommandRun, 'name' | 'complain'>): number {
  if (error instanceof NetError) {
    if (error.errno === EPIPE) return STATUS_SIGPIPE;
    // What the machine refused and no command had words for: a full disk, an instance that is gone.
    complain(`${name}: ${error.message}\n`);
    return 1;
  }
  // A defect of ours: all that is known goes to the user, who can report it.
  complain(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return STATUS_DEFECT;
}

/** CommandIo.sleepUs() in real time. */
export function sleepUs(us: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, us / 1000);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** CommandIo.nowUs() in real time. */
export const nowUs = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

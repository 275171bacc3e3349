import { ENOENT, EPIPE } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';
import type { Command, CommandIo, FilePort, InputPort, OutputPort, SpawnRequest } from '../../client/command.js';
import type { Transport } from '../../client/transport.js';
import type { InstanceTime } from '../time.js';
import { type Pipeline, parseScript, type SimpleCommand } from './parse.js';
import { Collector, inputOf, Pipe } from './pipe.js';

type Variables = Readonly<Record<string, string | undefined>>;
type SignalName = Parameters<CommandIo['onSignal']>[0];

/** What scripts run against. */
export interface ShellSurroundings {
  /** One of our commands by its name; undefined: there is none. */
  command(name: string): Promise<Command | undefined>;
  transport(variables: Variables): Promise<Transport>;
  readonly time: InstanceTime;
  readonly files: FilePort;
  readonly variables: Variables;
}

export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

interface Stdio {
  readonly stdin: InputPort;
  readonly stdout: OutputPort;
}

/** A script under way. */
export class ShellRun {
  readonly done: Promise<ShellResult>;
  readonly #surroundings: ShellSurroundings;
  readonly #stdout = new Collector();
  readonly #stderr = new Collector();
  readonly #abort = new AbortController();
  readonly #handlers = new Map<SignalName, Set<() => void>>();

  /** Throws NetError(EINVAL) for what parseScript() does not understand. */
  constructor(script: string, surroundings: ShellSurroundings) {
    this.#surroundings = surroundings;
    this.done = this.#run(parseScript(script));
  }

  /** What it has printed so far. */
  get stdout(): string {
    return this.#stdout.text;
  }

  get stderr(): string {
    return this.#stderr.text;
  }

  /** Sends a signal: a command that handles it goes on as it likes, any other ends. */
  kill(signal: SignalName): void {
    const handlers = this.#handlers.get(signal);
    if (handlers === undefined || handlers.size === 0) this.#abort.abort(signal);
    else for (const handler of [...handlers]) handler();
  }

  async #run(pipelines: readonly Pipeline[]): Promise<ShellResult> {
    let status = 0;
    for (const pipeline of pipelines) {
      if (pipeline.when === 'success' && status !== 0) continue;
      if (pipeline.when === 'failure' && status === 0) continue;
      if (this.#abort.signal.aborted) break;
      status = await this.#runPipeline(pipeline.commands);
    }
    return { stdout: this.stdout, stderr: this.stderr, status };
  }

  /** The status of a pipeline is its last command's. */
  async #runPipeline(commands: readonly SimpleCommand[]): Promise<number> {
    let before: Pipe | null = null;
    const running: Promise<number>[] = [];
    for (const [index, command] of commands.entries()) {
      const input: Pipe | null = before;
      const output = index < commands.length - 1 ? new Pipe() : null;
      before = output;
      running.push(
        this.#runSimple(command, input, output).finally(() => {
          input?.abandon();
          output?.end();
        }),
      );
    }
    return (await Promise.all(running)).at(-1) ?? 0;
  }

  async #runSimple(command: SimpleCommand, input: Pipe | null, output: Pipe | null): Promise<number> {
    const { files } = this.#surroundings;
    let stdin: InputPort = input ?? inputOf(new Uint8Array(0));
    if (command.input !== null) {
      try {
        stdin = inputOf('text' in command.input ? new TextEncoder().encode(command.input.text) : await files.read(command.input.file));
      } catch (error) {
        if (!(error instanceof NetError) || !('file' in command.input)) throw error;
        this.#stderr.write(`sh: ${command.input.file}: ${error.message}\n`);
        return 1;
      }
    }
    const collected = command.outputFile === null ? null : new Collector();
    const status = await this.#execute(command.words, { stdin, stdout: collected ?? output ?? this.#stdout }, this.#surroundings.variables);
    if (collected !== null && command.outputFile !== '/dev/null') await files.write(command.outputFile!, collected.bytes);
    return status;
  }

  async #execute(words: readonly string[], stdio: Stdio, variables: Variables): Promise<number> {
    const [name = '', ...argv] = words;
    const command = await this.#surroundings.command(name.slice(name.lastIndexOf('/') + 1));
    if (command === undefined) {
      this.#stderr.write(`sh: ${name}: command not found\n`);
      return 127;
    }
    try {
      return await command(argv, this.#io(stdio, variables), { variables, transport: () => this.#surroundings.transport(variables) });
    } catch (error) {
      // Like a program that writes into a pipe without reader: SIGPIPE.
      if (error instanceof NetError && error.errno === EPIPE) return 128 + 13;
      throw error;
    }
  }

  #io(stdio: Stdio, variables: Variables): CommandIo {
    const { time, files } = this.#surroundings;
    return {
      ...stdio,
      stderr: this.#stderr,
      files,
      processes: { uid: 0, spawn: (request) => this.#spawn(request, stdio, variables) },
      signal: this.#abort.signal,
      onSignal: (signal, handler) => {
        const handlers = this.#handlers.get(signal) ?? new Set();
        this.#handlers.set(signal, handlers.add(handler));
        return () => handlers.delete(handler);
      },
      sleepUs: (us, signal) => time.sleepUs(us, signal ?? this.#abort.signal),
      nowUs: () => time.clock.wallUs(),
    };
  }

  /** A program started by a command (`ip netns exec`): one of ours. */
  async #spawn(request: SpawnRequest, stdio: Stdio, variables: Variables): Promise<number> {
    const [name = ''] = request.argv;
    if ((await this.#surroundings.command(name.slice(name.lastIndexOf('/') + 1))) === undefined) throw new NetError(ENOENT);
    return this.#execute(request.argv, stdio, { ...variables, ...request.variables });
  }
}

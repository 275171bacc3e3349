import { basename } from 'node:path';
import { EINVAL } from '../base/errno.js';
import { ClientError } from './client-error.js';
import type { Command, CommandEnvironment } from './command.js';
import { HostFiles } from './host-files.js';
import { HostInput, HostOutput } from './host-stdio.js';
import type { InstancePort } from './instance-port.js';
import { type CommandRun, nowUs, runCommand, sleepUs } from './run-command.js';
import type { Transport } from './transport.js';

type SignalName = 'SIGINT' | 'SIGQUIT' | 'SIGUSR1' | 'SIGTERM';

/**
 * Runs `command` as this process: its words, stdio, files, signals and environment. Ends the process with the command's
 * status once all it wrote is out.
 */
export async function launch(command: Command): Promise<void> {
  const stdout = new HostOutput(1);
  const stderr = new HostOutput(2);
  process.exitCode = await runCommand({
    name: basename(process.argv[1] ?? 'tapstack'),
    command,
    argv: process.argv.slice(2),
    io: hostIo(stdout, stderr),
    environment: new HostEnvironment(),
    complain: (text) => void process.stderr.write(text),
  });
  process.exit();
}

function hostIo(stdout: HostOutput, stderr: HostOutput): CommandRun['io'] {
  return {
    stdin: new HostInput(),
    stdout,
    stderr,
    files: new HostFiles(process.cwd()),
    processes: {
      uid: process.geteuid?.() ?? 0,
      spawn: async (request) => (await import('./spawn.js')).spawnProcess(request),
    },
    // A process of its own is ended by the signal itself, with the status that shells expect; nothing is left to abort.
    signal: new AbortController().signal,
    onSignal: (name: SignalName, handler: () => void) => {
      process.on(name, handler);
      return () => void process.off(name, handler);
    },
    sleepUs,
    nowUs,
  };
}

class HostEnvironment implements CommandEnvironment {
  readonly variables = process.env;
  #transport: Promise<Transport> | undefined;
  #instances: InstancePort | undefined;

  transport(): Promise<Transport> {
    this.#transport ??= openTransport(this.variables);
    return this.#transport;
  }

  get instances(): InstancePort {
    this.#instances ??= lazyInstances(this.variables);
    return this.#instances;
  }
}

/** The kernel below, or an instance: each maker is loaded only where it is wanted. */
async function openTransport(variables: NodeJS.ProcessEnv): Promise<Transport> {
  const target = variables['TAPSTACK_TARGET'] ?? 'stack';
  if (target === 'kernel') return (await import('./kernel.js')).kernelTransport();
  if (target !== 'stack' && target !== '') throw new ClientError(EINVAL, `TAPSTACK_TARGET is "${target}", not "stack" or "kernel"`);
  return (await import('./bus.js')).busTransport(variables);
}

/** The instance port whose code is loaded at the first call, so that `ip` never pays for it. */
function lazyInstances(variables: NodeJS.ProcessEnv): InstancePort {
  const load = async () => (await import('./instances.js')).hostInstances(variables);
  return {
    run: async (request) => (await load()).run(request),
    shell: async (request) => (await load()).shell(request),
    up: async (request) => (await load()).up(request),
    down: async (name) => (await load()).down(name),
    status: async (name) => (await load()).status(name),
    unsupported: async (name) => (await load()).unsupported(name),
    doctor: async () => (await load()).doctor(),
    list: async () => (await load()).list(),
    nicList: async (name) => (await load()).nicList(name),
    nicAdd: async (nic, name) => (await load()).nicAdd(nic, name),
    nicDelete: async (nicName, name) => (await load()).nicDelete(nicName, name),
    exec: async (request) => (await load()).exec(request),
    packetdrill: async (argv) => (await load()).packetdrill(argv),
  };
}

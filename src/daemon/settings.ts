import type { NicSpecification } from '../client/instance-port.js';
import { instancePaths, runtimeFolder } from '../client/paths.js';
import type { InstancePaths } from '../client/paths.js';

/** What a daemon is started with: see client/start-daemon.ts. */
export interface DaemonSettings {
  readonly paths: InstancePaths;
  readonly private: boolean;
  readonly idleSeconds: number | null;
  readonly nics: readonly NicSpecification[];
  /** Descriptor 3 is a pipe of whoever started it and waits for a report. */
  readonly reports: boolean;
}

/** `tapstackd JSON` as the client starts it; `tapstackd [NAME]` by hand, in the foreground. */
export function daemonSettings(argument: string | undefined, variables: NodeJS.ProcessEnv): DaemonSettings {
  if (argument?.startsWith('{')) {
    const given = JSON.parse(argument) as {
      runtime: string;
      name: string;
      private?: boolean;
      idleSeconds?: number;
      nics?: readonly NicSpecification[];
    };
    return {
      paths: instancePaths(given.runtime, given.name),
      private: given.private === true,
      idleSeconds: given.idleSeconds ?? null,
      nics: given.nics ?? [],
      reports: true,
    };
  }
  const name = argument ?? variables['TAPSTACK_INSTANCE'] ?? 'default';
  return {
    paths: instancePaths(runtimeFolder(variables, process.geteuid?.() ?? 0), name),
    private: false,
    idleSeconds: null,
    nics: [],
    reports: false,
  };
}

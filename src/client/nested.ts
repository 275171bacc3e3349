import { stat } from 'node:fs/promises';
import { EOPNOTSUPP } from '../base/errno.js';
import { NetError } from '../base/net-error.js';
import { BusConnection, isAbsent } from './bus-connection.js';
import type { NicSpecification } from './instance-port.js';
import type { InstancePaths } from './paths.js';

/** Set for captured programs: the socket of the instance whose daemon answers their calls. */
export const OUTER_VARIABLE = 'TAPSTACK_OUTER';

const LOOK_MS = 10;

export interface NestRequest {
  /** It ends with the connection that asked for it. */
  readonly private: boolean;
  readonly nics: readonly NicSpecification[];
}

export interface NestedInstance {
  /** False: one runs already under the name. */
  readonly started: boolean;
  /** To the outer instance. */
  readonly connection: BusConnection;
}

/**
 * An instance inside the one that this process is a program of, whose daemon holds it too; null: it is none of any. Throws ClientError
 * where the daemon refuses.
 */
export async function nestInstance(
  variables: NodeJS.ProcessEnv,
  { runtime, name }: InstancePaths,
  request: NestRequest,
): Promise<NestedInstance | null> {
  const outer = variables[OUTER_VARIABLE];
  if (outer === undefined || outer === '') return null;
  let connection: BusConnection;
  try {
    connection = await BusConnection.open(outer, { socket: 'control' });
  } catch (error) {
    // A variable that was left over.
    if (isAbsent(error)) return null;
    throw error;
  }
  try {
    const { started } = (await connection.request({ request: 'nest', argument: { runtime, name, ...request } })) as { started: boolean };
    return { started, connection };
  } catch (error) {
    connection.close();
    if (error instanceof NetError && error.errno === EOPNOTSUPP) return null;
    throw error;
  }
}

/** Waits until the daemon has taken the folder of an instance away that has ended; false: it was still there after the limit. */
export async function folderGone(folder: string, limitMs: number): Promise<boolean> {
  for (const limit = Date.now() + limitMs; Date.now() < limit; ) {
    const there = await stat(folder).then(
      () => true,
      () => false,
    );
    if (!there) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return false;
}

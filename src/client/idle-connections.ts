import type { BusConnection } from './bus-connection.js';

/** Connections to one daemon that are kept at most. */
const MOST = 4;
/** From this minor version of the bus on a daemon hears a second hello. */
const MINOR = 2;

/** Bus connections that a process of many short commands keeps between two of them: making one takes longer than using it. */
export class IdleConnections {
  readonly #byPath = new Map<string, BusConnection[]>();

  /** A connection that waits for a hello. */
  take(path: string): BusConnection | undefined {
    const connection = this.#byPath.get(path)?.pop();
    if (connection !== undefined) connection.onClosed = null;
    return connection;
  }

  /** Takes back what nobody uses any more, or closes it. */
  give(path: string, connection: BusConnection): void {
    const kept = this.#byPath.get(path) ?? [];
    this.#byPath.set(path, kept);
    if (kept.length >= MOST || connection.server.minor < MINOR || !connection.quiet) {
      connection.close();
      return;
    }
    connection.onClosed = () => {
      const at = kept.indexOf(connection);
      if (at >= 0) kept.splice(at, 1);
    };
    connection.greet({ socket: 'idle' }).then(
      () => {
        if (connection.quiet) kept.push(connection);
      },
      () => undefined,
    );
  }
}

// tcpdump-lite over files of the host, in this process.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { ENOENT } from '../../src/base/errno.js';
import { NetError } from '../../src/base/net-error.js';
import type { CommandIo, FilePort } from '../../src/client/command.js';
import { command } from '../../src/commands/tcpdump/index.js';

const failed = (): never => {
  throw new NetError(ENOENT);
};

const files: FilePort = {
  read: (path) => readFile(path).catch(failed),
  async *chunks(path) {
    yield await readFile(path).catch(failed);
  },
  write: (path, bytes, options) => writeFile(path, bytes, { flag: options?.append === true ? 'a' : 'w' }),
  list: (path) => readdir(path).catch(failed),
};

/** What `argv` prints, bytes as Latin-1, and its exit status. */
export async function tcpdump(argv: readonly string[]): Promise<{ stdout: string; stderr: string; status: number }> {
  let stdout = '';
  let stderr = '';
  const text = (chunk: string | Uint8Array) => (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1'));
  const io: CommandIo = {
    stdin: { isTerminal: false, chunks: () => files.chunks('/dev/stdin') },
    stdout: {
      isTerminal: false,
      columns: 80,
      write(chunk) {
        stdout += text(chunk);
      },
    },
    stderr: {
      isTerminal: false,
      columns: 80,
      write(chunk) {
        stderr += text(chunk);
      },
    },
    files,
    processes: { uid: 0, spawn: () => Promise.reject(new Error('nothing is to be spawned')) },
    signal: new AbortController().signal,
    onSignal: () => () => undefined,
    sleepUs: () => Promise.resolve(),
    nowUs: () => Date.now() * 1000,
  };
  const status = await command(argv, io, { variables: {}, transport: () => Promise.reject(new Error('no stack is needed')) });
  return { stdout, stderr, status };
}

import type { CommandIo } from '../../../../src/client/command.js';
import { command } from '../../../../src/commands/tcpdump/index.js';
import { MemoryFiles } from '../../../../src/instance/memory-files.js';

export interface Outcome {
  readonly stdout: string;
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
  readonly status: number;
  readonly files: MemoryFiles;
}

/** Runs tcpdump over files in memory; `words` are split at blanks. */
export async function tcpdump(
  words: string | readonly string[],
  given: Readonly<Record<string, Uint8Array | string>> = {},
): Promise<Outcome> {
  const files = new MemoryFiles();
  for (const [name, content] of Object.entries(given))
    await files.write(name, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  const stdout: Uint8Array[] = [];
  let stderr = '';
  const io: CommandIo = {
    stdin: {
      isTerminal: false,
      async *chunks() {
        if (given['-'] !== undefined) yield await files.read('-');
      },
    },
    stdout: {
      isTerminal: false,
      columns: 80,
      write: (text) => void stdout.push(typeof text === 'string' ? new TextEncoder().encode(text) : text),
    },
    stderr: {
      isTerminal: false,
      columns: 80,
      write(text) {
        stderr += typeof text === 'string' ? text : new TextDecoder().decode(text);
      },
    },
    files,
    processes: { uid: 0, spawn: () => Promise.reject(new Error('nothing is to be spawned')) },
    signal: new AbortController().signal,
    onSignal: () => () => undefined,
    sleepUs: () => Promise.resolve(),
    nowUs: () => 0,
  };
  const status = await command(typeof words === 'string' ? words.split(' ') : words, io, {
    variables: {},
    transport: () => Promise.reject(new Error('no stack is needed')),
  });
  const bytes = Uint8Array.from(stdout.flatMap((chunk) => [...chunk]));
  return { stdout: new TextDecoder('latin1').decode(bytes), stdoutBytes: bytes, stderr, status, files };
}

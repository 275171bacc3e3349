import { NetError } from '../../base/net-error.js';
import { type CommandIo, readAll } from '../../client/command.js';
import { usageProblem } from './fatal.js';
import { conntrackOptions } from './options.js';
import { parseWords } from './parse.js';
import type { ConntrackWords } from './words.js';

const allowed = ['I', 'A', 'D', 'U', 'F'];

/** Commands of a file, one a line, as `-o save` writes them (`-R FILE`; "-": standard input). All are read before the first is carried out. */
export async function readCommands(path: string, io: CommandIo): Promise<ConntrackWords[]> {
  let text: string;
  try {
    text = path === '-' ? await readAll(io.stdin) : new TextDecoder().decode(await io.files.read(path));
  } catch (error) {
    if (!(error instanceof NetError)) throw error;
    throw usageProblem(`Failed to open file ${path} for reading`);
  }
  const commands: ConntrackWords[] = [];
  for (const line of text.split('\n')) {
    const argv = line.trim().split(/\s+/);
    if (argv[0] === 'conntrack') argv.shift();
    if (argv.length === 0 || argv[0] === '' || argv[0]!.startsWith('#')) continue;
    const words = parseWords(argv);
    const option = conntrackOptions.find(({ names }) => names[0] === `-${words.command}`);
    if (words.command === '' && argv[0]!.startsWith('-')) throw usageProblem(`Illegal option \`${longName(argv[0]!)}' with this command`);
    if (!allowed.includes(words.command)) throw usageProblem(`Cannot use command \`${option?.names[0] ?? 'unknown'}' with --load-file`);
    commands.push({ ...words, quiet: true });
  }
  return commands;
}

/** An option by its long name. */
const longName = (word: string): string =>
  conntrackOptions.find(({ names }) => names.includes(word))?.names.find((name) => name.startsWith('--')) ?? word;

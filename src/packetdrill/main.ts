import { loadCommands } from '../library/commands.js';
import { readCommandLine } from './command-line.js';
import { runFile } from './run-file.js';

async function main(argv: readonly string[]): Promise<number> {
  const line = readCommandLine(argv);
  if (typeof line === 'string') {
    process.stderr.write(`packetdrill: ${line}\nUsage: tapstack packetdrill [OPTIONS] FILE.pkt...\n`);
    return 1;
  }
  await loadCommands();
  const verbose = line.options.some(({ name }) => name === 'verbose' || name === 'debug');
  let failed = 0;
  for (const file of line.files) {
    const began = performance.now();
    const problem = await runFile(file, line.options, {
      print: (text) => void process.stdout.write(text),
      warn: (text) => void process.stderr.write(text),
    });
    if (problem !== null) {
      failed++;
      process.stderr.write(`${problem}\n`);
    }
    const tells = line.files.length > 1 || verbose;
    if (tells) process.stdout.write(`${problem === null ? 'OK  ' : 'FAIL'} [${file}] ${(performance.now() - began).toFixed(0)} ms\n`);
  }
  if (line.files.length > 1)
    process.stdout.write(`Ran ${line.files.length} scripts: ${line.files.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));

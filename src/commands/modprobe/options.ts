import type { LetterOption } from '../shared/getopt.js';

/** What a command line of modprobe says. */
export interface ModprobeWords {
  all: boolean;
  remove: boolean;
  quiet: boolean;
  verbose: boolean;
  dryRun: boolean;
  version: boolean;
}

export const modprobeWords = (): ModprobeWords => ({
  all: false,
  remove: false,
  quiet: false,
  verbose: false,
  dryRun: false,
  version: false,
});

/** One table for the parser, the manual page and the completions. */
// biome-ignore format: a table
export const modprobeOptions: readonly LetterOption<ModprobeWords>[] = [
  { letter: 'a', long: ['all'], text: ['all operands are modules'], take: (w) => { w.all = true; } },
  { letter: 'r', long: ['remove'], text: ['take modules out, and what nobody needs then'], take: (w) => { w.remove = true; } },
  { letter: 'n', long: ['dry-run', 'show'], text: ['do nothing'], take: (w) => { w.dryRun = true; } },
  { letter: 'v', long: ['verbose'], text: ['tell what is done'], take: (w) => { w.verbose = true; } },
  { letter: 'q', long: ['quiet'], text: ['do not tell of modules that are not there'], take: (w) => { w.quiet = true; } },
  { letter: 'V', long: ['version'], text: ['print the version'], take: (w) => { w.version = true; } },
  { letter: 'f', long: ['force'], text: ['nothing: there is nothing to be forced'], take: () => undefined },
  { letter: 'b', long: ['use-blacklist'], text: ['nothing: there is no blacklist'], take: () => undefined },
];

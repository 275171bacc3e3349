import type { LetterOption } from '../shared/getopt.js';

/** What a command line of modinfo says. */
export interface ModinfoWords {
  /** The one field that is shown; null: all. */
  field: string | null;
  /** Behind each value. */
  end: string;
  version: boolean;
  help: boolean;
}

export const modinfoWords = (): ModinfoWords => ({ field: null, end: '\n', version: false, help: false });

const only = (letter: string, long: string, field: string): LetterOption<ModinfoWords> => ({
  letter,
  long: [long],
  text: [`'${field}' alone`],
  take: (words) => {
    words.field = field;
  },
});

/** One table for the parser, the manual page and the completions. */
// biome-ignore format: a table
export const modinfoOptions: readonly LetterOption<ModinfoWords>[] = [
  only('a', 'author', 'author'),
  only('d', 'description', 'description'),
  only('l', 'license', 'license'),
  only('p', 'parameters', 'parm'),
  only('n', 'filename', 'filename'),
  { letter: '0', long: ['null'], text: ['end values by a zero byte'], take: (w) => { w.end = '\0'; } },
  { letter: 'm', long: ['modname'], text: ['operands are names of modules, as they are without'], take: () => undefined },
  { letter: 'F', long: ['field'], value: 'FIELD', text: ['that field alone'], take: (w, value) => { w.field = value; } },
  { letter: 'k', long: ['set-version'], value: 'VERSION', text: ['nothing: there is one kernel'], take: () => undefined },
  { letter: 'b', long: ['basedir'], value: 'DIR', text: ['nothing: there is one folder'], take: () => undefined },
  { letter: 'V', long: ['version'], text: ['print the version'], take: (w) => { w.version = true; } },
  { letter: 'h', long: ['help'], text: ['print the options'], take: (w) => { w.help = true; } },
];

export const MODINFO_USAGE = `Usage:
	modinfo [options] <modulename|filename> [args]
Options:
	-a, --author                Print only 'author'
	-d, --description           Print only 'description'
	-l, --license               Print only 'license'
	-p, --parameters            Print only 'parm'
	-n, --filename              Print only 'filename'
	-0, --null                  Use \\0 instead of \\n
	-m, --modname               Handle argument as module name instead of alias or filename
	-F, --field=FIELD           Print only provided FIELD
	-k, --set-version=VERSION   Use VERSION instead of \`uname -r\`
	-b, --basedir=DIR           Use DIR as filesystem root for /lib/modules
	-V, --version               Show version
	-h, --help                  Show this help
`;

import type { LetterOption } from '../shared/getopt.js';

/** What a command line of modprobe says. */
export interface ModprobeWords {
  all: boolean;
  remove: boolean;
  quiet: boolean;
  verbose: boolean;
  dryRun: boolean;
  version: boolean;
  help: boolean;
  firstTime: boolean;
  resolve: boolean;
  depends: boolean;
  config: boolean;
  /** Where /lib/modules is, and of which kernel; null: this one's. */
  root: string | null;
  release: string | null;
}

export const modprobeWords = (): ModprobeWords => ({
  all: false,
  remove: false,
  quiet: false,
  verbose: false,
  dryRun: false,
  version: false,
  help: false,
  firstTime: false,
  resolve: false,
  depends: false,
  config: false,
  root: null,
  release: null,
});

const nothing = (letter: string, long: readonly string[], text: string, value?: string): LetterOption<ModprobeWords> => ({
  letter,
  long,
  text: [text],
  take: () => undefined,
  ...(value === undefined ? {} : { value }),
});

/** One table for the parser, the manual page and the completions. */
// biome-ignore format: a table
export const modprobeOptions: readonly LetterOption<ModprobeWords>[] = [
  { letter: 'a', long: ['all'], text: ['all operands are modules'], take: (w) => { w.all = true; } },
  { letter: 'r', long: ['remove'], text: ['take modules out, and what nobody needs then'], take: (w) => { w.remove = true; } },
  { letter: '', long: ['first-time'], text: ['it is an error if there is nothing to be done'], take: (w) => { w.firstTime = true; } },
  { letter: 'R', long: ['resolve-alias'], text: ['print the name behind an alias'], take: (w) => { w.resolve = true; } },
  { letter: 'D', long: ['show-depends'], text: ['print what a module needs, itself last'], take: (w) => { w.depends = true; } },
  { letter: 'c', long: ['showconfig', 'show-config'], text: ['print the aliases that are known'], take: (w) => { w.config = true; } },
  { letter: 'n', long: ['dry-run', 'show'], text: ['do nothing'], take: (w) => { w.dryRun = true; } },
  { letter: 'v', long: ['verbose'], text: ['tell what is done'], take: (w) => { w.verbose = true; } },
  { letter: 'q', long: ['quiet'], text: ['do not tell of modules that are not there'], take: (w) => { w.quiet = true; } },
  { letter: 'd', long: ['dirname'], value: 'DIR', text: ['look for /lib/modules there'], take: (w, value) => { w.root = value; } },
  { letter: 'S', long: ['set-version'], value: 'VERSION', text: ['modules of another kernel'], take: (w, value) => { w.release = value; } },
  { letter: 'V', long: ['version'], text: ['print the version'], take: (w) => { w.version = true; } },
  { letter: 'h', long: ['help'], text: ['print the options'], take: (w) => { w.help = true; } },
  nothing('f', ['force', 'force-modversion', 'force-vermagic'], 'nothing: there is nothing to be forced'),
  nothing('b', ['use-blacklist'], 'nothing: there is no blacklist'),
  nothing('i', ['ignore-install', 'ignore-remove'], 'nothing: there are no commands in the stead of modules'),
  nothing('s', ['syslog'], 'nothing: there is no system log'),
  nothing('w', ['wait'], 'nothing: what is in use is not waited for', 'MSEC'),
  nothing('C', ['config'], 'nothing: there is no configuration', 'FILE'),
  nothing('', ['remove-holders', 'remove-dependencies'], 'nothing: who uses a module keeps it'),
];

export const MODPROBE_USAGE = `Usage:
	modprobe [options] [-i] [-b] modulename
	modprobe [options] -a [-i] [-b] modulename [modulename...]
	modprobe [options] -r [-i] modulename
	modprobe [options] -r -a [-i] modulename [modulename...]
	modprobe [options] -c
	modprobe [options] --dump-modversions filename
Management Options:
	-a, --all                   Consider every non-argument to
	                            be a module name to be inserted
	                            or removed (-r)
	-r, --remove                Remove modules instead of inserting
	    --remove-dependencies   Deprecated: use --remove-holders
	    --remove-holders        Also remove module holders (use together with -r)
	-w, --wait <MSEC>           When removing a module, wait up to MSEC for
	                            module's refcount to become 0 so it can be
	                            removed (use together with -r)
	    --first-time            Fail if module already inserted or removed
	-i, --ignore-install        Ignore install commands
	-i, --ignore-remove         Ignore remove commands
	-b, --use-blacklist         Apply blacklist to resolved alias.
	-f, --force                 Force module insertion or removal.
	                            implies --force-modversions and
	                            --force-vermagic
	    --force-modversion      Ignore module's version
	    --force-vermagic        Ignore module's version magic

Query Options:
	-R, --resolve-alias         Only lookup and print alias and exit
	-D, --show-depends          Only print module dependencies and exit
	-c, --showconfig            Print out known configuration and exit
	-c, --show-config           Same as --showconfig
	    --show-modversions      Dump module symbol version and exit
	    --dump-modversions      Same as --show-modversions
	    --show-exports          Only print module exported symbol versions and exit

General Options:
	-n, --dry-run               Do not execute operations, just print out
	-n, --show                  Same as --dry-run
	-C, --config=FILE           Use FILE instead of default search paths
	-d, --dirname=DIR           Use DIR as filesystem root for /lib/modules
	-S, --set-version=VERSION   Use VERSION instead of \`uname -r\`
	-s, --syslog                print to syslog, not stderr
	-q, --quiet                 disable messages
	-v, --verbose               enables more messages
	-V, --version               show version
	-h, --help                  show this help
`;

/** A line of a sysctl.conf, or a word KEY=VALUE. */
export interface Setting {
  readonly key: string;
  /** null: "-key" alone, which keeps patterns off that key. */
  readonly value: string | null;
  /** A minus sign before it: it is no failure when it cannot be set. */
  readonly ignored: boolean;
}

/**
 * Reads lines of KEY = VALUE; # and ; begin comments. `firstLine` is 0 for the command line, 1 for files; `wanted` picks lines by
 * their text from the key on.
 */
export function settingsOf(
  source: string,
  text: string,
  firstLine: number,
  wanted: (line: string) => boolean = () => true,
): { settings: Setting[]; complaints: string[] } {
  const settings: Setting[] = [];
  const complaints: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    if (!wanted(line)) continue;
    const ignored = line.startsWith('-');
    const start = ignored ? 1 : 0;
    const equals = line.indexOf('=');
    if (equals !== -1)
      settings.push({
        key: line.slice(start, equals).trim(),
        value: line.slice(equals + 1).trim(),
        ignored,
      });
    else if (ignored) settings.push({ key: line.slice(1).trim(), value: null, ignored });
    else complaints.push(`sysctl: ${source}(${index + firstLine}): invalid syntax, continuing...`);
  }
  return { settings, complaints };
}

/** Folders of `sysctl --system`: of two files of one name, that in the first folder counts. */
const FOLDERS = ['/etc/sysctl.d', '/run/sysctl.d', '/usr/local/lib/sysctl.d', '/usr/lib/sysctl.d', '/lib/sysctl.d'];

/** The files of the system in the order in which they are applied: by name, whatever their folder, and /etc/sysctl.conf last. */
export async function systemFiles(list: (folder: string) => Promise<readonly string[]>): Promise<readonly string[]> {
  const found = new Map<string, string>();
  for (const folder of FOLDERS) {
    for (const name of await list(folder)) if (name.endsWith('.conf') && !found.has(name)) found.set(name, `${folder}/${name}`);
  }
  const names = [...found.keys()].sort();
  return [...names.map((name) => found.get(name)!), '/etc/sysctl.conf'];
}

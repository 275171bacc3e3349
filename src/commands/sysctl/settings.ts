/** A line of a sysctl.conf, or a word KEY=VALUE. */
export interface Setting {
  readonly key: string;
  readonly value: string;
  /** A minus sign before it: it is no failure when it cannot be set. */
  readonly ignored: boolean;
}

/** Reads lines of KEY = VALUE; # and ; begin comments. `firstLine` is 0 for the command line, 1 for files. */
export function settingsOf(source: string, text: string, firstLine: number): { settings: Setting[]; complaints: string[] } {
  const settings: Setting[] = [];
  const complaints: string[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const equals = line.indexOf('=');
    if (equals === -1) {
      // "-key" alone takes a key out of a pattern's reach; here it sets nothing.
      if (!line.startsWith('-')) complaints.push(`sysctl: ${source}(${index + firstLine}): invalid syntax, continuing...`);
      continue;
    }
    const ignored = line.startsWith('-');
    const key = line.slice(ignored ? 1 : 0, equals).trim();
    settings.push({ key, value: line.slice(equals + 1).trim(), ignored });
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

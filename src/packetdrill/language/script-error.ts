/** Something wrong with a script or what it found: one readable text with its place. */
export class ScriptError extends Error {
  readonly path: string;
  readonly line: number;

  constructor(path: string, line: number, text: string) {
    super(`${path}:${line}: ${text}`);
    this.name = 'ScriptError';
    this.path = path;
    this.line = line;
  }
}

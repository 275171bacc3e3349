/** What Python would raise. `line` counts from the first of the snippet. */
export class PythonError extends Error {
  readonly kind: string;
  readonly line: number;

  constructor(kind: string, text: string, line: number) {
    super(text === '' ? kind : `${kind}: ${text}`);
    this.name = 'PythonError';
    this.kind = kind;
    this.line = line;
  }
}

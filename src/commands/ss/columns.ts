import type { OutputPort } from '../../client/command.js';

/** The columns in their order. */
export const NETID = 0;
export const STATE = 1;
export const RECVQ = 2;
export const SENDQ = 3;
export const LOCAL = 4;
export const LOCAL_PORT = 5;
export const PEER = 6;
export const PEER_PORT = 7;
export const PROCESS = 8;

interface Column {
  readonly title: string;
  readonly right: boolean;
  /** Stands before it, unless it is the first of the line. */
  readonly delimiter: string;
}

const columns: readonly Column[] = [
  { title: 'Netid', right: false, delimiter: '' },
  { title: 'State', right: false, delimiter: ' ' },
  { title: 'Recv-Q', right: false, delimiter: ' ' },
  { title: 'Send-Q', right: false, delimiter: ' ' },
  { title: 'Local Address:', right: true, delimiter: ' ' },
  { title: 'Port', right: false, delimiter: '' },
  { title: 'Peer Address:', right: true, delimiter: ' ' },
  { title: 'Port', right: false, delimiter: '' },
  { title: 'Process', right: false, delimiter: '' },
];

export type Row = string[];
export const newRow = (): Row => columns.map(() => '');

/** Rows are kept until their widths are known, up to as many characters; then they are printed with the widths that they need. */
const MOST_CHARACTERS = 5 << 20;

/** The table that is printed: columns as wide as they must be, and on a terminal spread over its lines. */
export class Columns {
  readonly #out: OutputPort;
  readonly #hidden: ReadonlySet<number>;
  #rows: Row[] = [];
  #characters = 0;

  constructor(out: OutputPort, hidden: ReadonlySet<number>) {
    this.#out = out;
    this.#hidden = hidden;
  }

  header(): void {
    this.#rows.push(columns.map(({ title }) => title));
  }

  /** A promise only where rows must be printed before more are taken. */
  add(row: Row): void | Promise<void> {
    // Numbers have room for six digits, with and without titles.
    row[RECVQ] = row[RECVQ]!.padEnd(6);
    row[SENDQ] = row[SENDQ]!.padEnd(6);
    this.#rows.push(row);
    for (const cell of row) this.#characters += cell.length + 2;
    if (this.#characters > MOST_CHARACTERS) return this.flush();
  }

  async flush(): Promise<void> {
    const rows = this.#rows;
    if (rows.length === 0) return;
    this.#rows = [];
    this.#characters = 0;
    const widths = this.#widths(rows);
    let text = '';
    for (const row of rows) {
      text += `${this.#line(row, widths)}\n`;
      if (text.length < 65_536) continue;
      await this.#out.write(text);
      text = '';
    }
    if (text !== '') await this.#out.write(text);
  }

  #line(row: Row, widths: readonly number[]): string {
    let line = '';
    let started = false;
    for (let i = 0; i < columns.length; i++) {
      if (this.#hidden.has(i)) continue;
      const { delimiter, right } = columns[i]!;
      const before = started ? delimiter : '';
      started = true;
      const cell = row[i]!;
      const missing = widths[i]! - before.length - cell.length;
      const padding = missing > 0 ? ' '.repeat(missing) : '';
      line += right ? before + padding + cell : before + cell + padding;
    }
    return line;
  }

  #widths(rows: readonly Row[]): number[] {
    const widths = columns.map(() => 0);
    for (const row of rows) {
      // The last cell of all is not looked at, in the real tool either: nothing stands behind it.
      const cells = row === rows[rows.length - 1] ? PROCESS : row.length;
      for (let i = 0; i < cells; i++) widths[i] = Math.max(widths[i]!, row[i]!.length);
    }
    const screen = this.#out.isTerminal ? this.#out.columns : Number.POSITIVE_INFINITY;
    let first = true;
    for (const [i, { delimiter }] of columns.entries()) {
      if (this.#hidden.has(i)) widths[i] = 0;
      else if (!first && widths[i]! > 0) widths[i]! += delimiter.length;
      // A cell wider than the screen begins a line of its own, which wraps.
      widths[i] = Math.min(widths[i]!, screen);
      if (widths[i]! > 0) first = false;
    }
    if (this.#out.isTerminal) spread(widths, screen);
    return widths;
  }
}

/** Fills the lines of a terminal: as many columns as fit come into one, and share what is left of it. */
function spread(widths: number[], screen: number): void {
  const shown = widths.flatMap((width, i) => (width > 0 ? [i] : []));
  let line: number[] = [];
  let used = 0;
  const fill = () => {
    const left = screen - used;
    const each = line.length === 0 ? 0 : Math.floor(left / line.length);
    let rest = line.length === 0 ? 0 : left % line.length;
    // What does not divide goes to the last ones.
    for (let i = line.length - 1; i >= 0; i--) widths[line[i]!]! += each + (rest-- > 0 ? 1 : 0);
    line = [];
    used = 0;
  };
  for (const column of shown) {
    if (used > 0 && used + widths[column]! > screen) fill();
    line.push(column);
    used += widths[column]!;
    if (used >= screen) fill();
  }
  if (used > 0) fill();
}

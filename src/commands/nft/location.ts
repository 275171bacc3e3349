import type { Complaint } from './errors.js';

/** Where text comes from: the command line, standard input, or a file. */
export class InputSource {
  /** As errors name it; empty for the command line. */
  readonly name: string;
  readonly text: string;
  /** The include statement that named this file. */
  readonly includedAt: Location | undefined;
  #lineStarts: number[] | null = null;

  constructor(name: string, text: string, includedAt?: Location) {
    this.name = name;
    this.text = text;
    this.includedAt = includedAt;
  }

  /** The line (from 1) and column (from 1) of an offset. */
  placeOf(offset: number): { readonly line: number; readonly column: number } {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  }

  lineText(line: number): string {
    const starts = this.#starts();
    const start = starts[line - 1] ?? this.text.length;
    const end = starts[line] ?? this.text.length + 1;
    return this.text.slice(start, end - 1);
  }

  #starts(): number[] {
    if (this.#lineStarts === null) {
      this.#lineStarts = [0];
      for (let at = this.text.indexOf('\n'); at !== -1; at = this.text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
    }
    return this.#lineStarts;
  }
}

/** A stretch of an input: offsets, the end behind the last character. */
export interface Location {
  readonly source: InputSource;
  readonly start: number;
  readonly end: number;
}

export const span = (from: Location, to: Location): Location =>
  from.source === to.source ? { source: from.source, start: from.start, end: Math.max(from.end, to.end) } : from;

/** What JSON and the kernel gave has no place in any text. */
export const nowhere: Location = { source: new InputSource('internal', ''), start: 0, end: 0 };

/** "file:3:5-9: Error: text", the line, and what is wrong in it underlined. */
export function complaintText(complaint: Complaint, kind = 'Error'): string {
  const { at, also, text } = complaint;
  if (at === null) return `netlink: ${kind}: ${text}\n`;
  const { source } = at;
  if (source === nowhere.source) return `internal:0:0-0: ${kind}: ${text}\n\n`;
  const { line, column } = source.placeOf(at.start);
  let heading = '';
  for (let from = source.includedAt; from !== undefined; from = from.source.includedAt) {
    const place = from.source.placeOf(from.start);
    heading = `In file included from ${from.source.name}:${place.line}:${place.column}-${place.column + (from.end - from.start) - 1}:\n${heading}`;
  }
  const last = Math.max(column, column + (at.end - at.start) - 1);
  const where = source.name === '' ? '' : `${source.name}:${line}:${column}-${last}: `;
  // The end of a file has no line of its own: the one before it is shown.
  const shown = source.lineText(at.start >= source.text.length && column === 1 && line > 1 ? line - 1 : line);
  const marks: string[] = [];
  const mark = (place: Location, character: string) => {
    const from = source.placeOf(place.start);
    if (from.line !== line || place.source !== source) return;
    const until = Math.max(from.column, from.column + (place.end - place.start) - 1);
    for (let i = from.column; i <= until && i <= Math.max(shown.length + 1, column); i++) marks[i - 1] = character;
  };
  if (also !== undefined) mark(also, '~');
  mark(at, '^');
  let underline = '';
  for (let i = 0; i < marks.length; i++) underline += marks[i] ?? (shown[i] === '\t' ? '\t' : ' ');
  return `${heading}${where}${kind}: ${text}\n${shown}\n${underline}\n`;
}

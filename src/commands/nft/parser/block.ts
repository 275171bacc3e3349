import { includeInto } from './include.js';
import type { Location } from '../location.js';
import type { Parser } from './parser.js';

/**
 * { line; line } with include and define among the lines. What is wrong in a line is remembered, and ends that line alone.
 * Returns where it stands, up to the closing brace.
 */
export function parseBlock(p: Parser, line: () => void): Location {
  const open = p.expectSign('{').loc;
  for (;;) {
    p.skipSeparators();
    const inside = p.since(open);
    if (p.acceptSign('}')) return inside;
    p.guarded(() => {
      if (includeInto(p)) endOfLine(p);
      else line();
    });
  }
}

export function endOfLine(p: Parser): void {
  if (!p.atSeparator) p.unexpected('newline', 'semicolon');
}

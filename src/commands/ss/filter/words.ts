import { fatal } from '../../shared/failure.js';

/** What the words of a filter are to its grammar; `text` of those that are names, numbers and addresses. */
export interface Token {
  readonly kind:
    | '('
    | ')'
    | '|'
    | '&'
    | '!'
    | '='
    | '!='
    | '<'
    | '>'
    | '<='
    | '>='
    | 'src'
    | 'dst'
    | 'sport'
    | 'dport'
    | 'dev'
    | 'fwmark'
    | 'cgroup'
    | 'autobound'
    | 'value';
  readonly text: string;
}
type Kind = Token['kind'];

/** The language's own words; all others are values. */
const words: Readonly<Record<string, Kind>> = {
  '(': '(',
  ')': ')',
  '!': '!',
  '&': '&',
  '&&': '&',
  '|': '|',
  '||': '|',
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
  not: '!',
  and: '&',
  or: '|',
  gt: '>',
  lt: '<',
  ge: '>=',
  geq: '>=',
  le: '<=',
  leq: '<=',
  eq: '=',
  ne: '!=',
  neq: '!=',
  autobound: 'autobound',
  src: 'src',
  dst: 'dst',
  sport: 'sport',
  dport: 'dport',
  dev: 'dev',
  fwmark: 'fwmark',
  cgroup: 'cgroup',
};

/** Cuts the arguments of the command line, or the lines of a file, into words; spaces alone part them. */
export function tokensOf(parts: readonly string[]): Token[] {
  const texts = parts.flatMap((part) => part.split(/[ \t]+/).filter((word) => word !== ''));
  return texts.map((text) => ({ kind: (Object.hasOwn(words, text) ? words[text] : undefined) ?? 'value', text }));
}

/** The lines of a filter file that say something. */
export function filterLines(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('0'));
  if (lines.some((line) => line.length > 1023)) throw fatal('Too long line in filter');
  return lines;
}

import { PythonError } from './python-error.js';

export interface Token {
  readonly kind: 'number' | 'float' | 'string' | 'name' | 'operator' | 'newline' | 'indent' | 'dedent' | 'end';
  readonly text: string;
  readonly line: number;
}

const OPERATORS = /\*\*=|\/\/=|>>=|<<=|\*\*|\/\/|>>|<<|<=|>=|==|!=|<>|->|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|[-+*/%&|^~<>()[\]{},:.;=@]/y;
const NUMBER = /0[xX][0-9a-fA-F_]+|0[bB][01]+|0[oO]?[0-7]+(?![.\d])|(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y;
const STRING = /[rRbBuUfF]{0,2}("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*')/y;

/** Tokens of a snippet. Its first line may be indented; the others count from the least indented of them. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const text = dedent(source);
  const indents = [0];
  let at = 0;
  let line = 1;
  let depth = 0;
  let fresh = true;
  const push = (kind: Token['kind'], value: string) => tokens.push({ kind, text: value, line });
  while (at < text.length) {
    if (fresh && depth === 0) {
      const blank = /[ \t]*/y;
      blank.lastIndex = at;
      const width = blank.exec(text)![0].replace(/\t/g, '        ').length;
      at = blank.lastIndex;
      if (at >= text.length) break;
      if (text[at] !== '\n' && text[at] !== '#' && text[at] !== '\r') {
        fresh = false;
        if (width > indents.at(-1)!) {
          indents.push(width);
          push('indent', '');
        }
        while (width < indents.at(-1)!) {
          indents.pop();
          push('dedent', '');
        }
      }
    }
    const char = text[at]!;
    if (char === '\n') {
      at++;
      if (depth === 0 && !fresh) push('newline', '\n');
      line++;
      fresh = true;
      continue;
    }
    if (char === ' ' || char === '\t' || char === '\r') {
      at++;
      continue;
    }
    if (char === '#') {
      while (at < text.length && text[at] !== '\n') at++;
      continue;
    }
    if (char === '\\' && text[at + 1] === '\n') {
      at += 2;
      line++;
      continue;
    }
    STRING.lastIndex = at;
    const string = STRING.exec(text);
    if (string !== null) {
      push('string', string[0]);
      at = STRING.lastIndex;
      line += string[0].split('\n').length - 1;
      continue;
    }
    NUMBER.lastIndex = at;
    const number = /[\d.]/.test(char) ? NUMBER.exec(text) : null;
    if (number !== null && number[0] !== '.') {
      push(/^0[xXbBoO]/.test(number[0]) || !/[.eE]/.test(number[0]) ? 'number' : 'float', number[0].replace(/_/g, ''));
      at = NUMBER.lastIndex;
      continue;
    }
    const name = /[A-Za-z_]\w*/y;
    name.lastIndex = at;
    const word = name.exec(text);
    if (word !== null) {
      push('name', word[0]);
      at = name.lastIndex;
      continue;
    }
    OPERATORS.lastIndex = at;
    const operator = OPERATORS.exec(text);
    if (operator === null) throw new PythonError('SyntaxError', `invalid character '${char}'`, line);
    if ('([{'.includes(operator[0])) depth++;
    else if (')]}'.includes(operator[0])) depth--;
    push('operator', operator[0]);
    at = OPERATORS.lastIndex;
  }
  push('newline', '\n');
  for (let i = 1; i < indents.length; i++) push('dedent', '');
  push('end', '');
  return tokens;
}

/** What stands between %{ and }% begins anywhere on its line; the lines below keep their indent to each other. */
function dedent(source: string): string {
  const [first = '', ...rest] = source.split('\n');
  const indents = rest.filter((one) => one.trim() !== '' && !one.trim().startsWith('#')).map((one) => /^[ \t]*/.exec(one)![0].length);
  const least = indents.length === 0 ? 0 : Math.min(...indents);
  // A block that the first line opens keeps its lines deeper than it.
  const opens = first.trim().replace(/#.*/, '').trimEnd().endsWith(':');
  const keep = opens ? '  ' : '';
  return [
    first.trim(),
    ...rest.map((one) => (one.trim() === '' ? '' : keep + one.slice(Math.min(least, /^[ \t]*/.exec(one)![0].length)))),
  ].join('\n');
}

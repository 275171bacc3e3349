import { EINVAL } from '../../base/errno.js';
import { NetError } from '../../base/net-error.js';

/**
 * The little language of `instance.sh()`: words, quotes, `;`, `&&`, `||`, `|` between our own commands, `<`, `>`, `<<<` on
 * in-memory files. It is no shell; what a shell would do beyond that is an error that names it.
 */

/** One command of a pipeline and what its input and output are, where not the neighbour's or the caller's. */
export interface SimpleCommand {
  readonly words: readonly string[];
  readonly input: { readonly file: string } | { readonly text: string } | null;
  readonly outputFile: string | null;
}

export interface Pipeline {
  readonly commands: readonly SimpleCommand[];
  /** When it runs: always, after success of the one before, after its failure. */
  readonly when: 'always' | 'success' | 'failure';
}

type Operator = ';' | '&&' | '||' | '|' | '<' | '<<<' | '>';
type Token = { readonly word: string } | { readonly operator: Operator };

const refuse = (what: string, why: string): never => {
  throw new NetError(EINVAL, `sh: ${what}: ${why}`);
};

/** What a shell would give a meaning that this language has not; longest first. */
const foreign: readonly (readonly [string, string])[] = [
  ['>>', 'appending to files'],
  ['<<', 'here-documents'],
  ['$', 'variables and substitution'],
  ['`', 'command substitution'],
  ['&', 'background jobs'],
  ['(', 'subshells'],
  [')', 'subshells'],
  ['*', 'file name patterns (quote it)'],
  ['?', 'file name patterns (quote it)'],
];
const operators: readonly Operator[] = ['<<<', '&&', '||', ';', '|', '<', '>'];

/** Pipelines in their order. Throws NetError(EINVAL) that names what is not understood. */
export function parseScript(script: string): Pipeline[] {
  const tokens = tokenize(script);
  const pipelines: Pipeline[] = [];
  let at = 0;
  let when: Pipeline['when'] = 'always';
  while (at < tokens.length) {
    const first = tokens[at]!;
    if ('operator' in first && first.operator === ';') {
      at++;
      continue;
    }
    const commands: SimpleCommand[] = [];
    for (;;) {
      const { command, next } = parseCommand(tokens, at);
      commands.push(command);
      at = next;
      const behind = tokens[at];
      if (behind === undefined || !('operator' in behind) || behind.operator !== '|') break;
      at++;
    }
    pipelines.push({ commands, when });
    const behind = tokens[at];
    if (behind === undefined) return pipelines;
    const operator = 'operator' in behind ? behind.operator : refuse('syntax', 'a word where an operator was expected');
    when = operator === '&&' ? 'success' : operator === '||' ? 'failure' : 'always';
    at++;
    if (when !== 'always' && at >= tokens.length) refuse(operator, 'no command follows');
  }
  return pipelines;
}

function parseCommand(tokens: readonly Token[], start: number): { command: SimpleCommand; next: number } {
  const words: string[] = [];
  let input: SimpleCommand['input'] = null;
  let outputFile: string | null = null;
  let at = start;
  for (; at < tokens.length; at++) {
    const token = tokens[at]!;
    if ('word' in token) {
      words.push(token.word);
      continue;
    }
    if (token.operator !== '<' && token.operator !== '>' && token.operator !== '<<<') break;
    const target = tokens[++at];
    if (target === undefined || !('word' in target)) return refuse(token.operator, 'a word must follow');
    if (token.operator === '>') outputFile = target.word;
    else if (token.operator === '<') input = { file: target.word };
    else input = { text: `${target.word}\n` };
  }
  if (words.length === 0) {
    const token = tokens[at];
    refuse(token !== undefined && 'operator' in token ? token.operator : 'syntax', 'a command was expected');
  }
  if (/^[A-Za-z_]\w*=/.test(words[0]!)) refuse(words[0]!, 'assignments are not understood');
  return { command: { words, input, outputFile }, next: at };
}

function tokenize(script: string): Token[] {
  const tokens: Token[] = [];
  let word: string | null = null;
  let at = 0;
  const endWord = () => {
    if (word !== null) tokens.push({ word });
    word = null;
  };
  while (at < script.length) {
    const char = script[at]!;
    if (char === ' ' || char === '\t') {
      endWord();
      at++;
    } else if (char === '\n') {
      endWord();
      tokens.push({ operator: ';' });
      at++;
    } else if (char === '#' && word === null) {
      while (at < script.length && script[at] !== '\n') at++;
    } else if (char === "'") {
      const end = script.indexOf("'", at + 1);
      if (end < 0) refuse("'", 'the quote is not closed');
      word = (word ?? '') + script.slice(at + 1, end);
      at = end + 1;
    } else if (char === '"') {
      const quoted = readDoubleQuoted(script, at + 1);
      word = (word ?? '') + quoted.text;
      at = quoted.next;
    } else if (char === '\\') {
      if (at + 1 >= script.length) refuse('\\', 'nothing follows');
      if (script[at + 1] !== '\n') word = (word ?? '') + script[at + 1];
      at += 2;
    } else {
      const operator = operators.find((candidate) => script.startsWith(candidate, at));
      const strange = foreign.find(([text]) => script.startsWith(text, at));
      if (strange !== undefined && strange[0].length >= (operator?.length ?? 0)) refuse(strange[0], `${strange[1]} are not understood`);
      if (operator === undefined) {
        word = (word ?? '') + char;
        at++;
      } else {
        if ((operator === '>' || operator === '<') && word !== null && /^\d$/.test(word))
          refuse(word + operator, 'redirecting by number is not understood');
        endWord();
        tokens.push({ operator });
        at += operator.length;
      }
    }
  }
  endWord();
  return tokens;
}

function readDoubleQuoted(script: string, start: number): { text: string; next: number } {
  let text = '';
  let at = start;
  for (;;) {
    const char = script[at];
    if (char === undefined) return refuse('"', 'the quote is not closed');
    if (char === '"') return { text, next: at + 1 };
    if (char === '$' || char === '`') refuse(char, 'substitution is not understood');
    if (char === '\\' && /["\\$`\n]/.test(script[at + 1] ?? '')) {
      if (script[at + 1] !== '\n') text += script[at + 1];
      at += 2;
    } else {
      text += char;
      at++;
    }
  }
}

import { parseScript } from '../../../src/instance/shell/parse.js';

const words = (script: string) => parseScript(script).map((pipeline) => pipeline.commands.map((command) => command.words));

test('words are split at blanks, quotes keep them together', () => {
  expect(words(`ip addr show label 'd0*' "a b"c d\\ e ''`)).toEqual([[['ip', 'addr', 'show', 'label', 'd0*', 'a bc', 'd e', '']]]);
});

test('semicolons, newlines and comments part commands', () => {
  expect(words('ip a; # all\nip r\n\n ;ip n;')).toEqual([[['ip', 'a']], [['ip', 'r']], [['ip', 'n']]]);
});

test('&& and || say when the next runs', () => {
  expect(parseScript('a && b || c; d').map((pipeline) => pipeline.when)).toEqual(['always', 'success', 'failure', 'always']);
});

test('pipes join commands, redirections name in-memory files', () => {
  expect(parseScript('ip -batch - < routes | b > out; c <<< "link add"')).toEqual([
    {
      when: 'always',
      commands: [
        { words: ['ip', '-batch', '-'], input: { file: 'routes' }, outputFile: null },
        { words: ['b'], input: null, outputFile: 'out' },
      ],
    },
    { when: 'always', commands: [{ words: ['c'], input: { text: 'link add\n' }, outputFile: null }] },
  ]);
});

test.each([
  ['echo $HOME', 'variables'],
  ['a &', 'background'],
  ['(a)', 'subshells'],
  ['a >> b', 'appending'],
  ['a 2> b', 'by number'],
  ['a `b`', 'command substitution'],
  ['ls *', 'patterns'],
  ['A=b c', 'assignments'],
  ["a 'b", 'not closed'],
  ['a |', 'a command was expected'],
  ['| a', 'a command was expected'],
  ['a &&', 'no command follows'],
  ['a <', 'a word must follow'],
])('%s is refused by name', (script, why) => {
  expect(() => parseScript(script)).toThrow(why);
});

import { commandLines, splitWords } from '../../../../src/commands/ip/batch.js';

test('quotes of both kinds keep words together', () => {
  expect(splitWords(`link set d0 alias "two words" 'and more' x`)).toEqual(['link', 'set', 'd0', 'alias', 'two words', 'and more', 'x']);
});

test('comments end a line, backslashes join lines, and each command knows its last line', () => {
  expect([...commandLines('link show # all\n\nlink show\\\n lo\n')]).toEqual([
    { words: ['link', 'show'], line: 1 },
    { words: [], line: 2 },
    { words: ['link', 'show', 'lo'], line: 4 },
  ]);
});

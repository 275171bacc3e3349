import { JsonWriter, RawJson } from '../../../../src/commands/shared/json-writer.js';

function write(pretty: boolean, use: (writer: JsonWriter) => void): string {
  let text = '';
  const writer = new JsonWriter((piece) => {
    text += piece;
  }, pretty);
  use(writer);
  writer.end();
  return text;
}

const document = (w: JsonWriter) => {
  w.openArray();
  for (const index of [1, 2]) {
    w.openObject();
    w.name('ifindex');
    w.value(index);
    w.name('flags');
    w.openArray();
    if (index === 1) for (const flag of ['UP', 'LOWER_UP']) w.value(flag);
    w.closeArray();
    w.name('stats');
    w.openObject();
    w.name('timer');
    w.value(new RawJson('0.00'));
    w.closeObject();
    w.closeObject();
  }
  w.openObject();
  w.closeObject();
  w.closeArray();
};

test('compact JSON has no white space but the newline behind it', () => {
  expect(write(false, document)).toBe(
    '[{"ifindex":1,"flags":["UP","LOWER_UP"],"stats":{"timer":0.00}},{"ifindex":2,"flags":[],"stats":{"timer":0.00}},{}]\n',
  );
});

test('pretty JSON is laid out as iproute2 lays it out', () => {
  expect(write(true, document)).toBe(`[ {
        "ifindex": 1,
        "flags": [ "UP","LOWER_UP" ],
        "stats": {
            "timer": 0.00
        }
    },{
        "ifindex": 2,
        "flags": [ ],
        "stats": {
            "timer": 0.00
        }
    },{} ]
`);
});

test('quotes, backslashes and control characters are escaped, others are not', () => {
  expect(write(false, (w) => w.value('with "quotes", \\, \t and é\''))).toBe('"with \\"quotes\\", \\\\, \\t and é\'"\n');
});

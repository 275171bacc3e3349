// Man pages out of the grammar tables.

const roff = (text) =>
  text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/^([.'])/gm, '\\&$1');
const bold = (text) => `\\fB${roff(text)}\\fR`;
const italic = (text) => `\\fI${roff(text)}\\fR`;

/** Words in capitals stand for something and are set in italics; brackets stay as they are. */
const placeholders = (text) =>
  text
    .split(/(\s+)/)
    .map((word) => (/[A-Z]{2,}|^[A-Z]$/.test(word) ? italic(word) : /^[[\]{}|.]+$/.test(word) || word.trim() === '' ? word : bold(word)))
    .join('');

const head = (title, section, summaryName, summary) => [
  `.\\" Generated from the grammar tables by scripts/reference.mjs; do not edit.`,
  `.TH ${title} ${section} "" "tapstack" "tapstack"`,
  '.SH NAME',
  `${roff(summaryName)} \\- ${roff(summary)}`,
];
const paragraphs = (texts) => texts.flatMap((text, index) => [...(index === 0 ? [] : ['.PP']), roff(text)]);
const examples = (list) =>
  list.length === 0 ? [] : ['.SH EXAMPLES', ...list.flatMap(([command, text]) => ['.TP', bold(command), roff(text)])];
const shownName = ({ names }) => names.join(' | ');

const keywordTerm = ({ word, also, value }) =>
  [[word, ...(also ?? [])].map(bold).join(' | '), ...(value === undefined ? [] : [placeholders(value)])].join(' ');

function verbLine(object, verb) {
  const names = verb.names.filter((name) => name !== '');
  const choice = names.length > 1 ? `{ ${names.map(bold).join(' | ')} }` : names.map(bold).join('');
  const words = verb.keywords.length === 0 ? '' : ` [ ${italic('WORDS')} ]`;
  return (
    [bold('ip'), bold(object.name), choice, verb.operands === undefined ? '' : placeholders(verb.operands)]
      .filter((part) => part !== '')
      .join(' ') + words
  );
}

/** Verbs with the same words are described together. */
function groups(object) {
  const found = [];
  for (const verb of object.verbs) {
    const key = JSON.stringify(verb.keywords.map(({ word, value, text }) => [word, value, text]));
    const group = found.find((candidate) => candidate.key === key && verb.keywords.length > 0);
    if (group === undefined) found.push({ key, verbs: [verb] });
    else group.verbs.push(verb);
  }
  return found;
}

const kindLines = ({ kind, summary, words = [] }) => [
  `.SS ${roff(kind)}`,
  roff(summary),
  ...words.filter(({ text }) => text !== undefined).flatMap((word) => ['.TP', keywordTerm(word), roff(word.text)]),
];

/** ip-OBJECT(8); `kinds`: what devices may be. */
export function objectPage(object, kinds = []) {
  const lines = head(`IP-${object.name.toUpperCase()}`, 8, `ip-${object.name}`, object.summary);
  lines.push('.SH SYNOPSIS', '.nf');
  for (const verb of object.verbs) lines.push(verbLine(object, verb));
  lines.push(
    `${bold('ip')} ${bold(object.name)} ${bold('help')}`,
    '.fi',
    '.SH DESCRIPTION',
    ...paragraphs(object.description),
    '.SH COMMANDS',
  );
  for (const { verbs } of groups(object)) {
    for (const [index, verb] of verbs.entries())
      lines.push(
        '.TP',
        `${bold(shownName(verb) || object.name)}${verb.operands === undefined ? '' : ` ${placeholders(verb.operands)}`}`,
        `${roff(verb.summary)}.${index + 1 < verbs.length || verb.keywords.length === 0 ? '' : ' Words:'}`,
      );
    const { keywords } = verbs[0];
    if (keywords.length === 0) continue;
    lines.push('.RS');
    for (const keyword of keywords) lines.push('.TP', keywordTerm(keyword), `${roff(keyword.text ?? '')}`);
    lines.push('.RE');
  }
  if (kinds.length > 0) lines.push('.SH KINDS', ...kinds.flatMap(kindLines));
  lines.push(...examples(object.examples ?? []), '.SH SEE ALSO', `${bold('ip')}(8), ${bold('tapstack')}(8)`);
  return `${lines.join('\n')}\n`;
}

const optionTerm = ({ names, value }) => `${names.map(bold).join(', ')}${value === undefined ? '' : ` ${placeholders(value)}`}`;

/** ip(8) */
export function ipPage({ options, objects }) {
  const lines = head('IP', 8, 'ip', 'show and change devices, addresses, routes, neighbours and network namespaces');
  lines.push('.SH SYNOPSIS', '.nf');
  lines.push(`${bold('ip')} [ ${italic('OPTIONS')} ] ${italic('OBJECT')} { ${italic('COMMAND')} | ${bold('help')} }`);
  lines.push(`${bold('ip')} [ ${bold('-force')} ] ${bold('-batch')} ${italic('FILE')}`, '.fi', '.SH OBJECTS');
  for (const object of objects) lines.push('.TP', bold(object.name), `${roff(object.summary)}; see ${bold(`ip-${object.name}`)}(8)`);
  lines.push('.SH OPTIONS');
  for (const option of options) lines.push('.TP', optionTerm(option), roff(option.text));
  lines.push(
    '.SH ABBREVIATIONS',
    roff('Options, objects, commands and most words may be shortened; of several that fit, the first counts: ip a s dev eth0.'),
    '.SH ENVIRONMENT',
    '.TP',
    bold('TAPSTACK_TARGET'),
    `${bold('kernel')} ${roff('acts on the kernel below instead of a stack.')}`,
    '.TP',
    bold('TAPSTACK_CLIENT'),
    `${bold('node')} ${roff('runs commands in a Node process of their own, where the native client would hand them to the worker of the daemon.')}`,
    '.TP',
    bold('COLORFGBG'),
    roff('a dark background behind its last semicolon (0-6, 8) makes colours bold.'),
    '.SH EXIT STATUS',
    roff(
      '0: done; 1: the command line is wrong or names what is not there; 2: the stack refused; 255: the command line cannot be understood.',
    ),
    '.SH SEE ALSO',
    objects.map(({ name }) => `${bold(`ip-${name}`)}(8)`).join(', '),
  );
  return `${lines.join('\n')}\n`;
}

const terms = (title, list, name) =>
  list.length === 0 ? [] : [`.SH ${title}`, ...list.flatMap(([term, text]) => ['.TP', name(term), roff(text)])];
const optionTerms = (options) => options.flatMap((option) => ['.TP', optionTerm(option), roff(option.text)]);
const seeAlso = (name) =>
  ['ip(8)', 'tapstack(8)', 'tapstackd(8)', 'tapstack(7)']
    .filter((page) => page !== `${name}(8)`)
    .map((page) => page.replace(/^[a-z]+/, bold))
    .join(', ');

/** A command that has options alone. */
export function plainPage(reference) {
  const { name, summary, synopsis, description, options, sections = [], files = [] } = reference;
  return `${[
    ...head(name.toUpperCase(), 8, name, summary),
    '.SH SYNOPSIS',
    '.nf',
    ...synopsis.map((line) => `${bold(name)} ${placeholders(line)}`),
    '.fi',
    '.SH DESCRIPTION',
    ...paragraphs(description),
    ...(options.length === 0 ? [] : ['.SH OPTIONS', ...optionTerms(options)]),
    ...sections.flatMap((section) => [
      `.SH ${section.title}`,
      ...paragraphs(section.paragraphs),
      ...section.terms.flatMap(([term, text]) => ['.TP', placeholders(term), roff(text)]),
    ]),
    ...terms('FILES', files, italic),
    ...examples(reference.examples),
    '.SH SEE ALSO',
    seeAlso(name),
  ].join('\n')}\n`;
}

/** A command that has verbs, each with options. */
export function programPage(reference) {
  const { name, summary, synopsis, description, options, verbs, files, environment, status } = reference;
  const line = (verb) =>
    [bold(name), bold(verb.name), `[ ${italic('OPTIONS')} ]`, placeholders(verb.operands)].filter((part) => part !== '').join(' ');
  return `${[
    ...head(name.toUpperCase(), 8, name, summary),
    '.SH SYNOPSIS',
    '.nf',
    ...synopsis.map((text) => `${bold(name)} ${placeholders(text)}`),
    ...verbs.map(line),
    '.fi',
    '.SH DESCRIPTION',
    ...paragraphs(description),
    '.SH OPTIONS',
    ...optionTerms(options),
    '.SH COMMANDS',
    ...verbs.flatMap((verb) => [
      '.TP',
      [[verb.name, ...verb.aliases].map(bold).join(' | '), placeholders(verb.operands)].filter((part) => part !== '').join(' '),
      `${roff(verb.summary)}.`,
      '.RS',
      ...verb.operandTexts.flatMap(([operand, text]) => ['.TP', italic(operand), roff(text)]),
      ...optionTerms(verb.options),
      '.RE',
    ]),
    ...terms('ENVIRONMENT', environment, bold),
    ...terms('FILES', files, italic),
    '.SH EXIT STATUS',
    roff(status),
    ...examples(reference.examples),
    '.SH SEE ALSO',
    seeAlso(name),
  ].join('\n')}\n`;
}

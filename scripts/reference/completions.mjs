// biome-ignore-all lint/suspicious/noTemplateCurlyInString: text of shells
// Completions for bash, zsh and fish out of the grammar tables.

const NOTICE = '# Generated from the grammar tables by scripts/reference.mjs; do not edit.';
const unique = (words) => [...new Set(words)];
const wordsOf = (complete) => (Array.isArray(complete) ? complete : []);
const verbNames = (object) => unique([...object.verbs.flatMap(({ names }) => names).filter((name) => name !== ''), 'help']);
const quote = (text) => `'${text.replace(/'/g, "'\\''")}'`;

/** Of an object's verbs: for each verb its words, and what may follow a word. */
function tables({ objects }) {
  const verbs = new Map();
  const words = new Map();
  const values = new Map();
  for (const object of objects) {
    verbs.set(object.name, verbNames(object));
    for (const verb of object.verbs) {
      const own = unique(verb.keywords.map(({ word }) => word));
      const operand =
        verb.completeOperand === 'device'
          ? ['@device']
          : verb.completeOperand === 'namespace'
            ? ['@namespace']
            : wordsOf(verb.completeOperand);
      for (const name of verb.names) words.set(`${object.name} ${name}`.trim(), [...operand, ...own]);
      for (const { word, complete } of verb.keywords) {
        const follow = complete === 'device' ? ['@device'] : complete === 'namespace' ? ['@namespace'] : wordsOf(complete);
        if (follow.length > 0) values.set(`${object.name} ${word}`, unique([...(values.get(`${object.name} ${word}`) ?? []), ...follow]));
      }
    }
  }
  return { verbs, words, values };
}

const bashTable = (name, map) => [
  `declare -gA ${name}=(`,
  ...[...map].map(([key, list]) => `  [${quote(key)}]=${quote(list.join(' '))}`),
  ')',
];

export function bash(ip, plain, programs) {
  const { verbs, words, values } = tables(ip);
  const options = unique(ip.options.flatMap(({ names }) => names));
  const valued = ip.options.filter(({ value }) => value !== undefined && !value.startsWith('[')).map(({ names }) => names[0]);
  const lines = [
    NOTICE,
    ...bashTable('_tapstack_ip_verbs', verbs),
    ...bashTable('_tapstack_ip_words', words),
    ...bashTable('_tapstack_ip_values', values),
    '',
    '_tapstack_expand() {',
    '  local word',
    '  for word in $1; do',
    '    case $word in',
    "      @device) ip -o link show 2>/dev/null | sed -E 's/^[0-9]+: ([^:@]+).*/\\1/' ;;",
    "      @namespace) ip netns list 2>/dev/null | sed 's/ .*//' ;;",
    `      @instance) tapstack list --json 2>/dev/null | sed -n 's/^ *"name": "\\(.*\\)",*$/\\1/p' ;;`,
    '      *) echo "$word" ;;',
    '    esac',
    '  done',
    '}',
    '',
    '_tapstack_ip() {',
    '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} object= verb= i word list',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    word=${COMP_WORDS[i]}',
    '    if [[ -z $object ]]; then',
    '      case $word in',
    `        ${valued.join('|')}|-n|-b|-f|-rc|-l) ((i++)); continue ;;`,
    '        -*) continue ;;',
    '      esac',
    `      for object in ${[...verbs.keys()].join(' ')}; do [[ $object == "$word"* ]] && break; object=; done`,
    '      [[ -z $object ]] && return',
    '    elif [[ -z $verb ]]; then',
    '      for verb in ${_tapstack_ip_verbs[$object]}; do [[ $verb == "$word"* ]] && break; verb=; done',
    '    fi',
    '  done',
    '  if [[ -z $object ]]; then',
    '    case $prev in',
    '      -n|-netns) list=@namespace ;;',
    "      -f|-family) list='inet inet6 link mpls bridge' ;;",
    '      -b|-batch) COMPREPLY=($(compgen -f -- "$cur")); return ;;',
    `      *) list='${[...verbs.keys(), 'help', ...options].join(' ')}' ;;`,
    '    esac',
    '  elif [[ -n ${_tapstack_ip_values["$object $prev"]} ]]; then',
    '    list=${_tapstack_ip_values["$object $prev"]}',
    '  elif [[ -n $verb ]]; then',
    '    list=${_tapstack_ip_words["$object $verb"]}',
    '  else',
    '    list="${_tapstack_ip_verbs[$object]} ${_tapstack_ip_words[$object]}"',
    '  fi',
    '  COMPREPLY=($(compgen -W "$(_tapstack_expand "$list")" -- "$cur"))',
    '}',
    'complete -F _tapstack_ip ip',
  ];
  for (const program of programs) lines.push('', ...bashProgram(program));
  for (const { name, options: own } of plain.filter(({ options }) => options.length > 0)) {
    lines.push('', `complete -W ${quote(unique(own.flatMap(({ names }) => names)).join(' '))} -o default ${name}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A command with verbs: the words before the cursor choose the table's row; behind a verb that runs a program, programs. */
function bashProgram({ name, options, verbs }) {
  const table = `_tapstack_${name}_words`;
  const row = new Map([[name, namesOf(options)]]);
  for (const verb of verbs) {
    const [first, second] = verb.name.split(' ');
    row.set(name, unique([...row.get(name), first]));
    if (second !== undefined) row.set(`${name} ${first}`, [...(row.get(`${name} ${first}`) ?? []), second]);
    row.set(`${name} ${verb.name}`, namesOf(verb.options));
  }
  const programs = verbs.filter(({ runsProgram }) => runsProgram).map((verb) => quote(`${name} ${verb.name}`));
  const valued = unique(
    [...options, ...verbs.flatMap((verb) => verb.options)].filter(({ value }) => value !== undefined).flatMap(({ names }) => names),
  );
  return [
    ...bashTable(table, row),
    '',
    `_tapstack_${name}() {`,
    `  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} row=${name} i word`,
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    word=${COMP_WORDS[i]}',
    '    case $word in',
    `      ${valued.join('|')}) ((i++)); continue ;;`,
    '      --) ((i++)) ;;',
    '      -*) continue ;;',
    '    esac',
    `    case $row in ${programs.join('|')}) break ;; esac`,
    '    word="$row $word"',
    `    [[ -v ${table}["$word"] ]] && row=$word`,
    '  done',
    '  if ((i < COMP_CWORD)) || [[ $prev == -- ]]; then',
    '    COMPREPLY=($(compgen -c -f -- "$cur"))',
    '    return',
    '  fi',
    '  case $prev in',
    ...valuesOf(verbs).map(
      ([names, list]) => `    ${names.join('|')}) COMPREPLY=($(compgen -W "$(_tapstack_expand ${quote(list)})" -- "$cur")) ;;`,
    ),
    `    *) COMPREPLY=($(compgen -W "\${${table}["$row"]}" -- "$cur")) ;;`,
    '  esac',
    '}',
    `complete -F _tapstack_${name} ${name}`,
  ];
}

const namesOf = (options) => unique(options.flatMap(({ names }) => names));
const VALUES = { NAME: '@instance', NS: '@namespace' };

/** Options whose values can be listed. */
function valuesOf(verbs) {
  const found = new Map();
  for (const { names, value } of verbs.flatMap((verb) => verb.options))
    if (value in VALUES) found.set(names.join(' '), [names, VALUES[value]]);
  return [...found.values()];
}

export function zsh(plain) {
  const lines = [
    `#compdef ip ${plain.map(({ name }) => name).join(' ')}`,
    NOTICE,
    '',
    '# The tables are those of the bash completion; compadd offers what they hold.',
    'autoload -U +X bashcompinit && bashcompinit',
    'source "${${(%):-%x}:A:h}/../bash/tapstack.bash"',
  ];
  return `${lines.join('\n')}\n`;
}

export function fish(ip, plain, programs) {
  const { verbs, words, values } = tables(ip);
  const lines = [
    NOTICE,
    'function __tapstack_devices',
    "    ip -o link show 2>/dev/null | string replace -r '^[0-9]+: ([^:@]+).*' '$1'",
    'end',
    'function __tapstack_namespaces',
    "    ip netns list 2>/dev/null | string replace -r ' .*' ''",
    'end',
    'complete -c ip -f',
  ];
  const expand = (list) =>
    list.map((word) => (word === '@device' ? '(__tapstack_devices)' : word === '@namespace' ? '(__tapstack_namespaces)' : word)).join(' ');
  const condition = (text) => `-n ${quote(text)}`;
  for (const object of ip.objects) {
    const seen = `__fish_seen_subcommand_from ${object.name}`;
    lines.push(
      `complete -c ip ${condition(`not __fish_seen_subcommand_from ${[...verbs.keys()].join(' ')}`)} -a ${object.name} -d ${quote(object.summary)}`,
    );
    lines.push(
      `complete -c ip ${condition(`${seen}; and not __fish_seen_subcommand_from ${verbs.get(object.name).join(' ')}`)} -a ${quote(verbs.get(object.name).join(' '))}`,
    );
    for (const verb of object.verbs) {
      for (const name of verb.names.filter((candidate) => candidate !== ''))
        if (words.get(`${object.name} ${name}`).length > 0)
          lines.push(
            `complete -c ip ${condition(`${seen}; and __fish_seen_subcommand_from ${name}`)} -a "${expand(words.get(`${object.name} ${name}`))}"`,
          );
    }
  }
  for (const [key, list] of values) {
    const [object, word] = key.split(' ');
    lines.push(
      `complete -c ip ${condition(`__fish_seen_subcommand_from ${object}; and test (commandline -opc)[-1] = ${word}`)} -a "${expand(list)}"`,
    );
  }
  for (const { names, text } of ip.options) lines.push(`complete -c ip -o ${names[0].slice(1)} -d ${quote(text)}`);
  for (const { name, options } of plain)
    for (const option of options) lines.push(`complete -c ${name} ${fishSpellings(option)} -d ${quote(option.text)}`);
  for (const program of programs) lines.push(...fishProgram(program));
  return `${lines.join('\n')}\n`;
}

const fishSpellings = ({ names }) => names.map((word) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`)).join(' ');
const FISH_VALUES = { NAME: '(__tapstack_instances)', NS: '(__tapstack_namespaces)' };

function fishProgram({ name, options, verbs }) {
  const first = unique(verbs.map((verb) => verb.name.split(' ')[0]));
  const none = `not __fish_seen_subcommand_from ${first.join(' ')}`;
  const lines = [
    'function __tapstack_instances',
    `    tapstack list --json 2>/dev/null | string match -r -g '"name": "(.*)"'`,
    'end',
    `complete -c ${name} -f`,
    ...options.map((option) => `complete -c ${name} -n ${quote(none)} ${fishSpellings(option)} -d ${quote(option.text)}`),
  ];
  for (const verb of verbs) {
    const [word, second] = verb.name.split(' ');
    const seconds = verbs.filter((other) => other.name.startsWith(`${word} `)).map((other) => other.name.split(' ')[1]);
    let seen = `__fish_seen_subcommand_from ${word}`;
    if (second === undefined) lines.push(`complete -c ${name} -n ${quote(none)} -a ${word} -d ${quote(verb.summary)}`);
    else {
      if (second === seconds[0]) lines.push(`complete -c ${name} -n ${quote(none)} -a ${word}`);
      lines.push(
        `complete -c ${name} -n ${quote(`${seen}; and not __fish_seen_subcommand_from ${seconds.join(' ')}`)} -a ${second} -d ${quote(verb.summary)}`,
      );
      seen += `; and __fish_seen_subcommand_from ${second}`;
    }
    for (const option of verb.options) {
      const values = option.value in FISH_VALUES ? ` -x -a ${quote(FISH_VALUES[option.value])}` : option.value === undefined ? '' : ' -x';
      lines.push(`complete -c ${name} -n ${quote(seen)} ${fishSpellings(option)}${values} -d ${quote(option.text)}`);
    }
    if (verb.runsProgram) lines.push(`complete -c ${name} -n ${quote(seen)} -x -a '(__fish_complete_subcommand)'`);
  }
  return lines;
}

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

export function bash(ip, plain) {
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
  for (const { name, options: own } of plain) {
    lines.push('', `complete -W ${quote(unique(own.flatMap(({ names }) => names)).join(' '))} -o default ${name}`);
  }
  return `${lines.join('\n')}\n`;
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

export function fish(ip, plain) {
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
  for (const { name, options } of plain) {
    for (const option of options) {
      const spellings = option.names.map((word) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`)).join(' ');
      lines.push(`complete -c ${name} ${spellings} -d ${quote(option.text)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

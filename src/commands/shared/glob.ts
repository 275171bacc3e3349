/** fnmatch(3) without flags: *, ?, [a-z], [!a-z], and a backslash before what is meant literally. */
export function globMatches(pattern: string, text: string): boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (character === '[') {
      const end = pattern.indexOf(']', i + (pattern[i + 1] === '!' || pattern[i + 1] === '^' ? 3 : 2));
      if (end === -1) source += '\\[';
      else {
        const inside = pattern
          .slice(i + 1, end)
          .replace(/\\/g, '\\\\')
          .replace(/^[!^]/, '^');
        source += `[${inside}]`;
        i = end;
      }
    } else source += (character === '\\' && i + 1 < pattern.length ? pattern[++i]! : character).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 's').test(text);
}

/** The words of a line, as a shell's. */
export function splitLine(line: string): string[] {
  return line
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
}

// All generated files, by path from the project's root.
import { bash, fish, zsh } from './completions.mjs';
import { ipPage, objectPage, plainPage, programPage } from './man.mjs';

export function referenceFiles(ip, plain, programs) {
  const files = new Map();
  files.set('man/ip.8', ipPage(ip));
  for (const object of ip.objects) files.set(`man/ip-${object.name}.8`, objectPage(object, object.name === 'link' ? ip.linkKinds : []));
  for (const reference of plain) files.set(`man/${reference.name}.8`, plainPage(reference));
  for (const reference of programs) files.set(`man/${reference.name}.8`, programPage(reference));
  files.set('completions/bash/tapstack.bash', bash(ip, plain, programs));
  files.set('completions/zsh/_tapstack', zsh([...plain, ...programs]));
  files.set('completions/fish/tapstack.fish', fish(ip, plain, programs));
  return files;
}

import { createInstance } from '../../../src/library/index.js';

const TRY = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n";

// As ipvsadm 1.31 answers them.
test.each([
  ['what is no command line ends it', '-A -t 10.1.1.1:80\n\n# comment\n-A -t 10.1.1.2:80\n', TRY, 255, ['10.1.1.1:80']],
  [
    'what is refused does not, and does not show',
    '-A -t 10.1.1.3:80 -s no\n-A -t 10.1.1.4:80\n',
    'Scheduler or persistence engine not found\n',
    0,
    ['10.1.1.4:80'],
  ],
  ['but for the last line', '-A -t 10.1.1.5:80\n-A -t 10.1.1.5:80\n', 'Service already exists\n', 255, ['10.1.1.5:80']],
  ['restoring is no command of a file', '-A -t 10.1.1.6:80\n-R\n', TRY, 255, ['10.1.1.6:80']],
])('ipvsadm -R: %s', async (_what, file, error, status, services) => {
  const instance = await createInstance({ clock: 'virtual' });
  await instance.files.write('/rules', new TextEncoder().encode(file));
  const result = await instance.sh('ipvsadm -R < /rules');
  expect([result.stderr, result.status]).toEqual([error, status]);
  const { stdout } = await instance.sh('ipvsadm -Ln');
  expect([...stdout.matchAll(/^TCP +(\S+)/gm)].map(([, name]) => name)).toEqual(services);
  instance.close();
});

test('ports of services by mark have no names, and ipvsadm-save tells how to call it', async () => {
  const instance = await createInstance({ clock: 'virtual' });
  await instance.files.write('/etc/services', new TextEncoder().encode('http 80/tcp\n'));
  await instance.sh('ipvsadm -A -f 1; ipvsadm -a -f 1 -r 10.0.0.1:80; ipvsadm -A -t 10.0.0.9:80');
  expect((await instance.sh('ipvsadm-save')).stdout).toBe('-A -t 10.0.0.9:http -s wlc\n-A -f 1 -s wlc\n-a -f 1 -r 10.0.0.1:80 -g -w 1\n');
  expect((await instance.sh('ipvsadm-save -x')).status).toBe(1);
  instance.close();
});

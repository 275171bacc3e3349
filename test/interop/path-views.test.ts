// What captured programs see of /proc and /sys: the stack's devices, routes and settings, in their own namespace.
import { Lab, walled } from './daemon-support.js';

const labs: Lab[] = [];
afterEach(async () => {
  for (const made of labs.splice(0)) await made.close();
});

async function run(script: string): Promise<{ stdout: string; stderr: string }> {
  const lab = new Lab();
  labs.push(lab);
  const { stdout, stderr } = await lab.tapstack('run', '--', 'bash', '-c', script);
  return { stdout, stderr };
}

const DUMMY = 'ip link add d0 address 02:00:00:00:00:01 mtu 1400 type dummy; ip addr add 10.1.0.1/24 dev d0; ip link set d0 up\n';

walled('cat shows the devices and routes of the stack, by each name of /proc/net', async () => {
  const { stdout, stderr } = await run(`${DUMMY}
    for way in net self/net thread-self/net $$/net; do grep -c '^ *d0:' /proc/$way/dev; done
    cut -f1,2 /proc/net/route; (cd /proc/net; grep -c d0 ./dev); grep -c d0 /proc/sys/../net/dev`);
  expect(stderr).toBe('');
  expect(stdout).toBe('1\n1\n1\n1\nIface\tDestination\nd0\t0000010A\n1\n1\n');
});

walled('settings are read and written as files, and hold for the next command', async () => {
  const { stdout, stderr } = await run(`${DUMMY}
    cat /proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward
    sysctl -n net.ipv4.ip_forward; echo 0 >/proc/sys/net/ipv4/conf/d0/forwarding; sysctl -n net.ipv4.conf.d0.forwarding
    ls /proc/sys/net/ipv4/conf; echo 1 >/proc/sys/net/ipv4/nosuch`);
  expect(stdout).toBe('0\n1\n1\n0\nall\nd0\ndefault\nlo\n');
  expect(stderr).toMatch(/nosuch: No such file or directory/);
});

walled('a value that a setting does not take fails the write of whoever writes it', async () => {
  const { stdout } = await run(`cd /proc/sys/net/ipv4; exec 2>&1
    echo 300 >ip_default_ttl; echo 300 | tee ip_default_ttl; echo 300 | dd of=ip_default_ttl status=none; /usr/sbin/sysctl -w net.ipv4.ip_default_ttl=300
    python3 -c 'import os; fd = os.open("ip_default_ttl", os.O_WRONLY); print(os.writev(fd, [b"7", b"0"]), os.write(fd, b"300"))'
    cat ip_default_ttl; echo 1 >/sys/class/net/lo/nosuch; echo 1 >conf; echo 1 >ip_default_ttl/x; cat route/flush; echo 1 >tcp_available_congestion_control`);
  expect(
    stdout
      .replace(/bash: line \d+: /g, '')
      .trim()
      .split('\n'),
  ).toEqual([
    'echo: write error: Invalid argument',
    '300',
    'tee: ip_default_ttl: Invalid argument',
    "dd: error writing 'ip_default_ttl': Invalid argument",
    'sysctl: setting key "net.ipv4.ip_default_ttl": Invalid argument',
    '2 3',
    '70',
    '/sys/class/net/lo/nosuch: Permission denied',
    'conf: Is a directory',
    'ip_default_ttl/x: Not a directory',
    'cat: route/flush: Permission denied',
    'tcp_available_congestion_control: Permission denied',
  ]);
});

walled('/sys/class/net has the devices of the stack', async () => {
  const { stdout, stderr } = await run(`${DUMMY}
    ls /sys/class/net; cat /sys/class/net/d0/mtu /sys/class/net/d0/address /sys/class/net/d0/operstate
    [ -d /sys/class/net/d0 ] && echo folder; [ -f /sys/class/net/d0/mtu ] && echo file; [ -e /sys/class/net/eth9 ] || echo none
    stat -c %a /sys/class/net/d0/mtu; ls -l /sys/class/net/d0/statistics | grep -c rx_bytes`);
  expect(stderr).toBe('');
  expect(stdout).toBe('d0\nlo\n1400\n02:00:00:00:00:01\nunknown\nfolder\nfile\nnone\n644\n1\n');
});

walled('in a namespace they are the namespace’s', async () => {
  const { stdout, stderr } = await run(`${DUMMY}
    ip netns add left; ip -n left link add l0 type dummy
    ip netns exec left sh -c 'ls /sys/class/net; grep -c l0 /proc/net/dev; echo 1 >/proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward'
    cat /proc/sys/net/ipv4/ip_forward`);
  expect(stderr).toBe('');
  expect(stdout).toBe('l0\nlo\n1\n1\n0\n');
});

walled('Unix sockets are listed that programs of the namespace have, and no others', async () => {
  const { stdout, stderr } = await run(`
    ip netns add left
    python3 - <<'PY'
import os, socket, subprocess
listener = socket.socket(socket.AF_UNIX)
listener.bind("\\0views")
listener.listen()
client = socket.socket(socket.AF_UNIX)
client.connect("\\0views")
peer = listener.accept()[0]
print([line.split()[3:6] + line.split()[7:] for line in open("/proc/net/unix").read().splitlines()[1:]])
print([line.split()[:2] + line.split()[4:5] for line in subprocess.check_output(["ss", "-Hxa"], text=True).splitlines()])
print(subprocess.check_output(["ip", "netns", "exec", "left", "ss", "-Hxa"], text=True).splitlines())
PY`);
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toEqual([
    "[['00010000', '0001', '01', '@views'], ['00000000', '0001', '03'], ['00000000', '0001', '03', '@views']]",
    "[['u_str', 'LISTEN', '@views'], ['u_str', 'ESTAB', '*'], ['u_str', 'ESTAB', '@views']]",
    '[]',
  ]);
});

walled('what reads netlink by 4096 bytes gets lists that fit, whatever their length', async () => {
  const { stdout } =
    await run(`${DUMMY} for i in 1 2 3 4 5 6; do ip link add x$i type dummy; ip addr add 10.2.$i.1/24 dev x$i; ip link set x$i up; done
    hostname -I`);
  expect(stdout.split(' ').filter((word) => word.startsWith('10.'))).toEqual(['10.1.0.1', ...[1, 2, 3, 4, 5, 6].map((i) => `10.2.${i}.1`)]);
});

"""Checks of network namespaces by a program's own calls: the host's kernel and the stack must print the same."""
import ctypes, errno, os, platform, signal, socket, subprocess, sys

CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000
CLONE, CLONE3 = {"x86_64": (56, 435), "aarch64": (220, 435)}[platform.machine()]
IP = "/usr/sbin/ip"
libc = ctypes.CDLL(None, use_errno=True)


def call(work, *args):
    return 0 if work(*args) == 0 else errno.errorcode[ctypes.get_errno()]


def devices():
    return sorted(name for _, name in socket.if_nameindex())


def link(pid="self"):
    return os.readlink(f"/proc/{pid}/ns/net")


def born(*args):
    """What a child of clone() sees, and what its parent sees then."""
    read, write = os.pipe()
    pid = libc.syscall(*args)
    if pid == 0:
        os.write(write, repr((devices(), link() == home)).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    with os.fdopen(read) as pipe:
        return pipe.read(), devices(), link() == home


def ip(*words):
    return subprocess.run((IP, *words), capture_output=True, text=True)


home = link()
ip("link", "add", "here0", "type", "veth", "peer", "name", "here1")
print("clone", born(CLONE, CLONE_NEWNET | signal.SIGCHLD, 0, 0, 0, 0))
words = (ctypes.c_uint64 * 8)(CLONE_NEWNET, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
print("clone3", born(CLONE3, ctypes.byref(words), ctypes.sizeof(words)))
print("clone of the same", born(CLONE, signal.SIGCHLD, 0, 0, 0, 0))

read, write = os.pipe()
other = os.fork()
if other == 0:
    libc.unshare(CLONE_NEWNET)
    os.write(write, b"x")
    signal.pause()
os.read(read, 1)
print("another process", link(other) != home, link(other) == f"net:[{os.stat(f'/proc/{other}/ns/net').st_ino}]")
back = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
print("a descriptor", os.readlink(f"/proc/self/fd/{back}") == home, os.fstat(back).st_ino == os.stat("/proc/self/ns/net").st_ino)
print("setns of a file", call(libc.setns, os.open(f"/proc/{other}/ns/net", os.O_RDONLY), CLONE_NEWNET), devices(), link() == link(other))
print("setns back", call(libc.setns, back, 0), devices(), link() == home)
print("setns of a process", call(libc.setns, os.pidfd_open(other), CLONE_NEWNET), devices(), link() == link(other))
print("setns back", call(libc.setns, back, CLONE_NEWNET), devices())
print("setns of another kind", call(libc.setns, back, CLONE_NEWNS), call(libc.setns, -1, 0), call(libc.setns, write, 0))

print("ip netns add", ip("netns", "add", "one").returncode, ip("netns", "add", "one").returncode)
print("attach", ip("netns", "attach", "two", str(other)).returncode, ip("netns", "identify", str(other)).stdout.split())
print("pids", ip("netns", "pids", "two").stdout.split() == [str(other)], ip("netns", "pids", "one").stdout)
print("the same file", os.stat("/run/netns/two").st_ino == os.stat(f"/proc/{other}/ns/net").st_ino, sorted(os.listdir("/var/run/netns")))
print("nsenter", subprocess.run(["nsenter", "--net=/run/netns/one", IP, "-br", "link"], capture_output=True, text=True).stdout.split())
print("nsenter -t", subprocess.run(["nsenter", "-t", str(other), "-n", "readlink", "/proc/self/ns/net"], capture_output=True, text=True).stdout.strip() == link(other))
open("/run/netns/three", "w").close()
print("unshare", subprocess.run(["unshare", "--net=/run/netns/three", IP, "-br", "link"], capture_output=True, text=True).returncode)
print("exec", ip("netns", "exec", "two", "readlink", "/proc/self/ns/net").stdout.strip() == link(other))
print("move a device", ip("link", "set", "here1", "netns", "two").returncode, ip("link", "set", "here0", "netns", str(other)).returncode, devices())
os.kill(other, signal.SIGKILL)
os.waitpid(other, 0)
print("a name holds it", [word for word in ip("-n", "two", "-br", "link").stdout.split() if word.startswith(("here", "lo"))])
print("delete", [ip("netns", "del", name).returncode for name in ("one", "two", "two", "three")], os.listdir("/run/netns"))

"""signals.py: sockets are made and connected while signals rain on the threads of the daemon, and then on the program itself."""
import collections, ctypes, os, platform, signal, socket, time

libc = ctypes.CDLL(None)
TGKILL = 234 if platform.machine() == "x86_64" else 131
with open(os.path.join(os.environ["TAPSTACK_DIR"], os.environ["TAPSTACK_INSTANCE"], "lock")) as lock:
    daemon = int(lock.read())
threads = [int(name) for name in os.listdir(f"/proc/{daemon}/task")]


def make(seconds):
    """What became of each socket."""
    outcomes = collections.Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.connect(("127.0.0.1", 9))
            outcomes["connected"] += 1
        except OSError as error:
            outcomes[error.strerror] += 1
        if sock.fileno() > 2:
            sock.close()
        else:
            sock.detach()
    return outcomes


def report(where, outcomes):
    assert outcomes.pop("connected") > 100
    print(f"{where}:", ", ".join(outcomes) or "all connected", flush=True)


rain = os.fork()
if rain == 0:
    while True:
        for thread in threads:
            libc.syscall(TGKILL, daemon, thread, signal.SIGCHLD)
report("signals of the daemon", make(2))
os.kill(rain, signal.SIGKILL)
os.waitpid(rain, 0)

signal.signal(signal.SIGALRM, lambda *_: None)
signal.siginterrupt(signal.SIGALRM, False)
signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)
outcomes = make(2)
signal.setitimer(signal.ITIMER_REAL, 0)
report("signals of the program", outcomes)

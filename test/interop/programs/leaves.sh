# Leaves programs of all sorts running: in sessions of their own, twice forked, closed to looks, without their environment, listening.
python3 - <<'PY'
import ctypes, os, socket, sys, time
libc = ctypes.CDLL(None)
def leave(prepare):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            prepare()
            os.execve("/bin/sleep", ["sleep", "4243"], {})
        os._exit(0)
def listens():
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen()
    os.set_inheritable(sock.fileno(), True)
def accepts():
    listens()
    libc.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE: it stays, since nothing is executed
    os.close(1)
    os.close(2)
    while True:
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        try:
            sock.accept()
        except OSError:
            pass
leave(lambda: None)
leave(listens)
leave(lambda: libc.unshare(0x40000000))
leave(accepts)
time.sleep(1)
PY
pgrep -c -f '^sleep 4243$'

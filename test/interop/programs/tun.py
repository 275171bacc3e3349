"""A program holds the other end of tun and tap devices; the host's kernel and the stack must print the same."""
import errno, fcntl, os, select, socket, struct, subprocess

TUNSETIFF, TUNSETPERSIST, TUNSETOWNER, TUNSETGROUP, TUNSETLINK = 0x400454ca, 0x400454cb, 0x400454cc, 0x400454ce, 0x400454cd
TUNGETIFF, TUNGETFEATURES, TUNSETQUEUE, TUNGETSNDBUF = 0x800454d2, 0x800454cf, 0x400454d9, 0x800454d3
TUNSETOFFLOAD, TUNGETVNETHDRSZ, TUNSETVNETHDRSZ = 0x400454d0, 0x800454d7, 0x400454d8
TUN, TAP, NO_PI, MULTI, EXCL, ATTACH, DETACH, VNET = 1, 2, 0x1000, 0x100, 0x8000, 0x200, 0x400, 0x4000
IP = "/usr/sbin/ip"


def outcome(work, *args):
    try:
        return work(*args)
    except OSError as error:
        return errno.errorcode[error.errno]


def ip(*words):
    return subprocess.run((IP, *words), capture_output=True, text=True).stdout


def opened(flags=os.O_RDWR):
    return os.open("/dev/net/tun", flags | os.O_CLOEXEC)


def set_interface(fd, name, flags):
    answer = fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    return answer[:16].rstrip(b"\0").decode()


def interface(fd):
    answer = fcntl.ioctl(fd, TUNGETIFF, bytes(40))
    return answer[:16].rstrip(b"\0").decode(), hex(struct.unpack_from("H", answer, 16)[0])


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def echo_request(source, destination, number):
    icmp = bytearray(struct.pack("!BBHHH", 8, 0, 0, 77, number) + b"abcdefgh")
    icmp[2:4] = struct.pack("!H", checksum(bytes(icmp)))
    header = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 1, 0, 64, 1, 0, socket.inet_aton(source), socket.inet_aton(destination)))
    header[10:12] = struct.pack("!H", checksum(bytes(header)))
    return bytes(header + icmp)


def packet(fd, wanted, size=2048):
    """The next packet that passes, others (neighbour discovery, groups) left out."""
    for _ in range(20):
        if not select.select([fd], [], [], 5)[0]:
            return b"nothing"
        data = os.read(fd, size)
        if wanted(data):
            return data


fd = opened()
print("features", fcntl.ioctl(fd, TUNGETFEATURES, bytes(4))[0] & 3)
print("before it has a device", outcome(interface, fd), outcome(fcntl.ioctl, fd, TUNSETPERSIST, 1))
print("neither tun nor tap", outcome(set_interface, fd, "t0", NO_PI))
print("a name", set_interface(fd, "t%d", TUN | NO_PI), interface(fd), outcome(set_interface, fd, "x", TUN))
print("link", ip("-o", "link", "show", "t0").split(" qdisc")[0], "tun type tun pi off" in ip("-d", "link", "show", "t0"))
print("somebody else", outcome(set_interface, opened(), "t0", TUN | NO_PI), outcome(set_interface, opened(), "t0", TAP | NO_PI),
      outcome(set_interface, opened(), "t0", TUN | NO_PI | EXCL), outcome(set_interface, opened(), "lo", TUN))
ip("addr", "add", "10.5.0.1/24", "dev", "t0")
ip("link", "set", "t0", "up")
print("up", "LOWER_UP" in ip("link", "show", "t0"), outcome(fcntl.ioctl, fd, TUNSETLINK, 1))
os.write(fd, echo_request("10.5.0.2", "10.5.0.1", 1))
answer = packet(fd, lambda data: data[9] == 1)
print("an answer", len(answer), answer[20], answer[-8:], socket.inet_ntoa(answer[16:20]))
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.sendto(b"hello", ("10.5.0.9", 999))
print("routed into it", packet(fd, lambda data: data[9] == 17)[-5:])
sender.sendto(b"x" * 500, ("10.5.0.9", 999))
print("a short read cuts", len(packet(fd, lambda data: data[9] == 17, 100)))
os.set_blocking(fd, False)
print("nothing left", outcome(os.read, fd, 100))
print("counted", int(open("/sys/class/net/t0/statistics/rx_packets").read()), int(open("/sys/class/net/t0/statistics/tx_packets").read()) > 2)
print("vectors", os.writev(fd, [echo_request("10.5.0.2", "10.5.0.1", 2)[:20], echo_request("10.5.0.2", "10.5.0.1", 2)[20:]]))
os.set_blocking(fd, True)
print("by readv", os.readv(fd, [bytearray(20), bytearray(100)]))
os.close(fd)
print("gone with it", ip("-o", "link", "show", "t0"))

fd = opened()
print("with its header", set_interface(fd, "pi0", TUN))
ip("addr", "add", "10.6.0.1/24", "dev", "pi0")
ip("link", "set", "pi0", "up")
os.write(fd, b"\0\0\x08\0" + echo_request("10.6.0.2", "10.6.0.1", 1))
answer = packet(fd, lambda data: data[2:4] == b"\x08\0" and data[13] == 1)
print("an answer", answer[:4], answer[24])
os.close(fd)

fd = opened()
set_interface(fd, "tap7", TAP | NO_PI)
print("lasts", fcntl.ioctl(fd, TUNSETPERSIST, 1), fcntl.ioctl(fd, TUNSETOWNER, 1000), fcntl.ioctl(fd, TUNSETGROUP, 1000))
print("tuntap", ip("tuntap", "show", "dev", "tap7").split())
os.close(fd)
print("no carrier", "NO-CARRIER" in (ip("link", "set", "tap7", "up") or ip("link", "show", "tap7")))
fd = opened()
print("again", set_interface(fd, "tap7", TAP | NO_PI))
ip("addr", "add", "10.7.0.1/24", "dev", "tap7")
mac = bytes.fromhex(open("/sys/class/net/tap7/address").read().replace(":", ""))
ip("neigh", "add", "10.7.0.2", "lladdr", "02:00:00:00:00:02", "dev", "tap7")
os.write(fd, mac + b"\2\0\0\0\0\2" + b"\x08\0" + echo_request("10.7.0.2", "10.7.0.1", 3))
answer = packet(fd, lambda data: data[12:14] == b"\x08\0" and data[23] == 1)
print("a frame", answer[:6].hex(), answer[6:12] == mac, answer[34])
fcntl.ioctl(fd, TUNSETPERSIST, 0)
os.close(fd)
print("gone", ip("-o", "link", "show", "tap7"))

queues = [opened() for _ in range(3)]
print("queues", [set_interface(queue, "mq0", TUN | NO_PI | MULTI) for queue in queues], outcome(set_interface, opened(), "mq0", TUN | NO_PI))
print("numbers", [word for word in ip("-d", "link", "show", "mq0").replace("\n", " ").split() if "queue" in word])
print("off and on", fcntl.ioctl(queues[0], TUNSETQUEUE, struct.pack("16xH22x", DETACH)) and "", interface(queues[0])[1],
      fcntl.ioctl(queues[0], TUNSETQUEUE, struct.pack("16xH22x", ATTACH)) and "", interface(queues[0])[1],
      outcome(fcntl.ioctl, queues[0], TUNSETQUEUE, struct.pack("16xH22x", ATTACH)))
child = os.fork()
if child == 0:
    os.execvp("sleep", ["sleep", "0"])
os.waitpid(child, 0)
for queue in queues:
    print("still there", len(ip("-br", "link", "show", "mq0")) > 0)
    os.close(queue)
print("gone", ip("-o", "link", "show", "mq0"))

fd = opened()
print("with a virtio-net header", set_interface(fd, "vn0", TUN | NO_PI | VNET), interface(fd), ip("tuntap", "show", "dev", "vn0").split(),
      "vnet_hdr on" in ip("-d", "link", "show", "vn0"), open("/sys/class/net/vn0/tun_flags").read())
print("of so many bytes", struct.unpack("i", fcntl.ioctl(fd, TUNGETVNETHDRSZ, bytes(4))), outcome(fcntl.ioctl, fd, TUNSETVNETHDRSZ, struct.pack("i", 9)))
print("offloads", [outcome(fcntl.ioctl, fd, TUNSETOFFLOAD, wanted) for wanted in (0, 1, 2, 3, 7, 8, 9, 15, 17, 0)])
ip("addr", "add", "10.8.0.1/24", "dev", "vn0")
ip("link", "set", "vn0", "up")
for size in 10, 12:
    fcntl.ioctl(fd, TUNSETVNETHDRSZ, struct.pack("i", size))
    request = bytearray(echo_request("10.8.0.2", "10.8.0.1", size))
    request[22:24] = b"\0\0"
    os.write(fd, struct.pack("<BBHHHH", 1, 0, 0, 0, 20, 2) + bytes(size - 10) + request)
    answer = packet(fd, lambda data: data[size + 9] == 1)
    print("a checksum left to the other side", answer[:size], answer[size + 20], checksum(answer[size + 20:]))
os.close(fd)
print("no device of that sort", outcome(fcntl.ioctl, os.open("/dev/null", os.O_RDWR), TUNGETFEATURES, bytes(4)))

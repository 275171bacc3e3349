/* tun-echo NAME: holds the other end of a tun, answers each UDP datagram with its own bytes, and ends with the eleventh. */
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void swap(unsigned char *one, unsigned char *other, int bytes) {
  for (int i = 0; i < bytes; i++) {
    unsigned char kept = one[i];
    one[i] = other[i];
    other[i] = kept;
  }
}

int main(int count, char **words) {
  unsigned char packet[2048];
  struct ifreq request;
  int fd = open("/dev/net/tun", O_RDWR);
  if (fd < 0) return perror("/dev/net/tun"), 1;
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  strncpy(request.ifr_name, count > 1 ? words[1] : "", IFNAMSIZ - 1);
  if (ioctl(fd, TUNSETIFF, &request) < 0) return perror("TUNSETIFF"), 1;
  printf("%s\n", request.ifr_name);
  fflush(stdout);
  for (int answered = 0; answered <= 10;) {
    struct pollfd poller = {fd, POLLIN, 0};
    if (poll(&poller, 1, 10000) != 1) return fprintf(stderr, "nothing came\n"), 1;
    ssize_t length = read(fd, packet, sizeof packet);
    if (length < 28 || packet[0] != 0x45 || packet[9] != 17) continue;
    /* Source and destination change places: both checksums stay right. */
    swap(packet + 12, packet + 16, 4);
    swap(packet + 20, packet + 22, 2);
    if (write(fd, packet, length) != length) return perror("write"), 1;
    answered++;
  }
  return 0;
}

/*
 * The native client: runs a command of tapstack in the warm command worker of its instance, as if it ran here. It forwards words,
 * variables, working directory, umask, standard input, signals and the terminal's width, writes what the command prints, and ends
 * as the command does. Where no worker serves it, it becomes the Node launcher, which does the same job.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol.h"

/* A worker that says nothing for so long after a request does not run it. */
#define ACCEPT_LIMIT_MS 5000
/* How long a worker may take to come up. */
#define START_LIMIT_MS 5000
#define INPUT_BYTES 65536
#define REPORT_BYTES 4096

extern char **environ;

static char **arguments;
static const char *name;

static int worker = -1;
static sigset_t caught;
static sigset_t inherited_mask;
static struct sigaction inherited_pipe;
static int signals = -1;
/* Descriptors that take no more, and how often the worker was told. */
static int broken[3];
static int told;
static int input_wanted;

static pid_t child;
static int report = -1;

/* ---- becoming the launcher ---- */

/* ROOT/native/ARCHITECTURE/tapstack-client is this file, ROOT/bin/NAME the launcher. */
static void become_launcher(void) {
	char path[PATH_MAX + NAME_MAX];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
	for (int level = 0; level < 3 && length > 0; level++) {
		while (length > 0 && path[length - 1] != '/') length--;
		length--;
	}
	if (length < 0) length = 0;
	snprintf(path + length, sizeof path - length, "/bin/%s", name);
	if (worker >= 0) close(worker);
	sigaction(SIGPIPE, &inherited_pipe, NULL);
	execv(path, arguments);
	dprintf(2, "%s: %s: %s\n", name, path, strerror(errno));
	_exit(127);
}

/* ---- frames ---- */

static void worker_lost(void) {
	dprintf(2, "%s: the command worker ended before the command did\n", name);
	_exit(70);
}

static int send_bytes(const void *bytes, size_t length) {
	const char *at = bytes;
	while (length > 0) {
		ssize_t sent = write(worker, at, length);
		if (sent < 0 && errno == EINTR) continue;
		if (sent <= 0) return -1;
		at += sent;
		length -= sent;
	}
	return 0;
}

/* A worker that has gone is noticed where its frames are read: what it said before counts. */
static void tell(int type, int number, int value, const void *bytes, uint32_t length) {
	struct frame frame = {type, number, value, length};
	if (send_bytes(&frame, sizeof frame) == 0 && length > 0) send_bytes(bytes, length);
}

static char *buffer;
static size_t capacity, held, taken;

/* Makes `length` bytes of the stream lie in the buffer; 0: the worker has gone, with errno ECONNRESET where it had not read all. */
static int need(size_t length) {
	while (held - taken < length) {
		if (taken > 0) {
			memmove(buffer, buffer + taken, held - taken);
			held -= taken;
			taken = 0;
		}
		if (capacity < length || capacity == held) {
			size_t larger = length > 2 * capacity ? length : 2 * capacity;
			char *moved = realloc(buffer, larger < 16384 ? 16384 : larger);
			if (moved == NULL) return 0;
			buffer = moved;
			capacity = larger < 16384 ? 16384 : larger;
		}
		ssize_t count = read(worker, buffer + held, capacity - held);
		if (count < 0 && errno == EINTR) continue;
		if (count == 0) errno = 0;
		if (count <= 0) return 0;
		held += count;
	}
	return 1;
}

static int terminal_columns(void) {
	struct winsize size;
	for (int fd = 1; fd <= 2; fd++)
		if (ioctl(fd, TIOCGWINSZ, &size) == 0) return size.ws_col;
	return 0;
}

/* ---- the request ---- */

static int same_word(const char *value, const char *word) {
	return value == NULL || *value == '\0' || strcmp(value, word) == 0;
}

/* RUNTIME/NAME as src/client/paths.ts has it; a runtime folder that others could write to is left to the launcher to refuse. */
static int instance_folder(char *path, size_t size) {
	const char *folder = getenv("TAPSTACK_DIR");
	const char *session = getenv("XDG_RUNTIME_DIR");
	const char *instance = getenv("TAPSTACK_INSTANCE");
	uid_t uid = geteuid();
	int length;
	if (folder != NULL && *folder != '\0') length = snprintf(path, size, "%s", folder);
	else if (session != NULL && *session != '\0') length = snprintf(path, size, "%s/tapstack", session);
	else if (uid == 0) length = snprintf(path, size, "/run/tapstack");
	else length = snprintf(path, size, "/tmp/tapstack-%u", (unsigned)uid);
	if (length < 0 || (size_t)length >= size) return -1;
	struct stat found;
	if (lstat(path, &found) < 0 || !S_ISDIR(found.st_mode) || found.st_uid != uid || (found.st_mode & 077) != 0) return -1;
	if (instance == NULL || *instance == '\0') instance = "default";
	if (strchr(instance, '/') != NULL) return -1;
	int more = snprintf(path + length, size - length, "/%s", instance);
	return more < 0 || (size_t)(length + more) >= size ? -1 : 0;
}

static int connect_to(const char *folder, const char *file) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", folder, file);
	if (length < 0 || (size_t)length >= sizeof address.sun_path) return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) return -1;
	if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
	close(fd);
	return -1;
}

/* The worker of this process's mount namespace; the daemon is asked to start it where there is none. */
static int connect_to_worker(void) {
	char folder[PATH_MAX], namespace[64], file[96];
	if (instance_folder(folder, sizeof folder) < 0) return -1;
	ssize_t length = readlink("/proc/self/ns/mnt", namespace, sizeof namespace - 1);
	if (length < 6) return -1;
	namespace[length] = '\0';
	/* "mnt:[4026531841]" */
	char *number = strchr(namespace, '[');
	if (number == NULL) return -1;
	number[strcspn(number, "]")] = '\0';
	snprintf(file, sizeof file, "commands-%s", number + 1);
	int fd = connect_to(folder, file);
	if (fd >= 0) return fd;
	int daemon = connect_to(folder, "commands");
	if (daemon < 0) return -1;
	struct pollfd wait = {.fd = daemon, .events = POLLIN};
	char answer;
	int ready = poll(&wait, 1, START_LIMIT_MS) == 1 && read(daemon, &answer, 1) == 1;
	close(daemon);
	return ready ? connect_to(folder, file) : -1;
}

/* Descriptors 0 to 2 that are closed are /dev/null, as Node has it. */
static void open_standard_descriptors(void) {
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd) _exit(126);
}

static size_t copy_string(char *to, const char *string) {
	size_t length = strlen(string) + 1;
	if (to != NULL) memcpy(to, string, length);
	return length;
}

/* The strings of the request, or with to == NULL their length. */
static size_t copy_strings(char *to, const char *folder) {
	size_t length = copy_string(to, name);
	length += copy_string(to ? to + length : NULL, folder);
	for (char **word = arguments + 1; *word; word++) length += copy_string(to ? to + length : NULL, *word);
	for (char **variable = environ; *variable; variable++) length += copy_string(to ? to + length : NULL, *variable);
	return length;
}

static int send_request(int argc) {
	char folder[PATH_MAX];
	if (getcwd(folder, sizeof folder) == NULL) return -1;
	struct request request = {.major = PROTOCOL_MAJOR, .words = argc > 0 ? argc - 1 : 0};
	for (char **variable = environ; *variable; variable++) request.variables++;
	request.umask = umask(0);
	umask(request.umask);
	for (int fd = 0; fd <= 2; fd++) request.terminals |= isatty(fd) << fd;
	if (request.terminals & 6) request.columns = terminal_columns();
	size_t strings = copy_strings(NULL, folder);
	struct frame frame = {.type = FRAME_REQUEST, .length = sizeof request + strings};
	char *bytes = malloc(sizeof frame + frame.length);
	if (bytes == NULL) return -1;
	memcpy(bytes, &frame, sizeof frame);
	memcpy(bytes + sizeof frame, &request, sizeof request);
	copy_strings(bytes + sizeof frame + sizeof request, folder);
	int result = send_bytes(bytes, sizeof frame + frame.length);
	free(bytes);
	return result;
}

/* ---- signals ---- */

static void watch_signals(void) {
	sigset_t mask;
	sigorset(&mask, &inherited_mask, &caught);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	signals = signalfd(signals, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void catch_signal(int number) {
	sigaddset(&caught, number);
	watch_signals();
}

static void release_signal(int number) {
	sigdelset(&caught, number);
	watch_signals();
}

/* Whether a terminal's ^C reaches this process's group by itself: fields of /proc/self/stat behind the name, proc(5). */
static int in_terminal_foreground(void) {
	char text[512];
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0) close(fd);
	if (length <= 0) return 0;
	text[length] = '\0';
	char *behind = strrchr(text, ')');
	int group, session, terminal, foreground;
	if (behind == NULL || sscanf(behind + 1, " %*c %*d %d %d %d %d", &group, &session, &terminal, &foreground) != 4) return 0;
	return terminal != 0 && foreground == group;
}

/* Signals that are passed on to a program, and those that the terminal sends to the whole foreground group. */
static const int forwarded[] = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH};
static const int from_terminal[] = {SIGINT, SIGQUIT};
#define COUNT(array) (sizeof array / sizeof *array)
static sigset_t caught_before_child;

static void program_ended(void) {
	int status;
	if (child == 0 || waitpid(child, &status, WNOHANG) != child) return;
	char text[REPORT_BYTES];
	ssize_t length = read(report, text, sizeof text);
	close(report);
	child = 0;
	report = -1;
	caught = caught_before_child;
	watch_signals();
	tell(FRAME_SPAWNED, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), 0, text, length > 0 ? length : 0);
}

static void take_signals(void) {
	struct signalfd_siginfo info;
	while (read(signals, &info, sizeof info) == sizeof info) {
		int number = info.ssi_signo;
		if (number == SIGCHLD) program_ended();
		else if (child > 0) {
			if ((number != SIGINT && number != SIGQUIT) || !in_terminal_foreground()) kill(child, number);
		} else if (number == SIGWINCH) tell(FRAME_SIZE, 0, terminal_columns(), NULL, 0);
		else tell(FRAME_SIGNAL, number, 0, NULL, 0);
	}
}

/* ---- programs ---- */

static const char *next_string(const char **at, const char *end) {
	const char *string = *at;
	const char *zero = memchr(string, '\0', end - string);
	if (zero == NULL) worker_lost();
	*at = zero + 1;
	return string;
}

static void run_program(const struct spawn *spawn, const char *at, const char *end, int failure, int reports_to) {
	const char *file = next_string(&at, end);
	char **words = calloc(spawn->words + 1, sizeof *words);
	if (words == NULL) _exit(126);
	for (uint32_t i = 0; i < spawn->words; i++) words[i] = (char *)next_string(&at, end);
	for (uint32_t i = 0; i < spawn->variables; i++) {
		const char *variable = next_string(&at, end);
		if (strchr(variable, '=') != NULL) putenv((char *)variable);
		else unsetenv(variable);
	}
	if (spawn->reports) {
		char number[16];
		snprintf(number, sizeof number, "%d", reports_to);
		setenv("TAPSTACK_SPAWN_REPORT", number, 1);
		fcntl(reports_to, F_SETFD, 0);
	}
	sigaction(SIGPIPE, &inherited_pipe, NULL);
	sigprocmask(SIG_SETMASK, &inherited_mask, NULL);
	execvp(file, words);
	int number = errno;
	if (write(failure, &number, sizeof number) < 0) _exit(126);
	_exit(127);
}

static void spawn_program(const char *bytes, uint32_t length) {
	struct spawn spawn;
	int failure[2], reports[2];
	if (length < sizeof spawn) worker_lost();
	memcpy(&spawn, bytes, sizeof spawn);
	if (pipe2(failure, O_CLOEXEC) < 0 || pipe2(reports, O_CLOEXEC) < 0) {
		tell(FRAME_SPAWNED, 0, errno, NULL, 0);
		return;
	}
	caught_before_child = caught;
	for (size_t i = 0; i < COUNT(forwarded); i++) sigaddset(&caught, forwarded[i]);
	for (size_t i = 0; i < COUNT(from_terminal); i++) sigaddset(&caught, from_terminal[i]);
	sigaddset(&caught, SIGCHLD);
	watch_signals();
	child = fork();
	if (child == 0) run_program(&spawn, bytes + sizeof spawn, bytes + length, failure[1], reports[1]);
	int number = child < 0 ? errno : 0;
	close(failure[1]);
	close(reports[1]);
	fcntl(reports[0], F_SETFL, O_NONBLOCK);
	report = reports[0];
	/* Ends at the execve() that succeeds. */
	if (child > 0 && read(failure[0], &number, sizeof number) == sizeof number) waitpid(child, NULL, 0);
	close(failure[0]);
	if (number == 0) return;
	child = 0;
	close(report);
	caught = caught_before_child;
	watch_signals();
	tell(FRAME_SPAWNED, 0, number, NULL, 0);
}

/* ---- standard descriptors ---- */

static void write_output(int fd, const char *bytes, uint32_t length) {
	while (length > 0 && !broken[fd]) {
		ssize_t count = write(fd, bytes, length);
		if (count >= 0) {
			bytes += count;
			length -= count;
		} else if (errno == EAGAIN) {
			struct pollfd wait = {.fd = fd, .events = POLLOUT};
			poll(&wait, 1, -1);
		} else if (errno != EINTR) {
			broken[fd] = errno;
			told++;
			tell(FRAME_BROKEN, fd, errno, NULL, 0);
		}
	}
}

static void read_input(void) {
	static char piece[INPUT_BYTES];
	ssize_t count = read(0, piece, sizeof piece);
	if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
	input_wanted = 0;
	tell(FRAME_INPUT, 0, count < 0 ? errno : 0, piece, count < 0 ? 0 : count);
}

/* ---- the conversation ---- */

static void handle(const struct frame *frame, const char *bytes) {
	switch (frame->type) {
	case FRAME_OUTPUT:
		if (frame->number == 1 || frame->number == 2) write_output(frame->number, bytes, frame->length);
		break;
	case FRAME_EXIT:
		if (frame->value == told) _exit(frame->number);
		break;
	case FRAME_CATCH:
		catch_signal(frame->number);
		break;
	case FRAME_RELEASE:
		release_signal(frame->number);
		break;
	case FRAME_READ:
		input_wanted = 1;
		break;
	case FRAME_SPAWN:
		spawn_program(bytes, frame->length);
		break;
	default:
		break;
	}
}

static void take_frame(int first) {
	struct frame frame;
	if (!need(sizeof frame)) {
		/* A worker that has read the whole request may have begun. */
		if (first && errno == ECONNRESET) become_launcher();
		worker_lost();
	}
	memcpy(&frame, buffer + taken, sizeof frame);
	if (first && frame.type == FRAME_REFUSED) become_launcher();
	if (!need(sizeof frame + frame.length)) worker_lost();
	taken += sizeof frame;
	const char *bytes = buffer + taken;
	taken += frame.length;
	handle(&frame, bytes);
}

static void converse(void) {
	for (int first = 1;;) {
		struct pollfd wait[] = {{.fd = worker, .events = POLLIN}, {.fd = signals, .events = POLLIN}, {.fd = input_wanted ? 0 : -1, .events = POLLIN}};
		/* Whole frames that lie here already go first. */
		int ready = held - taken >= sizeof(struct frame) ? 1 : poll(wait, 3, first ? ACCEPT_LIMIT_MS : -1);
		if (ready == 0) become_launcher();
		if (ready < 0) continue;
		if (wait[1].revents != 0) take_signals();
		if (wait[2].revents != 0) read_input();
		if (held - taken >= sizeof(struct frame) || wait[0].revents != 0) {
			take_frame(first);
			first = 0;
		}
	}
}

int main(int argc, char **argv) {
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	arguments = argv;
	name = slash != NULL ? slash + 1 : argc > 0 ? argv[0] : "ip";
	open_standard_descriptors();
	sigaction(SIGPIPE, &ignore, &inherited_pipe);
	sigprocmask(SIG_SETMASK, NULL, &inherited_mask);
	sigemptyset(&caught);
	if (!same_word(getenv("TAPSTACK_TARGET"), "stack") || !same_word(getenv("TAPSTACK_CLIENT"), "native")) become_launcher();
	worker = connect_to_worker();
	if (worker < 0 || send_request(argc) < 0) become_launcher();
	converse();
}

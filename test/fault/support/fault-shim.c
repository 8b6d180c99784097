/*
 * Stands between a process and the kernel, and makes the faults that a control file asks for: a slow disk, a full or
 * broken one, a wall clock that is set. Loaded by LD_PRELOAD; fault-shim.ts compiles it and writes the control file.
 *
 * - SHIM_CONTROL names the control file, SHIM_FOLDER the folder whose files are meant, as an absolute path without
 *   links. Without them the process ends at once: a fault that is not made would prove nothing.
 * - The control file is mapped: what the test writes there holds for the next call.
 * - Which file a descriptor means is asked of the kernel each time, so a number that is used again misleads nobody.
 *   Nothing is asked while no fault is set.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The control file, in the order of `faultFields` and `countFields` in fault-shim.ts. */
struct control {
  _Atomic int64_t sync_delay_ms;
  _Atomic int64_t write_delay_ms;
  _Atomic int64_t sync_errno;
  _Atomic int64_t write_errno;
  /* How many bytes are still taken before writes fail; one across the end is cut short. */
  _Atomic int64_t write_room;
  _Atomic int64_t wall_step_ms;
  _Atomic int64_t syncs;
  _Atomic int64_t syncs_delayed;
  _Atomic int64_t syncs_failed;
  _Atomic int64_t writes_delayed;
  _Atomic int64_t writes_failed;
  _Atomic int64_t writes_short;
  _Atomic int64_t times_shifted;
};

static struct control *control;
static char folder[PATH_MAX];
static size_t folder_length;

static void give_up(const char *what) {
  dprintf(STDERR_FILENO, "fault-shim: %s: %s\n", what, strerror(errno));
  _exit(97);
}

__attribute__((constructor)) static void start(void) {
  const char *name = getenv("SHIM_CONTROL"), *below = getenv("SHIM_FOLDER");
  if (!name || !below || strlen(below) + 2 > sizeof folder) give_up("SHIM_CONTROL and SHIM_FOLDER must be set");
  folder_length = (size_t)sprintf(folder, "%s/", below);
  int fd = open(name, O_RDWR | O_CLOEXEC);
  if (fd < 0) give_up(name);
  void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) give_up(name);
  close(fd);
  control = mapped;
}

static int is_below(int fd) {
  char link[40], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path);
  return length > (ssize_t)folder_length && memcmp(path, folder, folder_length) == 0;
}

static void wait_ms(int64_t ms) {
  struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
}

/* How many of `wanted` bytes may be written; -1 with errno set if the write fails. */
static int64_t admit(int fd, int64_t wanted) {
  if (!control || (!control->write_delay_ms && !control->write_errno) || !is_below(fd)) return wanted;
  if (control->write_delay_ms) {
    control->writes_delayed++;
    wait_ms(control->write_delay_ms);
  }
  int code = (int)control->write_errno;
  if (!code) return wanted;
  int64_t room = control->write_room, taken;
  do taken = wanted < room ? wanted : room;
  while (!atomic_compare_exchange_weak(&control->write_room, &room, room - taken));
  if (taken == wanted && wanted > 0) return wanted;
  if (taken > 0) {
    control->writes_short++;
    return taken;
  }
  control->writes_failed++;
  errno = code;
  return -1;
}

/* The same for what changes a file's size: it needs all the room there is, or fails. */
static int refuses(int fd) {
  return control && control->write_errno && control->write_room == 0 && admit(fd, 0) < 0;
}

ssize_t write(int fd, const void *bytes, size_t count) {
  int64_t taken = admit(fd, (int64_t)count);
  return taken < 0 ? -1 : syscall(SYS_write, fd, bytes, (size_t)taken);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  int64_t taken = admit(fd, (int64_t)count);
  return taken < 0 ? -1 : syscall(SYS_pwrite64, fd, bytes, (size_t)taken, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  return pwrite(fd, bytes, count, offset);
}

/* Of a vector that is cut short only the first part is written: also that is a short write. */
static ssize_t write_vector(int fd, const struct iovec *parts, int count, off_t offset) {
  int64_t wanted = 0;
  for (int i = 0; i < count; i++) wanted += (int64_t)parts[i].iov_len;
  int64_t taken = admit(fd, wanted);
  if (taken < 0) return -1;
  struct iovec first;
  if (taken < wanted) {
    first = parts[0];
    if (first.iov_len > (size_t)taken) first.iov_len = (size_t)taken;
    parts = &first;
    count = 1;
  }
  if (offset < 0) return syscall(SYS_writev, fd, parts, count);
  return syscall(SYS_pwritev, fd, parts, count, (long)offset, 0L);
}

ssize_t writev(int fd, const struct iovec *parts, int count) { return write_vector(fd, parts, count, -1); }

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  return write_vector(fd, parts, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) {
  return write_vector(fd, parts, count, offset);
}

int ftruncate(int fd, off_t length) { return refuses(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, length); }

int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

int fallocate(int fd, int mode, off_t offset, off_t length) {
  return refuses(fd) ? -1 : (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) { return fallocate(fd, mode, offset, length); }

int posix_fallocate(int fd, off_t offset, off_t length) { return fallocate(fd, 0, offset, length) ? errno : 0; }

int posix_fallocate64(int fd, off64_t offset, off64_t length) { return posix_fallocate(fd, offset, length); }

static int sync_file(int fd, long call) {
  if (control && is_below(fd)) {
    control->syncs++;
    if (control->sync_delay_ms) {
      control->syncs_delayed++;
      wait_ms(control->sync_delay_ms);
    }
    if (control->sync_errno) {
      control->syncs_failed++;
      errno = (int)control->sync_errno;
      return -1;
    }
  }
  return (int)syscall(call, fd);
}

int fsync(int fd) { return sync_file(fd, SYS_fsync); }

int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }

/* The step in milliseconds, counted as made. */
static int64_t wall_step(void) {
  if (!control || !control->wall_step_ms) return 0;
  control->times_shifted++;
  return control->wall_step_ms;
}

/* libc's own clock costs no system call. */
static int real_clock(clockid_t clock, struct timespec *now) {
  static int (*_Atomic found)(clockid_t, struct timespec *);
  if (!found) found = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  return found ? found(clock, now) : (int)syscall(SYS_clock_gettime, clock, now);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = real_clock(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    int64_t step = wall_step();
    int64_t rest = now->tv_nsec + step % 1000 * 1000000;
    now->tv_sec += step / 1000 + (rest >= 1000000000) - (rest < 0);
    now->tv_nsec = rest + (rest < 0 ? 1000000000 : rest >= 1000000000 ? -1000000000 : 0);
  }
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec exact;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
  *now = (struct timeval){.tv_sec = exact.tv_sec, .tv_usec = exact.tv_nsec / 1000};
  return 0;
}

time_t time(time_t *now) {
  struct timespec exact;
  if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
  if (now) *now = exact.tv_sec;
  return exact.tv_sec;
}

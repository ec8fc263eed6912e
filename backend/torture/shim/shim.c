/* A bad disk for one folder: preloaded into a program, it makes writes and syncs
 * of files below PORTICO_SHIM_DIR fail, as the shared control page says. Only
 * calls through libc are seen: that is SQLite's, not Go's own. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

/* The same layout as control in shim_linux.go. */
struct control {
	_Atomic int32_t mode;   /* what fails: see below */
	_Atomic int32_t after;  /* this many calls of that sort still succeed */
	_Atomic int64_t budget; /* bytes that fit once the reserve is gone */
	_Atomic int64_t failed; /* calls that were made to fail */
};

enum { FINE, SYNC_EIO, WRITE_EIO, FULL };

static struct control *control;
static const char *dir;
static char reserve[4096];

static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void set_up(void) {
	real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
	real_pwrite = dlsym(RTLD_NEXT, "pwrite");
	real_write = dlsym(RTLD_NEXT, "write");
	real_fsync = dlsym(RTLD_NEXT, "fsync");
	real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
	const char *page = getenv("PORTICO_SHIM_CONTROL");
	dir = getenv("PORTICO_SHIM_DIR");
	if (!page || !dir)
		return;
	snprintf(reserve, sizeof reserve, "%s/reserve", dir);
	int fd = open(page, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	void *p = mmap(0, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		control = p;
}

static int below(int fd) {
	char link[64], path[4096];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	size_t m = strlen(dir);
	return n > (ssize_t)m && !strncmp(path, dir, m) && path[m] == '/';
}

static int fails(int error) {
	if (atomic_load(&control->after) > 0 && atomic_fetch_sub(&control->after, 1) > 0)
		return 0;
	atomic_fetch_add(&control->failed, 1);
	errno = error;
	return 1;
}

/* refused reports that a write of n bytes must fail, with errno set. */
static int refused(int fd, size_t n) {
	int mode = control ? atomic_load(&control->mode) : FINE;
	if ((mode != WRITE_EIO && mode != FULL) || !below(fd))
		return 0;
	if (mode == WRITE_EIO)
		return fails(EIO);
	int saved = errno;
	int held = access(reserve, F_OK) == 0;
	errno = saved;
	if (!held && atomic_fetch_sub(&control->budget, (int64_t)n) >= (int64_t)n)
		return 0;
	atomic_fetch_add(&control->failed, 1);
	errno = ENOSPC;
	return 1;
}

static int unsynced(int fd) {
	return control && atomic_load(&control->mode) == SYNC_EIO && below(fd) && fails(EIO);
}

ssize_t pwrite64(int fd, const void *b, size_t n, off64_t at) { return refused(fd, n) ? -1 : real_pwrite64(fd, b, n, at); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t at) { return refused(fd, n) ? -1 : real_pwrite(fd, b, n, at); }
ssize_t write(int fd, const void *b, size_t n) { return refused(fd, n) ? -1 : real_write(fd, b, n); }
int fsync(int fd) { return unsynced(fd) ? -1 : real_fsync(fd); }
int fdatasync(int fd) { return unsynced(fd) ? -1 : real_fdatasync(fd); }

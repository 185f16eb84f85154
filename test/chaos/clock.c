/* A wall clock that is wrong by as many seconds as the first eight bytes of the file $CHAOS_CLOCK say, loaded before the C
 * library (LD_PRELOAD). Monotonic clocks are left alone, as they are when somebody sets a real clock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int (*gettime_function)(clockid_t, struct timespec *);

static volatile const long long *wrong_by_s;
static gettime_function real_gettime;

__attribute__((constructor)) static void set_up(void) {
  real_gettime = (gettime_function)dlsym(RTLD_NEXT, "clock_gettime");
  const char *file = getenv("CHAOS_CLOCK");
  int fd = file == NULL ? -1 : open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  void *map = mmap(NULL, sizeof(long long), PROT_READ, MAP_SHARED, fd, 0);
  if (map != MAP_FAILED) wrong_by_s = map;
  close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  if (real_gettime == NULL) real_gettime = (gettime_function)dlsym(RTLD_NEXT, "clock_gettime");
  int result = real_gettime(clock, now);
  int wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && wall && wrong_by_s != NULL) now->tv_sec += *wrong_by_s;
  return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec time;
  if (clock_gettime(CLOCK_REALTIME, &time) != 0) return -1;
  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return (time_t)-1;
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}

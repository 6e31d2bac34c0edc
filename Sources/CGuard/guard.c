#define _GNU_SOURCE
#include "CGuard.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static _Thread_local const char *volatile guarded_sentence;
static _Thread_local volatile int guarded_code;
// Of the thread's own processor time.
static _Thread_local timer_t timer;
static _Thread_local int has_timer;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU};
enum { crash_count = sizeof crashes / sizeof crashes[0] };
static struct sigaction before[crash_count];

static void on_crash(int number, siginfo_t *info, void *context) {
  const char *sentence = guarded_sentence;
  if (sentence) {
    ssize_t written = write(STDERR_FILENO, sentence, strlen(sentence));
    (void)written;
    _exit(guarded_code);
  }
  // Not in guarded code: as if this handler had never been.
  for (int i = 0; i < crash_count; i++) {
    if (crashes[i] != number) continue;
    if (before[i].sa_flags & SA_SIGINFO && before[i].sa_sigaction) return before[i].sa_sigaction(number, info, context);
    sigaction(number, &before[i], NULL);
    raise(number);
  }
}

static void install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_crash;
  // On a stack of its own, since the usual one may be what has run out.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < crash_count; i++) sigaction(crashes[i], &action, &before[i]);
}

static void set_timer(int seconds) {
  struct itimerspec time = {.it_value = {.tv_sec = seconds}};
  if (has_timer) timer_settime(timer, 0, &time, NULL);
}

void guard_begin(const char *sentence, int code, int seconds) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  static _Thread_local char *stack;
  pthread_once(&once, install);
  if (!stack && (stack = malloc(1 << 16))) {
    // It belongs to the thread for as long as it lives.
    stack_t place = {.ss_sp = stack, .ss_size = 1 << 16, .ss_flags = 0};
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && present.ss_flags & SS_DISABLE) sigaltstack(&place, NULL);
  }
  if (!has_timer) {
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGXCPU;
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    has_timer = timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) == 0;
  }
  // A process can be started with signals blocked.
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < crash_count; i++) sigaddset(&set, crashes[i]);
  pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  guarded_code = code;
  guarded_sentence = sentence;
  set_timer(seconds);
}

void guard_end(void) {
  set_timer(0);
  guarded_sentence = NULL;
}

void guard_restart(int seconds) { set_timer(seconds); }

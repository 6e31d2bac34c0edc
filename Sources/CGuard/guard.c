#define _GNU_SOURCE
#include "CGuard.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Thread_local const char *volatile guarded_sentence;
static _Thread_local volatile int guarded_code;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
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

void guard_begin(const char *sentence, int code) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  static _Thread_local char *stack;
  pthread_once(&once, install);
  if (!stack && (stack = malloc(1 << 16))) {
    // It belongs to the thread for as long as it lives.
    stack_t place = {.ss_sp = stack, .ss_size = 1 << 16, .ss_flags = 0};
    stack_t present;
    if (sigaltstack(NULL, &present) == 0 && present.ss_flags & SS_DISABLE) sigaltstack(&place, NULL);
  }
  guarded_code = code;
  guarded_sentence = sentence;
}

void guard_end(void) { guarded_sentence = NULL; }

#ifndef OTLAB_CGUARD_H
#define OTLAB_CGUARD_H

// Between begin and end on one thread, a crash in foreign code (a bad access, a failed assertion, an overrun stack) and
// more than so many seconds of processor time print the sentence to standard error and end the process with the code,
// instead of a bare signal or a hang.
//
// The sentence must live until guard_end; guards don't nest.
void guard_begin(const char *sentence, int code, int seconds);
void guard_end(void);

/// Between begin and end: so many seconds from now on.
void guard_restart(int seconds);

#endif

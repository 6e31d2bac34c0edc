#ifndef OTLAB_CGUARD_H
#define OTLAB_CGUARD_H

// Between begin and end on one thread, a crash in foreign code (a bad access, a failed assertion, an overrun stack) prints the sentence
// to standard error and ends the process with the code, instead of a bare signal.
//
// The sentence must live until guard_end; guards don't nest.
void guard_begin(const char *sentence, int code);
void guard_end(void);

#endif

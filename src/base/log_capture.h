/* For tests: what is logged between begin and end. One at a time. */
#pragma once

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct log_capture {
	int file;  /* in memory only */
	int saved; /* the real standard error */
};

static inline void log_capture_begin(struct log_capture *capture)
{
	capture->file = memfd_create("log", MFD_CLOEXEC);
	capture->saved = dup(STDERR_FILENO);
	if (capture->file < 0 || capture->saved < 0)
		perror("log_capture"); /* the test finds an empty log then */
	dup2(capture->file, STDERR_FILENO);
}

/* The text; good until the next call. */
static inline const char *log_capture_end(struct log_capture *capture)
{
	static char text[1 << 20];
	dup2(capture->saved, STDERR_FILENO);
	ssize_t len = pread(capture->file, text, sizeof(text) - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	close(capture->saved);
	close(capture->file);
	return text;
}

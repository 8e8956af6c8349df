/* A blocking HTTP/1.1 client connection on loopback, as cheap as one can be: what it costs is taken
 * from what is measured. */
#pragma once

#include <stddef.h>

enum { WIRE_BUFFER_BYTES = 256 * 1024 };

struct wire {
	int fd;
	int status;
	int retry_after_s; /* 0: none given */
};

/* Each ends the program with a sentence when it fails. */
int wire_connect(int port);
/* -1: nobody listens. */
int wire_try_connect(int port);
/* Sends the whole request and reads the whole answer, which must have a Content-Length. */
void wire_exchange(struct wire *wire, const char *request, size_t bytes);
/* A whole file; *ret_bytes without the NUL that follows. */
char *wire_read_file(const char *path, size_t *ret_bytes);
void wire_fail(const char *what);
double wire_now_s(void);

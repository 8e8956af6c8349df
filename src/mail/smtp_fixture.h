/* For tests: the real SMTP server of tests/fixtures/smtp.mjs, in a folder of its own. */
#pragma once

#include "base/arena.h"

#include <jansson.h>
#include <sys/types.h>

struct smtp_fixture {
	char folder[64]; /* temporary; holds mails.json and certificate.pem */
	char certificate[128];
	char mails[128];
	int port;
	pid_t pid;
	int input; /* closing it ends the server */
};

/* Whether node and its packages are there; if not, says so in the test's output. */
bool smtp_fixture_is_possible(void);
void smtp_fixture_start(struct smtp_fixture *fixture, const char *mode);
/* What it has received so far, as an array of objects (see smtp.mjs); json_decref() it. */
json_t *smtp_fixture_mails(const struct smtp_fixture *fixture);
void smtp_fixture_stop(struct smtp_fixture *fixture);

/* What core/verify found, for people and for programs. */
#pragma once

#include "core/verify.h"
#include "text/text.h"

enum verify_named {
	VERIFY_NAMED_NOBODY,
	VERIFY_NAMED_CERTIFICATE, /* by --certificate */
	VERIFY_NAMED_PORTAL,      /* by --data */
};
struct verify_said {
	struct arena *arena;
	const struct language *language;
	struct str file;
	enum verify_named named;
	const struct verify_report *report;
};
/* Lines on standard output; the last one is the result. */
void verify_say(const struct verify_said *said);
/* One JSON object. */
void verify_say_json(const struct verify_said *said);

/* "holds", "broken" ... */
const char *verify_result_word(const struct verify_said *said);
/* As the usage says. */
int verify_exit_status(const struct verify_said *said);

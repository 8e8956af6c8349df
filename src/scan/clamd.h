/* A virus scanner that asks clamd, of ClamAV, by its INSTREAM command (clamd(8)): a connection for
 * each file, which goes over it in chunks and not encrypted, and an answer at the end. */
#pragma once

#include "core/scanner.h"

struct clamd_options {
	struct str url; /* scan/scan_address.h */
	/* 0: those of base/limits.h. Tests are less patient. */
	int step_ms;
	int answer_ms;
};

struct clamd;
/* Connects to nothing yet. ERR_INVALID: not an address. */
enum err clamd_new(const struct clamd_options *options, struct clamd **ret) MUST_CHECK;
/* Lives as long as it does. */
struct scanner *clamd_scanner(struct clamd *clamd);
/* When nothing is being scanned any more. NULL is fine. */
void clamd_free(struct clamd *clamd);

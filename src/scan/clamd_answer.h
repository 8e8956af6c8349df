/* What clamd says at the end of a stream (clamd(8), INSTREAM). */
#pragma once

#include "core/scanner.h"

/* Without its terminator. ERR_UNAVAILABLE: an error of its own, or nothing that makes sense. */
enum err clamd_answer_parse(struct str answer, struct scan_result *ret) MUST_CHECK;

/* What spamd answers to SYMBOLS (spamd/PROTOCOL of SpamAssassin):
 *
 *   SPAMD/1.1 0 EX_OK CRLF
 *   Content-length: 23 CRLF
 *   Spam: False ; 1.2 / 5.0 CRLF
 *   CRLF
 *   MISSING_DATE,NO_RELAYS CRLF */
#pragma once

#include "core/spam_filter.h"

/* The whole of it. ERR_UNAVAILABLE: an error of its own, or nothing that makes sense. */
enum err spamd_answer_parse(struct str answer, struct spam_verdict *ret) MUST_CHECK;

/* For core/signing*.c: what a signer has put into their fields. */
#pragma once

#include "core/signing_case.h"

/* The marks of one document. */
struct signing_marks {
	struct pdf_mark *items;
	size_t count;
};

/* Every mistake as a sentence in errors["fields.ID"]: of fields that are not theirs, given twice,
 * required and empty, of text and pictures that cannot be. ERR_INVALID when there is one. *ret: for
 * each document. Names and dates that were left empty are filled in: as they are called, and the
 * day of now_ms where they are. */
enum err signing_values_check(struct cx *cx, const struct signing_case *one,
			      const struct signing_act *act, int64_t now_ms,
			      struct signing_marks **ret, struct form_errors *errors) MUST_CHECK;

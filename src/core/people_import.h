/* Importing people from a list as spreadsheets write it (CSV): every row's fate is known before
 * anything is done; then who is new is invited by mail, and who is here already becomes what the
 * list says. Doing it again changes nothing more: what broke off goes on where it was.
 *
 *   address;name;grade;role;language          (all but the first may be missing)
 *   anna@example.com;Anna Berg;professional;member;en
 *
 * The list of everybody that is taken out (state, added, last_seen besides) comes in again too;
 * nobody is enabled or disabled by it.
 *
 * For administrators and, with no session, for commands on the machine; others get ERR_DENIED. */
#pragma once

#include "core/cx.h"
#include "core/form_errors.h"
#include "core/user.h"

enum import_fate {
	IMPORT_UNKNOWN, /* not looked at yet */
	IMPORT_ADDED,   /* new: invited */
	IMPORT_THERE,   /* here already, as the list says */
	IMPORT_CHANGED, /* here already: grade or role become what the list says */
	/* Left out. */
	IMPORT_REFUSED, /* by a registration rule */
	IMPORT_BAD_ADDRESS,
	IMPORT_BAD_NAME,
	IMPORT_BAD_GRADE,
	IMPORT_BAD_ROLE, /* or an administrator who is a guest */
	IMPORT_BAD_LANGUAGE,
	IMPORT_BAD_CELLS, /* more than the first line has columns */
	IMPORT_TWICE,     /* further up in the list already */
	IMPORT_DISABLED,  /* says the list; and nobody is here who could be */
	IMPORT_NO_SEAT,
	IMPORT_KEPT,   /* whoever acts, or the last administrator: stays what they are */
	IMPORT_FAILED, /* somebody else has changed them at the same time */
	IMPORT_FATES,
};

struct import_row {
	int64_t line;       /* of the file */
	struct str address; /* as typed */
	struct str key;     /* normalised */
	struct str name, language;
	enum grade grade; /* 0: not said */
	bool has_role;
	enum role role;
	bool is_disabled; /* says the list */
	enum import_fate fate;
};

struct people_import {
	struct import_row *rows;
	size_t count;
	size_t at; /* rows before it are looked at, or done */
	int64_t tally[IMPORT_FATES];
	int64_t seats_taken; /* by rows so far, when nothing is done */
};

/* Reads the list; strings in the cx's arena, which must outlive it. ERR_INVALID with
 * errors["file"]: nothing of it can be used. */
enum err people_import_read(struct cx *cx, struct str bytes, struct people_import *ret,
			    struct form_errors *errors) MUST_CHECK;
/* The next rows, LIMIT_IMPORT_STEP at most: says their fate, and unless it is a dry run does it. */
enum err people_import_step(struct cx *cx, struct people_import *import, bool is_dry) MUST_CHECK;
static inline bool people_import_is_over(const struct people_import *import)
{
	return import->at == import->count;
}
/* Writes into the audit log what was done, when it is over or broken off. */
enum err people_import_end(struct cx *cx, const struct people_import *import) MUST_CHECK;

/* "added", "unchanged" ..., for programs; and a sentence. */
const char *people_import_word(enum import_fate fate);
enum text_id people_import_text(enum import_fate fate, bool is_dry);

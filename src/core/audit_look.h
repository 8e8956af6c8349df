/* Looking through the audit log, newest first (P7). For administrators alone: ERR_DENIED. */
#pragma once

#include "core/audit_words.h"
#include "core/form_errors.h"
#include "store/audit_find.h"

enum {
	AUDIT_LOOK_ROWS = 50,
	/* Words are looked for in so many entries at a time: what they say has to be decrypted. */
	AUDIT_LOOK_SCANNED = 2000,
};

/* As typed. */
struct audit_wish {
	struct str group;     /* audit_group_word() */
	struct str person;    /* an address */
	struct str person_id; /* or an id */
	struct str from, to;  /* days, "2026-11-24", in the reader's time zone; both included */
	struct str words;
	struct str before; /* where to go on: audit_list.next */
	struct str zone;
	int64_t limit; /* 0: AUDIT_LOOK_ROWS */
};

struct audit_line {
	struct audit_view view;
	struct str who, whom; /* what they are called; empty: nobody, or erased */
	bool is_by_portal;
	bool is_person; /* the object is a user who is not erased */
	struct str sentence;
};

struct audit_list {
	struct audit_line *lines;
	size_t count;
	int64_t next;       /* there are more before this one; 0: none */
	bool is_unfinished; /* so much was looked through that the rest is for the next time */
	int64_t reached_ms; /* how far back it was looked through */
	struct str person;  /* whom it is limited to: what they are called */
	struct id person_id;
};

/* ERR_INVALID with errors: "kind", "person", "from", "to", "before". */
enum err audit_look(struct cx *cx, const struct audit_wish *wish, struct audit_list *ret,
		    struct form_errors *errors) MUST_CHECK;

/* All that fits, for taking along: piece by piece, as it takes long. The call that begins it stands
 * in the log. */
struct audit_taking {
	struct audit_filter filter;
	struct str words; /* folded */
	int64_t taken;
	bool is_over;
};
enum err audit_take_begin(struct cx *cx, const struct audit_wish *wish, struct arena *kept,
			  struct audit_taking *ret, struct form_errors *errors) MUST_CHECK;
/* Up to AUDIT_LOOK_ROWS lines; maybe none before is_over is set. */
enum err audit_take_next(struct cx *cx, struct audit_taking *taking, struct audit_line **ret,
			 size_t *ret_count) MUST_CHECK;

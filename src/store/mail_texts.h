/* Table mail_texts: what administrators have written in place of the portal's own mails (P3.3);
 * every version is kept. Authenticated. */
#pragma once

#include "store/db_list.h"

struct mail_text_row {
	struct str name;     /* core/texts.h */
	struct str language; /* "en" */
	int64_t version;     /* 1, 2 ... */
	int64_t at_ms;
	struct id author_id; /* empty: the portal itself */
	bool is_standard;    /* from here on the portal's own text again; both texts are empty */
	struct str subject;
	struct str body;
};

/* ERR_CONFLICT: there is such a version. */
enum err mail_texts_insert(struct db *db, const struct mail_text_row *row) MUST_CHECK;
/* ERR_NOT_FOUND: nobody has ever changed it. ERR_CORRUPT: its check failed. */
enum err mail_texts_newest(struct db *db, struct arena *arena, struct str name, struct str language,
			   struct mail_text_row *ret) MUST_CHECK;
enum err mail_texts_get(struct db *db, struct arena *arena, struct str name, struct str language,
			int64_t version, struct mail_text_row *ret) MUST_CHECK;
/* Those before version `before` (0: all), the newest first; rows that fail their check are left
 * out and counted (ret_bad may be NULL). */
enum err mail_texts_list(struct db *db, struct arena *arena, struct str name, struct str language,
			 int64_t before, int64_t limit, struct mail_text_row **ret,
			 size_t *ret_count, int64_t *ret_bad) MUST_CHECK;

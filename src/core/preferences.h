/* What each person chooses for themselves: how they are told of messages, their absence, their
 * signature. Language and time zone: core/account.h. */
#pragma once

#include "core/form_errors.h"
#include "core/session.h"
#include "store/preferences.h"

struct preferences {
	enum notify notify;
	/* The absence; all three empty: none. Days as typed, "2026-12-24", in the person's zone,
	 * both included. The text is kept under a key of the server, as it answers while its owner
	 * is not signed in. */
	struct str away_from, away_until, away_text;
	bool is_away_now;
	struct str signature;
};

enum err preferences_read(struct cx *cx, struct preferences *ret) MUST_CHECK;
/* ERR_INVALID with errors: "notifications", "away_from", "away_until", "away_text", "signature".
 */
enum err preferences_write(struct cx *cx, const struct preferences *next,
			   struct form_errors *errors) MUST_CHECK;

/* "each", "hourly", "not_live". */
const char *preferences_notify_word(enum notify notify);
enum err preferences_notify_parse(struct str word, enum notify *ret) MUST_CHECK;

/* For core/: of anybody; the defaults where nothing was chosen or the row fails its check (an alarm
 * was logged): mail is sent all the same. */
enum err preferences_of(struct db *db, struct arena *arena, const struct id *user_id,
			struct preferences_row *ret) MUST_CHECK;
/* The text of an absence. */
enum err preferences_away_text(struct cx *cx, const struct preferences_row *row,
			       struct str *ret) MUST_CHECK;

#include "core/preferences.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/expiry.h"
#include "core/policy.h"
#include "crypto/aead.h"
#include "text/calendar.h"
#include "text/tz.h"

enum { WRITE_TRIES = 4, DAY_S = 86400 };

static const struct {
	enum notify notify;
	const char *word;
} words[] = {{NOTIFY_EACH, "each"}, {NOTIFY_HOURLY, "hourly"}, {NOTIFY_NOT_LIVE, "not_live"}};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

const char *preferences_notify_word(enum notify notify)
{
	for (size_t i = 0; i < WORDS; i++)
		if (words[i].notify == notify)
			return words[i].word;
	return words[0].word;
}

enum err preferences_notify_parse(struct str word, enum notify *ret)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (!str_eq(word, str_of(words[i].word)))
			continue;
		*ret = words[i].notify;
		return OK;
	}
	return ERR_INVALID;
}

/* ---- ciphertexts ---- */

static struct context context_of(const char *purpose, const struct preferences_row *row)
{
	return (struct context){
		.purpose = purpose,
		.object = id_str(&row->away_id),
		.holder = id_str(&row->user_id),
		.version = row->version,
	};
}

enum err preferences_away_text(struct cx *cx, const struct preferences_row *row, struct str *ret)
{
	struct context context = context_of("away", row);
	return aead_decrypt(cx->portal->queue_key, &context, row->away_text, cx->arena, ret);
}

static enum err read_signature(struct cx *cx, const struct preferences_row *row, struct str *ret)
{
	struct context context = context_of("signature", row);
	if (row->signature.len == 0)
		return OK;
	return aead_decrypt(cx->session->mailbox_key, &context, row->signature, cx->arena, ret);
}

/* ---- reading ---- */

enum err preferences_of(struct db *db, struct arena *arena, const struct id *user_id,
			struct preferences_row *ret)
{
	struct preferences_row row = {.user_id = *user_id, .notify = NOTIFY_EACH};
	enum err err = preferences_get(db, arena, user_id, &row);
	*ret = row;
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
}

static struct str day_text(struct cx *cx, int64_t ms)
{
	int64_t utc_s = ms / SECOND_MS;
	int64_t local_s = utc_s + tz_offset_s(cx->session->user.zone, utc_s);
	struct calendar_date date = calendar_from_days(calendar_floor(local_s, DAY_S));
	return arena_printf(cx->arena, "%04lld-%02d-%02d", (long long)date.year, (int)date.month,
			    (int)date.day);
}

static enum err own_row(struct cx *cx, struct preferences_row *ret)
{
	struct db *db CLEANUP_READ = NULL;
	if (!policy_may(cx, ACT_READ))
		return ERR_DENIED;
	TRY(store_read_begin(cx->portal->store, &db));
	return preferences_of(db, cx->arena, &cx->session->user.id, ret);
}

enum err preferences_read(struct cx *cx, struct preferences *ret)
{
	struct preferences_row row;
	struct preferences own = {.notify = NOTIFY_EACH};
	int64_t now_ms = cx_now_ms(cx);
	TRY(own_row(cx, &row));
	own.notify = row.notify;
	TRY(read_signature(cx, &row, &own.signature));
	if (!id_is_empty(&row.away_id)) {
		own.away_from = day_text(cx, row.away_from_ms);
		own.away_until = day_text(cx, row.away_until_ms);
		own.is_away_now = row.away_from_ms <= now_ms && now_ms <= row.away_until_ms;
		TRY(preferences_away_text(cx, &row, &own.away_text));
	}
	*ret = own;
	return OK;
}

/* ---- what was typed ---- */

static void check_text(struct cx *cx, const char *field, struct str text, int64_t most_chars,
		       struct form_errors *errors)
{
	if (!utf8_is_text(text))
		form_error(cx, errors, field, TEXT_ERROR_TEXT_UNREADABLE);
	else if ((int64_t)utf8_count(text) > most_chars)
		form_error(cx, errors, field, TEXT_ERROR_TEXT_TOO_LONG,
			   TEXT_NUMBER("count", most_chars));
}

/* The end of that day; a day only, no moment. */
static int64_t check_day(struct cx *cx, const char *field, struct str typed,
			 struct form_errors *errors)
{
	enum { DAY_CHARS = 10 };
	int64_t ms = 0;
	if (typed.len == 0)
		form_error(cx, errors, field, TEXT_ERROR_AWAY_DAY_MISSING);
	else if (typed.len != DAY_CHARS || expiry_parse(typed, cx->session->user.zone, &ms) != OK)
		form_error(cx, errors, field, TEXT_ERROR_AWAY_DAY_BAD);
	return ms;
}

static void check_away(struct cx *cx, const struct preferences *next, struct preferences_row *row,
		       struct form_errors *errors)
{
	size_t before = errors->count;
	int64_t from_ms = check_day(cx, "away_from", str_trim(next->away_from), errors);
	int64_t until_ms = check_day(cx, "away_until", str_trim(next->away_until), errors);
	if (str_trim(next->away_text).len == 0)
		form_error(cx, errors, "away_text", TEXT_ERROR_AWAY_TEXT_MISSING);
	check_text(cx, "away_text", next->away_text, LIMIT_AWAY_CHARS, errors);
	if (errors->count > before)
		return;
	if (until_ms < from_ms)
		form_error(cx, errors, "away_until", TEXT_ERROR_AWAY_REVERSED);
	else if (until_ms < cx_now_ms(cx))
		form_error(cx, errors, "away_until", TEXT_ERROR_AWAY_PAST);
	from_ms -= DAY_MS - SECOND_MS;
	/* Another beginning is another absence: whoever was answered is answered again. */
	if (id_is_empty(&row->away_id) || row->away_from_ms != from_ms)
		row->away_id = id_new(cx_now_ms(cx));
	row->away_from_ms = from_ms;
	row->away_until_ms = until_ms;
}

static bool has_absence(const struct preferences *preferences)
{
	return preferences->away_from.len > 0 || preferences->away_until.len > 0 ||
	       str_trim(preferences->away_text).len > 0;
}

/* Every text is encrypted afresh: ciphertexts are bound to the version of the row. */
static enum err make_row(struct cx *cx, const struct preferences *next, struct preferences_row *row,
			 struct form_errors *errors)
{
	row->notify = next->notify;
	check_text(cx, "signature", next->signature, LIMIT_SIGNATURE_CHARS, errors);
	if (has_absence(next))
		check_away(cx, next, row, errors);
	else
		row->away_id = (struct id){0};
	if (errors->count > 0)
		return ERR_INVALID;
	row->version++;
	struct context away = context_of("away", row), signature = context_of("signature", row);
	row->away_text = row->signature = STR("");
	if (id_is_empty(&row->away_id))
		row->away_from_ms = row->away_until_ms = 0;
	else
		TRY(aead_encrypt(cx->portal->queue_key, &away, next->away_text, cx->arena,
				 &row->away_text));
	if (next->signature.len > 0)
		TRY(aead_encrypt(cx->session->mailbox_key, &signature, next->signature, cx->arena,
				 &row->signature));
	return OK;
}

static enum err write_row(struct db *db, void *argument)
{
	const struct preferences_row *row = argument;
	return preferences_put(db, row, row->version - 1);
}

enum err preferences_write(struct cx *cx, const struct preferences *next,
			   struct form_errors *errors)
{
	/* Of two windows that save at once the later one holds. */
	for (int i = 0; i < WRITE_TRIES; i++) {
		struct preferences_row row;
		TRY(own_row(cx, &row));
		TRY(make_row(cx, next, &row, errors));
		enum err err = store_transact(cx->portal->store, write_row, &row, cx->arena);
		if (err != ERR_CONFLICT)
			return err;
	}
	return ERR_BUSY;
}

#include "core/statistics.h"

#include <string.h>

/* An id is made before the transaction that writes it: so long none is still on its way. */
enum { SETTLED_MS = 10 * MINUTE_MS, STEPS_MAX = 10000 };

static int64_t day_of(int64_t ms)
{
	return ms / DAY_MS;
}

static struct id first_of(int64_t day)
{
	return id_first_at(day * DAY_MS);
}

static struct id later_of(struct id a, struct id b)
{
	return strcmp(a.text, b.text) > 0 ? a : b;
}

static struct id earlier_of(struct id a, struct id b)
{
	return strcmp(a.text, b.text) < 0 ? a : b;
}

/* ---- counting ---- */

struct step {
	struct id counted; /* up to here before it */
	struct id next;    /* and after it */
	int64_t day;
	int64_t count;
};

/* Outside the transaction: no row can come into this interval any more. ERR_NOT_FOUND: nothing is
 * left to count. */
static enum err look(struct cx *cx, const struct id *before, struct step *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct id first;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(stats_counted(db, &ret->counted));
	TRY(stats_first_message(db, &ret->counted, before, &first));
	ret->day = day_of(id_ms(&first));
	ret->next = earlier_of(first_of(ret->day + 1), *before);
	return stats_messages_between(db, &first, &ret->next, &ret->count);
}

static enum err write_step(struct db *db, void *argument)
{
	const struct step *step = argument;
	return stats_count(db, &step->counted, &step->next, step->day, step->count);
}

static enum err count_messages(struct cx *cx)
{
	struct id before = id_first_at(cx_now_ms(cx) - SETTLED_MS);
	for (int i = 0; i < STEPS_MAX; i++) {
		struct step step;
		enum err err = look(cx, &before, &step);
		if (err == ERR_NOT_FOUND)
			return OK;
		TRY(err);
		err = store_transact(cx->portal->store, write_step, &step, cx->arena);
		if (err != ERR_CONFLICT) /* another process was faster */
			TRY(err);
	}
	return OK;
}

/* ---- people ---- */

static bool is_same(const struct stats_people *a, size_t a_count, const struct stats_people *b,
		    size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++) {
		if (a[i].grade != b[i].grade || a[i].state != b[i].state ||
		    a[i].count != b[i].count)
			return false;
	}
	return true;
}

static enum err write_mended(struct db *db, void *argument)
{
	(void)argument;
	return stats_people_mend(db);
}

/* They are counted as they come and go; whoever wrote into the database by other ways is not
 * wrong for ever. */
static enum err mend_people(struct cx *cx)
{
	struct stats_people *said, *there;
	size_t said_count, there_count;
	{
		struct db *db CLEANUP_READ = NULL;
		TRY(store_read_begin_long(cx->portal->store, &db));
		TRY(stats_people(db, cx->arena, &said, &said_count));
		TRY(stats_people_look(db, cx->arena, &there, &there_count));
	}
	if (is_same(said, said_count, there, there_count))
		return OK;
	return store_transact(cx->portal->store, write_mended, NULL, cx->arena);
}

/* ---- what there is now ---- */

struct measured {
	int64_t day;
	int64_t file_bytes;
	int64_t database_bytes;
};

static enum err write_measured(struct db *db, void *argument)
{
	const struct measured *measured = argument;
	TRY(stats_set(db, measured->day, STATS_FILE_BYTES, measured->file_bytes));
	return stats_set(db, measured->day, STATS_DATABASE_BYTES, measured->database_bytes);
}

static enum err measure(struct cx *cx)
{
	struct measured measured = {.day = day_of(cx_now_ms(cx))};
	struct db *db CLEANUP_READ = NULL;
	int64_t file_bytes, database_bytes;
	TRY(store_read_begin_long(cx->portal->store, &db));
	TRY(stats_file_bytes(db, &measured.file_bytes));
	TRY(db_bytes(db, &measured.database_bytes));
	TRY(stats_last_before(db, STATS_FILE_BYTES, measured.day + 1, &file_bytes));
	TRY(stats_last_before(db, STATS_DATABASE_BYTES, measured.day + 1, &database_bytes));
	store_read_end(db);
	db = NULL;
	/* A portal where nothing happens writes nothing. */
	if (file_bytes == measured.file_bytes && database_bytes == measured.database_bytes)
		return OK;
	return store_transact(cx->portal->store, write_measured, &measured, cx->arena);
}

enum err statistics_sweep(struct cx *cx)
{
	TRY(count_messages(cx));
	TRY(mend_people(cx));
	return measure(cx);
}

/* ---- reading ---- */

static void fill(const struct stats_day *known, size_t known_count, int64_t first_day,
		 int64_t count, struct statistics_day *days)
{
	for (size_t i = 0; i < known_count; i++) {
		int64_t at = known[i].day - first_day;
		if (at < 0 || at >= count)
			continue;
		if (known[i].kind == STATS_MESSAGES)
			days[at].messages = known[i].value;
		else if (known[i].kind == STATS_FILE_BYTES)
			days[at].file_bytes = known[i].value;
		else
			days[at].database_bytes = known[i].value;
	}
}

/* What housekeeping has not counted yet: a quarter of an hour, unless it has just begun. */
static enum err add_rest(struct db *db, int64_t first_day, int64_t count,
			 struct statistics_day *days)
{
	struct id counted;
	TRY(stats_counted(db, &counted));
	int64_t begins = id_is_empty(&counted) ? 0 : day_of(id_ms(&counted)) - first_day;
	for (int64_t i = begins > 0 ? begins : 0; i < count; i++) {
		struct id from = later_of(first_of(first_day + i), counted);
		struct id before = first_of(first_day + i + 1);
		int64_t rest;
		TRY(stats_messages_between(db, &from, &before, &rest));
		days[i].messages += rest;
	}
	return OK;
}

/* A day on which nobody looked was as the one before. */
static void carry_on(struct statistics_day *days, int64_t count, int64_t file_bytes,
		     int64_t database_bytes)
{
	for (int64_t i = 0; i < count; i++) {
		if (days[i].file_bytes >= 0)
			file_bytes = days[i].file_bytes;
		if (days[i].database_bytes >= 0)
			database_bytes = days[i].database_bytes;
		days[i].file_bytes = file_bytes;
		days[i].database_bytes = database_bytes;
	}
}

enum err statistics_days(struct cx *cx, struct db *db, int64_t count, struct statistics_day **ret)
{
	int64_t first_day = day_of(cx_now_ms(cx)) - count + 1;
	struct statistics_day *days = ARENA_ARRAY(cx->arena, (size_t)count, struct statistics_day);
	struct stats_day *known;
	size_t known_count;
	int64_t file_bytes, database_bytes;
	if (days == NULL)
		return ERR_UNAVAILABLE;
	for (int64_t i = 0; i < count; i++)
		days[i] = (struct statistics_day){
			.day = first_day + i, .file_bytes = -1, .database_bytes = -1};
	TRY(stats_days(db, cx->arena, first_day, &known, &known_count));
	fill(known, known_count, first_day, count, days);
	TRY(add_rest(db, first_day, count, days));
	TRY(stats_last_before(db, STATS_FILE_BYTES, first_day, &file_bytes));
	TRY(stats_last_before(db, STATS_DATABASE_BYTES, first_day, &database_bytes));
	carry_on(days, count, file_bytes, database_bytes);
	*ret = days;
	return OK;
}

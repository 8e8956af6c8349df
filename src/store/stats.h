/* Tables stats_days, stats_counted and stats_people: what administrators see (P7), added up as it
 * happens, so that nobody waits until millions of rows have been counted. Numbers only; nothing
 * rests on them. A day is a day of UTC: its number since 1970. */
#pragma once

#include "store/db_list.h"
#include "store/users.h"

/* Stored as these numbers; never renumber. */
enum stats_kind {
	STATS_MESSAGES = 1,   /* sent on that day, whatever became of them later */
	STATS_FILE_BYTES = 2, /* of all uploaded files, when that day was last looked at */
	STATS_DATABASE_BYTES = 3,
	STATS_KINDS,
};

struct stats_day {
	int64_t day;
	enum stats_kind kind;
	int64_t value;
};

/* From this day on, ordered by kind and day. */
enum err stats_days(struct db *db, struct arena *arena, int64_t from_day, struct stats_day **ret,
		    size_t *ret_count) MUST_CHECK;
/* The last one before this day; 0: there is none. */
enum err stats_last_before(struct db *db, enum stats_kind kind, int64_t day,
			   int64_t *ret) MUST_CHECK;
enum err stats_set(struct db *db, int64_t day, enum stats_kind kind, int64_t value) MUST_CHECK;

/* Up to here (without it) messages have been counted; empty: none has. */
enum err stats_counted(struct db *db, struct id *ret) MUST_CHECK;
/* Adds messages to a day, and moves that mark. ERR_CONFLICT: it is not at `counted` any more, as
 * another process has counted them. */
enum err stats_count(struct db *db, const struct id *counted, const struct id *next, int64_t day,
		     int64_t count) MUST_CHECK;
/* The first message of an interval of ids. ERR_NOT_FOUND: none. */
enum err stats_first_message(struct db *db, const struct id *from, const struct id *before,
			     struct id *ret) MUST_CHECK;
enum err stats_messages_between(struct db *db, const struct id *from, const struct id *before,
				int64_t *ret) MUST_CHECK;

/* Bytes stored of all files; reads all of them in an index. */
enum err stats_file_bytes(struct db *db, int64_t *ret) MUST_CHECK;

struct stats_people {
	enum grade grade;
	enum user_state state;
	int64_t count;
};
/* How many there are of each grade in each state, without those who were erased. Ordered; where
 * there is nobody is left out. */
enum err stats_people(struct db *db, struct arena *arena, struct stats_people **ret,
		      size_t *ret_count) MUST_CHECK;
/* In the transaction in which somebody comes (count 1) or goes (-1). */
enum err stats_people_add(struct db *db, enum grade grade, enum user_state state,
			  int64_t count) MUST_CHECK;
/* The same as stats_people(), by looking at everybody. */
enum err stats_people_look(struct db *db, struct arena *arena, struct stats_people **ret,
			   size_t *ret_count) MUST_CHECK;
/* Looks at everybody, and has stats_people() say that. */
enum err stats_people_mend(struct db *db) MUST_CHECK;

#include "core/people_search.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/fold.h"
#include "core/people_change.h"
#include "store/stats.h"
#include "store/users_search.h"

enum { DAYS_MAX = 36500 };

/* The longest come first: fewer people have them, and who has not is looked at no further. */
static void add_word(struct users_search *search, struct str word)
{
	size_t at = search->word_count++;
	for (; at > 0 && search->words[at - 1].len < word.len; at--)
		search->words[at] = search->words[at - 1];
	search->words[at] = word;
}

static enum err read_words(struct cx *cx, struct str typed, struct users_search *search)
{
	struct str folded, word;
	if (typed.len > LIMIT_PEOPLE_TYPED_BYTES || !utf8_is_text(typed))
		return ERR_INVALID;
	TRY(fold_text(cx->arena, typed, &folded));
	while (str_next(&folded, ' ', &word)) {
		if (word.len == 0)
			continue;
		if (search->word_count == USERS_SEARCH_WORDS)
			return ERR_INVALID;
		add_word(search, word);
	}
	return OK;
}

/* "within-30" */
static bool read_days(struct str word, struct str prefix, int64_t *ret)
{
	return str_starts_with(word, prefix) &&
	       str_to_int(str_slice(word, prefix.len, word.len - prefix.len), ret) && *ret >= 1 &&
	       *ret <= DAYS_MAX;
}

static enum err read_seen(struct cx *cx, struct str word, struct users_search *search)
{
	int64_t days, now_ms = cx_now_ms(cx);
	search->seen_from_ms = 0;
	search->seen_before_ms = 0;
	if (word.len == 0)
		return OK;
	if (str_eq(word, STR("never"))) {
		search->seen_before_ms = 1;
		return OK;
	}
	if (read_days(word, STR("within-"), &days)) {
		search->seen_from_ms = now_ms - days * DAY_MS;
		return OK;
	}
	if (!read_days(word, STR("over-"), &days))
		return ERR_INVALID;
	search->seen_from_ms = 1;
	search->seen_before_ms = now_ms - days * DAY_MS;
	return OK;
}

static enum err read_query(struct cx *cx, const struct people_query *query,
			   struct users_search *search, struct form_errors *errors)
{
	enum role role = ROLE_MEMBER;
	if (read_words(cx, query->q, search) != OK)
		form_error(cx, errors, "q", TEXT_ADMIN_USERS_SEARCH_BAD,
			   TEXT_NUMBER("count", USERS_SEARCH_WORDS));
	if (query->grade.len > 0 && user_grade_parse(query->grade, &search->grade) != OK)
		form_error(cx, errors, "grade", TEXT_ADMIN_USERS_FILTER_BAD);
	if (query->role.len > 0 && user_role_parse(query->role, &role) != OK)
		form_error(cx, errors, "role", TEXT_ADMIN_USERS_FILTER_BAD);
	search->role = query->role.len > 0 ? (int)role : -1;
	if (query->state.len > 0 && user_state_parse(query->state, &search->state) != OK)
		form_error(cx, errors, "state", TEXT_ADMIN_USERS_FILTER_BAD);
	if (read_seen(cx, query->seen, search) != OK)
		form_error(cx, errors, "seen", TEXT_ADMIN_USERS_FILTER_BAD);
	search->by_seen = str_eq(query->sort, STR("seen"));
	if (query->sort.len > 0 && !search->by_seen && !str_eq(query->sort, STR("name")))
		form_error(cx, errors, "sort", TEXT_ADMIN_USERS_FILTER_BAD);
	if (query->cursor.len > 0 && id_parse(query->cursor, &search->after) != OK)
		form_error(cx, errors, "cursor", TEXT_JSON_CURSOR_BAD);
	return errors->count > 0 ? ERR_INVALID : OK;
}

/* All of a grade or in a state are counted anyway. */
static bool is_counted(const struct users_search *search)
{
	return search->word_count == 0 && search->role < 0 && search->seen_from_ms == 0 &&
	       search->seen_before_ms == 0;
}

static enum err sum_up(struct cx *cx, struct db *db, const struct users_search *search,
		       struct people_found *found)
{
	struct stats_people *people;
	size_t count;
	TRY(stats_people(db, cx->arena, &people, &count));
	found->has_total = true;
	for (size_t i = 0; i < count; i++) {
		if ((search->grade == 0 || people[i].grade == search->grade) &&
		    (search->state == 0 || people[i].state == search->state))
			found->total += people[i].count;
	}
	return OK;
}

/* Only those after the page: with those on it, all were looked at once. */
static enum err count_all(struct cx *cx, struct db *db, const struct users_search *search,
			  struct people_found *found)
{
	struct users_search rest = *search;
	int64_t count = 0;
	if (is_counted(search))
		return sum_up(cx, db, search, found);
	if (found->next_cursor.len > 0) {
		rest.after = found->users[found->count - 1].id;
		TRY(users_search_count(db, cx->arena, &rest, LIMIT_PEOPLE_COUNTED, &count));
	}
	found->has_total = true;
	found->total = (int64_t)found->count + count;
	found->is_more = count == LIMIT_PEOPLE_COUNTED;
	return OK;
}

enum err people_search(struct cx *cx, const struct people_query *query, int64_t limit,
		       struct people_found *ret, struct form_errors *errors)
{
	struct db *db CLEANUP_READ = NULL;
	struct users_search search = {.word_count = 0};
	struct people_found found = {.count = 0};
	int64_t bad;
	TRY(people_check_administrator(cx));
	TRY(read_query(cx, query, &search, errors));
	TRY(store_read_begin_scan(cx->portal->store, &db));
	enum err err =
		users_search(db, cx->arena, &search, limit + 1, &found.users, &found.count, &bad);
	if (err == ERR_NOT_FOUND) {
		form_error(cx, errors, "cursor", TEXT_JSON_CURSOR_BAD);
		return ERR_INVALID;
	}
	TRY(err);
	/* One more than asked for tells that there is a next page. */
	bool has_more = found.count + (size_t)bad > (size_t)limit;
	if (found.count > (size_t)limit)
		found.count = (size_t)limit;
	if (has_more && found.count > 0)
		found.next_cursor = id_str(&found.users[found.count - 1].id);
	if (id_is_empty(&search.after))
		TRY(count_all(cx, db, &search, &found));
	*ret = found;
	return OK;
}

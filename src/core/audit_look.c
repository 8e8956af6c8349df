#include "core/audit_look.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/fold.h"
#include "core/policy.h"
#include "core/session.h"
#include "text/calendar.h"
#include "text/tz.h"

enum { WORDS_MAX_CHARS = 200 };

/* ---- what was typed ---- */

static bool read_number(struct str *rest, char end, int64_t min, int64_t max, int64_t *ret)
{
	struct str digits;
	return str_next(rest, end, &digits) && str_to_int(digits, ret) && *ret >= min &&
	       *ret <= max;
}

/* The first moment of a day in a time zone. */
static bool day_ms(struct str typed, struct str zone, int64_t *ret)
{
	int64_t year, month, day;
	struct str rest = str_trim(typed);
	if (!read_number(&rest, '-', 1970, 9999, &year) ||
	    !read_number(&rest, '-', 1, 12, &month) || !read_number(&rest, '-', 1, 31, &day))
		return false;
	const struct calendar_date date = {year, (int32_t)month, (int32_t)day};
	int64_t days = calendar_days(date);
	if (calendar_from_days(days).day != date.day)
		return false;
	int64_t utc_ms = days * DAY_MS;
	*ret = utc_ms - tz_offset_s(zone, utc_ms / SECOND_MS) * SECOND_MS;
	return true;
}

static void read_days(struct cx *cx, const struct audit_wish *wish, struct audit_filter *filter,
		      struct form_errors *errors)
{
	if (wish->from.len > 0 && !day_ms(wish->from, wish->zone, &filter->from_ms))
		form_error(cx, errors, "from", TEXT_AUDIT_DAY_BAD);
	if (wish->to.len > 0 && !day_ms(wish->to, wish->zone, &filter->until_ms))
		form_error(cx, errors, "to", TEXT_AUDIT_DAY_BAD);
	else if (wish->to.len > 0)
		filter->until_ms += DAY_MS;
	if (filter->until_ms > 0 && filter->from_ms >= filter->until_ms)
		form_error(cx, errors, "to", TEXT_AUDIT_DAYS_TURNED);
}

static enum err find_person(struct cx *cx, struct db *db, const struct audit_wish *wish,
			    struct audit_filter *filter, struct user *ret)
{
	struct address address;
	if (wish->person_id.len > 0) {
		if (id_parse(wish->person_id, &filter->person_id) != OK)
			return ERR_NOT_FOUND;
		enum err err = users_by_id(db, cx->arena, &filter->person_id, ret);
		/* Erased, or a message: what is said of it can be looked for all the same. */
		if (err != ERR_NOT_FOUND && err != ERR_CORRUPT)
			return err;
		*ret = (struct user){.id = filter->person_id};
		return OK;
	}
	enum err err = address_parse(cx->arena, wish->person, &address);
	if (err == OK)
		err = users_by_key(db, cx->arena, address.key, ret);
	if (err == OK)
		filter->person_id = ret->id;
	return err == ERR_INVALID ? ERR_NOT_FOUND : err;
}

static enum err read_wish(struct cx *cx, struct db *db, const struct audit_wish *wish,
			  struct audit_filter *filter, struct str *ret_words,
			  struct user *ret_person, struct form_errors *errors)
{
	enum audit_group group = AUDIT_GROUP_ALL;
	if (audit_group_parse(wish->group, &group) != OK)
		form_error(cx, errors, "kind", TEXT_AUDIT_KIND_BAD);
	filter->kinds = audit_group_kinds(group);
	if (wish->before.len > 0 &&
	    (!str_to_int(wish->before, &filter->before) || filter->before < 1))
		form_error(cx, errors, "before", TEXT_JSON_CURSOR_BAD);
	read_days(cx, wish, filter, errors);
	if (wish->person.len > 0 || wish->person_id.len > 0) {
		enum err err = find_person(cx, db, wish, filter, ret_person);
		if (err == ERR_NOT_FOUND)
			form_error(cx, errors, "person", TEXT_AUDIT_PERSON_UNKNOWN);
		else
			TRY(err);
	}
	if (errors->count > 0)
		return ERR_INVALID;
	struct str words = utf8_first(str_trim(wish->words), WORDS_MAX_CHARS);
	*ret_words = STR_NONE;
	return words.len > 0 ? fold_text(cx->arena, words, ret_words) : OK;
}

/* ---- lines ---- */

/* is_here: not erased either, so there is a page about them. */
static enum err name_of(struct cx *cx, struct db *db, const struct id *id, struct str *ret,
			bool *ret_is_here)
{
	struct user user;
	*ret = STR_NONE;
	*ret_is_here = false;
	if (id_is_empty(id))
		return OK;
	enum err err = users_by_id(db, cx->arena, id, &user);
	if (err == OK) {
		*ret = user_label(&user);
		*ret_is_here = !users_is_erased(&user);
	}
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
}

/* Or a rule, a text, a setting. */
static bool is_about_no_person(enum audit_kind kind)
{
	return kind <= AUDIT_SIGNING_DOWNLOADED || kind == AUDIT_RECALL ||
	       kind == AUDIT_FILE_RECALL || audit_log_is_named(kind);
}

static enum err make_line(struct cx *cx, struct db *db, const struct audit_entry *entry,
			  struct audit_line *ret)
{
	struct audit_line line = {.is_by_portal = id_is_empty(&entry->actor_id)};
	TRY(audit_log_read(cx, db, entry, &line.view));
	bool is_actor_here;
	TRY(name_of(cx, db, &entry->actor_id, &line.who, &is_actor_here));
	if (!is_about_no_person(entry->kind))
		TRY(name_of(cx, db, &entry->object_id, &line.whom, &line.is_person));
	struct str who = line.is_by_portal  ? text_get(cx->language, TEXT_AUDIT_PORTAL)
			 : line.who.len > 0 ? line.who
					    : text_get(cx->language, TEXT_AUDIT_SOMEBODY);
	line.sentence = audit_sentence(cx, &line.view, who, line.whom);
	*ret = line;
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}

static bool has(struct cx *cx, struct str text, struct str words)
{
	struct str folded;
	return fold_text(cx->arena, text, &folded) == OK && str_find(folded, words) >= 0;
}

static bool fits(struct cx *cx, const struct audit_line *line, struct str words)
{
	const struct audit_view *view = &line->view;
	return words.len == 0 || has(cx, line->sentence, words) || has(cx, view->remote, words) ||
	       has(cx, view->subject, words) || has(cx, view->before, words) ||
	       has(cx, view->after, words);
}

/* ---- looking ---- */

/* One step: reads some entries, and keeps of them what fits. In memory of its own what does not. */
static enum err scan(struct cx *cx, struct db *db, struct audit_filter *filter, struct str words,
		     int64_t limit, struct audit_list *list, int64_t *ret_read)
{
	struct audit_entry *entries;
	size_t count;
	TRY(audit_find(db, cx->arena, filter, limit, &entries, &count));
	*ret_read = (int64_t)count;
	for (size_t i = 0; i < count; i++) {
		struct arena arena CLEANUP_ARENA;
		struct cx own = *cx;
		struct audit_line line;
		arena_init(&arena, LIMIT_REQUEST_ARENA);
		own.arena = words.len > 0 ? &arena : cx->arena;
		filter->before = entries[i].number;
		list->reached_ms = entries[i].at_ms;
		TRY(make_line(&own, db, &entries[i], &line));
		if (!fits(&own, &line, words))
			continue;
		if (words.len > 0)
			TRY(make_line(cx, db, &entries[i], &line));
		list->lines[list->count++] = line;
		if ((int64_t)list->count == limit)
			break;
	}
	return OK;
}

static enum err check_may(const struct cx *cx)
{
	return cx->session == NULL || policy_may(cx, ACT_ADMINISTER) ? OK : ERR_DENIED;
}

/* One more is read than is shown: whether there is more is known. */
enum err audit_look(struct cx *cx, const struct audit_wish *wish, struct audit_list *ret,
		    struct form_errors *errors)
{
	struct audit_list list = {.count = 0};
	struct audit_filter filter = {.before = 0};
	struct db *db CLEANUP_READ = NULL;
	struct user person = {.version = 0};
	struct str words;
	int64_t limit = wish->limit > 0 ? wish->limit : AUDIT_LOOK_ROWS;
	int64_t scanned = 0, read;
	TRY(check_may(cx));
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(read_wish(cx, db, wish, &filter, &words, &person, errors));
	list.lines = ARENA_ARRAY(cx->arena, (size_t)limit + 1, struct audit_line);
	if (list.lines == NULL)
		return ERR_UNAVAILABLE;
	do {
		TRY(scan(cx, db, &filter, words, limit + 1, &list, &read));
		scanned += read;
	} while (words.len > 0 && read == limit + 1 && (int64_t)list.count <= limit &&
		 scanned < AUDIT_LOOK_SCANNED);
	if ((int64_t)list.count > limit) {
		list.count = (size_t)limit;
		list.next = list.lines[limit - 1].view.entry.number;
	} else if (read == limit + 1) {
		list.next = filter.before;
		list.is_unfinished = true;
	}
	list.person_id = filter.person_id;
	list.person = person.address.len > 0 ? user_label(&person) : STR_NONE;
	*ret = list;
	return OK;
}

/* ---- taking along ---- */

static enum err write_taking(struct db *db, void *cx)
{
	return audit_log(cx, db, &(struct audit_act){.kind = AUDIT_AUDIT_EXPORTED});
}

enum err audit_take_begin(struct cx *cx, const struct audit_wish *wish, struct arena *kept,
			  struct audit_taking *ret, struct form_errors *errors)
{
	struct audit_taking taking = {.taken = 0};
	struct user person;
	TRY(check_may(cx));
	{
		struct db *db CLEANUP_READ = NULL;
		TRY(store_read_begin(cx->portal->store, &db));
		TRY(read_wish(cx, db, wish, &taking.filter, &taking.words, &person, errors));
	}
	taking.words = arena_copy(kept, taking.words);
	if (kept->failed)
		return ERR_UNAVAILABLE;
	TRY(store_transact(cx->portal->store, write_taking, cx, cx->arena));
	*ret = taking;
	return OK;
}

enum err audit_take_next(struct cx *cx, struct audit_taking *taking, struct audit_line **ret,
			 size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	struct audit_list list = {.count = 0};
	int64_t read;
	TRY(check_may(cx));
	list.lines = ARENA_ARRAY(cx->arena, AUDIT_LOOK_ROWS, struct audit_line);
	if (list.lines == NULL)
		return ERR_UNAVAILABLE;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(scan(cx, db, &taking->filter, taking->words, AUDIT_LOOK_ROWS, &list, &read));
	taking->taken += (int64_t)list.count;
	taking->is_over = read < AUDIT_LOOK_ROWS;
	*ret = list.lines;
	*ret_count = list.count;
	return OK;
}
